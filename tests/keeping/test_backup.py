"""A backup, taken whenever, becomes an installation that goes on without loss and without doubles."""

import asyncio
import json
import os
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON, Office
from tests.center.machine import Machine
from tests.store.databases import fresh_database, settings_at
from tests.store.rows import add_one_of_each
from trunkline.center import accounts, datasets, leases, orders, runs, workers
from trunkline.center.order_queries import beat
from trunkline.center.room import Center, open_center
from trunkline.center.running import run
from trunkline.center.runs import Wish
from trunkline.center.writer import Writer
from trunkline.clock import FrozenWallClock, SteppedClock
from trunkline.daemon.address import only_server
from trunkline.errors import DataError, RetryLater, SettingsError
from trunkline.keeping import archive, store_copy
from trunkline.keeping.backup import Backup, make
from trunkline.keeping.declared import every_table
from trunkline.keeping.restore import Restored, restore
from trunkline.settings import Settings, load_settings
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions
from trunkline.store.connection import open_store
from trunkline.store.migrations import downgrade
from trunkline.store.secrets import KEY_FILE

HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.readline()"
START = {"start_date": "2026-01-01"}


def backup_of(center: Center, file: Path, **more: Any) -> Backup:
    return make(center.store, center.settings, center.clock, file, **more)


def settings_of(home: Path) -> Settings:
    return load_settings(home, {})


def put_into(home: Path, file: Path, **more: Any) -> Restored:
    return restore(settings_of(home), SteppedClock(NOON), file, **more)


@contextmanager
def moved(office: Office, settings: Settings) -> Iterator[Office]:
    """The same office in another home."""
    with open_center(settings, office.clock) as center:
        yield Office(center, office.sim, office.clock)


async def test_a_restored_home_has_all_rows_runs_and_secrets(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=500, days=60) as office:
        await office.dataset(**START)
        await office.run()
        made = backup_of(office.center, tmp_path / "b.zip", with_key=True)
        assert made.parts == ("store.sqlite3", "warehouse.duckdb", "secret.key")
        done = put_into(tmp_path / "other", made.file)
        assert done.notes == ()
        with moved(office, settings_of(tmp_path / "other")) as other:
            assert other.ids() == office.ids()
            assert accounts.all_values(other.center, "main")["api_key"] == "testkey"
            assert len(runs.history(other.center, "calls", 10)) == 1
            again = await other.run()
            assert (again.status, again.rows_inserted) == ("succeeded", 0)


async def test_a_backup_taken_in_the_middle_of_a_run_is_finished_by_a_fresh_one(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    """The process that loads gives its own warehouse, as a server does."""
    async with office_with(calls=4_000, days=120, latency_ms=2) as office:
        office.center.settings.values["window_rows"] = 500
        await office.dataset(**START)

        async def backup_of_the_middle() -> Backup:
            """Between two loads of the thread that loads."""
            while not await writer.submit(lambda held: held.count("calls")):
                pass
            return await writer.submit(
                lambda held: backup_of(office.center, tmp_path / "b.zip", warehouse=held)
            )

        with Writer(office.center.settings) as writer:
            made, _ = await asyncio.gather(
                backup_of_the_middle(), run(office.center, writer, "calls", wish=Wish())
            )
        whole = office.ids()
        put_into(tmp_path / "other", made.file)
        (tmp_path / "other" / KEY_FILE).write_bytes((office.center.settings.home / KEY_FILE).read_bytes())
        (tmp_path / "other" / KEY_FILE).chmod(0o600)
        with moved(office, settings_of(tmp_path / "other")) as other:
            assert 0 < len(other.ids()) < len(whole)
            cut = runs.history(other.center, "calls", 10)[0]
            assert (cut.status, cut.todo[:16]) == ("failed", "Nothing was lost")
            await other.run()
            assert other.ids() == whole == sorted(office.sim.world.call_ids())


async def test_a_backup_beside_a_running_process_waits_for_its_file(tmp_path: Path) -> None:
    options = replace(CallrailSimOptions(), calls=3_000, days=160, until=NOON, latency_ms=20, strict=True)
    async with CallrailSim(options, FrozenWallClock(NOON)) as sim:
        machine = Machine(tmp_path / "home", 500)
        access = ("--api-key", "testkey", "--account-id", ACCOUNT_ID, "--base-url", sim.url)
        await machine.do("account", "add", "callrail", "main", *access)
        await machine.do(
            "dataset", "add", "calls", "--account", "main", "--report", "calls", "--start-date", "2026-01-01"
        )
        running = await machine.start("run", "calls", "--json")
        while len(sim.requests) < 8:
            await asyncio.sleep(0.01)
        told = json.loads(await machine.do("backup", str(tmp_path / "b.zip"), "--with-key", "--json"))
        await running.communicate()
        assert "store.sqlite3" in told["parts"]
        other = Machine(tmp_path / "other", 500)
        await other.do("restore", str(tmp_path / "b.zip"))
        assert json.loads(await other.do("run", "calls", "--json"))["status"] == "succeeded"
        found = [row["id"] for row in other.rows("select id from calls")]
        assert sorted(found) == sorted(sim.world.call_ids())


def test_a_warehouse_that_stays_in_use_is_told(center: Center, tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(center.settings.home / "warehouse.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin
    assert holder.stdout
    holder.stdout.readline()
    heard: list[str] = []
    with pytest.raises(RetryLater):
        backup_of(center, tmp_path / "b.zip", wait_seconds=0.6, say=heard.append)
    assert "Waiting for it." in heard[0]
    assert len(heard) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["home"]
    holder.communicate(b"\n")
    assert backup_of(center, tmp_path / "b.zip", wait_seconds=0.6).bytes > 0


@pytest.mark.parametrize(
    ("source", "target"),
    [("sqlite", "postgresql"), ("sqlite", "mariadb"), ("postgresql", "mariadb"), ("mariadb", "sqlite")],
)
def test_a_store_moves_from_any_database_to_any(source: str, target: str, tmp_path: Path) -> None:
    with fresh_database(source, tmp_path / "a") as from_there, fresh_database(target, tmp_path / "b") as to:
        with open_center(from_there, SteppedClock(NOON)) as center:
            with center.store.begin() as tx:
                add_one_of_each(tx)
            made = backup_of(center, tmp_path / "b.zip")
            before = contents(center)
        restore(to, SteppedClock(NOON), made.file)
        with open_center(to, SteppedClock(NOON)) as center:
            after = contents(center)
            not_kept = {"runs", "orders", "workers", "leases"}
            assert {k: v for k, v in before.items() if k not in not_kept} == {
                k: v for k, v in after.items() if k not in not_kept
            }
            assert (after["workers"], after["leases"], len(after["orders"])) == ([], [], 1)
            accounts.add(
                center, "callrail", "next", {"api_key": "k"}, accounts.Verdict(accounts.UNTESTED)
            )  # counts on behind the restored numbers


async def test_what_a_worker_had_waits_again_as_an_attempt_that_nobody_has_begun(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await office.dataset(**START)
        given, waiting, ended = (orders.want(office.center, "calls", Wish()) for _ in range(3))
        orders.note_given(office.center, given)
        orders.end(office.center, ended, "succeeded")
        with office.center.store.begin() as tx:
            beat(tx, "local", {"host": "here", "pid": 1, "beat_at": NOON})
        with leases.held(office.center, given.dataset_id):
            file = backup_of(office.center, tmp_path / "b.zip").file
        begun = {given.workflow_id, waiting.workflow_id}
        for hours in (0, 1):
            home = tmp_path / f"other{hours}"
            restore(settings_of(home), SteppedClock(NOON + timedelta(hours=hours)), file)
            with moved(office, settings_of(home)) as other:
                again = orders.to_give(other.center)
                assert {order.id for order in again} == {given.id, waiting.id}
                assert not begun & {order.workflow_id for order in again}
                begun |= {order.workflow_id for order in again}
                assert orders.get(other.center, ended.id).state == "ended"
                assert workers.alive(other.center) == []
                assert leases.is_free(other.center, given.dataset_id)


def contents(center: Center) -> dict[str, list[tuple[Any, ...]]]:
    with center.store.read() as tx:
        return {
            table.name: sorted((tuple(row) for row in tx.execute(table.select())), key=repr)
            for table in every_table()
        }


async def test_a_warehouse_moves_to_postgresql_and_back(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    with fresh_database("postgresql", tmp_path / "unused") as database:
        url = database.text("store_url")
        on_server = settings_at(tmp_path / "other", warehouse_url=url)
        async with office_with(calls=700, days=60) as office:
            await office.dataset(**START)
            await office.dataset("companies")
            await office.run()
            await office.run("companies")
            first = backup_of(office.center, tmp_path / "b.zip", with_key=True)
            restore(on_server, SteppedClock(NOON), first.file)
            assert (tmp_path / "other").exists()
            with moved(office, on_server) as other:
                assert other.ids() == office.ids()
                again = await other.run()
                assert (again.status, again.rows_inserted, again.rows_updated) == ("succeeded", 0, 0)
                second = backup_of(other.center, tmp_path / "c.zip", with_key=True)
            put_into(tmp_path / "third", second.file)
            with moved(office, settings_of(tmp_path / "third")) as third:
                sql = "select * exclude (_loaded_at, _run_id) from datasets.calls order by id"
                assert third.rows(sql) == office.rows(sql)
                again = await third.run()
                assert (again.status, again.rows_inserted, again.rows_updated) == ("succeeded", 0, 0)


def test_an_older_backup_is_brought_up_to_date(center: Center, tmp_path: Path) -> None:
    made = backup_of(center, tmp_path / "b.zip")
    older = tmp_path / "older"
    older.mkdir()
    manifest = archive.unpack(made.file, older)
    store = open_store(store_copy.settings_beside(center.settings, older))
    downgrade(store, "0004")
    store.close()
    archive.write(tmp_path / "old.zip", older, ("store.sqlite3",), replace(manifest, revision="0004"))
    put_into(tmp_path / "other", tmp_path / "old.zip")
    with open_center(settings_of(tmp_path / "other")) as restored:
        assert accounts.all_of(restored) == []


async def test_settings_come_along_without_secrets_and_the_missing_key_is_told(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=1) as office:
        home = office.center.settings.home
        (home / "trunkline.toml").write_text('timezone = "America/Denver"\nsecret_key = "hush"\n')
        made = backup_of(office.center, tmp_path / "b.zip")
        assert "the setting secret_key, which is secret" in made.left_out
        with zipfile.ZipFile(made.file) as file:
            assert file.read("trunkline.toml") == b'timezone = "America/Denver"\n'
            assert all(
                b"testkey" not in file.read(n) and b"hush" not in file.read(n) for n in file.namelist()
            )
        assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
        done = put_into(tmp_path / "other", made.file)
        assert "The key is missing" in done.notes[0]
        assert not (tmp_path / "other" / KEY_FILE).exists()
        with open_center(settings_of(tmp_path / "other")) as other:
            assert datasets.all_of(other) == []
            with pytest.raises(SettingsError, match="is missing"):
                accounts.all_values(other, "main")
        assert not (tmp_path / "other" / KEY_FILE).exists()


def test_a_home_with_something_in_it_is_left_alone(center: Center, tmp_path: Path) -> None:
    made = backup_of(center, tmp_path / "b.zip")
    with open_center(settings_of(tmp_path / "other")) as other:
        accounts.add(other, "callrail", "kept", {"api_key": "k"}, accounts.Verdict(accounts.UNTESTED))
    with pytest.raises(SettingsError, match="has something in it already"):
        put_into(tmp_path / "other", made.file)
    with open_center(settings_of(tmp_path / "other")) as other:
        assert [a.name for a in accounts.all_of(other)] == ["kept"]
    done = put_into(tmp_path / "other", made.file, force=True)
    assert done.put_aside is not None
    assert (done.put_aside / "store.sqlite3").exists()
    with open_center(settings_of(tmp_path / "other")) as other:
        assert accounts.all_of(other) == []


def test_a_home_in_use_is_not_replaced(center: Center, tmp_path: Path) -> None:
    made = backup_of(center, tmp_path / "b.zip")
    accounts.add(center, "callrail", "kept", {"api_key": "k"}, accounts.Verdict(accounts.UNTESTED))
    with center.store.read(), pytest.raises(RetryLater, match="is in use"):
        restore(center.settings, center.clock, made.file, force=True)
    assert [a.name for a in accounts.all_of(center)] == ["kept"]


@pytest.mark.parametrize("role", ["server", "worker"])
def test_a_home_that_is_served_is_not_replaced(center: Center, tmp_path: Path, role: str) -> None:
    made, home = backup_of(center, tmp_path / "b.zip"), tmp_path / "other"
    told = rf"A {role} of .*other is running already \(pid {os.getpid()}\)"
    with only_server(home, role), pytest.raises(RetryLater, match=told) as refused:
        put_into(home, made.file, force=True)
    assert refused.value.todo == "Stop it first."
    assert [file.name for file in home.iterdir()] == ["locks"]


def test_no_server_begins_while_a_backup_is_put_in_place(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, home, found = backup_of(center, tmp_path / "b.zip"), tmp_path / "other", []

    def begin_a_server(*_: object) -> tuple[str, ...]:
        with pytest.raises(RetryLater) as refused, only_server(home):
            pass
        found.append(refused.value)
        return ()

    monkeypatch.setattr("trunkline.keeping.restore._put_key", begin_a_server)
    put_into(home, made.file)
    assert "is just being put into" in str(found[0])
    assert found[0].todo == "Wait for the end of the restore."


def test_a_store_that_a_worker_elsewhere_uses_is_not_replaced(center: Center, tmp_path: Path) -> None:
    made = backup_of(center, tmp_path / "b.zip")
    with fresh_database("postgresql", tmp_path / "other") as there, open_center(there) as other:
        with other.store.begin() as tx:
            beat(tx, "elsewhere-1", {"host": "elsewhere", "pid": 1, "beat_at": NOON})
        home, url = tmp_path / "new", there.text("store_url")
        new = settings_at(home, url, warehouse_url=url)
        with pytest.raises(RetryLater, match=r"at work in .*: elsewhere-1"):
            restore(new, SteppedClock(NOON), made.file, force=True)
        assert not home.exists()
        restore(new, SteppedClock(NOON + timedelta(minutes=1)), made.file, force=True)
        assert home.is_dir()  # for the key, which the notes say to put there


def test_what_is_damaged_is_what_a_backup_is_for(center: Center, tmp_path: Path) -> None:
    made = backup_of(center, tmp_path / "b.zip")
    (tmp_path / "other").mkdir(mode=0o700)
    for name in ("store.sqlite3", "warehouse.duckdb"):
        (tmp_path / "other" / name).write_bytes(b"no database at all" * 1_000)
    assert put_into(tmp_path / "other", made.file, force=True).put_aside is not None
    with open_center(settings_of(tmp_path / "other")) as other:
        assert accounts.all_of(other) == []


@pytest.mark.parametrize("wrong", ["cut", "flipped 0", "flipped 1", "flipped 7", "text", "newer", "outside"])
def test_a_file_that_is_not_whole_changes_nothing(center: Center, tmp_path: Path, wrong: str) -> None:
    file = backup_of(center, tmp_path / "b.zip").file
    content = bytearray(file.read_bytes())
    if wrong == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif wrong.startswith("flipped"):
        for at in range(0, len(content) // 2, len(content) // 40):
            content[at + int(wrong[-1])] ^= 0xFF
        file.write_bytes(content)
    elif wrong == "text":
        file.write_text("no backup")
    else:
        change = {"format": 99} if wrong == "newer" else {"parts": {"../evil": {"sha256": "", "bytes": 0}}}
        with zipfile.ZipFile(file) as old:
            told = {**json.loads(old.read("manifest.json")), **change}
        with zipfile.ZipFile(file, "w") as new:
            new.writestr("manifest.json", json.dumps(told))
    with pytest.raises((SettingsError, DataError)):
        put_into(tmp_path / "other", file)
    assert not (tmp_path / "other").exists()


def test_a_backup_replaces_a_backup_and_nothing_else(center: Center, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(SettingsError, match="is no backup"):
        backup_of(center, file)
    assert file.read_text() == "mine"
    for _ in range(2):
        assert backup_of(center, tmp_path / "b.zip").bytes > 0
    with pytest.raises(SettingsError, match="There is no folder"):
        backup_of(center, tmp_path / "none" / "b.zip")


def test_a_place_that_cannot_be_written_is_told(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match=r"/proc cannot be written: No such file"):
        backup_of(center, Path("/proc/b.zip"))

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(store_copy, "copy_out", full)
    with pytest.raises(SettingsError, match="cannot be written: database or disk is full") as told:
        backup_of(center, tmp_path / "b.zip")
    assert told.value.todo == "Make room there, or name another place."
    assert [p.name for p in tmp_path.iterdir()] == ["home"]


def test_what_a_killed_backup_left_goes_with_the_next(center: Center, tmp_path: Path) -> None:
    killed = "import os; from trunkline.keeping.archive import scratch; from pathlib import Path\n"
    killed += "with scratch(Path.cwd(), 'b.zip') as folder: (folder / 'store').touch(); os._exit(9)"
    subprocess.run([sys.executable, "-c", killed], cwd=tmp_path, check=False)
    assert len(list(tmp_path.glob(".b.zip.trunkline-*"))) == 1
    with archive.scratch(tmp_path, "b.zip") as under_way:
        assert [p.name for p in tmp_path.glob(".b.zip.*")] == [under_way.name]
        backup_of(center, tmp_path / "b.zip")
        assert under_way.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.zip", "home"]
