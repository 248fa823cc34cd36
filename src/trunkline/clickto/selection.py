"""Which activity a report is to hold."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trunkline import dates
from trunkline.clickto.texts import shown
from trunkline.clickto.times import DAY_FORM, parse_day
from trunkline.errors import Problem


class Form(StrEnum):
    """The two formats of the report."""

    XML = "xml"
    CSV = "csv"


class State(StrEnum):
    """How far a click has come. The report shows all of them."""

    IMPORTED = "imported"
    BEGUN = "begun"  # written before the first leg is dialled; a crash leaves it so
    ENDED = "ended"


@dataclass(frozen=True)
class Selection:
    """Local days from `first` to `last`, both included; of these blocks, with this reference; None: all."""

    first: date = date.min
    last: date = date.max
    block_ids: tuple[int, ...] | None = None
    ref: str | None = None


def days_named(first: str, last: str, today: date) -> tuple[date, date, list[Problem]]:
    """The days that two texts name, 20170131 or as elsewhere (2017-01-31, today-7); empty: no bound.

    With the days comes what is wrong with the texts.
    """
    problems: list[Problem] = []
    found = []
    for name, text, default in (("start_date", first, date.min), ("end_date", last, date.max)):
        day, problem = _day(name, text.strip(), today) if text.strip() else (default, None)
        found.append(day)
        problems += [problem] if problem else []
    if not problems and found[0] > found[1]:
        problems.append(Problem("start_date", f"start_date {found[0]} is after end_date {found[1]}."))
    return found[0], found[1], problems


def _day(name: str, text: str, today: date) -> tuple[date, Problem | None]:
    try:
        return (parse_day(text) if text.isdigit() and len(text) == 8 else dates.parse_day(text, today)), None
    except ValueError as error:
        wanted = str(error) if text.isdigit() else f"write {DAY_FORM}, or 2017-01-31, today, today-7"
        return today, Problem(name, f"{name} is {shown(text)}: {wanted}.")
