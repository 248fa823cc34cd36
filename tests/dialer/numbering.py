"""A database of its own with the dialer's tables, for tests of the shipped tables and of imports."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ClauseElement, select

from tests.dialer.databases import opened_database
from tests.store.databases import fresh_database
from trunkline.dialer.database import Database, Row
from trunkline.dialer.numbering.exchanges import EXCHANGES
from trunkline.dialer.numbering.importing import Imported, Importer
from trunkline.dialer.numbering.rows import Import
from trunkline.dialer.opening import dialer_place
from trunkline.dialer.tables import Tables
from trunkline.settings import Settings
from trunkline.store.connection import open_store

ASSIGNED = (
    "State\tNPA-NXX\tOCN\tCompany\tRateCenter\tEffectiveDate\tUse\tAssignDate\tInitial/Growth\tPooled Code\n"
    'NJ \t201-200\t6529\tMETRO "PCS" CO\tJERSEYCITY\t01/02/2001\tAS\t\tI\tN\n'
    "FL\t850-222\t9417\tCENTURYLINK\tTALLAHASSEE\t\tAS\t\t\t\n"
    "ID\t208-345\t9636\tQWEST\tBOISE\t\tAS\t\t\t\n"
    "CA\t415-555\t9740\tPACIFIC BELL\tSNFC CNTRL\t\tAS\t\t\t\n"
    "AZ\t602-222\t9636\tQWEST\tPHOENIX\t\tAS\t\t\t\n"
    "AK\t907-222\t3003\tACS\tANCHORAGE\t\tAS\t\t\t\n"
    "HI\t808-222\t3100\tHAWAIIAN TEL\tHONOLULU\t\tAS\t\t\t\n"
    "PR\t787-222\t3201\tPRTC\tSAN JUAN\t\tAS\t\t\t\n"
    "IL\t312-222\t9348\tAMERITECH\tCHICAGO\t\tAS\t\t\t\n"
    "CO\t303-222\t9636\tQWEST\tDENVER\t\tAS\t\t\t\n"
    "NJ\t201-555\t\t\t\t\tUA\t\t\t\n"
    "NJ\t201-200\t6529\tAGAIN\tELSEWHERE\t\tAS\t\t\t\n"
    "XX\t500-222\t\tNOWHERE\t\t\tAS\t\t\t\n"
)
"""As the administrator's file has it: ten exchanges, one not assigned, one repeated, one that is nowhere."""


def file_with(folder: Path, text: str | bytes, name: str = "file.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@contextmanager
def own_database(kind: str, folder: Path) -> Iterator[Settings]:
    """Settings over a database with our own, empty tables."""
    with fresh_database(kind, folder / "home") as settings:
        open_store(settings).close()
        yield settings


def imported(settings: Settings, path: Path, kind: Import = EXCHANGES, **options: Any) -> Imported:
    return Importer(settings, kind, **options).bring_in(path)


async def rows_of(database: Database, name: str, *order: str) -> list[Row]:
    def found(t: Tables) -> ClauseElement:
        return select(*t[name].c).order_by(*(t[name].c[column] for column in order))

    async with database.work() as work:
        return await work.all(found)


async def rows_at(settings: Settings, name: str, *order: str) -> list[Row]:
    where = dialer_place(settings)
    async with opened_database(where.place, Tables(where.prefix)) as database:
        return await rows_of(database, name, *order)
