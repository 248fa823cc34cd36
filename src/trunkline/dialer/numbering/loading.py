"""The shipped tables in our own database: loaded where there are none, and renewed when they are newer."""

from dataclasses import dataclass

from trunkline.dialer.numbering.replacing import Filling, filling, in_batches
from trunkline.dialer.numbering.shipped import PHONE_CODES, POSTAL_CODES, shipped_rows
from trunkline.dialer.opening import DialerPlace

POSTAL_CODE = "postal_code"
WORDS = {PHONE_CODES: "area codes", POSTAL_CODES: "beginnings of postal codes"}


@dataclass(frozen=True)
class Loaded:
    """How many shipped rows a table got, and how many others stayed in it."""

    table: str
    rows: int
    kept: int = 0


def fill_empty(where: DialerPlace) -> list[Loaded]:
    """Load the shipped tables that have no row yet. The tables are our own, and are there."""
    found = []
    for name in (PHONE_CODES, POSTAL_CODES):
        with filling(where, name, keeps=True) as table:
            if not table.count:
                found.append(_load(table, name))
    return found


def renew(where: DialerPlace) -> list[Loaded]:
    """Load the shipped tables anew. Postal codes that are not among them, such as an import's, stay."""
    with filling(where, PHONE_CODES, keeps=False) as table:
        table.empty()
        areas = _load(table, PHONE_CODES)
    with filling(where, POSTAL_CODES, keeps=True) as table:
        table.take_away(POSTAL_CODE, [row[POSTAL_CODE] for row in shipped_rows(POSTAL_CODES)])
        return [areas, _load(table, POSTAL_CODES)]


def _load(table: Filling, name: str) -> Loaded:
    kept, rows = table.count, shipped_rows(name)
    for batch in in_batches(rows):
        table.add(batch)
    return Loaded(name, len(rows), kept)
