"""Keys of the report: a pair that is made once, shown once, and of whose secret only a hash is kept."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exc

from trunkline.clickto import queries
from trunkline.clickto.blocks import HIGHEST_ID
from trunkline.clickto.texts import one_line
from trunkline.clock import Clock
from trunkline.errors import Problem, SettingsError
from trunkline.store.connection import Store
from trunkline.store.types import NAME_LENGTH

ACCESS_BYTES, SECRET_BYTES = 16, 32
USED_EVERY = timedelta(minutes=1)
"""How often at most the time of use is written."""
_PRINTABLE = re.compile(r"[!-~]{1,64}")
LONG_ENOUGH = 20
"""A shorter secret could be guessed from its hash by whoever has the database."""
_NO_DIGEST = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Key:
    """A key as it is kept. `blocks`: the only ones whose activity it may read; None: everything.

    `may_call`: calls may be placed with it too, of those blocks.
    """

    id: int
    name: str
    access_key: str
    blocks: tuple[int, ...] | None
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    may_call: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "access_key": self.access_key,
            "blocks": self.blocks if self.blocks is None else list(self.blocks),
            "created_at": self.created_at,
            "used_at": self.used_at,
            "revoked_at": self.revoked_at,
            "may_call": self.may_call,
        }


class Keys:
    """The keys of an installation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(
        self,
        name: str,
        block_ids: Sequence[int] | None = None,
        pair: tuple[str, str] | None = None,
        *,
        may_call: bool = False,
    ) -> tuple[Key, str]:
        """A new key and its secret, which is kept nowhere. `pair`: one that clients have already.

        Raises SettingsError.
        """
        called = _checked_name(name)
        only = None if block_ids is None else tuple(sorted(set(block_ids)))
        access_key, secret = _checked_pair(pair) if pair else _new_pair()
        values = {
            "name": called,
            "access_key": access_key,
            "secret_digest": _digest(secret),
            "is_limited": only is not None,
            "may_call": may_call,
            "created_at": self._clock.now(),
        }
        try:
            with self._store.begin() as tx:
                _check_blocks(tx, only or ())
                key_id = queries.add_key(tx, values, only or ())
        except exc.IntegrityError:
            raise self._taken(called) from None
        row = {**values, "id": key_id, "used_at": None, "revoked_at": None}
        return _key(row, only), secret

    def all(self) -> list[Key]:
        """All keys, those in force first."""
        with self._store.read() as tx:
            rows = queries.all_keys(tx)
            blocks = queries.blocks_of_keys(tx, [row.id for row in rows])
        of_key = {row.id: tuple(b.block_id for b in blocks if b.key_id == row.id) for row in rows}
        return [_key(row._mapping, of_key[row.id] if row.is_limited else None) for row in rows]

    def _taken(self, name: str) -> SettingsError:
        if not self.is_taken(name):
            what = "Another key has that access_key or that secret already, or had it."
            return SettingsError(problems=[Problem("access_key", what)])
        return SettingsError(
            problems=[Problem("name", f"There is a key named {name!r} already, or was one.")],
            todo="Choose another name: those of revoked keys stay in the list.",
        )

    def is_taken(self, name: str) -> bool:
        """Whether a key, in force or revoked, has the name."""
        with self._store.read() as tx:
            return queries.key_named(tx, one_line(name).strip()) is not None

    def revoke(self, name: str) -> bool:
        """It is refused from now on. False: there is none of that name."""
        with self._store.begin() as tx:
            row = queries.key_named(tx, name)
            if row is not None and row.revoked_at is None:
                queries.change_key(tx, row.id, {"revoked_at": self._clock.now()})
        return row is not None

    def proven(self, access_key: str, secret: str) -> Key | None:
        """The key in force that a pair proves; None for a wrong, an unknown or a revoked one alike."""
        with self._store.read() as tx:
            row = queries.key_of(tx, access_key) if _PRINTABLE.fullmatch(access_key) else None
            kept = row.secret_digest if row is not None else _NO_DIGEST
            is_right = hmac.compare_digest(kept, _digest(secret))
            return self._in_force(tx, row) if is_right else None

    def proven_alone(self, secret: str) -> Key | None:
        """The key in force that a secret alone proves, as older clients send it (`api_key`)."""
        with self._store.read() as tx:
            return self._in_force(tx, queries.key_of_digest(tx, _digest(secret)))

    def public(self, access_key: str) -> Key | None:
        """The key in force of an access_key alone, as it stands in web pages; only one that may call."""
        with self._store.read() as tx:
            row = queries.key_of(tx, access_key) if _PRINTABLE.fullmatch(access_key) else None
            return self._in_force(tx, row) if row is not None and row.may_call else None

    def used(self, key: Key) -> None:
        """Remember that it was used; at most once a minute."""
        now = self._clock.now()
        if key.used_at is None or now - key.used_at >= USED_EVERY:
            with self._store.begin() as tx:
                queries.change_key(tx, key.id, {"used_at": now})

    def _in_force(self, tx: Connection, row: Any) -> Key | None:
        if row is None or row.revoked_at is not None:
            return None
        only = queries.blocks_of_keys(tx, [row.id]) if row.is_limited else None
        return _key(row._mapping, None if only is None else tuple(one.block_id for one in only))


def _checked_name(name: str) -> str:
    text = one_line(name).strip()
    if not text or len(text) > NAME_LENGTH:
        wrong = f"it has {len(text)} characters" if text else "it is empty"
        raise SettingsError(problems=[Problem("name", f"name: {wrong}; write 1 to {NAME_LENGTH}.")])
    return text


def _new_pair() -> tuple[str, str]:
    return secrets.token_hex(ACCESS_BYTES), secrets.token_hex(SECRET_BYTES)


def _checked_pair(pair: tuple[str, str]) -> tuple[str, str]:
    """Raises SettingsError for a pair that no client could send."""
    fields = ("access_key", "secret_access_key")
    problems = [
        Problem(name, f"{name}: write 1 to 64 letters, digits and signs, no blanks.")
        for name, text in zip(fields, pair, strict=True)
        if not _PRINTABLE.fullmatch(text)
    ]
    if problems:
        raise SettingsError(problems=problems)
    return pair


def _check_blocks(tx: Connection, ids: Sequence[int]) -> None:
    possible = [one for one in ids if 1 <= one <= HIGHEST_ID]
    unknown = sorted(set(ids) - queries.known_blocks(tx, possible)) if ids else []
    if unknown:
        raise SettingsError(
            problems=[Problem("blocks", f"There is no block {unknown[0]}.")],
            todo="`trunkline clickto block list`",
        )


def _digest(text: str) -> str:
    """Of random bits a plain hash is enough."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _key(row: Mapping[str, Any] | Any, only: tuple[int, ...] | None) -> Key:
    names = ("id", "name", "access_key", "created_at", "used_at", "revoked_at", "may_call")
    return Key(blocks=only, **{name: row[name] for name in names})
