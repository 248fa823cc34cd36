"""Before a newer version changes the store's tables there is a backup of them, or they stay as they are."""

import os
import sqlite3
from pathlib import Path

import pytest

from tests.center.conftest import NOON
from tests.commands import command
from tests.store.databases import fresh_database
from tests.store.rows import add_account
from trunkline.clock import FrozenWallClock
from trunkline.errors import SettingsError
from trunkline.keeping import archive
from trunkline.keeping.restore import restore
from trunkline.keeping.upgrading import FOLDER, back_up_first
from trunkline.settings import Settings, load_settings
from trunkline.store import upgrading
from trunkline.store.connection import open_store
from trunkline.store.migrations import current, downgrade
from trunkline.store.revisions import HEAD

OLDER = "0009"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrading, "_asked_first", [back_up_first])


def make_older(settings: Settings) -> None:
    store = open_store(settings, is_copy=True)
    with store.begin() as tx:
        tx.exec_driver_sql("DELETE FROM accounts")
        add_account(tx)
    downgrade(store, OLDER)
    store.close()


def revision_of(settings: Settings) -> str | None:
    store = open_store(settings, migrate=False)
    try:
        return current(store)
    finally:
        store.close()


def backups(home: Path) -> list[Path]:
    return sorted((home / FOLDER).glob("*")) if (home / FOLDER).exists() else []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_a_backup_of_the_older_tables_comes_first(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "home"
    with fresh_database(kind, home) as settings:
        open_store(settings).close()
        assert backups(home) == [], "a new store has nothing to keep"
        make_older(settings)
        open_store(settings).close()
        assert revision_of(settings) == HEAD
        (file,) = backups(home)
        assert str(file) in caplog.text
        assert oct(file.stat().st_mode)[-3:] == "600"
        folder = tmp_path / "unpacked"
        folder.mkdir()
        assert archive.unpack(file, folder).revision == OLDER
        with sqlite3.connect(folder / "store.sqlite3") as copy:
            assert copy.execute("SELECT version_num FROM store_version").fetchall() == [(OLDER,)]
            assert copy.execute("SELECT name FROM accounts").fetchall() == [("main",)]
            assert copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'users'").fetchone() == (0,)


def test_it_can_be_put_back_and_the_warehouse_stays(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home", {})
    make_older(settings)
    open_store(settings).close()
    (file,) = backups(settings.home)
    (settings.home / "warehouse.duckdb").write_bytes(b"as it is")
    store = open_store(settings)
    with store.begin() as tx:
        add_account(tx, "later")
    store.close()
    restore(settings, FrozenWallClock(NOON), file, force=True)
    assert (settings.home / "warehouse.duckdb").read_bytes() == b"as it is"
    store = open_store(settings)
    with store.read() as tx:
        assert tx.exec_driver_sql("SELECT name FROM accounts").fetchall() == [("main",)]
    store.close()


def test_the_last_three_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(tmp_path / "home", {})
    (settings.home / FOLDER).mkdir(parents=True)
    others = ["before-upgrade-20260101-000000-0001-to-0002.backup", "mine.backup"]
    for number in range(4):
        others.append(f"before-upgrade-2026020{number}-000000-0001-to-0002.backup")
    for name in others:
        (settings.home / FOLDER / name).write_bytes(b"")
    make_older(settings)
    open_store(settings).close()
    left = [file.name for file in backups(settings.home)]
    assert left[:2] == others[-2:]
    assert len(left) == 4
    assert left[-1] == "mine.backup"


def test_without_a_backup_nothing_is_changed_unless_the_setting_says_so(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home", {})
    make_older(settings)
    (settings.home / FOLDER).write_text("in the way")
    with pytest.raises(SettingsError, match="left as they are") as told:
        open_store(settings)
    assert "backup_before_upgrade" in told.value.todo
    assert revision_of(settings) == OLDER
    off = load_settings(settings.home, {"TRUNKLINE_BACKUP_BEFORE_UPGRADE": "no"})
    open_store(off).close()
    assert revision_of(settings) == HEAD


async def test_every_command_does_so(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home", {})
    make_older(settings)
    listed = ("account", "list", "--home", str(settings.home))
    code, out, err = await command(listed, dict(os.environ), "")
    assert code == 0, err
    assert "main" in out
    assert f"A backup of it is in {backups(settings.home)[0]}" in err
    code, _, err = await command(listed, dict(os.environ), "")
    assert (code, err) == (0, "")
