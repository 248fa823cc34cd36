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
_FOREIGN = ("not a valid duckdb", "sqlite_scanner")
_DAMAGED = ("corrupt", "checksum", "serialization", "unable to read", "could not read enough bytes")
_OTHER_VERSION = "version number"
_NOT_OPENED = re.compile(
    r'cannot open file "[^"]*": (.*)|(permission denied|read-only file system)', re.IGNORECASE
)

_CLASS = re.compile(r"^[A-Z][A-Za-z ]* Error: ")
_NO_TABLE = re.compile(r'^Table with name "?([^" ]+)"? does not exist')
_NO_COLUMN = re.compile(
    r'^(?:Referenced column "(?P<a>.*)" not found|Table ".*" does not have a column named "(?P<b>.*)")'
)
_CANDIDATES = re.compile(r"Candidate bindings: :? ?(.*)")
_CLOSED = ("disabled by configuration", "has been disabled", "is disabled")

_FILES = re.compile(
    r"(?:Invalid Input Error: )?"
    r"(?:(?:IO|FATAL|INTERNAL|Serialization|Out of Memory|Connection) Error:|Corrupt database file)"
)


def is_the_files(error: Exception) -> bool:
    """Whether it is the file's or the machine's fault and not that of a person's statement.

    By the words, since what fails while rows are being read comes as an error of Arrow.
    """
    return bool(_FILES.match(str(error).strip()))


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
    return _refused(path, error.strerror or str(error))


def _refused(path: Path, why: str) -> SettingsError:
    return SettingsError(
        f"{path} cannot be opened: {why}.",
        todo="Give this user the right to read and write the file and its folder.",
    )


def _full(path: Path) -> SettingsError:
    return SettingsError(
        f"The disk that holds {path} is full; nothing of this load was written.",
        todo="Make room, then run the dataset again.",
    )


def is_an_interruption(error: Exception) -> bool:
    """Whether somebody has ended the statement. Through Arrow the error comes as its text alone."""
    return isinstance(error, duckdb.InterruptException) or "INTERRUPT Error" in str(error)


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
    if not_opened_because := _NOT_OPENED.search(text):
        why = not_opened_because[1] or not_opened_because[2]
        return _refused(path, why.split("\n")[0].rstrip("."))
    return _unreadable(path, small, _CLASS.sub("", read.first_line(text)))


def _unreadable(path: Path, small: str, said: str) -> DataError:
    todo = "Restore it from a backup, or move it away and run the datasets again."
    if any(word in small for word in _FOREIGN):
        return DataError(f"{path} is no DuckDB file.", todo=todo)
    if _OTHER_VERSION in small:
        return DataError(f"{path} was written by another version of DuckDB: {said}", todo=todo)
    if any(word in small for word in _DAMAGED):
        return DataError(f"{path} is damaged and cannot be read: {said}", todo=todo)
    return DataError(f"The warehouse refused: {said}", where=str(path))


def _in_use(path: Path, pid: str) -> RetryLater:
    holder = f" (pid {pid})" if pid else ""
    return RetryLater(
        f"Another process{holder} has the warehouse {path} open: a run, or another program.",
        todo="Try again when that run has ended, or that program has closed the file.",
    )
