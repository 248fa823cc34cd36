"""Activity: clicks that happen here, from the click to the end of its call, and pages of all there is."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from trunkline.clickto import queries
from trunkline.clickto.account import Account, Unit
from trunkline.clickto.columns import NAMES
from trunkline.clickto.numbers import reported
from trunkline.clickto.selection import Selection, State
from trunkline.clickto.texts import one_line
from trunkline.clickto.times import local_of, minute_of, parse_duration, time_text
from trunkline.clock import Clock
from trunkline.errors import DataError
from trunkline.store.connection import Store

MOST_ROWS = 1_000
Place = tuple[int, int]
"""A place in the order of activity: local minute, id."""


@dataclass(frozen=True)
class Click:
    """What is known of a click before anything is dialled. Numbers are E.164 or extensions."""

    block_id: int
    click_description: str
    caller_id: str
    name: str = ""
    page: str = ""
    ref: str = ""
    number_connected: str = ""
    referral_keywords: str = ""
    referral_domain: str = ""
    ip_address: str = ""


@dataclass(frozen=True)
class Ending:
    """How a click ended: the results of its legs in the report's words, and how long both talked."""

    call_1_result: str
    call_2_result: str
    talk_seconds: int
    number_connected: str = ""


class Activity:
    """The activity of an installation."""

    def __init__(self, store: Store, clock: Clock, account: Account) -> None:
        self._store, self._clock, self._account = store, clock, account

    def begin(self, click: Click, beside: Callable[[Connection, int], None] | None = None) -> int:
        """Write a click before its first leg is dialled, at the local time there is now; its id.

        `beside` writes what belongs to it, with that id, in the same transaction.
        """
        now = self._clock.now()
        local = now.astimezone(self._account.zone).replace(tzinfo=None)
        texts = {name: one_line(text) for name, text in asdict(click).items() if name != "block_id"}
        values: dict[str, Any] = {
            **texts,
            "caller_id": reported(texts["caller_id"]),
            "number_connected": reported(texts["number_connected"]),
            "block_id": click.block_id,
            "state": State.BEGUN,
            "local_minute": minute_of(local),
            "clicked_at": now,
            "click_time": time_text(local),
            "call_1_result": "",
            "call_2_result": "",
            "talk_seconds": 0,
        }
        with self._store.begin() as tx:
            activity_id = queries.add_one(tx, values)
            if beside is not None:
                beside(tx, activity_id)
        return activity_id

    def end(self, activity_id: int, ending: Ending) -> None:
        """Write how a click ended. Raises DataError where it is not there."""
        with self._store.begin() as tx:
            self.end_in(tx, activity_id, ending)

    def end_in(self, tx: Connection, activity_id: int, ending: Ending) -> None:
        """The same in a transaction that has begun."""
        values: dict[str, Any] = {
            "state": State.ENDED,
            "call_1_result": one_line(ending.call_1_result),
            "call_2_result": one_line(ending.call_2_result),
            "talk_seconds": max(0, ending.talk_seconds),
            "ended_at": self._clock.now(),
        }
        if ending.number_connected:
            values["number_connected"] = reported(one_line(ending.number_connected))
        if not queries.change_one(tx, activity_id, values):
            raise DataError(f"There is no activity {activity_id}.")

    def connect_in(self, tx: Connection, activity_id: int, number: str) -> None:
        """Write which number has answered, while its call goes on."""
        queries.change_one(tx, activity_id, {"number_connected": reported(one_line(number))})

    def page(
        self, selection: Selection, limit: int, after: Place | None = None
    ) -> tuple[list[dict[str, Any]], Place | None]:
        """At most `limit` rows after a place, and the place the next page begins after; None at the end."""
        unit = self._account.unit
        statement = queries.page(selection, unit, self._store.dialect, after).limit(limit + 1)
        with self._store.read() as tx:
            rows = [row._mapping for row in tx.execute(statement)]
        shown = rows[:limit]
        last = (int(shown[-1]["local_minute"]), int(shown[-1]["id"])) if len(rows) > limit else None
        return [_content(row, unit) for row in shown], last

    def newest(
        self, selection: Selection, limit: int, before: Place | None = None
    ) -> tuple[list[dict[str, Any]], Place | None]:
        """The same, newest first, before a place; and the place the older ones are before."""
        unit = self._account.unit
        statement = queries.newest(selection, unit, self._store.dialect, before).limit(limit + 1)
        with self._store.read() as tx:
            rows = [row._mapping for row in tx.execute(statement)]
        shown = rows[:limit]
        last = (int(shown[-1]["local_minute"]), int(shown[-1]["id"])) if len(rows) > limit else None
        return [_content(row, unit) for row in shown], last


def _content(row: Mapping[str, Any] | Any, unit: Unit) -> dict[str, Any]:
    """A row for programs: the report's columns as it prints them, and what is known beyond it."""
    printed = {**{name: row[name] for name in NAMES}, "call_duration": row["printed_duration"]}
    seconds, is_estimated = _seconds(row, unit)
    local: datetime = local_of(row["local_minute"])
    return {
        "id": row["id"],
        "block_id": row["block_id"],
        "state": row["state"],
        "local_time": local.isoformat(timespec="minutes"),
        "clicked_at": row["clicked_at"],
        "ended_at": row["ended_at"],
        **printed,
        "duration_seconds": seconds,
        "duration_is_estimated": is_estimated,
    }


def _seconds(row: Mapping[str, Any] | Any, unit: Unit) -> tuple[int | None, bool]:
    """What was measured; of what was imported, the printed number by the unit, if it is one."""
    if row["call_duration"] is None:
        return row["talk_seconds"], False
    try:
        printed = parse_duration(row["call_duration"])
    except ValueError:  # a text of the database that no import has checked
        return None, False
    return (None, False) if printed is None else (round(printed * unit.seconds), True)
