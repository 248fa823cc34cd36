"""Figures of activity: how many clicks a day, and what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from trunkline.clickto import queries
from trunkline.clickto.selection import Selection
from trunkline.clickto.times import MINUTES_A_DAY, day_of
from trunkline.store.connection import Store
from trunkline.telephony.results import Result


class Outcome(StrEnum):
    """What came of a click."""

    TALKED = "talked"
    NO_VISITOR = "visitor not reached"
    NO_BUSINESS = "business not reached"
    UNKNOWN = "not known"


def outcome_of(call_1_result: str, call_2_result: str) -> Outcome:
    """By the results of both legs, in the report's words."""
    first, second = call_1_result.strip().upper(), call_2_result.strip().upper()
    if second == Result.ANSWER:
        return Outcome.TALKED
    if first == Result.ANSWER:
        return Outcome.NO_VISITOR if second else Outcome.UNKNOWN
    return Outcome.NO_BUSINESS if first else Outcome.UNKNOWN


@dataclass(frozen=True)
class DayFigures:
    day: date
    clicks: Mapping[Outcome, int]
    talk_seconds: int

    @property
    def total(self) -> int:
        return sum(self.clicks.values())


def figures(store: Store, selection: Selection) -> list[DayFigures]:
    """For each day of the selection, those without a click too."""
    with store.read() as tx:
        rows = tx.execute(queries.by_day(selection, store.dialect)).all()
    clicks: dict[date, dict[Outcome, int]] = {}
    seconds: dict[date, int] = {}
    for row in rows:
        day, outcome = day_of(int(row.day) * MINUTES_A_DAY), outcome_of(row.call_1_result, row.call_2_result)
        of_day = clicks.setdefault(day, dict.fromkeys(Outcome, 0))
        of_day[outcome] += int(row.clicks)
        seconds[day] = seconds.get(day, 0) + int(row.talk_seconds or 0)
    span = (selection.last - selection.first).days + 1
    days = [selection.first + timedelta(days=number) for number in range(span)]
    nothing = dict.fromkeys(Outcome, 0)
    return [DayFigures(day, clicks.get(day, nothing), seconds.get(day, 0)) for day in days]


def last_days(today: date, days: int, block_id: int | None = None) -> Selection:
    """The days up to today; of one block, or of all."""
    return Selection(today - timedelta(days=days - 1), today, None if block_id is None else (block_id,))
