"""How many calls may be placed: for an address, a block and a number, counted together by all processes.

The counts change in the transaction that keeps the call: a call that is refused counts nowhere, and none is
placed uncounted.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from trunkline.clickto import call_queries as queries
from trunkline.settings import Settings

WINDOW = timedelta(minutes=10)
"""So long calls count, from the first of them."""
LONGEST_SCOPE = 190


class TooMany(Exception):
    """One call more than may be placed; the text says of what."""

    def __init__(self, what: str, wait_seconds: int) -> None:
        super().__init__(f"Too many calls {what}: try again in {wait_seconds} seconds.")
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Limits:
    """So many calls within `WINDOW`; 0: any number."""

    per_address: int
    per_block: int
    per_number: int

    def scopes(self, address: str, block_id: int, number: str) -> dict[str, int]:
        """What is counted, and how far; an empty address is not counted."""
        wanted = {
            f"address {address}"[:LONGEST_SCOPE]: self.per_address if address else 0,
            f"block {block_id}": self.per_block,
            f"number {number}": self.per_number,
        }
        return {scope: most for scope, most in wanted.items() if most}


def limits_of(settings: Settings) -> Limits:
    names = ("clickto_calls_per_address", "clickto_calls_per_block", "clickto_calls_per_number")
    return Limits(*(settings.number(name) for name in names))


_WORDS = {"address": "from this address", "block": "here", "number": "to this number"}


def count(tx: Connection, scopes: Mapping[str, int], now: datetime) -> None:
    """Count a call. Raises TooMany, and IntegrityError where another process was the first to count."""
    for scope, most in sorted(scopes.items()):  # one order for all, so that none waits for another in a ring
        row = queries.call_count(tx, scope)
        if row is None:
            queries.add_call_count(tx, scope, now + WINDOW)
        elif row.until_at <= now:
            queries.change_call_count(tx, scope, 1, now + WINDOW)
        elif row.calls >= most:
            left = min(row.until_at - now, WINDOW).total_seconds()  # others' clocks may be a little ahead
            raise TooMany(_WORDS[scope.partition(" ")[0]], max(1, math.ceil(left)))
        else:
            queries.change_call_count(tx, scope, row.calls + 1, row.until_at)
