"""A backup of the store before a newer version of Trunkline changes its tables."""

import logging
from pathlib import Path

from trunkline.clock import process_clock
from trunkline.errors import SettingsError
from trunkline.keeping import archive
from trunkline.keeping.backup import make_of_store
from trunkline.settings import Settings
from trunkline.store.connection import Store
from trunkline.store.revisions import HEAD

FOLDER, BEGINNING, ENDING = "backups", "before-upgrade-", ".backup"
SETTING = "backup_before_upgrade"
KEPT = 3

_log = logging.getLogger("trunkline.keeping")


def back_up_first(store: Store, settings: Settings, revision: str) -> None:
    """Write a backup into the home folder, and forget all but the last.

    Raises SettingsError where none can be written.
    """
    if not settings.flag(SETTING):
        return
    folder, now = settings.home / FOLDER, process_clock().now()
    file = folder / f"{BEGINNING}{now:%Y%m%d-%H%M%S}-{revision}-to-{HEAD}{ENDING}"
    try:
        with archive.room_told(folder):
            settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        make_of_store(store, settings, process_clock(), file, revision)
    except SettingsError as error:
        raise SettingsError(
            f"The tables of {store.place.words} are of an older version, and were left as they are: the "
            f"backup that comes first could not be written. {error}",
            todo=f"Make that possible; or make a copy yourself, and set {SETTING} to no.",
        ) from error
    text = "%s has tables of an older version. A backup of it is in %s; now they are brought up to date."
    _log.warning(text, store.place.words, file)
    _forget(folder)


def _forget(folder: Path) -> None:
    """By their names they stand in the order of their times."""
    for file in sorted(folder.glob(f"{BEGINNING}*{ENDING}"))[:-KEPT]:
        file.unlink(missing_ok=True)
