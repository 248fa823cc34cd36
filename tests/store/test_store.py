import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from tests.store.databases import SERVERS, fresh_store, settings_at
from tests.store.rows import add_account, add_dataset, add_one_of_each, add_run
from trunkline.center.tables import accounts, datasets, runs
from trunkline.errors import DataError, RetryLater, SettingsError, TrunklineError
from trunkline.settings import Settings
from trunkline.store import queries
from trunkline.store.connection import Store, open_store

PASSWORD = "opensesame"


def add_twice(store: Store) -> None:
    with store.begin() as tx:
        add_account(tx)
        add_account(tx)


def add_and_fail(store: Store) -> None:
    with store.begin() as tx:
        add_account(tx)
        raise KeyError("stop")


def add_large(store: Store, pragma: str) -> None:
    with store.begin() as tx:
        tx.exec_driver_sql(pragma)
        add_account(tx, notes="x" * 1_000_000)


def count(store: Store) -> int:
    with store.read() as tx:
        return tx.execute(select(func.count()).select_from(accounts)).scalar_one()


def test_a_transaction_is_kept_whole(store: Store) -> None:
    with store.begin() as tx:
        add_account(tx)
    assert count(store) == 1


def test_an_error_in_a_transaction_undoes_it(store: Store) -> None:
    with pytest.raises(KeyError):
        add_and_fail(store)
    assert count(store) == 0


def test_what_reading_changes_is_undone(store: Store) -> None:
    with store.read() as tx:
        add_account(tx)
    assert count(store) == 0


def test_a_taken_name_is_an_integrity_error(store: Store) -> None:
    with pytest.raises(IntegrityError):
        add_twice(store)


def test_an_account_in_use_cannot_be_deleted(store: Store) -> None:
    with store.begin() as tx:
        add_one_of_each(tx)
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.execute(accounts.delete())


def test_runs_outlive_their_dataset(store: Store) -> None:
    with store.begin() as tx:
        add_one_of_each(tx)
        tx.execute(datasets.delete())
    with store.read() as tx:
        assert tuple(tx.execute(select(runs.c.dataset_id, runs.c.dataset_name)).one()) == (None, "calls")


def test_the_newest_runs_of_a_dataset_are_found_by_the_index(tmp_path: Path) -> None:
    newest = select(runs.c.id).where(runs.c.dataset_id == 1).order_by(runs.c.id.desc()).limit(20)
    with fresh_store("sqlite", tmp_path) as store, store.read() as tx:
        sql = newest.compile(store.engine, compile_kwargs={"literal_binds": True})
        plan = str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all())
    assert "ix_runs_dataset_id_id" in plan
    assert "TEMP B-TREE" not in plan


def test_reading_does_not_wait_for_a_writer(store: Store) -> None:
    with store.begin() as writer:
        add_account(writer)
        assert count(store) == 0
    assert count(store) == 1


def test_threads_take_turns_at_writing(store: Store) -> None:
    def add(number: int) -> None:
        with store.begin() as tx:
            before = tx.execute(select(func.count()).select_from(accounts)).scalar_one()
            add_account(tx, f"a{number}", notes=str(before))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(store) == 12


def test_the_store_names_its_place_without_the_password(store: Store, kind: str) -> None:
    assert store.dialect == kind
    assert store.url.startswith(("sqlite:///", "postgresql+psycopg://", "mysql+pymysql://"))
    assert repr(store) == f"Store('{store.url}')"


def test_sessions_live_in_utc(store: Store) -> None:
    zones = {"postgresql": "SHOW timezone", "mariadb": "SELECT @@time_zone", "sqlite": "SELECT 'UTC'"}
    with store.read() as tx:
        assert tx.execute(text(zones[store.dialect])).scalar_one() in ("UTC", "+00:00")


@pytest.mark.parametrize("kind", SERVERS)
def test_a_value_that_does_not_fit_is_a_data_error(store: Store) -> None:
    with pytest.raises(DataError, match="does not fit"), store.begin() as tx:
        add_account(tx, "n" * 191)


def test_a_missing_table_is_a_trunkline_error(store: Store) -> None:
    with pytest.raises(TrunklineError, match="answers with an error"), store.begin() as tx:
        tx.execute(text("SELECT * FROM nonesuch"))


def test_a_home_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path / "new" / "home") as store:
        files = sorted((tmp_path / "new" / "home").iterdir())
        assert files[0].name == "store.sqlite3"
        assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
        assert stat.S_IMODE((tmp_path / "new" / "home").stat().st_mode) == 0o700
        with store.read() as tx:
            assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_locked_database_asks_to_try_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    impatient = ("PRAGMA busy_timeout = 1", *queries.SQLITE_SESSION[1:])
    monkeypatch.setattr(queries, "SQLITE_SESSION", impatient)
    locked = pytest.raises(RetryLater, match=r"store\.sqlite3 is locked")
    with fresh_store("sqlite", tmp_path) as store, store.begin(), locked, store.begin():
        pass


@pytest.mark.parametrize(
    ("pragma", "sentence"),
    [("PRAGMA max_page_count = 1", "no room left"), ("PRAGMA query_only = 1", "cannot be written to")],
)
def test_a_full_or_read_only_file_is_a_settings_error(tmp_path: Path, pragma: str, sentence: str) -> None:
    with fresh_store("sqlite", tmp_path) as store, pytest.raises(SettingsError, match=sentence):
        add_large(store, pragma)


def test_a_file_that_is_no_database_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite3").write_text("a letter to the editor, long enough to have a header " * 40)
    with pytest.raises(SettingsError, match="damaged or no database"):
        open_store(settings_at(tmp_path))


def test_a_home_that_cannot_be_made_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be opened"):
        open_store(replace(settings_at(tmp_path), home=tmp_path / "file" / "home"))


@pytest.mark.parametrize(
    "url",
    [
        f"oracle://me:{PASSWORD}@host/db",
        f"postgresql+asyncpg://me:{PASSWORD}@host/db",
        "sqlite:///x.sqlite3",
        f"mysql://me:{PASSWORD}@host",
        f"postgresql://me:{PASSWORD}@host:port/db",
        f"me:{PASSWORD}",
    ],
)
def test_another_url_is_a_settings_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="store_url") as caught:
        open_store(settings_at(tmp_path, url))
    assert PASSWORD not in str(caught.value) + caught.value.todo


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "mysql", "mariadb"])
def test_a_server_that_does_not_answer_asks_to_try_later(tmp_path: Path, scheme: str) -> None:
    with pytest.raises(RetryLater, match=r"database calls on 127\.0\.0\.1:1 cannot be reached") as caught:
        open_store(settings_at(tmp_path, f"{scheme}://me:{PASSWORD}@127.0.0.1:1/calls"))
    assert PASSWORD not in str(caught.value) + caught.value.todo
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", SERVERS)
def test_a_wrong_user_or_database_is_a_settings_error(database: Settings) -> None:
    url = database.text("store_url")
    with pytest.raises(SettingsError, match="is not there"):
        open_store(settings_at(database.home, url + "_other"))
    with pytest.raises(SettingsError, match="nobody"):
        open_store(settings_at(database.home, url.replace("root@", f"nobody:{PASSWORD}@")))


@pytest.mark.parametrize("kind", SERVERS)
def test_a_deadlock_asks_to_try_later(store: Store) -> None:
    with store.begin() as tx:
        ids = [add_account(tx, "one"), add_account(tx, "two")]
    both_hold = threading.Barrier(2)
    faults: list[TrunklineError] = []

    def cross(first: int, second: int) -> None:
        try:
            with store.begin() as tx:
                tx.execute(accounts.update().where(accounts.c.id == first).values(notes="x"))
                both_hold.wait()
                tx.execute(accounts.update().where(accounts.c.id == second).values(notes="x"))
        except TrunklineError as error:
            faults.append(error)

    threads = [threading.Thread(target=cross, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(fault) for fault in faults] == [RetryLater]


OPENS_AND_LISTS = """
import sys
from pathlib import Path
from trunkline.settings import load_settings
from trunkline.store.connection import open_store
open_store(load_settings(Path(sys.argv[1]), {"TRUNKLINE_STORE_URL": sys.argv[2]})).close()
print("alembic" in sys.modules)
"""


def test_opening_a_store_that_is_up_to_date_loads_no_alembic(store: Store, tmp_path: Path) -> None:
    place = (
        store.place.url.render_as_string(hide_password=False).replace("+psycopg", "").replace("+pymysql", "")
    )
    url = "" if store.dialect == "sqlite" else place
    command = [sys.executable, "-c", OPENS_AND_LISTS, str(tmp_path / "home"), url]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_dataset_and_its_run_can_be_written_together(store: Store) -> None:
    with store.begin() as tx:
        dataset_id = add_dataset(tx, add_account(tx))
        add_run(tx, dataset_id, "0001", pid=os.getpid(), warnings=["one"])
    with store.read() as tx:
        assert tx.execute(select(runs.c.warnings)).scalar_one() == ["one"]
