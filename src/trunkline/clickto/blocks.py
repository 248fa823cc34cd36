"""Click-to building blocks: what a click connects to. Their ids are the click_id of the report."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import exc

from trunkline.clickto import queries
from trunkline.clickto.dialing import (
    checked_caller_id,
    checked_countries,
    checked_origins,
    checked_pattern,
    checked_server,
)
from trunkline.clickto.hours import parse_hours
from trunkline.clickto.texts import one_line, shown
from trunkline.clock import Clock
from trunkline.errors import Problem, SettingsError
from trunkline.store.connection import Store
from trunkline.store.types import NAME_LENGTH

HIGHEST_ID = 2**53 - 1
"""The highest whole number that every JSON reader keeps as it is."""
MOST_NUMBERS = 50
NUMBER_FORM = "3 to 20 digits, with or without + before them"
_NUMBER = re.compile(r"\+?\d{3,20}", re.ASCII)
_DIALLING = ("server", "channel", "business_channel", "caller_id", "countries")
_BETWEEN_DIGITS = str.maketrans("", "", " -.()/")


class Kind(StrEnum):
    """The seven kinds of activity that the report covers."""

    CALL = "call"
    FINDME = "findme"
    FINDME_LIST = "findme_list"
    VIRTUAL_RECEPTIONIST = "virtual_receptionist"
    VOICEMAIL = "voicemail"
    IVR = "ivr"
    AGENT = "agent"


@dataclass(frozen=True)
class Block:
    """A building block as it is kept. `hours` is local time of the report's zone; empty: always open.

    It places calls when it has a server, whose manager dials, and a channel, a pattern with {number}.
    """

    id: int
    kind: Kind
    description: str
    numbers: tuple[str, ...]
    owner: str
    hours: str
    created_at: datetime
    updated_at: datetime
    server: str = ""
    channel: str = ""
    business_channel: str = ""
    caller_id: str = ""
    countries: str = ""
    origins: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "description": self.description,
            "numbers": list(self.numbers),
            "owner": self.owner,
            "hours": self.hours,
            **{name: getattr(self, name) for name in _DIALLING},
            "origins": list(self.origins),
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


class Blocks:
    """The blocks of an installation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(self, given: Mapping[str, Any], block_id: int | None = None) -> Block:
        """A new block of a kind, with a description; the other fields as wanted.

        Raises SettingsError with a Problem for each field.
        """
        unnamed = {"numbers": [], "owner": "", "hours": "", **dict.fromkeys(_DIALLING, ""), "origins": []}
        values = {**unnamed, **checked(given, needed=("kind", "description"))}
        _check_id(block_id)
        now = self._clock.now()
        values |= {"created_at": now, "updated_at": now}
        try:
            with self._store.begin() as tx:
                values["id"] = block_id if block_id is not None else queries.highest_block(tx) + 1
                queries.add_block(tx, values)
        except exc.IntegrityError:
            raise SettingsError(
                problems=[Problem("id", f"There is a block {values['id']} already.")],
                todo="Choose another id, or leave it out: the next free one is taken.",
            ) from None
        return _block(values)

    def all(self) -> list[Block]:
        with self._store.read() as tx:
            return [_block(row._mapping) for row in queries.all_blocks(tx)]

    def some(self, after: int, limit: int) -> list[Block]:
        """The blocks that come after an id, in the order of their ids."""
        with self._store.read() as tx:
            return [_block(row._mapping) for row in queries.some_blocks(tx, after, limit)]

    def find(self, block_id: int) -> Block | None:
        with self._store.read() as tx:
            row = queries.block(tx, block_id) if 0 <= block_id <= HIGHEST_ID else None
        return None if row is None else _block(row._mapping)

    def get(self, block_id: int) -> Block:
        """Raises SettingsError where there is none."""
        found = self.find(block_id)
        if found is None:
            raise no_block(block_id)
        return found

    def activity_of(self, block_id: int) -> tuple[int, str]:
        """How many rows of activity a block has, and the newest one's time as the report prints it."""
        with self._store.read() as tx:
            return queries.activity_of(tx, block_id)

    def edit(self, block_id: int, given: Mapping[str, Any]) -> Block:
        """Change some fields. Raises SettingsError with a Problem for each field."""
        self.get(block_id)
        values = {**checked(given), "updated_at": self._clock.now()}
        with self._store.begin() as tx:
            queries.change_block(tx, block_id, values)
        return self.get(block_id)

    def remove(self, block_id: int, *, with_activity: bool = False) -> None:
        """Remove a block, from keys too. Raises SettingsError while it has activity that is to stay."""
        self.get(block_id)
        try:
            with self._store.begin() as tx:
                if with_activity:
                    queries.remove_activity_of(tx, block_id)
                queries.remove_block(tx, block_id)
        except exc.IntegrityError:
            count, _ = self.activity_of(block_id)
            raise SettingsError(
                problems=[Problem("id", f"Block {block_id} has activity: {count:,} rows.")],
                todo=f"Keep it, or remove both: `trunkline clickto block remove {block_id} --with-activity`",
            ) from None


def no_block(block_id: int) -> SettingsError:
    return SettingsError(f"There is no block {block_id}.", todo="`trunkline clickto block list`")


def _check_id(block_id: int | None) -> None:
    if block_id is not None and not 1 <= block_id <= HIGHEST_ID:
        raise SettingsError(problems=[Problem("id", f"id is {block_id}: write a whole number from 1.")])


def checked(given: Mapping[str, Any], needed: Sequence[str] = ()) -> dict[str, Any]:
    """The fields as they are kept. Raises SettingsError with a Problem for each that will not do."""
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for name in (*needed, *(name for name in given if name not in needed)):
        check = _CHECKS.get(name)
        try:
            if check is None:
                raise ValueError(f"there is no such field; there are {', '.join(_CHECKS)}")
            if given.get(name) is None:
                raise ValueError("it is missing")
            values[name] = check(given[name])
        except ValueError as error:
            problems.append(Problem(name, f"{one_line(name)[:40]}: {error}."))
    if problems:
        raise SettingsError(problems=problems)
    return values


def _kind(given: Any) -> Kind:
    word = str(given).strip().lower().replace("-", "_").replace(" ", "_")
    try:
        return Kind(word)
    except ValueError:
        raise ValueError(f"{shown(str(given))} is none of {', '.join(Kind)}") from None


def _line(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("it is no text")
    text = one_line(given).strip()
    if len(text) > NAME_LENGTH:
        raise ValueError(f"it has {len(text)} characters, at most {NAME_LENGTH} fit")
    return text


def _description(given: Any) -> str:
    text = _line(given)
    if not text:
        raise ValueError("it is empty")
    return text


def _numbers(given: Any) -> list[str]:
    """Phone numbers in the order in which they are tried."""
    listed = given.split(",") if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise ValueError("they are no list of texts")
    found = [one.translate(_BETWEEN_DIGITS) for one in listed if one.strip()]
    wrong = next((one for one in found if not _NUMBER.fullmatch(one)), None)
    if wrong is not None:
        raise ValueError(f"{shown(wrong)} is no number: {NUMBER_FORM}")
    if len(found) > MOST_NUMBERS:
        raise ValueError(f"there are {len(found)}, at most {MOST_NUMBERS} are kept")
    return found


def _hours(given: Any) -> str:
    text = _line(given)
    parse_hours(text)
    return text


_CHECKS = {
    "kind": _kind,
    "description": _description,
    "numbers": _numbers,
    "owner": _line,
    "hours": _hours,
    "server": checked_server,
    "channel": checked_pattern,
    "business_channel": checked_pattern,
    "caller_id": checked_caller_id,
    "countries": checked_countries,
    "origins": checked_origins,
}


def _block(row: Mapping[str, Any] | Any) -> Block:
    names = ("id", "description", "owner", "hours", "created_at", "updated_at", *_DIALLING)
    kept = {name: row[name] for name in names}
    origins = tuple(row["origins"] or ())
    return Block(kind=Kind(row["kind"]), numbers=tuple(row["numbers"]), origins=origins, **kept)
