"""Exchanging the key that encrypts stored secrets, while everything works.

First the new key is put in front of the former ones, in the file: from then on every process encrypts with
it and opens with any. Then every secret is encrypted anew, in one transaction. A rotation that was killed
leaves secrets under both keys, and both in the file; the next one goes on with the key that is there.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from os import utime
from typing import Any

from sqlalchemy import Column, Connection

from trunkline.clock import Clock
from trunkline.errors import RetryLater, SettingsError
from trunkline.keeping import queries
from trunkline.keeping.declared import every_table
from trunkline.settings import Settings
from trunkline.store.connection import Store
from trunkline.store.locks import locked
from trunkline.store.secrets import KEY_FILE, Vault, write_keys
from trunkline.store.types import Sealed

LOCK = "key"
SETTLES_AFTER = timedelta(minutes=1)
"""Who has read the former key a moment before it was exchanged may still be about to save something."""


@dataclass(frozen=True)
class Key:
    """One of the keys in force: its short name, whether it encrypts, and how many secrets are under it."""

    fingerprint: str
    newest: bool
    secrets: int


@dataclass(frozen=True)
class Rotation:
    """What was done: the fingerprint of the newest key, whether it was made now, secrets encrypted anew."""

    fingerprint: str
    is_new: bool
    secrets: int
    former_keys: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def keys(store: Store, settings: Settings) -> list[Key]:
    """The keys in force, newest first."""
    vault = Vault(settings)
    if vault.is_missing:
        return []
    with store.read() as tx:
        counts = Counter(vault.key_of(text) for _, _, text in _secrets(tx))
    return [Key(name, place == 0, counts[place]) for place, name in enumerate(vault.fingerprints())]


def has_secrets(store: Store) -> bool:
    with store.read() as tx:
        return any(True for _ in _secrets(tx))


def unopened(store: Store, vault: Vault) -> int:
    """How many stored secrets no key in force opens."""
    with store.read() as tx:
        return sum(vault.key_of(text) is None for _, _, text in _secrets(tx))


def rotate(store: Store, settings: Settings, clock: Clock) -> Rotation:
    """Encrypt every secret with a new key. Keys of the setting are exchanged there first, by a person.

    Finishes one that was interrupted instead. Raises SettingsError, and changes nothing, where a secret
    is under a key that is not there.
    """
    with locked(store, LOCK, 0):
        vault = Vault(settings)
        _check_all_open(store, vault)
        made = not settings.text("secret_key") and _is_settled(store, vault)
        if made:
            _put_new_key(settings, clock.now())
        return _encrypted_anew(store, vault, made)


def drop_old(store: Store, settings: Settings, clock: Clock) -> Rotation:
    """Take the former keys out of the key file, once nothing is under them.

    Raises SettingsError where there is none or the keys are in the setting, RetryLater where the newest
    is so new that somebody may be saving something under a former one.
    """
    file = settings.home / KEY_FILE
    if settings.text("secret_key"):
        raise SettingsError(
            "The keys are in the setting secret_key.",
            todo="Run `trunkline key rotate`, then take the former keys out of the setting yourself.",
        )
    with locked(store, LOCK, 0):
        vault = Vault(settings)
        if len(vault.fingerprints()) < 2:
            raise SettingsError("There is no former key.", todo="Exchange the key: `trunkline key rotate`.")
        since = clock.now() - datetime.fromtimestamp(file.stat().st_mtime, UTC)
        if timedelta(0) <= since < SETTLES_AFTER:
            raise RetryLater("The key was exchanged less than a minute ago.", todo="Try again in a minute.")
        _check_all_open(store, vault)
        done = _encrypted_anew(store, vault, False)
        write_keys(file, file.read_text("ascii").replace(",", " ").split()[:1])
    return done


def _secrets(tx: Connection, *, held: bool = False) -> "Iterator[tuple[Column[Any], tuple[Any, ...], str]]":
    """Every stored secret: its column, the key of its row, its text."""
    for table in every_table():
        for column in table.columns:
            if isinstance(column.type, Sealed):
                yield from ((column, key, text) for key, text in queries.sealed_texts(tx, column, held=held))


def _check_all_open(store: Store, vault: Vault) -> None:
    if vault.is_missing and not has_secrets(store):
        vault.make_ready()
    closed = unopened(store, vault)
    if closed:
        raise SettingsError(
            f"No key in force opens {closed} of the stored secrets; nothing was changed.",
            todo=f"Add the former key at the end of {KEY_FILE} or of the setting secret_key, or enter those "
            "secrets again (`trunkline doctor` names them).",
        )


def _is_settled(store: Store, vault: Vault) -> bool:
    """Whether all is under the newest key: no rotation was interrupted."""
    with store.read() as tx:
        return all(vault.key_of(text) == 0 for _, _, text in _secrets(tx))


def _put_new_key(settings: Settings, now: datetime) -> None:
    from cryptography.fernet import Fernet

    file = settings.home / KEY_FILE
    former = file.read_text("ascii").replace(",", " ").split()
    write_keys(file, [Fernet.generate_key().decode(), *former])
    utime(file, (now.timestamp(), now.timestamp()))


def _encrypted_anew(store: Store, vault: Vault, made: bool) -> Rotation:
    count = 0
    with store.begin() as tx:
        for column, key, text in list(_secrets(tx, held=True)):
            if vault.key_of(text) != 0:
                queries.replace_sealed(tx, column, key, text, vault.rotated(text))
                count += 1
    names = vault.fingerprints()
    return Rotation(names[0], made, count, len(names) - 1)
