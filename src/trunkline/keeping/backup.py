"""A backup of a whole installation, consistent while it works.

The store is copied before the warehouse. How far each dataset is stands in the warehouse, beside its
rows. So a warehouse that is some moments newer holds rows that the copied history does not tell of yet,
and the next run goes on behind them. The other way round the history would tell of rows that are not there.
"""

import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trunkline import __version__
from trunkline.clock import Clock
from trunkline.errors import SettingsError
from trunkline.keeping import archive, store_copy, warehouse_copy
from trunkline.keeping.warehouse_copy import WAIT_SECONDS, Say
from trunkline.settings import BY_NAME, FILE, Settings
from trunkline.store.connection import Store
from trunkline.store.places import SQLITE_FILE
from trunkline.store.revisions import HEAD
from trunkline.store.secrets import KEY_FILE
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import DUCKDB_FILE


@dataclass(frozen=True)
class Backup:
    """A backup that was made. `left_out` names what it does not hold, in words."""

    file: Path
    bytes: int
    parts: tuple[str, ...]
    left_out: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "file": str(self.file),
            "bytes": self.bytes,
            "parts": list(self.parts),
            "left_out": list(self.left_out),
        }


Copy = Callable[[Path], None]


def make(
    store: Store,
    settings: Settings,
    clock: Clock,
    file: Path,
    *,
    with_key: bool = False,
    say: Say = lambda _: None,
    wait_seconds: float = WAIT_SECONDS,
    warehouse: Warehouse | None = None,
    served: Copy | None = None,
) -> Backup:
    """Write a backup. A process that has the warehouse open gives it; else it is opened once it is free.

    `served`: writes a copy of the warehouse to a file, where a server has it open.

    Raises SettingsError for a place that will not do, RetryLater for a warehouse that stays in use.
    """
    _check_place(file)
    with archive.room_told(file.parent), archive.scratch(file.parent, file.name) as folder:
        parts: tuple[str, ...]
        if served is not None and warehouse_copy.is_made(settings):
            unknown = store_copy.copy_out(store, settings, folder)
            served(folder / DUCKDB_FILE)
            parts, left_out = (SQLITE_FILE, DUCKDB_FILE), _told(settings, unknown)
        else:
            parts, left_out = _write_databases(store, settings, folder, say, wait_seconds, warehouse)
        more, secret = _write_files(settings, folder, with_key)
        names = (*parts, *more)
        left_out = (*left_out, *secret)
        warehouse_kind = "postgresql" if settings.text("warehouse_url").strip() else "duckdb"
        manifest = _manifest(store, clock, HEAD, warehouse_kind, left_out)
        archive.write(file, folder, names, manifest)
    return Backup(file, file.stat().st_size, names, left_out)


def make_of_store(store: Store, settings: Settings, clock: Clock, file: Path, revision: str) -> Backup:
    """Write a backup of the store alone, whose tables have this revision. A restore leaves the warehouse.

    Raises SettingsError for a place that will not do.
    """
    _check_place(file)
    with archive.room_told(file.parent), archive.scratch(file.parent, file.name) as folder:
        unknown = store_copy.copy_out(store, settings, folder, revision)
        more, secret = _write_files(settings, folder, with_key=False)
        names = (SQLITE_FILE, *more)
        left_out = ("the warehouse, which an upgrade of the store leaves alone", *_told(settings, unknown))
        left_out = (*left_out, *secret)
        archive.write(file, folder, names, _manifest(store, clock, revision, archive.NO_WAREHOUSE, left_out))
    return Backup(file, file.stat().st_size, names, left_out)


def _manifest(
    store: Store, clock: Clock, revision: str, warehouse: str, left_out: tuple[str, ...]
) -> archive.Manifest:
    return archive.Manifest(
        format=archive.FORMAT,
        product=__version__,
        made_at=clock.now().isoformat(),
        revision=revision,
        store=str(store.dialect),
        warehouse=warehouse,
        left_out=left_out,
    )


def _check_place(file: Path) -> None:
    if not file.parent.is_dir():
        raise SettingsError(f"There is no folder {file.parent}.", todo="Make it, or name another place.")
    if file.is_dir():
        raise SettingsError(f"{file} is a folder.", todo="Add a file name.")
    if file.exists() and not archive.is_backup(file):
        raise SettingsError(f"{file} is there, and is no backup.", todo="Choose another file name.")


def _write_databases(
    store: Store,
    settings: Settings,
    folder: Path,
    say: Say,
    wait_seconds: float,
    warehouse: Warehouse | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which parts were written, and what was left out. What must be waited for is waited for first."""
    with ExitStack() as opened:
        has_warehouse = warehouse is not None or warehouse_copy.is_made(settings)
        held = warehouse or (
            opened.enter_context(warehouse_copy.opened_patiently(settings, say, wait_seconds))
            if has_warehouse
            else None
        )
        unknown = store_copy.copy_out(store, settings, folder)
        if held is None:
            return (SQLITE_FILE,), _told(settings, unknown)
        if warehouse is None and not settings.text("warehouse_url").strip():
            warehouse_copy.copy_held_file(settings, folder)
        else:
            warehouse_copy.copy_out(held, settings, folder)
        return (SQLITE_FILE, DUCKDB_FILE), _told(settings, unknown)


def _told(settings: Settings, unknown: tuple[str, ...]) -> tuple[str, ...]:
    told = tuple(f"the table {name} of the store, which is not Trunkline's" for name in unknown)
    if settings.text("dialer_url"):
        told = (*told, "the tables of the running dialer (dialer_url), which its own backups hold")
    return told


def _write_files(settings: Settings, folder: Path, with_key: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    parts: list[str] = []
    left_out = [] if with_key else [f"the key ({KEY_FILE}): keep it apart from the backup"]
    file = settings.home / FILE
    if file.exists():
        import tomli_w

        given = tomllib.loads(file.read_text(encoding="utf-8"))
        plain = {name: value for name, value in given.items() if not BY_NAME[name].secret}
        _write_private(folder / FILE, tomli_w.dumps(plain))
        parts.append(FILE)
        left_out += [f"the setting {name}, which is secret" for name in given if name not in plain]
    if with_key:
        _write_private(folder / KEY_FILE, _key_of(settings))
        parts.append(KEY_FILE)
    return tuple(parts), tuple(left_out)


def _key_of(settings: Settings) -> str:
    given = settings.text("secret_key")
    file = settings.home / KEY_FILE
    if given:
        return "\n".join(given.replace(",", " ").split()) + "\n"
    if not file.exists():
        raise SettingsError(f"There is no {file} yet.", todo="Leave out --with-key.")
    return file.read_text(encoding="ascii")


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
