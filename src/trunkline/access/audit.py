"""The audit: who changed what, from where and when. Entries are added, and never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trunkline.access import audit_queries as queries
from trunkline.access.users import User
from trunkline.clock import Clock
from trunkline.store.connection import Store
from trunkline.store.types import NAME_LENGTH

COMMAND_LINE, NOBODY = "command line", "nobody signed in"
LONGEST_WORD = 64
LONGEST_VALUE = 500
"""Characters of one text in the details."""


@dataclass(frozen=True)
class Entry:
    """Something that was done. `subject`: what it was done to, as people name it."""

    id: int
    at: datetime
    who: str
    address: str
    action: str
    subject: str
    detail: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class Audit:
    """The audit of an installation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def note(self, user: User | None, address: str, action: str, subject: str = "", **detail: Any) -> None:
        """Write down what was done. No user and no address: a command did it. Details hold no secrets.

        An action is two words with a dot: what, and what became of it, such as `dataset.removed`.
        """
        who = user.email if user else NOBODY if address else COMMAND_LINE
        values = {
            "at": self._clock.now(),
            "user_id": user.id if user else None,
            "who": who,
            "address": address[:LONGEST_WORD],
            "action": action[:LONGEST_WORD],
            "subject": _fit(subject, NAME_LENGTH),
            "detail": {name: _plain(value) for name, value in detail.items()},
        }
        with self._store.begin() as tx:
            queries.add_entry(tx, values)

    def page(
        self, before_id: int | None = None, limit: int = 50, action: str = "", who: str = ""
    ) -> list[Entry]:
        """The newest entries, or those before one; `who`: an e-mail address, or what stands for nobody."""
        with self._store.read() as tx:
            rows = queries.entries(tx, before_id, limit, action, who.strip().casefold())
        return [_entry(row._mapping) for row in rows]

    def actions(self) -> list[str]:
        """Every action there was so far."""
        with self._store.read() as tx:
            return queries.actions(tx)


def _entry(row: Any) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__dataclass_fields__})


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return _fit(str(value), LONGEST_VALUE)


def _fit(text: str, most: int) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return printable if len(printable) <= most else printable[: most - 1] + "…"
