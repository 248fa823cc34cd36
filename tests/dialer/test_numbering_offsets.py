"""The local time of known numbers, in winter and summer, by all four methods, from what is shipped."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.dialer.databases import opened_database
from tests.dialer.lead_calls import ask, newest
from tests.dialer.numbering import ASSIGNED, file_with, imported, own_database
from tests.dialer.replay import NOW, ZONE, service_over, state, web_root_of
from tests.store.databases import KINDS
from trunkline.clock import FrozenWallClock
from trunkline.dialer.database import Database
from trunkline.dialer.loading import load_state
from trunkline.dialer.numbering.loading import fill_empty, renew
from trunkline.dialer.numbering.shipped import PHONE_CODES, POSTAL_CODES, shipped_rows
from trunkline.dialer.opening import dialer_place
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.dialer.tables import Tables
from trunkline.settings import Settings

WINTER = datetime(2027, 1, 15, 12, tzinfo=ZoneInfo("UTC"))
SUMMER = datetime(2027, 7, 15, 12, tzinfo=ZoneInfo("UTC"))
ALWAYS = {"local_call_time": "24hours"}


@pytest.fixture(scope="module", params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The start state with the shipped tables and ten exchanges."""
    folder = tmp_path_factory.mktemp("numbering")
    with own_database(str(request.param), folder) as found:
        asyncio.run(_loaded(found))
        renew(dialer_place(found))
        imported(found, file_with(folder, ASSIGNED))
        yield found


async def _loaded(settings: Settings) -> None:
    async with opened_database(dialer_place(settings).place, Tables()) as database:
        await load_state(database, state())


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with opened_database(dialer_place(settings).place, Tables()) as opened:
        yield opened


def service_at(database: Database, start: Path, at: datetime) -> Service:
    found = service_over(database, web_root_of(start))
    return Service(database, FrozenWallClock(at), ZONE, found.passwords, web_root_of(start))


class Asking:
    """Asks for numbers in winter and in summer over one opened database."""

    def __init__(self, database: Database, start: Path) -> None:
        self._services = [service_at(database, start, at) for at in (WINTER, SUMMER)]

    async def told(self, **params: str) -> tuple[str, str]:
        """The offset in winter and in summer, as the answer prints them."""
        answers = [await ask(found, "check_phone_number", **ALWAYS, **params) for found in self._services]
        winter, summer = (answer.split("#")[0].rpartition("|")[2] for answer in answers)
        return winter, summer


@pytest.fixture
def asking(database: Database, start: Path) -> Asking:
    return Asking(database, start)


AREA_CODES = {
    "2125551212": ("-5", "-4"),
    "3125551212": ("-6", "-5"),
    "3035551212": ("-7", "-6"),
    "6025551212": ("-7", "-7"),
    "4155551212": ("-8", "-7"),
    "9075551212": ("-9", "-8"),
    "8085551212": ("-10", "-10"),
    "7875551212": ("-4", "-4"),
    "6715551212": ("10", "10"),
    "8505551212": ("-6", "-5"),
    "2085551212": ("-7", "-6"),
    "4165551212": ("-5", "-4"),
    "7095551212": ("-3.5", "-2.5"),
    "9025551212": ("-4", "-3"),
    "3065551212": ("-6", "-6"),
    "8095551212": ("-4", "-4"),
    "8765551212": ("-5", "-5"),
    "4415551212": ("-4", "-3"),
    "1115551212": ("-5", "-4"),
}


async def test_by_area_code(asking: Asking) -> None:
    assert {number: await asking.told(phone_number=number) for number in AREA_CODES} == AREA_CODES


COUNTRIES = {
    ("44", "2071234567", ""): ("0", "1"),
    ("353", "11234567", ""): ("0", "1"),
    ("33", "123456789", ""): ("1", "2"),
    ("91", "1123456789", ""): ("5.5", "5.5"),
    ("977", "14123456", ""): ("5.75", "5.75"),
    ("64", "91234567", ""): ("13", "12"),
    ("61", "291234567", ""): ("11", "10"),
    ("61", "731234567", "QLD"): ("10", "10"),
    ("61", "812345678", "SA"): ("10.5", "9.5"),
    ("61", "861234567", "WA"): ("8", "8"),
    ("55", "1123456789", ""): ("-3", "-3"),
    ("56", "212345678", ""): ("-3", "-4"),
    ("52", "5512345678", ""): ("-6", "-6"),
    ("52", "6641234567", ""): ("-8", "-7"),
    ("52", "9981234567", ""): ("-5", "-5"),
    ("52", "6621234567", ""): ("-7", "-7"),
    ("7", "4951234567", ""): ("3", "3"),
    ("20", "2123456789", ""): ("2", "3"),
    ("999", "2125551212", ""): ("", ""),
}


async def test_by_country(asking: Asking) -> None:
    told = {
        (code, number, where): await asking.told(phone_code=code, phone_number=number, state=where)
        for code, number, where in COUNTRIES
    }
    assert told == COUNTRIES


POSTAL = {
    "33701": ("-5", "-4"),
    "32501": ("-6", "-5"),
    "85001": ("-7", "-7"),
    "96801": ("-10", "-10"),
    "96799": ("-11", "-11"),
    "99501": ("-9", "-8"),
    "K1A0B": ("-5", "-4"),
    "A1A1A": ("-3.5", "-2.5"),
    "a0p1a": ("-4", "-3"),
    "S4P3Y": ("-6", "-6"),
    "X0B0C": ("-7", "-6"),
    **dict.fromkeys(("ABCDE", "09001", "0900%", "D1A1A"), ("-6", "-5")),
    "3370": ("", ""),
}
"""Those that are nowhere leave it to the area code; one that is too short is none."""


async def test_by_postal_code(asking: Asking) -> None:
    number = {"phone_number": "3125551212", "tz_method": "POSTAL"}
    assert {code: await asking.told(**number, postal_code=code) for code in POSTAL} == POSTAL


ZONE_CODES = {
    "EST": ("-5", "-4"),
    "CST": ("-6", "-5"),
    "MST": ("-7", "-6"),
    "PST": ("-8", "-7"),
    "AKST": ("-9", "-8"),
    "HST": ("-10", "-10"),
    "AST": ("-4", "-3"),
    "NST": ("-3.5", "-2.5"),
    "est": ("-5", "-4"),
}
"""Where places of a zone differ in summer, those that have summer time count."""


async def test_by_zone_code(asking: Asking) -> None:
    number = {"phone_number": "7875551212", "tz_method": "TZCODE"}
    assert {code: await asking.told(**number, owner=code) for code in ZONE_CODES} == ZONE_CODES


PREFIXES = {
    "2012001212": ("-5", "-4"),
    "8502221212": ("-6", "-5"),
    "6022221212": ("-7", "-7"),
    "9072221212": ("-9", "-8"),
    "8082221212": ("-10", "-10"),
    "7872221212": ("-4", "-4"),
}


async def test_by_prefix(asking: Asking) -> None:
    params = {"tz_method": "NANPA", "nanpa_ac_prefix_check": "Y"}
    assert {number: await asking.told(phone_number=number, **params) for number in PREFIXES} == PREFIXES


async def test_a_prefix_that_no_file_had_is_refused(database: Database, start: Path) -> None:
    service = service_at(database, start, WINTER)
    params = {"phone_number": "2015551212", "nanpa_ac_prefix_check": "Y", **ALWAYS}
    answer = await ask(service, "check_phone_number", **params)
    assert answer == "ERROR: check_phone_number INVALID PHONE NUMBER NANPA AREACODE PREFIX - 2015551212|6666"


async def test_a_new_lead_has_offset_and_state(database: Database, start: Path) -> None:
    service = service_at(database, start, SUMMER)
    answer = await ask(service, "add_lead", phone_number="4155550199", list_id="999", lookup_state="Y")
    assert answer.endswith("|-7")
    if isinstance(database, SqliteDatabase):
        assert newest(service, "dialer360_list", "lead_id")["state"] == "CA"


async def test_tables_that_have_rows_are_left_alone(settings: Settings) -> None:
    assert fill_empty(dialer_place(settings)) == []


async def test_an_own_table_is_filled_and_renewed(tmp_path: Path) -> None:
    with own_database("sqlite", tmp_path) as found:
        where = dialer_place(found)
        assert [(loaded.table, loaded.rows) for loaded in fill_empty(where)] == [
            (name, len(shipped_rows(name))) for name in (PHONE_CODES, POSTAL_CODES)
        ]
        assert fill_empty(where) == []
        assert [loaded.kept for loaded in renew(where)] == [0, 0]


def test_the_start_state_is_of_another_year() -> None:
    assert NOW.year < WINTER.year
