"""The table of the audit: made on a running dialer where somebody asks for it, and read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Integer, bindparam, select

from trunkline.dialer.audit import TABLE
from trunkline.dialer.database import Database, Row, Statement
from trunkline.dialer.opening import DialerPlace, dialer_place, missing_tables, open_dialer
from trunkline.dialer.queries import make_caseless
from trunkline.dialer.tables import Tables
from trunkline.errors import SettingsError
from trunkline.settings import Settings
from trunkline.store.engines import engine_for
from trunkline.store.faults import faults_told

MAKE_IT = "`trunkline dialer make-audit` makes it: one new table, beside the dialer's own."


@dataclass(frozen=True)
class Entry:
    """One request that changed something. `at` is in the dialer's own time."""

    at: str
    user: str
    address: str
    function: str
    records: tuple[str, ...]
    changes: tuple[Mapping[str, Any], ...]
    number: int = field(default=0, compare=False)
    """Its place: later ones have higher numbers."""

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "user": self.user,
            "address": self.address,
            "function": self.function,
            "records": list(self.records),
            "changes": list(self.changes),
        }


@dataclass(frozen=True)
class Wanted:
    """Which entries; what is empty does not matter. `since` and `until` are in the dialer's own time.

    `record` is a table with an id (`list/27`) or an id alone.
    """

    user: str = ""
    function: str = ""
    record: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100
    before: int = 0
    """Only entries with lower numbers; 0: all."""

    def statement(self) -> tuple[Statement, dict[str, Any]]:
        """The statement for what is wanted and its values, newest first."""
        values: dict[str, Any] = {
            "user": self.user,
            "function": self.function,
            "record": f"%{'' if '/' in self.record else '/'}{self.record} %" if self.record else "",
            "since": _text(self.since),
            "until": _text(self.until + timedelta(seconds=1)) if self.until else "",
            "before": self.before,
        }
        given = {name: value for name, value in values.items() if value}

        def statement(t: Tables) -> ClauseElement:
            audit = t[TABLE]
            return (
                select(*audit.c)
                .where(*(_conditions(audit, name) for name in given))
                .order_by(audit.c.audit_id.desc())
                .limit(bindparam("limit", type_=Integer()))
            )

        return statement, {**given, "limit": self.limit}

    def fits(self, entry: Entry) -> bool:
        """Whether the record is really among the entry's: % and _ stand for more than themselves."""
        wanted = self.record.casefold()
        names = [name.casefold() for name in entry.records]
        return not wanted or any(name == wanted or name.endswith(f"/{wanted}") for name in names)


def _conditions(audit: Any, name: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = {
        "user": audit.c.user == bindparam("user"),
        "function": audit.c.function == bindparam("function"),
        "record": audit.c.records.like(bindparam("record")),
        "since": audit.c.audit_date >= bindparam("since"),
        "until": audit.c.audit_date < bindparam("until"),
        "before": audit.c.audit_id < bindparam("before"),
    }[name]
    return found


def _text(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""


async def entries(settings: Settings, wanted: Wanted) -> list[Entry]:
    """The entries, newest first. Raises SettingsError where a running dialer has no such table."""
    dialer = await open_dialer(settings)
    try:
        if not dialer.audits:
            lacking = dialer.missing[TABLE]
            raise SettingsError(
                f"{dialer.where.place.words} keeps no audit: it lacks {lacking}.", todo=MAKE_IT
            )
        found, _ = await entries_of(dialer.database, wanted)
        return found
    finally:
        await dialer.database.close()


async def entries_of(database: Database, wanted: Wanted) -> tuple[list[Entry], int]:
    """The entries, newest first, and the number before which the next ones are; 0: there are no more."""
    statement, values = wanted.statement()
    async with database.work() as work:
        found = [_entry(row) for row in await work.all(statement, **values)]
    following = found[-1].number if len(found) == wanted.limit else 0
    return [entry for entry in found if wanted.fits(entry)], following


def _entry(row: Row) -> Entry:
    return Entry(
        str(row["audit_date"]),
        str(row["user"]),
        str(row["ip_address"]),
        str(row["function"]),
        tuple(str(row["records"]).split()),
        tuple(_changes(str(row["changes"]))),
        int(row["audit_id"]),
    )


def _changes(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        yield from json.loads(text)
    except ValueError:  # somebody else wrote it, or the database cut it
        yield {"unreadable": text}


def place_of_table(settings: Settings) -> tuple[str, DialerPlace]:
    """The table's name in a running dialer's database, and where that is.

    Raises SettingsError for our own tables.
    """
    where = dialer_place(settings)
    if where.is_own:
        raise SettingsError("Trunkline's own tables have an audit already.", todo="trunkline dialer audit")
    return Tables(where.prefix).name_of(TABLE), where


def make_table(settings: Settings) -> bool:
    """Make the table beside a running dialer's; False: it is there already.

    Raises SettingsError for our own tables, which have it, and for another table of that name.
    """
    name, where = place_of_table(settings)
    if TABLE not in missing_tables(where):
        return False
    engine = engine_for(where.place)
    try:
        with faults_told(where.place), engine.begin() as connection:
            make_caseless(None, connection)
            Tables(where.prefix)[TABLE].create(connection, checkfirst=True)
    finally:
        engine.dispose()
    if lacking := missing_tables(where).get(TABLE):
        raise SettingsError(f"There is another table named {name}: it lacks {lacking}.")
    return True
