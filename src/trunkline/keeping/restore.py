"""An installation from a backup: all of it is checked before anything is put in place."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trunkline.center.workers import ALIVE
from trunkline.clock import Clock
from trunkline.daemon.address import LOCKS, RESTORE, only_server
from trunkline.errors import DataError, RetryLater, SettingsError, some_of
from trunkline.keeping import archive, queries, rotation, store_copy, warehouse_copy
from trunkline.keeping.store_copy import settings_beside
from trunkline.settings import FILE, Settings
from trunkline.store.connection import Store, open_store
from trunkline.store.places import SQLITE_FILE, DatabaseKind, place_of
from trunkline.store.secrets import KEY_FILE, Vault, write_keys
from trunkline.warehouse.copying import copy_warehouse, is_empty
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import DUCKDB_FILE, open_warehouse

CUT_OFF = {
    "state": "failed",
    "error": "The installation was restored from a backup that was made during this run.",
    "error_kind": "retry_later",
    "todo": "Nothing was lost: the next run goes on where this one was.",
    "waiting_until": None,
    "waiting_reason": "",
}
FIRST_ATTEMPT_AT = datetime(2020, 1, 1, tzinfo=UTC)
OVERWRITE = "Restore into an empty home, or give --force: what is there is put aside or replaced."


@dataclass(frozen=True)
class Restored:
    """What was put in place. `notes` tells what a person should know."""

    made_at: str
    parts: tuple[str, ...]
    notes: tuple[str, ...]
    put_aside: Path | None

    @property
    def made(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    def to_json(self) -> dict[str, Any]:
        aside = str(self.put_aside) if self.put_aside else None
        return {
            "made_at": self.made_at,
            "parts": list(self.parts),
            "notes": list(self.notes),
            "put_aside": aside,
        }


def restore(settings: Settings, clock: Clock, file: Path, *, force: bool = False) -> Restored:
    """Put a backup in place of what the settings name: files of the home folder, or databases of servers.

    Raises RetryLater for a place that is in use, SettingsError for one that has something in it or a file
    that is no backup, DataError for a damaged one; nothing was changed then.
    """
    home_was_there = settings.home.exists()
    try:
        with (
            only_server(settings.home, RESTORE),
            archive.room_told(settings.home),
            archive.scratch(settings.home, "restoring") as folder,
        ):
            manifest = archive.unpack(file, folder)
            _make_current(settings, folder, clock.now(), manifest)
            with _targets(settings, clock.now(), force, manifest) as (store, warehouse):
                return _install(settings, clock, folder, manifest, store, warehouse)
    except BaseException:
        if not home_was_there and settings.home.exists():
            _remove_empty(settings.home)
        raise


def _remove_empty(home: Path) -> None:
    """A home that was made for nothing goes again, with the lock of this process."""
    if {file.name for file in home.iterdir()} <= {LOCKS}:
        shutil.rmtree(home, ignore_errors=True)


def _make_current(settings: Settings, folder: Path, now: datetime, manifest: archive.Manifest) -> None:
    """Bring the copies up to this version, and end the runs that no process is at any more.

    What workers had waits again, under a number of attempt that no file of jobs knows, however often the
    same backup was restored.
    """
    copy = store_copy.open_copy(settings, folder)
    try:
        with copy.begin() as tx:
            queries.end_open_runs(tx, {**CUT_OFF, "ended_at": now})
            queries.forget_workers(tx)
            queries.let_orders_wait(tx, int((now - FIRST_ATTEMPT_AT).total_seconds()))
    finally:
        copy.close()
    if manifest.has_warehouse:
        warehouse_copy.fold(settings, folder)  # an empty one where the backup holds none


@contextmanager
def _targets(
    settings: Settings, now: datetime, force: bool, manifest: archive.Manifest
) -> Iterator[tuple[Store | None, Warehouse | None]]:
    """The server databases to fill; None where a file is put in place. Raises what stands in the way."""
    store = warehouse = None
    try:
        if place_of(settings).kind is DatabaseKind.SQLITE:
            _check_file(settings.home / SQLITE_FILE, force)
            _check_unused(settings.home / SQLITE_FILE)
        else:
            store = open_store(settings)
            with store.read() as connection:
                _check_idle(store.place.words, queries.workers_since(connection, now - ALIVE))
                _check_free(store.place.words, queries.has_content(connection), force)
        if not manifest.has_warehouse:
            pass
        elif settings.text("warehouse_url").strip():
            warehouse = open_warehouse(settings)
            _check_free("The warehouse", not is_empty(warehouse), force)
        else:
            _check_file(settings.home / DUCKDB_FILE, force)
            _check_unheld(settings)
        yield store, warehouse
    finally:
        if store is not None:
            store.close()
        if warehouse is not None:
            warehouse.close()


def _check_file(file: Path, force: bool) -> None:
    _check_free(f"{file.parent}", file.exists(), force)


def _check_free(words: str, has_something: bool, force: bool) -> None:
    if has_something and not force:
        words = words[0].upper() + words[1:]
        raise SettingsError(f"{words} has something in it already.", todo=OVERWRITE)


def _check_idle(words: str, workers: Sequence[str]) -> None:
    """A store on a server has processes of other homes and machines, of which no lock here tells."""
    if workers:
        raise RetryLater(
            f"Servers or workers are at work in {words}: {some_of(workers)}.",
            todo="Stop them first. One that was killed counts for half a minute.",
        )


def _check_unused(file: Path) -> None:
    """A server that has the file open would go on writing to what was put aside."""
    if not file.exists():
        return
    if not store_copy.is_alone(file):
        raise RetryLater(f"{file} is in use.", todo="Stop the server and the runs of this home first.")


def _check_unheld(settings: Settings) -> None:
    """Raises RetryLater where somebody has the warehouse file open; what is wrong with it does not matter."""
    if (settings.home / DUCKDB_FILE).exists():
        try:
            open_warehouse(settings).close()
        except (SettingsError, DataError):
            return


def _install(
    settings: Settings,
    clock: Clock,
    folder: Path,
    manifest: archive.Manifest,
    store: Store | None,
    warehouse: Warehouse | None,
) -> Restored:
    has_file = warehouse is None and manifest.has_warehouse
    aside = _put_aside(settings, clock.now(), store is None, has_file)
    try:
        _put_databases(settings, folder, store, warehouse, has_file)
    except BaseException:
        _put_back(settings, aside)
        raise
    notes = (*_put_settings(settings, folder), *_put_key(settings, folder), *_of_secrets(settings))
    return Restored(manifest.made_at, tuple(manifest.parts), notes, aside)


def _put_databases(
    settings: Settings, folder: Path, store: Store | None, warehouse: Warehouse | None, has_file: bool
) -> None:
    """The store comes last: a home without one is no home yet."""
    if has_file:
        (folder / DUCKDB_FILE).replace(settings.home / DUCKDB_FILE)
    elif warehouse is not None:
        copied = open_warehouse(settings_beside(settings, folder), read_only=True)
        try:
            copy_warehouse(copied, warehouse)
        finally:
            copied.close()
    if store is None:
        (folder / SQLITE_FILE).replace(settings.home / SQLITE_FILE)
        return
    copy = store_copy.open_copy(settings, folder)
    try:
        store_copy.copy_in(copy, store)
    finally:
        copy.close()


def _put_settings(settings: Settings, folder: Path) -> Iterator[str]:
    if not (folder / FILE).exists():
        return
    if (settings.home / FILE).exists():
        yield f"{settings.home / FILE} was left as it is; the backup's settings were not taken."
        return
    (folder / FILE).replace(settings.home / FILE)


def _put_key(settings: Settings, folder: Path) -> Iterator[str]:
    """A key that is there stays the newest; the backup's keys open what they have encrypted."""
    file, own = folder / KEY_FILE, settings.home / KEY_FILE
    if not file.exists():
        return
    if settings.text("secret_key"):
        yield "The backup's key was not taken: the setting secret_key is in force."
        return
    former = own.read_text("ascii").split() if own.exists() else []
    write_keys(own, list(dict.fromkeys([*former, *file.read_text("ascii").split()])))


def _put_aside(settings: Settings, now: datetime, store: bool, warehouse: bool) -> Path | None:
    """Move files that are replaced into a folder of the home."""
    names = [f"{SQLITE_FILE}{end}" for end in ("", "-wal", "-shm")] if store else []
    names += [f"{DUCKDB_FILE}{end}" for end in ("", ".wal")] if warehouse else []
    there = [settings.home / name for name in names if (settings.home / name).exists()]
    if not there:
        return None
    folder = settings.home / f"before-restore-{now:%Y%m%d-%H%M%S}"
    number = 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"before-restore-{now:%Y%m%d-%H%M%S}-{number}")
    folder.mkdir(mode=0o700)
    for file in there:
        os.replace(file, folder / file.name)
    return folder


def _put_back(settings: Settings, aside: Path | None) -> None:
    if aside is None:
        return
    for file in aside.iterdir():
        os.replace(file, settings.home / file.name)
    aside.rmdir()


def _of_secrets(settings: Settings) -> Iterator[str]:
    """Whether the keys in force open what was restored; a missing key file is not made for that."""
    store = open_store(settings)
    try:
        if not rotation.has_secrets(store):
            return
        vault = Vault(settings)
        closed = None if vault.is_missing else rotation.unopened(store, vault)
        if closed is None:
            yield (
                f"The key is missing: put the former {KEY_FILE} into {settings.home}. "
                "Without it stored API keys cannot be read and must be entered again."
            )
        elif closed:
            yield f"No key here opens {closed} of the stored secrets: add the former {KEY_FILE}'s key."
    finally:
        store.close()
