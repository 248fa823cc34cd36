"""DuckDB's errors in ours."""

import errno
import re
from pathlib import Path

import duckdb

from trunkline.errors import DataError, RetryLater, SettingsError, TrunklineError
from trunkline.warehouse import read
from trunkline.warehouse.mistakes import Kind, Mistake, place_in, without_place

_HOLDER = re.compile(r"\(PID (\d+)\)")
_FULL = ("no space left", "could not write", "file too large", "disk quota", "max_temp_directory_size")
_FOREIGN = ("not a valid duckdb", "corrupt", "checksum", "serialization", "version number", "unable to read")

_CLASS = re.compile(r"^[A-Z][A-Za-z ]* Error: ")
_NO_TABLE = re.compile(r'^Table with name "?([^" ]+)"? does not exist')
_NO_COLUMN = re.compile(
    r'^(?:Referenced column "(?P<a>.*)" not found|Table ".*" does not have a column named "(?P<b>.*)")'
)
_CANDIDATES = re.compile(r"Candidate bindings: :? ?(.*)")
_CLOSED = ("disabled by configuration", "has been disabled", "is disabled")

FILE_FAULTS = (
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.OutOfMemoryException,
    duckdb.ConnectionException,
)
"""What is the file's or the machine's fault and not that of a person's statement."""


def mistake(error: Exception) -> Mistake:
    """What is wrong with a statement."""
    whole = str(error).strip()
    said = _CLASS.sub("", without_place(whole))
    first, _, rest = said.partition("\n")
    first, hint, place = first.strip(), " ".join(rest.split()), place_in(whole)
    if found := _NO_TABLE.match(first):
        return Mistake(first, Kind.TABLE, found[1])
    if found := _NO_COLUMN.match(first):
        near = _CANDIDATES.search(said)
        hint = f"The nearest columns: {near[1].strip()}." if near else ""
        return Mistake(first, Kind.COLUMN, found["a"] or found["b"], hint)
    if "read-only" in first:
        return Mistake(first, Kind.WRITES)
    if isinstance(error, duckdb.PermissionException) or any(word in first for word in _CLOSED):
        return Mistake(first, Kind.CLOSED)
    return Mistake(first, hint=hint, place=place)


def not_opened(path: Path, error: OSError) -> TrunklineError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(path)
    return SettingsError(f"{path} cannot be opened: {error.strerror}", todo="Check the home folder's rights.")


def _full(path: Path) -> SettingsError:
    return SettingsError(
        f"The disk that holds {path} is full; nothing of this load was written.",
        todo="Make room, then run the dataset again.",
    )


def translated(error: Exception, path: Path) -> TrunklineError:
    """DuckDB's words in ours; the caller must pass the first error, later ones only say "aborted"."""
    text = str(error)
    small = text.lower()
    holder = _HOLDER.search(text)
    if "could not set lock" in small or "conflicting lock" in small:
        return _in_use(path, holder[1] if holder else "")
    if any(word in small for word in _FULL):
        return _full(path)
    if isinstance(error, duckdb.OutOfMemoryException):
        return SettingsError(
            "DuckDB's memory does not suffice for this.", todo="Raise the setting duckdb_memory_mb."
        )
    if "permission denied" in small or "cannot open file" in small:
        return SettingsError(f"{path} cannot be opened.", todo="Check the rights of the home folder.")
    if any(word in small for word in _FOREIGN):
        return DataError(
            f"{path} is no DuckDB file that can be read: {read.first_line(text)}",
            todo="Restore it from a backup, or move it away and run the datasets again.",
        )
    return DataError(f"The warehouse refused: {read.first_line(text)}", where=str(path))


def _in_use(path: Path, pid: str) -> RetryLater:
    holder = f" (pid {pid})" if pid else ""
    return RetryLater(
        f"Another process{holder} has the warehouse {path} open; probably a dataset is being loaded.",
        todo="Try again when that run has ended, or that program has closed the file.",
    )
