"""Where an export goes: a file that appears whole, a pipe or a device, standard output."""

import errno
import fcntl
import io
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import BinaryIO

from trunkline.errors import SettingsError

STANDARD_OUTPUT = "-"

_LONGEST_CHAIN = 40
_MARK = "trunkline-"
"""In the names of drafts, so that no file of anybody else is taken for one."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def opened(path: str, *, binary: bool = False, output: BinaryIO | None = None) -> Iterator[BinaryIO]:
    """A stream to the path; `-` is `output`, else standard output.

    A regular file appears whole or not at all, with the rights of the file it replaces.
    Links are followed. Pipes, devices and open descriptors (/dev/stdout, /dev/fd/9) are written straight.
    Raises SettingsError for a place that cannot be written, or for `binary` on a terminal.
    """
    if path == STANDARD_OUTPUT:
        stream = output or sys.stdout.buffer
        _check_terminal(stream, binary)
        yield stream
        stream.flush()
        return
    try:
        with _stream(path) as stream:
            _check_terminal(stream, binary)
            yield stream
    except BrokenPipeError:
        # Whoever reads has enough; the command line ends then without a word.
        raise
    except OSError as error:
        raise _not_written(path, error) from None


def _stream(path: str) -> AbstractContextManager[BinaryIO]:
    descriptor = _own_descriptor(path)
    if descriptor is not None:
        return _straight(os.dup(descriptor))
    place = os.path.realpath(path)
    try:
        mode = os.stat(place).st_mode
    except FileNotFoundError:
        return _replaced(place, 0o666 & ~_umask())
    if stat.S_ISDIR(mode):
        raise SettingsError(f"{path} is a folder.", todo="Add a file name.")
    if stat.S_ISREG(mode):
        return _replaced(place, stat.S_IMODE(mode))
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
        return _straight(os.open(place, os.O_WRONLY | os.O_NOCTTY))
    raise SettingsError(
        f"{path} is neither a file nor a pipe nor a terminal.", todo="Name a file, or - for standard output."
    )


def _own_descriptor(path: str) -> int | None:
    """The open descriptor of this process that a path such as /dev/stdout stands for."""
    folders = ("/dev/fd", f"/proc/{os.getpid()}/fd")
    for _ in range(_LONGEST_CHAIN):
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        if folder in folders and name.isdecimal():
            return int(name)
        path = os.path.join(folder, name)
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))
    return None


@contextmanager
def _straight(descriptor: int) -> Iterator[BinaryIO]:
    with os.fdopen(descriptor, "wb") as stream:
        yield stream


@contextmanager
def _replaced(place: str, mode: int) -> Iterator[BinaryIO]:
    """A temporary file beside the target, which takes its place and its rights when all is written."""
    if os.path.islink(place):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    folder, name = os.path.split(place)
    prefix = f".{name[:100]}.{_MARK}"
    _remove_leftovers(folder, prefix)
    handle, temporary = _locked_file(folder, prefix)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.chmod(temporary, mode)
            os.replace(temporary, place)  # while it is locked still: nobody takes it for a leftover
        temporary = ""
    finally:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)


def _locked_file(folder: str, prefix: str) -> tuple[int, str]:
    """A new file, locked for as long as it is open: a killed process leaves one that nobody has locked."""
    while True:
        handle, path = tempfile.mkstemp(prefix=prefix, dir=folder)
        with suppress(OSError):  # a file system without locks: then nobody else gets one there either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, path
        os.close(handle)  # taken for a leftover before it was locked


def _remove_leftovers(folder: str, prefix: str) -> None:
    """Drafts of the same file whose process was killed."""
    with suppress(OSError):
        for leftover in [entry.path for entry in os.scandir(folder) if entry.name.startswith(prefix)]:
            with suppress(OSError), open(leftover, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(leftover)


class Counted(io.RawIOBase):
    """Counts what it passes on, since a pipe cannot tell how far it is and Parquet must know."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._count = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = memoryview(data)  # type: ignore[arg-type]
        self._stream.write(piece)
        self._count += piece.nbytes
        return piece.nbytes

    def tell(self) -> int:
        return self._count


def _check_terminal(stream: BinaryIO, binary: bool) -> None:
    if binary and stream.isatty():
        raise SettingsError(
            "Parquet is not for a terminal.", todo="Give a file name with --to, or choose csv or jsonl."
        )


def _not_written(path: str, error: OSError) -> SettingsError:
    if error.errno in _FULL:
        return SettingsError(
            f"{path} cannot be written whole: the disk is full.", todo="Make room, or write to another place."
        )
    return SettingsError(
        f"{path} cannot be written: {error.strerror or error}.",
        todo="Choose a folder that exists, may be written to, and has room.",
    )


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
