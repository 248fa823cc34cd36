"""Any request gets an answer: whatever its parameters hold, nothing fails, and nothing is written in part."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dialer.changes import Changes, changes_between, snapshot
from tests.dialer.replay import ADDRESS, all_vectors, copied
from trunkline.dialer.command import Dialect
from trunkline.dialer.commands import ALL
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.dialer.wire import parameters

EXAMPLES, SOAK_EXAMPLES = 100, 8_000
MOST_REQUESTS = 4
"""Requests of an example run one after the other on the same tables; on average there are 2.5."""

OF_THE_LOG = {"api_log", "api_urls"}
OF_A_LOGIN = {"failed_login_count", "last_login_date", "last_ip", "pass", "pass_hash"}
DATABASE_WORDS = re.compile(
    r"sqlite|sqlalchemy|traceback|syntax error|no such (table|column)|unrecognized", re.I
)

KNOWN: dict[str, tuple[str, ...]] = {
    "callback": ("Y", "REMOVE"),
    "callback_datetime": ("NOW", "2017-09-29 12:00:01", "2017-99-99 99:99:99"),
    "date": ("2017-06-14", "2017-02-30"),
    "DB": ("1",),
    "duplicate_check": ("DUPLIST-DUPCAMP-DUPSYS-90DAY", "DUPNAMEPHONESYS", "DUPTITLEALTPHONESYS"),
    "entry_list_id": ("101", "999", "107"),
    "favorite_color": ("blue", 'a;b"c+d', "--BLANK--"),
    "force_entry_list_id": ("101", "999", "54321"),
    "list_id": ("101", "107", "999", "8107", "999888999777", "54321"),
    "multi_alt_phones": ("7275551212_1_work!7275551213!_2_x!", "!!!!!!!!"),
    "phone_code": ("1", "44", "61", "65536"),
    "search_method": ("LEAD_ID", "PHONE_NUMBER", "LEAD_ID_VENDOR_LEAD_CODE_PHONE_NUMBER"),
    "stage": ("csv", "tab", "pipe", "date", "size", "name", "MONITOR", "BARGE"),
    "tz_method": ("POSTAL", "TZCODE", "NANPA", "AREACODEPOSTALTZCODENANPA"),
}
"""Values that lead deep into a function, by parameter; those of recorded requests do so too."""
WHOLE_DAY = {"datetime_start": "2017-06-14 00:00:00", "datetime_end": "2017-06-14 23:59:59"}
"""For the one export that has no recorded requests which went well."""
FIXED = ("source", "user", "pass", "function")

WORDS = (
    *("", "Y", "N", "REMOVE", "AREACODE", "--BLANK--", "0", "1", "-1", "99", "NULL", "None", "NOW"),
    *("' OR '1'='1", "x'; DROP TABLE dialer360_list; --", '"', "\\", "%", "_", "`", "{u}", "{0.__class__}"),
    *(
        "\x00",
        "a\x00b",
        "\r\n",
        "a\nb",
        "\ufeff",
        "\u202eabc",
        "é" * 300,
        "😀",
        "ß",
        "İ",
        "٣٤٥",
        "½",
        "１２３",
    ),
    *("9" * 19, "9" * 400, "-" * 50, "1e309", "nan", "0x10", "1_000", "+5", " 5", "|" * 20, "!_!_!_!"),
    *("0000-00-00", "2017-02-30", "9999-12-31 23:59:59", "0001-01-01", "a" * 5_000),
)
CHOICES = {param.name: param.choices for command in ALL for param in command.params}
NAMES = sorted({*CHOICES, *KNOWN, "value", "comments"})
LOGINS = (("6666", "1234"),) * 8 + (("8002", "8002pw"), ("7000", "7000pw"), ("", ""), ("6666", "wrong"))
SETTINGS: tuple[dict[str, Any], ...] = (
    *({},) * 4,
    {"use_non_latin": "1"},
    {"custom_fields_enabled": "0"},
    {"pass_hash_enabled": "1", "pass_key": "abcdefghijklmnop", "pass_cost": 4},
    {"allow_ip_lists": "1", "system_ip_blacklist": "NONE"},
)

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """A request as it comes: the query string, the form's body, and the path's dialect."""

    query: str
    body: str
    dialect: Dialect


def recorded() -> dict[str, list[dict[str, str]]]:
    """What recorded requests that went well ask of each function, besides login and source."""
    found: dict[str, list[dict[str, str]]] = {command.name: [{}] for command in ALL}
    found["agent_stats_export"] += [WHOLE_DAY, WHOLE_DAY | {"header": "YES", "stage": "csv"}]
    for vector in all_vectors():
        params = parameters(vector["query"])
        if vector["function"] in found and not vector["response"].startswith("ERROR"):
            own = {name: value for name, value in params.items() if name not in FIXED}
            found[vector["function"]].append(own)
    return found


RECORDED = recorded()


def value_for(name: str) -> st.SearchStrategy[str]:
    """Likely values of a parameter as often as any others."""
    seen = {params[name] for many in RECORDED.values() for params in many if name in params}
    likely = sorted({*KNOWN.get(name, ()), *CHOICES.get(name, ()), *seen})
    anything = st.sampled_from(WORDS) | st.text(max_size=40)
    return st.one_of(st.sampled_from(likely), anything) if likely else anything


VALUES = {name: value_for(name) for name in NAMES}


def encoded(pairs: Pairs) -> str:
    """Values that UTF-8 cannot hold are sent as the bytes of other encodings."""
    return "&".join(
        f"{quote_plus(name, errors='surrogatepass')}={quote_plus(value, errors='surrogatepass')}"
        for name, value in pairs
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """A recorded request with a few parameters changed, left out, given twice, or added."""
    command = draw(st.sampled_from(ALL))
    pairs: Pairs = list(draw(st.sampled_from(RECORDED[command.name])).items())
    own = [param.name for param in command.params] or NAMES
    for name in draw(st.lists(st.sampled_from(own) | st.sampled_from(NAMES), max_size=4)):
        pairs = [pair for pair in pairs if pair[0] != name or not draw(st.integers(0, 3))]
        pairs.append((name, draw(VALUES[name])))
    if pairs and not draw(st.integers(0, 3)):
        pairs.remove(draw(st.sampled_from(pairs)))
    if not draw(st.integers(0, 9)):
        pairs.append((draw(st.text(max_size=8)), draw(st.text(max_size=8))))
    return draw(sent(command.name, pairs))


@st.composite
def sent(draw: st.DrawFn, function: str, pairs: Pairs) -> Request:
    user, password = draw(st.sampled_from(LOGINS))
    asked = function if draw(st.integers(0, 19)) else draw(st.text(max_size=12))
    fixed: Pairs = [("source", "test"), ("user", user), ("pass", password), ("function", asked)]
    in_body = draw(st.booleans())
    return Request(
        encoded(fixed if in_body else fixed + pairs),
        encoded(pairs) if in_body else "",
        draw(st.sampled_from(Dialect)),
    )


examples = st.tuples(st.sampled_from(SETTINGS), st.lists(requests(), min_size=1, max_size=MOST_REQUESTS))
Example = tuple[dict[str, Any], list[Request]]


class Floor:
    """A service whose tables can be put back to the start state."""

    def __init__(self, start: Path, path: Path) -> None:
        self.service: Service = copied(start, path)
        self._start = start

    @property
    def connection(self) -> sqlite3.Connection:
        database = self.service.database
        assert isinstance(database, SqliteDatabase)
        return database.connection

    def restore(self) -> None:
        source = sqlite3.connect(self._start)
        source.backup(self.connection)
        source.close()

    def tables(self) -> Any:
        return snapshot(self.connection, self.service.database.tables.bare_name)

    async def answer(self, request: Request) -> str:
        params = parameters(request.query, request.body)
        return (await self.service.answer(params, request.dialect, ADDRESS)).text


@pytest.fixture(scope="module")
def floor(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    found = Floor(start, tmp_path_factory.mktemp("fuzz") / "dialer.db")
    yield found
    asyncio.run(found.service.database.close())


async def run(floor: Floor, example: Example) -> None:
    floor.restore()
    of_settings, asked = example
    if of_settings:
        async with floor.service.database.work() as work:
            await work.update("system_settings", {}, **of_settings)
    before = floor.tables()
    for request in asked:
        text = await floor.answer(request)
        after = floor.tables()
        check(request, text, changes_between(before, after))
        before = after


def check(request: Request, text: str, changes: Changes) -> None:
    text.encode()
    assert not DATABASE_WORDS.search(text) or DATABASE_WORDS.search(request.query + request.body), text
    lines = text.splitlines()
    if not lines or all(line.startswith("ERROR: ") for line in lines):
        assert written(changes) == {}, f"{request}\n{text}"


def written(changes: Changes) -> Changes:
    """What was changed besides the log of calls and the traces of a login."""
    return {
        table: change
        for table, change in changes.items()
        if table not in OF_THE_LOG and not (table == "users" and is_of_a_login(change))
    }


def is_of_a_login(change: dict[str, list[dict[str, Any]]]) -> bool:
    if change.get("added") or change.get("removed"):
        return False
    return all(set(row["set"]) <= OF_A_LOGIN for row in change["changed"])


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(example=examples)
def test_any_request_gets_an_answer(floor: Floor, example: Example) -> None:
    asyncio.run(run(floor, example))


@pytest.mark.soak
@settings(max_examples=SOAK_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(example=examples)
def test_any_of_twenty_thousand_requests_gets_an_answer(floor: Floor, example: Example) -> None:
    asyncio.run(run(floor, example))
