"""Secrets at rest: encrypted with a key that is kept beside, never in, the database."""

import hashlib
import json
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.errors import SettingsError
from trunkline.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

KEY_FILE = "secret.key"
_NEW_KEY_TODO = "A key is 32 bytes in URL-safe base64, as in a secret.key that Trunkline has made."


@dataclass(frozen=True)
class _Ring:
    """The keys, newest first, whence they come, and what tells whether the file is another by now."""

    texts: tuple[str, ...]
    source: str
    stamp: tuple[int, ...] | None

    @cached_property
    def fernets(self) -> "list[Fernet]":
        from cryptography.fernet import Fernet

        try:
            keys = [Fernet(key) for key in self.texts]
        except ValueError:
            keys = []
        if not keys:
            raise SettingsError(f"{self.source} holds no valid key.", todo=_NEW_KEY_TODO)
        return keys

    @cached_property
    def fernet(self) -> "MultiFernet":
        from cryptography.fernet import MultiFernet

        return MultiFernet(self.fernets)


class Vault:
    """Encrypts with the newest key, opens with any. Keys are read at the first use and when they change.

    They come from the setting `secret_key` or else from the file secret.key in the home folder, which
    is made when missing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: _Ring | None = None

    def __repr__(self) -> str:
        return "Vault()"

    def encrypt(self, values: Mapping[str, str]) -> str:
        """One text that holds all values; empty for none."""
        if not values:
            return ""
        return self._ring().fernet.encrypt(json.dumps(dict(values)).encode()).decode()

    def decrypt(self, text: str, what: str = "A stored secret") -> dict[str, str]:
        """The values again. Raises SettingsError, naming `what`, when no key in force opens the text."""
        if not text:
            return {}
        from cryptography.fernet import InvalidToken

        try:
            opened = self._ring(what).fernet.decrypt(text.encode())
        except InvalidToken:
            raise _closed(what) from None
        values: dict[str, str] = json.loads(opened)
        return values

    def rotated(self, text: str, what: str = "A stored secret") -> str:
        """The same secret under the newest key. Raises SettingsError when no key in force opens it."""
        from cryptography.fernet import InvalidToken

        try:
            return self._ring(what).fernet.rotate(text).decode()
        except InvalidToken:
            raise _closed(what) from None

    def key_of(self, text: str) -> int | None:
        """Which of the keys opens a secret, the newest being 0; None where none does."""
        from cryptography.fernet import InvalidToken

        for place, key in enumerate(self._ring("A stored secret").fernets):
            with suppress(InvalidToken):
                key.decrypt(text)
                return place
        return None

    def fingerprints(self) -> tuple[str, ...]:
        """A short name for each key, newest first; it tells nothing of the key."""
        self.make_ready()
        return tuple(hashlib.sha256(key.encode()).hexdigest()[:12] for key in self._ring().texts)

    def make_ready(self) -> None:
        """Read the key now, or make it. Raises SettingsError for one that will not do."""
        self._ring().fernet.encrypt(b"")

    def keys_for(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for another purpose, newest first; they tell nothing of those for secrets.

        Raises SettingsError for a key that will not do.
        """
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        self.make_ready()
        return tuple(
            HKDF(SHA256(), 32, None, purpose.encode()).derive(key.encode()) for key in self._ring().texts
        )

    @property
    def is_missing(self) -> bool:
        """Whether there is no key yet, or none any more."""
        return not self._settings.text("secret_key") and not (self._settings.home / KEY_FILE).exists()

    def _ring(self, to_open: str = "") -> _Ring:
        """The keys in force: a server goes on with the new ones when somebody has exchanged them.

        A key is made where there is none, but not `to_open` a secret: that has been under another one.
        """
        given, file = self._settings.text("secret_key"), self._settings.home / KEY_FILE
        held, stamp = self._held, None if given else _stamp(file)
        # A file that is taken away under a running process takes no key away: another must not be made.
        if held is not None and (stamp is None or stamp == held.stamp):
            return held
        if to_open and self.is_missing:
            raise SettingsError(
                f"{to_open} cannot be opened: the key file {file} is missing.",
                todo=f"Put the former {KEY_FILE} back, or enter the secret again.",
            )
        texts = given or _read_or_make(file)
        source = "The setting secret_key" if given else str(file)
        stamp = None if given else stamp or _stamp(file)
        self._held = _Ring(tuple(texts.replace(",", " ").split()), source, stamp)
        return self._held


def _closed(what: str) -> SettingsError:
    return SettingsError(
        f"{what} was encrypted with another key than those in force.",
        todo=f"Put the former {KEY_FILE} back, add the former key at the end of the setting "
        "secret_key, or enter the secret again.",
    )


def _stamp(file: Path) -> tuple[int, ...] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def write_keys(file: Path, texts: Sequence[str]) -> None:
    """Put these keys, newest first, in place of a key file; it is old or new at any moment."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    _write_new(draft, "".join(f"{text}\n" for text in texts).encode("ascii"))
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_or_make(file: Path) -> str:
    try:
        if not file.exists():
            _make(file)
        mode = stat.S_IMODE(file.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise SettingsError(
                f"{file} can be read by others (mode {mode:o}).", todo=f"Run: chmod 600 {file}"
            )
        return file.read_text(encoding="ascii")
    except UnicodeDecodeError:
        raise SettingsError(f"{file} holds no valid key.", todo=_NEW_KEY_TODO) from None
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be used: {error.strerror}.", todo="Check the rights of the file and its folder."
        ) from None


def _make(file: Path) -> None:
    """A new key, whole from the moment it is there, and never in place of one that is there."""
    from cryptography.fernet import Fernet

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    content = Fernet.generate_key() + b"\n"
    _write_new(draft, content)
    try:
        os.link(draft, file)
    except FileExistsError:
        return  # another process was first
    except OSError:
        _write_new(file, content)  # a file system without hard links
    finally:
        draft.unlink()


def _write_new(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
