"""Secrets at rest: encrypted with a key that is kept beside, never in, the database."""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.errors import SettingsError
from trunkline.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEY_FILE = "secret.key"
_NEW_KEY_TODO = "A key is 32 bytes in URL-safe base64, as in a secret.key that Trunkline has made."


class Vault:
    """Encrypts with the newest key, opens with any. Keys are read at the first use.

    They come from the setting `secret_key` or else from the file secret.key in the home folder, which
    is made when missing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __repr__(self) -> str:
        return "Vault()"

    def encrypt(self, values: Mapping[str, str]) -> str:
        """One text that holds all values; empty for none."""
        if not values:
            return ""
        return self._keys.encrypt(json.dumps(dict(values)).encode()).decode()

    def decrypt(self, text: str, what: str = "A stored secret") -> dict[str, str]:
        """The values again. Raises SettingsError, naming `what`, when no key in force opens the text."""
        if not text:
            return {}
        from cryptography.fernet import InvalidToken

        try:
            opened = self._keys.decrypt(text.encode())
        except InvalidToken:
            raise SettingsError(
                f"{what} was encrypted with another key than those in force.",
                todo=f"Put the former {KEY_FILE} back, add the former key at the end of the setting "
                "secret_key, or enter the secret again.",
            ) from None
        values: dict[str, str] = json.loads(opened)
        return values

    def make_ready(self) -> None:
        """Read the key now, or make it. Raises SettingsError for one that will not do."""
        self._keys.encrypt(b"")

    def keys_for(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for another purpose, newest first; they tell nothing of those for secrets.

        Raises SettingsError for a key that will not do.
        """
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        self.make_ready()
        return tuple(
            HKDF(SHA256(), 32, None, purpose.encode()).derive(key.encode()) for key in self._texts[0]
        )

    @cached_property
    def _texts(self) -> tuple[list[str], str]:
        """The keys as texts, and where they come from."""
        given, source = self._settings.text("secret_key"), "The setting secret_key"
        if not given:
            file = self._settings.home / KEY_FILE
            given, source = _read_or_make(file), str(file)
        return given.replace(",", " ").split(), source

    @cached_property
    def _keys(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet

        texts, source = self._texts
        try:
            return MultiFernet([Fernet(key) for key in texts])
        except ValueError:
            raise SettingsError(f"{source} holds no valid key.", todo=_NEW_KEY_TODO) from None


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
