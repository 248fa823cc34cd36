"""Bringing in an operator's file: read and checked whole, then written in one transaction or not at all."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from trunkline.dialer.numbering.replacing import ROWS_AT_ONCE, filling
from trunkline.dialer.numbering.rows import Import, Made, Misfit
from trunkline.dialer.numbering.shipped import POSTAL_CODES, Row, shipped_rows
from trunkline.dialer.numbering.text_files import NOTHING_DONE, records
from trunkline.dialer.opening import DialerPlace, dialer_place, missing_tables
from trunkline.dialer.tables import Tables
from trunkline.errors import Problem, SettingsError
from trunkline.settings import Settings
from trunkline.store.connection import open_store

MOST_PROBLEMS = 10
Key = tuple[str, ...]
OnRows = Callable[[str, int, int | None], None]
"""Hears what is being done, for how many rows it was done, and of how many, if that is known."""


@dataclass
class Imported:
    """What came of an import, in rows."""

    table: str
    read: int = 0
    written: int = 0
    repeated: int = 0
    """Lines with the key of an earlier one."""
    there_already: int = 0
    """Lines that were not added to rows with their key."""
    left_out: Counter[str] = field(default_factory=Counter)
    spanning: int = 0
    """Rows whose area code has several times: they got that of most people."""
    beginnings: int = 0
    """Shipped beginnings of postal codes that were kept beside the file's."""
    before: int = 0

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "left_out": dict(self.left_out)}


@dataclass
class Importer:
    """Imports files of one kind. `append`: rows that are there stay, and those of new keys are added.

    `is_sure`: somebody has said that a running dialer's table may be replaced.
    """

    settings: Settings
    kind: Import
    append: bool = False
    is_sure: bool = False
    on_rows: OnRows | None = None

    def bring_in(self, path: Path) -> Imported:
        """Raises SettingsError naming line and column before anything is written."""
        where = self._checked_place()
        done = Imported(Tables(where.prefix)[self.kind.table].name)
        with tempfile.TemporaryFile() as spool:
            self._read(path, spool, done)
            if not done.written:
                raise SettingsError(f"{path} has no row that can be used{_why(done)}.", todo=NOTHING_DONE)
            self._write(where, spool, done)
        return done

    def _checked_place(self) -> DialerPlace:
        where = dialer_place(self.settings)
        table = Tables(where.prefix)[self.kind.table].name
        if where.is_own:
            open_store(self.settings).close()
        elif not self.is_sure:
            change = "added to" if self.append else "replaced"
            raise SettingsError(
                f"{where.place.words} is a running dialer's: its own rows of {table} would be {change}.",
                todo="Give --yes if that is meant.",
            )
        missing = missing_tables(where).get(self.kind.table)
        if missing:
            raise SettingsError(f"{where.place.words} lacks of {table}: {missing}.")
        return where

    def _read(self, path: Path, spool: IO[bytes], done: Imported) -> None:
        """Check all lines and put their rows aside."""
        problems: list[Problem] = []
        keys: set[Key] = set()
        batch: list[Row] = []
        for record in records(path, self.kind.layout):
            done.read += 1
            try:
                outcome = self.kind.outcome_of(record)
            except Misfit as misfit:
                problems.append(Problem(misfit.column, f"{path}, line {record.line:,}, {misfit}."))
                if len(problems) == MOST_PROBLEMS:
                    break
                continue
            if not isinstance(outcome, Made):
                done.left_out[outcome.why] += 1
            elif (key := self._key(outcome.row)) in keys:
                done.repeated += 1
            else:
                keys.add(key)
                batch.append(outcome.row)
                done.spanning += outcome.spans
            if len(batch) == ROWS_AT_ONCE:
                _put(spool, batch)
            if done.read % ROWS_AT_ONCE == 0 and self.on_rows:
                self.on_rows("read", done.read, None)
        if problems:
            raise SettingsError(problems=problems, todo=NOTHING_DONE)
        _put(spool, batch)
        done.written = len(keys)

    def _write(self, where: DialerPlace, spool: IO[bytes], done: Imported) -> None:
        wanted, done.written = done.written, 0
        has_beginnings = where.is_own and self.kind.table == POSTAL_CODES and not self.append
        with filling(where, self.kind.table, keeps=self.append) as table:
            if has_beginnings:
                table.take_away("postal_code", [row["postal_code"] for row in shipped_rows(POSTAL_CODES)])
            done.before = table.count
            there = table.keys(self.kind.key) if self.append else set()
            if not self.append:
                table.empty()
            for rows in _taken(spool):
                new = [row for row in rows if self._key(row) not in there]
                table.add(new)
                done.written += len(new)
                done.there_already += len(rows) - len(new)
                if self.on_rows:
                    self.on_rows("written", done.written + done.there_already, wanted)
            if has_beginnings:
                kept = self._beginnings(spool)
                table.add(kept)
                done.beginnings = len(kept)

    def _beginnings(self, spool: IO[bytes]) -> list[Row]:
        """The shipped beginnings that the file does not have itself: they tell of codes that it lacks."""
        codes = {row["postal_code"] for rows in _taken(spool) for row in rows if len(row["postal_code"]) < 5}
        return [dict(row) for row in shipped_rows(POSTAL_CODES) if row["postal_code"] not in codes]

    def _key(self, row: Row) -> Key:
        return tuple(row[name] for name in self.kind.key)


def _put(spool: IO[bytes], rows: list[Row]) -> None:
    if rows:
        spool.write(orjson.dumps(rows) + b"\n")
        rows.clear()


def _taken(spool: IO[bytes]) -> Iterator[list[Row]]:
    spool.seek(0)
    for line in spool:
        yield orjson.loads(line)


def _why(done: Imported) -> str:
    """Why the lines of a file were left out, to stand behind a sentence."""
    parts = [f"{count:,} {why}" for why, count in done.left_out.most_common()]
    return f": {done.read:,} lines, {', '.join(parts)}" if parts else ": there are no lines under its header"
