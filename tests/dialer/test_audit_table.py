"""The audit is read by whoever asks; a running dialer has its table only where somebody makes it."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect, text

from tests.dialer.test_opening import FIRST, LOGIN, make_dialer, running
from tests.store.databases import KINDS, fresh_database
from trunkline.cli import trunkline
from trunkline.clock import FrozenWallClock
from trunkline.dialer.audit_table import Entry, Wanted, entries, make_table
from trunkline.dialer.command import Dialect
from trunkline.dialer.opening import open_dialer
from trunkline.dialer.runner import Service
from trunkline.dialer.setting_up import make_frame, set_up
from trunkline.errors import SettingsError
from trunkline.keeping.checkup import examine
from trunkline.settings import Settings
from trunkline.store.places import place_of

START = datetime(2026, 6, 14, 12).replace(tzinfo=ZoneInfo("UTC"))


async def asked(settings: Settings, *requests: dict[str, str]) -> list[str]:
    """The answers; each request comes a minute after the one before."""
    dialer = await open_dialer(settings)
    said = []
    try:
        for minute, params in enumerate(requests):
            clock = FrozenWallClock(START.replace(minute=minute))
            service = Service(dialer.database, clock, ZoneInfo("UTC"))
            service.audits = dialer.audits
            reply = await service.answer({**LOGIN, **params}, Dialect.DOCUMENTED, f"203.0.113.{minute}")
            said.append(reply.text)
    finally:
        await dialer.database.close()
    return said


LEAD = {"function": "add_lead", "phone_number": "7275551212", "phone_code": "1", "list_id": "1001"}
REQUESTS = (
    LEAD,
    {"function": "update_lead", "lead_id": "1", "city": "Tampa"},
    {"function": "update_list", "list_id": "1001", "list_name": "Names 100% sure"},
    {"function": "update_lead", "lead_id": "1", "city": "Miami", "first_name": "Bob"},
    {"function": "lead_field_info", "lead_id": "1", "field_name": "city"},
)


async def seen(settings: Settings, **wanted: object) -> list[tuple[str, str]]:
    found = await entries(settings, Wanted(**wanted))  # type: ignore[arg-type]
    return [(entry.function, entry.at[14:16]) for entry in found]


@pytest.mark.parametrize("kind", KINDS)
async def test_entries_are_found_by_what_is_asked_for(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as settings:
        await set_up(settings, FIRST)
        said = await asked(settings, *REQUESTS)
        assert [text.partition(":")[0] for text in said[:4]] == ["SUCCESS"] * 4
        update, lists, second, add = (
            ("update_lead", "03"),
            ("update_list", "02"),
            ("update_lead", "01"),
            ("add_lead", "00"),
        )
        assert await seen(settings) == [update, lists, second, add]
        assert await seen(settings, limit=2) == [update, lists]
        assert await seen(settings, user="APIUSER", function="add_lead") == [add]
        assert await seen(settings, user="somebody") == []
        assert (
            await seen(settings, record="list/1") == await seen(settings, record="1") == [update, second, add]
        )
        assert await seen(settings, record="lists/1001") == [lists]
        assert await seen(settings, record="list/100_") == await seen(settings, record="%") == []
        since, until = START.replace(minute=1, tzinfo=None), START.replace(minute=2, tzinfo=None)
        assert await seen(settings, since=since, until=until) == [lists, second]
        (newest,) = await entries(settings, Wanted(limit=1))
        assert newest == Entry(
            "2026-06-14 12:03:00",
            "apiuser",
            "203.0.113.3",
            "update_lead",
            ("list/1",),
            (
                {
                    "table": "list",
                    "record": "1",
                    "before": {"city": "Tampa"},
                    "after": {"city": "Miami", "first_name": "Bob"},
                },
            ),
        )


async def set_up_beside(settings: Settings) -> None:
    """What a running dialer has."""
    user = {
        "user": LOGIN["user"],
        "pass": LOGIN["pass"],
        "user_level": 9,
        "user_group": "ADMIN",
        "active": "Y",
    }
    rights = dict.fromkeys(("vdc_agent_api_access", "modify_leads"), "1")
    dialer = await open_dialer(settings)
    async with dialer.database.work() as work:
        await make_frame(work)
        await work.insert("users", **user, **rights, api_allowed_functions=" ALL_FUNCTIONS ")
        await work.insert("lists", list_id=1001, list_name="First", campaign_id="FIRST", active="Y")
    await dialer.database.close()


def table_names(settings: Settings) -> set[str]:
    engine = create_engine(place_of(settings).url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_running_dialer_gets_the_table_when_somebody_says_so(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as own:
        make_dialer(own, without=("audit_log",))
        settings = running(own)
        await set_up_beside(settings)
        assert [text.partition(":")[0] for text in await asked(settings, *REQUESTS[:2])] == ["SUCCESS"] * 2
        with pytest.raises(SettingsError, match="keeps no audit: it lacks the whole table") as error:
            await entries(settings, Wanted())
        assert "make-audit" in error.value.todo
        before = table_names(own)
        assert make_table(settings)
        assert table_names(own) - before == {"vicidial_audit_log"}
        assert not make_table(settings), "it is there"
        await asked(settings, LEAD, REQUESTS[3])
        assert await seen(settings) == [("update_lead", "01"), ("add_lead", "00")]


def test_doctor_says_where_there_is_no_audit(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path / "home") as own:
        make_dialer(own, without=("audit_log",))
        (finding,) = (f for f in examine(running(own), ask_providers=False) if f.name == "dialer")
        assert (finding.state, "every function works" in finding.text) == ("ok", True)
        assert "make-audit" in finding.todo
        make_table(running(own))
        (finding,) = (f for f in examine(running(own), ask_providers=False) if f.name == "dialer")
        assert finding.todo == ""


def test_another_table_of_that_name_is_left_alone(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path / "home") as own:
        make_dialer(own, without=("audit_log",))
        engine = create_engine(place_of(own).url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE vicidial_audit_log (audit_id INTEGER)"))
        engine.dispose()
        with pytest.raises(SettingsError, match="There is another table named vicidial_audit_log"):
            make_table(running(own))


def test_the_table_is_asked_for_by_its_name(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path / "home") as own:
        make_dialer(own, without=("audit_log",))
        words = ["dialer", "make-audit", "--home", str(own.home)]
        env = {"TRUNKLINE_DIALER_PREFIX": "vicidial_"}

        def typed(*more: str, answer: str = "") -> str:
            result = CliRunner().invoke(trunkline, [*words, *more], env=env, input=answer)
            todo = getattr(result.exception, "todo", "")
            return f"{result.output} {result.exception} {todo}"

        asked_for = f"Make the table vicidial_audit_log in {own.home / 'store.sqlite3'}?"
        unanswered = typed()
        for text_ in (asked_for, "Nothing was made: the question", "Pass --yes to make it without"):
            assert text_ in unanswered
        assert "Nothing was made." in typed(answer="n\n")
        assert "vicidial_audit_log" not in table_names(own)
        assert "The table vicidial_audit_log is made." in typed(answer="y\n")
        assert "The table vicidial_audit_log is there already." in typed("--yes")
        assert '"table": "vicidial_audit_log"' in typed("--yes", "--json")


def test_the_command_tells_it_and_json_has_all_of_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with fresh_database("sqlite", home) as settings:
        assert "No change yet" in run("audit", "--home", str(home))
        asyncio.run(set_up(settings, FIRST))
        asyncio.run(asked(settings, *REQUESTS))
        lines = run("audit", "--function", "update_lead", "--home", str(home)).splitlines()
        assert "list/1 city: 'Tampa' → 'Miami', first_name: '' → 'Bob'" in lines[-2]
        assert "203.0.113.1" in lines[-1]
        found = json.loads(run("audit", "--record", "list/1", "--json", "--home", str(home)))
        assert [entry["function"] for entry in found] == ["update_lead", "update_lead", "add_lead"]
        assert found[-1]["changes"][0]["before"] is None
        assert found[-1]["changes"][0]["after"]["phone_number"] == "7275551212"
        result = CliRunner().invoke(trunkline, ["dialer", "make-audit", "--yes", "--home", str(home)])
        assert "have an audit already" in f"{result.output}{result.exception}"


def run(*words: str) -> str:
    result = CliRunner().invoke(trunkline, ["dialer", *words])
    assert result.exit_code == 0, result.output
    return result.output
