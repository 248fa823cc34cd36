"""Tokens of the APIs: made once, shown once, kept as a hash.

One stands for a user of the dialer, or for a person. A person's has the rights that both its scopes and the
person have at that moment.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exc

from trunkline.access import queries
from trunkline.access.roles import Right
from trunkline.access.users import User, user_from
from trunkline.clock import Clock
from trunkline.errors import Problem, SettingsError
from trunkline.store.connection import Store
from trunkline.store.types import NAME_LENGTH

BEGINNING = "tl_"
"""What a token begins with, so that a lost one is known for what it is."""
RANDOM_BYTES = 32
LONGEST_OWN_NAME = 60
USED_EVERY = timedelta(minutes=1)
"""How often at most the time of use is written."""


@dataclass(frozen=True)
class Token:
    """A token as it is kept: for which user of the dialer, and which functions; none: all the user has.

    One of a person names none of the dialer's. Its functions are the rights it has now, by their words, so
    that what asks for a right by name finds it there; `scopes` are those it was made with, none: all.
    """

    id: int
    name: str
    user: str
    functions: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    user_id: int | None = None
    scopes: tuple[str, ...] | None = None

    def allows(self, function: str) -> bool:
        has_all = not self.functions and self.user_id is None
        return has_all or function in self.functions

    @property
    def own_name(self) -> str:
        """As its person named it."""
        return self.name.partition(" ")[2] if self.user_id is not None else self.name

    def to_json(self) -> dict[str, Any]:
        kept = {
            "name": self.name,
            "user": self.user,
            "functions": list(self.functions),
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "used_at": self.used_at,
        }
        if self.user_id is None:
            return kept
        return {**kept, "scopes": None if self.scopes is None else list(self.scopes)}


class Tokens:
    """The tokens of an installation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(
        self, name: str, user: str, functions: Sequence[str], days: int | None = None
    ) -> tuple[Token, str]:
        """A new token and the text that proves it, which is kept nowhere. Raises SettingsError.

        Only one whose functions are named, and are none of the dialer's, does without a user.
        """
        if not name.strip() or not (user.strip() or functions):
            raise SettingsError("A token needs a name, and a user or functions that need none.")
        return self._add(name, days, user=user, functions=list(functions))

    def add_for(
        self, person: User, name: str, scopes: Sequence[str] | None, days: int | None = None
    ) -> tuple[Token, str]:
        """A new token of a person, and its text. Scopes: none for all that the person may.

        Raises SettingsError, a problem per field.
        """
        problems = []
        if not 0 < len(name.strip()) <= LONGEST_OWN_NAME or not name.isprintable():
            problems.append(Problem("name", f"A name of 1 to {LONGEST_OWN_NAME} characters is needed."))
        if problem := _problem_of(person, scopes):
            problems.append(problem)
        if problems:
            raise SettingsError(problems=problems)
        whole = f"{person.email} {name.strip()}"[:NAME_LENGTH]
        chosen = None if scopes is None else sorted(set(scopes))
        return self._add(whole, days, user="", functions=[], user_id=person.id, scopes=chosen)

    def _add(self, name: str, days: int | None, **whose: Any) -> tuple[Token, str]:
        text = BEGINNING + secrets.token_urlsafe(RANDOM_BYTES)
        now = self._clock.now()
        values: dict[str, Any] = {
            "name": name,
            "digest": _digest(text),
            **whose,
            "created_at": now,
            "expires_at": now + timedelta(days=days) if days else None,
        }
        try:
            with self._store.begin() as tx:
                token_id = queries.add_token(tx, values)
        except exc.IntegrityError:
            text = f"There is a token named {name!r} already."
            todo = "Choose another name, or remove that one."
            raise SettingsError(problems=[Problem("name", text)], todo=todo) from None
        return _token({"user_id": None, "scopes": None, **values, "id": token_id, "used_at": None}), text

    def all(self) -> list[Token]:
        with self._store.read() as tx:
            return [_token(row._mapping) for row in queries.all_tokens(tx)]

    def remove(self, name: str) -> None:
        """Raises SettingsError where there is none of that name."""
        with self._store.begin() as tx:
            row = queries.token_named(tx, name)
            if row is None:
                raise SettingsError(f"There is no token named {name!r}.", todo="`trunkline token list`")
            queries.remove_token(tx, row.id)

    def of_user(self, person: User) -> list[Token]:
        with self._store.read() as tx:
            return [_token(row._mapping) for row in queries.tokens_of_user(tx, person.id)]

    def remove_of(self, person: User, token_id: int) -> Token:
        """Remove one of a person's own. Raises SettingsError where there is none of that number."""
        with self._store.begin() as tx:
            found = [row for row in queries.tokens_of_user(tx, person.id) if row.id == token_id]
            if not found:
                raise SettingsError("You have no such token.", todo="It may have been removed already.")
            queries.remove_token(tx, token_id)
        return _token(found[0]._mapping)

    def find(self, text: str) -> Token | None:
        """The token that a text proves; None for an unknown or expired one, or a person's who may not in."""
        with self._store.read() as tx:
            row = queries.token_of_digest(tx, _digest(text))
            person = None
            if row is not None and row.user_id is not None:
                person = queries.person_of(tx, row.user_id)
        token = _token(row._mapping) if row is not None else None
        if token is not None and token.user_id is not None:
            token = _with_rights(token, user_from(person)) if person is not None else None
        now = self._clock.now()
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            return None
        if token.used_at is None or now - token.used_at >= USED_EVERY:
            with self._store.begin() as tx:
                queries.set_used(tx, token.id, now)
        return token


def _digest(text: str) -> str:
    """Of random bits a plain hash is enough; equal hashes are looked up, so no text is compared."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _token(row: Mapping[str, Any] | Any) -> Token:
    names = ("id", "name", "user", "created_at", "expires_at", "used_at", "user_id")
    scopes = None if row["scopes"] is None else tuple(row["scopes"])
    return Token(functions=tuple(row["functions"]), scopes=scopes, **{name: row[name] for name in names})


def _with_rights(token: Token, person: User) -> Token | None:
    if not person.is_active:
        return None
    words = [str(right) for right in Right if person.may(right)]
    return replace(token, functions=tuple(w for w in words if token.scopes is None or w in token.scopes))


def _problem_of(person: User, scopes: Sequence[str] | None) -> Problem | None:
    may = [str(right) for right in Right if person.may(right)]
    if scopes is None:
        return None
    if not scopes:
        return Problem("scopes", "Choose what the token may do.")
    wrong = [scope for scope in scopes if scope not in may]
    if not wrong:
        return None
    return Problem("scopes", f"{wrong[0]!r} is none of {person.email}'s rights: {', '.join(may)}.")
