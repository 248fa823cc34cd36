"""What was asked of managers, and what came of it: kept for 90 days, and shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from trunkline.clock import Clock
from trunkline.dialer.asterisk import queries
from trunkline.errors import SettingsError
from trunkline.store.connection import Store

KEPT = timedelta(days=90)
HEARD_EVERY = timedelta(seconds=20)
"""How often the process that follows an action says that it lives."""
UNHEARD_AFTER = timedelta(seconds=90)
MOST_SHOWN = 1_000


class State(StrEnum):
    """How far an action has come.

    waiting: not sent yet. sent: no answer yet. queued: the call rings. answered, then ended. done: a
    reload. failed: not answered, or refused. not_sent: and it never will be. unknown: nothing more is
    heard of it.
    """

    WAITING = "waiting"
    SENT = "sent"
    QUEUED = "queued"
    ANSWERED = "answered"
    ENDED = "ended"
    DONE = "done"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


OPEN = (State.WAITING, State.SENT, State.QUEUED, State.ANSWERED)
_GONE = "the server that followed it ended"


@dataclass(frozen=True)
class Action:
    """One thing asked of a manager. Instants are aware UTC."""

    action_id: str
    action: str
    """ORIGINATE or RELOAD, as Asterisk names them."""
    function: str
    """The function of the API that asked for it."""
    user: str
    server_ip: str
    asked_at: datetime
    man_id: int | None = None
    code: str = ""
    channel: str = ""
    extension: str = ""
    state: State = State.WAITING
    result: str | None = None
    reason: str = ""
    cause: int | None = None
    unique_id: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """How long a call was answered; None until it has ended."""
        both = self.answered_at is not None and self.ended_at is not None
        return (self.ended_at - self.answered_at).total_seconds() if both else None  # type: ignore[operator]

    def to_json(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"seconds": self.seconds}


class Actions:
    """Those of an installation; `keeper` is the process that makes them."""

    def __init__(self, store: Store, clock: Clock, keeper: str = "") -> None:
        self._store, self._clock, self._keeper = store, clock, keeper

    def begin(self, action: Action) -> None:
        """Keep a new one. Raises IntegrityError where it is known."""
        values = {field.name: getattr(action, field.name) for field in fields(action)}
        with self._store.begin() as tx:
            queries.add_action(tx, values | {"keeper": self._keeper, "heard_at": self._clock.now()})

    def change(self, action_id: str, values: Mapping[str, Any]) -> None:
        with self._store.begin() as tx:
            queries.change_action(tx, action_id, values)

    def keep_alive(self) -> None:
        """Say that the keeper still follows what is open."""
        with self._store.begin() as tx:
            queries.keep_alive(tx, self._keeper, OPEN, self._clock.now())

    def sweep(self) -> None:
        """Close what no process follows any more, and forget what is old."""
        now = self._clock.now()
        before = now - UNHEARD_AFTER
        not_sent = {"state": State.NOT_SENT, "reason": _GONE}
        unknown = {"state": State.UNKNOWN, "reason": _GONE}
        with self._store.begin() as tx:
            queries.close_unheard(tx, (State.WAITING,), before, not_sent)
            queries.close_unheard(tx, OPEN, before, unknown)
            queries.forget_actions(tx, now - KEPT, OPEN)

    def some(self, limit: int, functions: Sequence[str] = (), **wanted: Any) -> list[Action]:
        """The newest ones, newest first, whose columns have the wanted values."""
        rows = self._rows(limit, functions, wanted)
        before = self._clock.now() - UNHEARD_AFTER
        if any(row.state in OPEN and row.heard_at < before for row in rows):
            self.sweep()
            rows = self._rows(limit, functions, wanted)
        return [_action(row) for row in rows]

    def _rows(self, limit: int, functions: Sequence[str], wanted: Mapping[str, Any]) -> Sequence[Any]:
        with self._store.read() as tx:
            return queries.some_actions(tx, wanted, functions, min(limit, MOST_SHOWN))

    def one(self, action_id: str) -> Action:
        """Raises SettingsError for an unknown one."""
        found = self.some(1, action_id=action_id)
        if not found:
            raise SettingsError(f"There is no action {action_id[:60]!r}.")
        return found[0]

    def knows(self, action_id: str) -> bool:
        with self._store.read() as tx:
            return queries.action_of_id(tx, action_id) is not None


def _action(row: Any) -> Action:
    values = {field.name: getattr(row, field.name) for field in fields(Action)}
    return Action(**{**values, "state": State(row.state)})
