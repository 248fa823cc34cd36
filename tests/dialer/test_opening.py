"""Opening the dialer's database: our own, one that runs already, one with tables missing."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, insert

from tests.dialer.replay import state
from tests.store.databases import KINDS, fresh_database
from trunkline.clock import SystemClock
from trunkline.dialer.command import Dialect
from trunkline.dialer.opening import dialer_place, missing_tables, open_dialer
from trunkline.dialer.runner import Service
from trunkline.dialer.setting_up import First, load_into, set_up
from trunkline.dialer.tables import Tables
from trunkline.errors import SettingsError
from trunkline.keeping.checkup import examine
from trunkline.settings import Settings, load_settings
from trunkline.store.places import place_of

FIRST = First("apiuser", "geheim12", "FIRST", 1001)
LOGIN = {"source": "test", "user": "apiuser", "pass": "geheim12"}


def running(settings: Settings, **more: str) -> Settings:
    """The settings of an installation beside a dialer whose tables begin with vicidial_."""
    env = {"TRUNKLINE_STORE_URL": settings.text("store_url"), "TRUNKLINE_DIALER_PREFIX": "vicidial_"}
    return load_settings(settings.home, env | more)


def make_dialer(settings: Settings, without: tuple[str, ...] = ()) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    tables = Tables("vicidial_")
    engine = create_engine(place_of(settings).url)
    gone = {tables.name_of(name) for name in without}
    tables.metadata.create_all(engine, tables=[t for t in tables if t.name not in gone])
    engine.dispose()


async def asked(settings: Settings, **params: str) -> str:
    dialer = await open_dialer(settings)
    service = Service(dialer.database, SystemClock(), ZoneInfo("UTC"))
    service.off = frozenset(dialer.off)
    try:
        return (await service.answer({**LOGIN, **params}, Dialect.DOCUMENTED, "127.0.0.1")).text
    finally:
        await dialer.database.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_first_user_can_call_at_once(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as settings:
        made = await set_up(settings, FIRST)
        assert made[-5:-2] == ["user apiuser", "campaign FIRST", "list 1001"]
        assert [words.partition(" (")[0] for words in made[-2:]] == [
            "area codes",
            "beginnings of postal codes",
        ]
        lead = {"phone_number": "7275551212", "phone_code": "1", "list_id": "1001"}
        said = await asked(settings, function="add_lead", **lead)
        assert said.startswith("SUCCESS: add_lead LEAD HAS BEEN ADDED - 7275551212|apiuser|1001|1|")
        with pytest.raises(SettingsError, match="There is a user apiuser already"):
            await set_up(settings, FIRST)


@pytest.mark.parametrize(
    ("first", "field"),
    [
        (First("a", "geheim12", "FIRST", 1001), "user"),
        (First("apiuser", "with blank", "FIRST", 1001), "password"),
        (First("apiuser", "geheim12", "MUCHTOOLONG", 1001), "campaign"),
        (First("apiuser", "geheim12", "FIRST", 99), "list_id"),
        (First("apiuser", "geheim12", "FIRST", 1_000_000_000_000), "list_id"),
    ],
)
async def test_what_no_request_could_carry_is_refused(first: First, field: str, tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path / "home") as settings, pytest.raises(SettingsError) as caught:
        await set_up(settings, first)
    assert [p.field for p in caught.value.problems] == [field]
    assert "those" not in str(caught.value)


async def test_numbers_may_be_called_at_the_usual_times_after_setting_up(tmp_path: Path) -> None:
    """One that is there already stays as it is, and what its owner calls `9am-9pm` counts."""
    with fresh_database("sqlite", tmp_path / "home") as settings:
        own = {"call_time_id": "9am-9pm", "call_time_name": "never", "ct_default_stop": 0}
        await load_into(settings, {"tables": {"call_times": [{**own, "ct_default_start": 0}]}})
        made = await set_up(settings, FIRST)
        assert "call times (24hours, 9am-5pm, 12pm-5pm, 12pm-9pm, 5pm-9pm)" in made
        phone = {"function": "check_phone_number", "phone_number": "7275551212", "phone_code": "1"}
        for name, dialable in (("24hours", "1"), ("9am-9pm", "0")):
            said = await asked(settings, **phone, local_call_time=name)
            assert said.splitlines()[-1].split("|")[0].endswith(dialable), said
        lead = {"phone_number": "7275551212", "phone_code": "1", "list_id": "1001"}
        hopper = {"add_to_hopper": "Y", "hopper_local_call_time_check": "Y"}
        assert "OUTSIDE OF LOCAL TIME" in await asked(settings, function="add_lead", **lead, **hopper)


async def test_nothing_is_set_up_or_loaded_on_a_running_dialer(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path / "home") as settings:
        make_dialer(settings)
        for asking in (set_up(running(settings), FIRST), load_into(running(settings), {"tables": {}})):
            with pytest.raises(SettingsError, match="running dialer"):
                await asking


@pytest.mark.parametrize("kind", KINDS)
async def test_a_running_dialer_is_used_as_it_is(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as settings:
        make_dialer(settings, without=("recording_log", "callbacks_archive"))
        add_user(settings)
        beside = running(settings)
        where = dialer_place(beside)
        lacking = {"callbacks_archive": "the whole table", "recording_log": "the whole table"}
        assert missing_tables(where) == lacking
        said = await asked(beside, function="recording_lookup", agent_user="x", date="2017-06-14")
        assert said == (
            "ERROR: recording_lookup FUNCTION IS SWITCHED OFF, THE DATABASE LACKS ITS TABLES"
            " - apiuser|recording_lookup\n"
        )
        said = await asked(beside, function="logged_in_agents")
        assert "SWITCHED OFF" not in said
        finding = next(f for f in examine(beside, ask_providers=False) if f.name == "dialer")
        assert finding.state == "warning"
        assert "Switched off: recording_lookup, update_lead." in finding.text


def add_user(settings: Settings) -> None:
    """An API user as a dialer has it, with a plain password."""
    rights = ("vdc_agent_api_access", "view_reports", "modify_leads")
    user: dict[str, Any] = {"user": "apiuser", "pass": "geheim12", "user_level": 9, "active": "Y"}
    user |= {"api_allowed_functions": " ALL_FUNCTIONS ", "user_group": "ADMIN"} | dict.fromkeys(rights, "1")
    tables = Tables("vicidial_")
    engine = create_engine(place_of(settings).url)
    with engine.begin() as connection:
        connection.execute(insert(tables["users"]).values(**user))
    engine.dispose()


async def test_a_database_without_a_dialer_is_refused(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path / "home") as settings:
        settings.home.mkdir(parents=True)
        with pytest.raises(SettingsError, match="holds no dialer: "):
            await open_dialer(running(settings))


async def test_a_wrong_url_is_told_without_its_password(tmp_path: Path) -> None:
    wrong = load_settings(tmp_path, {"TRUNKLINE_DIALER_URL": "oracle://me:secret@host/x"})
    with pytest.raises(SettingsError, match="dialer_url starts with oracle://") as caught:
        await open_dialer(wrong)
    assert "secret" not in f"{caught.value} {caught.value.todo}"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "sqlite"])
async def test_a_database_that_is_not_there_is_told_with_its_setting(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as settings:
        url = f"{settings.text('store_url')}_other"
        for name in ("dialer_url", "store_url"):
            with pytest.raises(SettingsError, match="is not there") as caught:
                await open_dialer(load_settings(tmp_path, {f"TRUNKLINE_{name.upper()}": url}))
            assert caught.value.todo == f"Create the database, or check {name}."


async def test_tables_of_lists_own_fields_are_not_looked_at(tmp_path: Path) -> None:
    """Their types stand in words that a database may not know; a warning of it would fail this test."""
    with fresh_database("sqlite", tmp_path / "home") as settings:
        await load_into(settings, state())
        assert missing_tables(dialer_place(settings)) == {}
