"""The tables that are shipped: area codes and beginnings of postal codes, with the time of their places.

They are written ahead of time (`make numbering`), so that nothing big is loaded to look at them.
"""

from datetime import date
from functools import cache
from pathlib import Path

PHONE_CODES, POSTAL_CODES = "phone_codes", "postal_codes"
TABLES = (PHONE_CODES, POSTAL_CODES)
SINCE = "# Rules of summer time as in the year from "
"""Begins the line of a table that tells its day."""

Row = dict[str, str]


def file_of(table: str) -> Path:
    return Path(__file__).with_name(f"{table}.tsv")


@cache
def shipped_rows(table: str) -> tuple[Row, ...]:
    """The rows of a shipped table, in their order."""
    lines = [line for line in _lines(table) if not line.startswith("#")]
    columns = lines[0].split("\t")
    return tuple(dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:])


@cache
def since_of(table: str) -> date:
    """The day from which on a year was looked at for the rules of summer time."""
    line = next(line for line in _lines(table) if line.startswith(SINCE))
    return date.fromisoformat(line.removeprefix(SINCE))


def _lines(table: str) -> list[str]:
    return file_of(table).read_text("utf-8").splitlines()
