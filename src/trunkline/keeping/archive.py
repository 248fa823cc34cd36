"""A backup as one file: a ZIP of parts, and a manifest with the digest of each."""

import fcntl
import glob
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from trunkline.errors import DataError, SettingsError

FORMAT = 1
MANIFEST = "manifest.json"
NO_WAREHOUSE = ""
"""The kind of warehouse in a backup of the store alone."""
MANIFEST_BYTES = 1_000_000
PIECE = 1 << 20
SQLITE_NO_ROOM = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN)
COMPRESSION = 1  # tables shrink to about the same size at any level, and the fastest is six times as fast
WHOLE = "Use another backup; this file is not whole."


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `parts` has size and SHA-256 of each; `revision` is that of the store's tables."""

    format: int
    product: str
    made_at: str
    revision: str
    store: str
    warehouse: str
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def has_warehouse(self) -> bool:
        """Whether a restore puts a warehouse in place, an empty one too; else what is there stays."""
        return self.warehouse != NO_WAREHOUSE


def write(file: Path, folder: Path, names: tuple[str, ...], manifest: Manifest) -> None:
    """Write the parts of a folder into a backup that appears whole or not at all, for its owner alone.

    The folder is on the same disk, as that of `scratch` beside the file.
    """
    draft = folder / "draft"
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as out:
        _write_parts(out, folder, names, manifest)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def _write_parts(out: BinaryIO, folder: Path, names: tuple[str, ...], manifest: Manifest) -> None:
    parts = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        for name in names:
            with (folder / name).open("rb") as source, archive.open(name, "w", force_zip64=True) as into:
                parts[name] = _copied(source, into)
        told = {**asdict(manifest), "parts": parts}
        archive.writestr(MANIFEST, json.dumps(told, indent=2))


def _copied(source: Any, into: Any) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        into.write(piece)
    return {"sha256": digest.hexdigest(), "bytes": size}


def unpack(file: Path, folder: Path) -> Manifest:
    """Write the parts into a folder, each held against its digest.

    Raises SettingsError for a file that is no backup or of a newer format, DataError for a damaged one.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(file, archive)
            for name, told in manifest.parts.items():
                _unpack_part(archive, name, told, folder)
    except FileNotFoundError:
        raise SettingsError(f"There is no file {file}.", todo="Name the file of a backup.") from None
    except (IsADirectoryError, PermissionError) as error:
        if error.filename != str(file):
            raise
        text = f"{file} cannot be read: {error.strerror}."
        raise SettingsError(text, todo="Name the file of a backup.") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        NotImplementedError,
    ) as error:
        raise _no_backup(file) from error
    return manifest


def _manifest(file: Path, archive: zipfile.ZipFile) -> Manifest:
    with archive.open(MANIFEST) as source:
        told = json.loads(source.read(MANIFEST_BYTES))
    if told["format"] != FORMAT:
        raise SettingsError(
            f"{file} is a backup of format {told['format']}; this version knows format {FORMAT}.",
            todo=f"Restore it with version {told.get('product', '?')} or newer.",
        )
    if any(name != Path(name).name for name in told["parts"]):
        raise ValueError("a part lies outside")
    return Manifest(**{**told, "left_out": tuple(told["left_out"])})


def _unpack_part(archive: zipfile.ZipFile, name: str, told: Mapping[str, Any], folder: Path) -> None:
    handle = os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with archive.open(name) as source, os.fdopen(handle, "wb") as into:
            found = _copied(source, into)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        found = {}
    if found != {"sha256": told["sha256"], "bytes": told["bytes"]}:
        raise DataError(f"The part {name} of the backup is damaged.", todo=WHOLE)


def _no_backup(file: Path) -> SettingsError:
    return SettingsError(f"{file} is no backup of Trunkline, or not whole.", todo=WHOLE)


def is_backup(file: Path) -> bool:
    """Whether a file may be replaced by a backup: it is one."""
    try:
        with zipfile.ZipFile(file) as archive:
            return MANIFEST in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


@contextmanager
def room_told(folder: Path) -> Iterator[None]:
    """A disk that is full or refuses is told in a sentence, as a SettingsError that names the folder."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        if isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF not in SQLITE_NO_ROOM:
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"{folder} cannot be written: {reason}.", todo="Make room there, or name another place."
        ) from error


@contextmanager
def scratch(parent: Path, name: str) -> Iterator[Path]:
    """A folder for its owner alone, taken away at the end; those of killed processes are taken away before.

    It is locked meanwhile: that tells it from what a killed process has left.
    """
    prefix = f".{name[:80]}.trunkline-"
    for leftover in parent.glob(f"{glob.escape(prefix)}*"):
        _remove_unlocked(leftover)
    folder = parent / f"{prefix}{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks: then nobody else gets one there either
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _remove_unlocked(folder: Path) -> None:
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)
