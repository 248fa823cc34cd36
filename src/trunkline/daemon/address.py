"""Where the server of a home folder listens, and the lock that says there is one.

The lock is the truth: the operating system frees it when the process ends, however it ends. A socket file
that nobody listens on is a leftover, and whoever holds the lock may remove it.
"""

import errno
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from trunkline.errors import RetryLater, SettingsError, TrunklineError

SOCKET = "server.sock"
ELSEWHERE = "server.path"
"""Names the socket where the home folder's own path is too long for one."""
LOCKS, LOCK = "locks", "server.lock"
SERVER, WORKER, RESTORE = "server", "worker", "restore"
"""Who may hold the lock."""
LONGEST = 100
"""Bytes of a socket's path that every system takes: Linux allows 107, macOS 103."""
OWNER_ALONE = 0o600
SECONDS_OF_A_CHANGE = 15.0
"""So long a server may take to end."""
GONE = (errno.ENOENT, errno.ECONNREFUSED)


@contextmanager
def only_server(home: Path, role: str = SERVER) -> Iterator[None]:
    """Nobody else has this home folder for a role meanwhile. Raises RetryLater, naming who has it.

    Raises SettingsError when nothing can be written there.
    """
    with _lock_file(home) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise _had(home, lock.read(), role) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {role}")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def _lock_file(home: Path) -> IO[str]:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / LOCKS).mkdir(mode=0o700, exist_ok=True)
        return (home / LOCKS / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"{home} cannot be written: {error.strerror or error}.",
            todo="Check the rights of the home folder, or name another with --home.",
        ) from None


def check_not_restored(home: Path) -> None:
    """Raises RetryLater while a backup is put in place there: for those who share their work, and so need
    not be the only server."""
    if _who_has(home).endswith(f" {RESTORE}"):
        with only_server(home):
            return  # what a killed restore has noted


def _had(home: Path, noted: str, role: str) -> RetryLater:
    """`noted` is what the other has written into the lock: nothing, in its first moment."""
    pid, _, other = noted.strip().partition(" ")
    who = f" (pid {pid})" if pid else ""
    if other == RESTORE:
        return RetryLater(
            f"A backup is just being put into {home}{who}.", todo="Wait for the end of the restore."
        )
    todo = (
        "Stop it first."
        if role == RESTORE
        else "Use that one, or stop it first. Several servers need a PostgreSQL store and warehouse."
    )
    return RetryLater(f"A {other or SERVER} of {home} is running already{who}.", todo=todo)


def socket_of(home: Path) -> Path:
    """The socket's path, whether or not somebody listens there."""
    own = home.absolute() / SOCKET
    if not _is_too_long(own):
        return own
    try:
        return Path((home / ELSEWHERE).read_text("utf-8").strip() or own)
    except FileNotFoundError:
        return own


def _is_too_long(path: Path) -> bool:
    return len(os.fsencode(path)) > LONGEST


@contextmanager
def bound(home: Path) -> Iterator[socket.socket]:
    """A socket that commands of this user find. Only the holder of the lock may call this.

    Raises SettingsError when none can be made.
    """
    _remove(home)
    path = _chosen(home)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        former = os.umask(0o777 & ~OWNER_ALONE)
        try:
            listening.bind(str(path))
        finally:
            os.umask(former)
        listening.listen()
        yield listening
    except OSError as error:
        raise SettingsError(
            f"The server cannot listen at {path}: {error.strerror or error}.",
            todo="Keep the home folder on a disk of this machine that this user may write.",
        ) from None
    finally:
        listening.close()
        _remove(home)


def _chosen(home: Path) -> Path:
    own = home.absolute() / SOCKET
    if not _is_too_long(own):
        return own
    for room in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108
        if room and Path(room).is_dir() and len(os.fsencode(room)) < LONGEST - 40:
            path = Path(tempfile.mkdtemp(prefix="trunkline-", dir=room)) / SOCKET
            _write_privately(home / ELSEWHERE, str(path))
            return path
    raise SettingsError(
        f"The path {own} is too long for a socket, and so are those of the folders for temporary files.",
        todo="Use a home folder with a shorter path, or set TMPDIR to a shorter one.",
    )


def _write_privately(file: Path, text: str) -> None:
    with suppress(FileNotFoundError):
        file.unlink()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE)
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        written.write(text)


def _remove(home: Path) -> None:
    path = socket_of(home)
    with suppress(OSError):
        path.unlink()
    if path.parent != home.absolute() and path.parent.name.startswith("trunkline-"):
        shutil.rmtree(path.parent, ignore_errors=True)
    with suppress(FileNotFoundError):
        (home / ELSEWHERE).unlink()


def connected(home: Path) -> socket.socket | None:
    """A connection to the server; none where nobody serves, and then no leftover remains.

    Raises SettingsError when this user may not.
    """
    path = socket_of(home)
    if not path.exists() or _is_too_long(path):
        return None
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        asking.connect(str(path))
        return asking
    except OSError as error:
        asking.close()
        if error.errno in GONE:
            remove_leftover(home)
            return None
        raise SettingsError(
            f"The server's socket {path} cannot be used: {error.strerror or error}.",
            todo="Use the account that the server runs under.",
        ) from None


def connected_patiently(home: Path, seconds: float = SECONDS_OF_A_CHANGE) -> socket.socket | None:
    """As `connected`; a server that is just beginning or ending is waited for, until it listens or is gone.

    It has the databases open meanwhile, so that a command could not open them itself.
    """
    patient = Retrying(
        retry=retry_if_result(lambda found: found is None and _is_changing(home)),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(0.1),
        retry_error_callback=lambda _: None,
    )
    found: socket.socket | None = patient(connected, home)
    return found


def _is_changing(home: Path) -> bool:
    """Whether there is a socket on which nobody listens, and a server that lives."""
    if not socket_of(home).exists():
        return False
    try:
        with only_server(home):
            return False
    except TrunklineError:
        return _who_has(home).endswith(f" {SERVER}")


def _who_has(home: Path) -> str:
    try:
        return (home / LOCKS / LOCK).read_text("utf-8").strip()
    except OSError:
        return ""


def remove_leftover(home: Path) -> None:
    """Remove the socket of a server that is gone; one that is just beginning or ending keeps its own."""
    with suppress(TrunklineError, OSError), only_server(home):
        _remove(home)
