"""Bringing activity in from files of the report: each day whole or not at all, nothing twice.

A row has no id. Rows of a day are therefore counted: of rows that are alike in all thirteen columns there
are afterwards as many as the file has, or as many as were there, whichever is more. So the same file, or one
that overlaps, adds only what is missing, and equal rows within one file all stay.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from trunkline.clickto import queries
from trunkline.clickto.account import Account
from trunkline.clickto.blocks import no_block
from trunkline.clickto.columns import DURATION, HEADERS, NAMES, TIME
from trunkline.clickto.files import LONGEST_VALUE, FileRow, fault, file_rows
from trunkline.clickto.selection import State
from trunkline.clickto.spool import Spool, Values
from trunkline.clickto.texts import one_line, shown
from trunkline.clickto.times import MINUTES_A_DAY, LocalTime, day_of, parse_duration, parse_time
from trunkline.store.connection import Store
from trunkline.store.locks import locked

ROWS_AT_ONCE = 500
LOCK = "clickto_import"
OnRows = Callable[[str, int, int | None], None]
"""Hears what is being done, how many rows it was done for, and of how many, if that is known."""


@dataclass
class Imported:
    """What came of an import."""

    rows: int = 0
    added: int = 0
    already_there: int = 0
    assigned: int = 0
    """Rows that were there without a block, and now have the one named."""
    days: int = 0
    first_day: str = ""
    last_day: str = ""
    without_instant: int = 0
    """Rows whose local time the clock shows twice or never: kept as they came."""
    changed_values: int = 0
    """Values with line breaks, or with characters that the report cannot hold."""

    @property
    def rows_done(self) -> int:
        return self.added + self.already_there + self.assigned

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Importer:
    """Brings files in. `block_id`: the block their activity belongs to; None: not known."""

    store: Store
    account: Account
    block_id: int | None = None
    on_rows: OnRows | None = None
    done: Imported = field(default_factory=Imported)

    def bring_in(self, file: BinaryIO, name: str, charset: str | None = None) -> Imported:
        """Read and check the whole file, then write day by day.

        Raises DataError naming line and field, before anything is written; RetryLater or SettingsError of
        the store, with the days before kept.
        """
        self._check_block()
        with Spool() as spool:
            with closing(file_rows(file, name, charset)) as rows:
                spool.fill(self._checked(rows, name))
            days = spool.days()
            if days:
                self.done.first_day, self.done.last_day = (
                    str(day_of(days[at][0] * MINUTES_A_DAY)) for at in (0, -1)
                )
            for day, count in days:
                self._bring_day(day, count, spool)
        return self.done

    def _check_block(self) -> None:
        if self.block_id is None:
            return
        with self.store.read() as tx:
            if not queries.known_blocks(tx, [self.block_id]):
                raise no_block(self.block_id)

    def _checked(self, rows: Iterator[FileRow], name: str) -> Iterator[tuple[int, Values]]:
        for row in rows:
            time = self._time_of(row, name)
            self.done.rows += 1
            self.done.without_instant += time.instant is None
            if self.on_rows and self.done.rows % ROWS_AT_ONCE == 0:
                self.on_rows("read", self.done.rows, None)
            yield time.minute // MINUTES_A_DAY, self._kept(row, name)

    def _time_of(self, row: FileRow, name: str) -> LocalTime:
        """Raises DataError for a time that is none, and for a duration that is no number."""
        at = TIME
        try:
            time = parse_time(row.values[TIME], self.account.zone)
            at = DURATION
            parse_duration(row.values[DURATION])
        except ValueError as error:
            raise fault(name, row.line, f"{shown(row.values[at])} {error}", HEADERS[at]) from None
        return time

    def _kept(self, row: FileRow, name: str) -> Values:
        kept = tuple(map(one_line, row.values))
        if kept != row.values:
            self.done.changed_values += sum(a != b for a, b in zip(kept, row.values, strict=True))
        if max(map(len, kept)) > LONGEST_VALUE:
            at = next(n for n, value in enumerate(kept) if len(value) > LONGEST_VALUE)
            raise fault(name, row.line, f"more than {LONGEST_VALUE:,} characters", HEADERS[at])
        return kept

    def _bring_day(self, day: int, count: int, spool: Spool) -> None:
        with locked(self.store, LOCK, 0):
            there = self._there(day)
            new = (values for values in spool.of_day(day) if not there.takes(values))
            with self.store.begin() as tx:
                added = 0
                while some := list(islice(new, ROWS_AT_ONCE)):
                    queries.add_activity(tx, [self._record(values) for values in some])
                    added += len(some)
                for ids in _lumps(there.assigned):
                    queries.set_block(tx, ids, self.block_id or 0)
        self.done.days += 1
        self.done.added += added
        self.done.assigned += len(there.assigned)
        self.done.already_there += count - added - len(there.assigned)
        if self.on_rows:
            self.on_rows("written", self.done.rows_done, self.done.rows)

    def _there(self, day: int) -> "_There":
        first = day * MINUTES_A_DAY
        statement = queries.stored_day(first, first + MINUTES_A_DAY, self.account.unit)
        there = _There(self.block_id)
        with self.store.read() as tx:
            for row in tx.execution_options(yield_per=ROWS_AT_ONCE).execute(statement):
                there.add(row[0], row[1], row[2:])
        return there

    def _record(self, values: Values) -> dict[str, Any]:
        time = parse_time(values[TIME], self.account.zone)
        return {
            **dict(zip(NAMES, values, strict=True)),
            "block_id": self.block_id,
            "state": State.IMPORTED,
            "local_minute": time.minute,
            "clicked_at": time.instant,
        }


class _There:
    """What a day has already: how many rows of each kind, told apart by a hash of their values."""

    def __init__(self, block_id: int | None) -> None:
        self._block_id = block_id
        self._counts: Counter[bytes] = Counter()
        self._without_block: defaultdict[bytes, list[int]] = defaultdict(list)
        self.assigned: list[int] = []

    def add(self, activity_id: int, block_id: int | None, values: Sequence[str]) -> None:
        if self._block_id is None or block_id == self._block_id:
            self._counts[_digest(values)] += 1
        elif block_id is None:
            self._without_block[_digest(values)].append(activity_id)

    def takes(self, values: Sequence[str]) -> bool:
        """Whether a row of the file is one that is there; each of those is taken once."""
        if not self._counts and not self._without_block:
            return False
        digest = _digest(values)
        if self._counts[digest] > 0:
            self._counts[digest] -= 1
            return True
        waiting = self._without_block.get(digest)
        if not waiting:
            return False
        self.assigned.append(waiting.pop(0))
        return True


def _digest(values: Sequence[str]) -> bytes:
    return hashlib.blake2b("\n".join(values).encode(), digest_size=16).digest()


def _lumps(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + ROWS_AT_ONCE] for at in range(0, len(ids), ROWS_AT_ONCE))
