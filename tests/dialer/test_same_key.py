"""One key, added by many at the same moment: one gets it, and the others hear the function's own line."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, select

from tests.dialer.databases import made_database, opened_database
from tests.dialer.lead_calls import ask
from tests.dialer.replay import service_over, state, web_root_of
from tests.store.databases import KINDS
from trunkline.dialer.database import Row
from trunkline.dialer.loading import load_state
from trunkline.dialer.runner import Service
from trunkline.dialer.tables import Tables
from trunkline.store.places import Place

AT_ONCE = 8
USERS = tuple(f"many{n}" for n in range(AT_ONCE))
"""One user's requests wait for each other on MariaDB, since each writes the time of the login."""
PHONE: dict[str, str] = {
    "extension": "7999",
    "dialplan_number": "7999",
    "voicemail_id": "7999",
    "phone_login": "7999",
    "phone_pass": "7999",
    "server_ip": "192.168.198.5",
    "protocol": "SIP",
    "registration_password": "7999",
    "phone_full_name": "Phone",
    "local_gmt": "-5.00",
    "outbound_cid": "7275551212",
}
USER: dict[str, str] = {
    "agent_user": "newuser",
    "agent_pass": "newpass",
    "agent_user_level": "1",
    "agent_full_name": "New",
    "agent_user_group": "AGENTS",
}

Made = tuple[Place, Tables]


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with made_database(str(request.param), tmp_path_factory.mktemp("keys") / "home") as (place, tables):
        asyncio.run(_load(place, tables))
        yield place, tables


async def _load(place: Place, tables: Tables) -> None:
    async with opened_database(place, tables) as database:
        await load_state(database, state())
        first = next(row for row in state()["tables"]["dialer360_users"] if row["user"] == "6666")
        async with database.work() as work:
            for number, name in enumerate(USERS):
                await work.insert("users", **{**first, "user": name, "user_id": 9_000 + number})
        await database.renumber(("users",))
        for name in USERS:  # the first login keeps the password in another form
            await ask(service_over(database, Path()), "agent_status", agent_user="6666", user=name)


@pytest.fixture
async def service(made: Made, start: Path) -> AsyncIterator[Service]:
    async with opened_database(*made) as database:
        yield service_over(database, web_root_of(start))


async def asked_at_once(service: Service, function: str, *calls: dict[str, str]) -> list[str]:
    """Each call as another user; the answers, as if all of them were `me`."""
    asking = (ask(service, function, user=user, **call) for user, call in zip(USERS, calls, strict=True))
    return [re.sub("many[0-9]", "me", answer) for answer in await asyncio.gather(*asking)]


async def rows(service: Service, name: str, column: str, value: Any) -> list[Row]:
    def found(t: Tables) -> ClauseElement:
        return select(*t[name].c).where(t[name].c[column] == value)

    async with service.database.work() as work:
        return await work.all(found)


@pytest.mark.parametrize(
    ("function", "params", "added", "exists", "where"),
    [
        (
            "add_user",
            USER,
            "USER HAS BEEN ADDED",
            "USER ALREADY EXISTS - me|newuser",
            ("users", "user", "newuser"),
        ),
        (
            "add_phone",
            PHONE,
            "PHONE HAS BEEN ADDED",
            "PHONE ALREADY EXISTS ON THIS SERVER - me|192.168.198.5|7999",
            ("phones", "extension", "7999"),
        ),
        (
            "add_phone_alias",
            {"alias_id": "both", "phone_logins": "cc101", "alias_name": "Both"},
            "PHONE ALIAS HAS BEEN ADDED",
            "PHONE ALIAS ALREADY EXISTS - me|both",
            ("phones_alias", "alias_id", "both"),
        ),
        (
            "add_group_alias",
            {"caller_id_number": "7275550000", "group_alias_id": "front", "group_alias_name": "Front"},
            "GROUP ALIAS HAS BEEN ADDED",
            "GROUP ALIAS ALREADY EXISTS - me|front",
            ("groups_alias", "group_alias_id", "front"),
        ),
        (
            "add_list",
            {"list_id": "7070", "list_name": "New list", "campaign_id": "TESTCAMP"},
            "LIST HAS BEEN ADDED",
            "LIST ALREADY EXISTS - me|7070",
            ("lists", "list_id", 7070),
        ),
    ],
)
async def test_one_of_many_adds_the_key(
    service: Service,
    function: str,
    params: dict[str, str],
    added: str,
    exists: str,
    where: tuple[str, str, Any],
) -> None:
    answers = await asked_at_once(service, function, *[params] * AT_ONCE)
    assert len([answer for answer in answers if added in answer]) == 1, answers
    assert answers.count(f"ERROR: {function} {exists}") == AT_ONCE - 1, answers
    assert len(await rows(service, *where)) == 1


async def test_automatic_names_are_given_once(service: Service) -> None:
    call = {**USER, "agent_user": "AUTOGENERATED"}
    answers = await asked_at_once(service, "add_user", *[call] * AT_ONCE)
    names = {answer.split("|")[1] for answer in answers if "USER HAS BEEN ADDED" in answer}
    assert len(names) == AT_ONCE, answers


async def test_a_rank_has_one_row(service: Service) -> None:
    ranks = {"agent_user": "1000", "campaign_rank": "3", "camp_rg_only": "1", "campaign_id": "TESTCAMP"}
    async with service.database.work() as work:
        await work.delete("campaign_agents", user="1000")
    await asked_at_once(service, "update_user", *[ranks] * AT_ONCE)
    assert len(await rows(service, "campaign_agents", "user", "1000")) == 1


WORDS = {
    "DUPLIST": {},
    "DUPCAMP": {"list_id": "101"},
    "DUPSYS": {},
    "DUPTITLEALTPHONESYS": {"title": "Dr", "alt_phone": "7275558888"},
    "DUPNAMEPHONESYS": {"first_name": "Ann", "last_name": "Lee"},
    "DUPLIST-90DAY": {},
}


@pytest.mark.parametrize("word", WORDS)
async def test_one_of_many_adds_the_lead(service: Service, word: str) -> None:
    number = f"81355500{list(WORDS).index(word):02}"
    call = {"phone_number": number, "list_id": "999", "duplicate_check": word, **WORDS[word]}
    answers = await asked_at_once(service, "add_lead", *[call] * AT_ONCE)
    added = [answer for answer in answers if answer.startswith("SUCCESS: add_lead LEAD HAS BEEN ADDED")]
    assert len(added) == 1, answers
    assert (
        len([answer for answer in answers if answer.startswith("ERROR: add_lead DUPLICATE")]) == AT_ONCE - 1
    )
    assert len(await rows(service, "list", "phone_number", number)) == 1


async def test_words_of_one_number_wait_for_each_other(service: Service) -> None:
    calls = [
        {"phone_number": "8135551100", "list_id": "999", "first_name": "Ann", "duplicate_check": word}
        for word in ("DUPLIST", "DUPSYS", "DUPNAMEPHONESYS", "DUPNAMEPHONELIST-DUPTITLEALTPHONELIST") * 2
    ]
    answers = await asked_at_once(service, "add_lead", *calls)
    assert len([answer for answer in answers if answer.startswith("SUCCESS")]) == 1, answers
    assert len(await rows(service, "list", "phone_number", "8135551100")) == 1


@pytest.mark.parametrize(
    ("search", "where"),
    [
        ({"search_method": "PHONE_NUMBER", "phone_number": "8135551200"}, ("phone_number", "8135551200")),
        (
            {
                "search_method": "VENDOR_LEAD_CODE",
                "vendor_lead_code": "abc-é",
                "phone_number": "8135551201",
            },
            ("vendor_lead_code", "abc-é"),
        ),
    ],
)
async def test_a_lead_that_none_finds_is_added_once(
    service: Service, search: dict[str, str], where: tuple[str, str]
) -> None:
    call = {**search, "insert_if_not_found": "Y", "phone_code": "1", "list_id": "999", "city": "Tampa"}
    answers = await asked_at_once(service, "update_lead", *[call] * AT_ONCE)
    assert len([answer for answer in answers if "LEAD HAS BEEN ADDED" in answer]) == 1, answers
    assert len([answer for answer in answers if "LEAD HAS BEEN UPDATED" in answer]) == AT_ONCE - 1, answers
    assert len(await rows(service, "list", *where)) == 1


async def test_what_hangs_on_a_lead_is_added_once(service: Service) -> None:
    lead = await ask(service, "add_lead", phone_number="8135551300", list_id="999")
    lead_id = lead.split("|")[3]
    call = {"lead_id": lead_id, "add_to_hopper": "Y", "callback": "Y", "campaign_id": "TESTCAMP"}
    call |= {"callback_datetime": "NOW", "callback_type": "ANYONE"}
    await asked_at_once(service, "update_lead", *[call] * AT_ONCE)
    for name in ("hopper", "callbacks"):
        assert len(await rows(service, name, "lead_id", int(lead_id))) == 1
    answers = await asked_at_once(
        service, "update_lead", *[{"lead_id": lead_id, "delete_lead": "Y"}] * AT_ONCE
    )
    assert len([answer for answer in answers if "LEAD HAS BEEN DELETED" in answer]) == 1, answers
    assert len([answer for answer in answers if "NO MATCHES FOUND" in answer]) == AT_ONCE - 1, answers
    assert len(await rows(service, "callbacks_archive", "lead_id", int(lead_id))) == 1
