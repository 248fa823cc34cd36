"""Calls placed by pages and programs: tickets, origins, rights, repeats, limits, and what each may see."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from tests.clickto.calling import CELL, DESK, VISITOR
from tests.web.clickto_pages import ORIGIN, Answer, Pages, pages
from trunkline.clickto.rights import CALL, READ, WRITE
from trunkline.clickto.tickets import GOOD_FOR, PURPOSE, WATCHED_FOR, Tickets
from trunkline.clock import Clock, FrozenWallClock, SystemClock
from trunkline.settings import load_settings
from trunkline.sims.ami import Rule
from trunkline.store.connection import Store, open_store
from trunkline.store.secrets import Vault
from trunkline.web.clickto_operations import CALL_OPERATIONS, ROOT
from trunkline.web.openapi import openapi_body

ASKED = {"number": VISITOR}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calls") / "home"


@pytest.fixture(scope="module")
def store(home: Path) -> Iterator[Store]:
    opened = open_store(load_settings(home, {}))
    yield opened
    opened.close()


@pytest.fixture
async def here(store: Store, home: Path) -> AsyncIterator[Pages]:
    async with pages(store, home) as found:
        yield found


def tickets(home: Path, clock: Clock) -> Tickets:
    return Tickets(lambda: Vault(load_settings(home, {})).keys_for(PURPOSE), clock)


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.content.get("code", "")


@cache
def described() -> Any:
    return json.loads(openapi_body())


def check_described(name: str, answer: Answer) -> None:
    """The answer is one that OpenAPI describes."""
    operation = next(one for one in CALL_OPERATIONS if one.name == name)
    document = described()
    responses = document["paths"][ROOT + operation.path][operation.method.lower()]["responses"]
    schema = responses[str(answer.status)]["content"]["application/json"]["schema"]
    OAS31Validator({**schema, "components": document["components"]}).validate(answer.content)


async def test_a_page_gets_a_ticket_calls_and_watches(here: Pages) -> None:
    block = here.block()
    given = await here.page("POST", f"/{block}/ticket")
    assert (given.status, given.content["seconds"]) == (201, 300)
    assert given.headers["access-control-allow-origin"] == ORIGIN
    assert given.headers["cache-control"] == "no-store"
    ticket = given.content["ticket"]
    placed = await here.page("POST", f"/{block}/calls", ticket, {**ASKED, "page": "p", "ref": "r"})
    assert (placed.status, set(placed.content)) == (202, {"id", "state"})
    call = placed.content["id"]
    who = {"origin": ORIGIN, "authorization": f"Bearer {ticket}"}
    assert await here.ended(block, call, who) == {"id": call, "state": "ended"}
    again = await here.page("POST", f"/{block}/calls", ticket, ASKED)
    assert (again.status, again.content) == (202, {"id": call, "state": "ended"})
    other = await here.page("POST", f"/{block}/calls", ticket, {"number": CELL})
    assert code(other) == (409, "used_already")
    assert len(here.sim.asked("Originate")) == 1
    for name, answer in (("give_ticket", given), ("place_call", placed), ("place_call", other)):
        check_described(name, answer)


async def test_a_program_sees_the_legs(here: Pages) -> None:
    block, who = here.block(), here.token(CALL)
    placed = await here.json("POST", f"/{block}/calls", who, {**ASKED, "ip_address": "203.0.113.5"})
    found = await here.ended(block, placed.content["id"], who)
    assert [(leg["party"], leg["number"], leg["result"]) for leg in found["legs"]] == [
        ("business", DESK, "ANSWER"),
        ("visitor", VISITOR, "ANSWER"),
    ]
    assert (found["number"], found["state"], found["call_2_result"]) == (VISITOR, "ended", "ANSWER")
    answer = await here.json("GET", f"/{block}/calls/{found['id']}", who)
    check_described("show_call", answer)
    check_described("place_call", placed)
    assert "access-control-allow-origin" not in answer.headers
    listed = await here.json("GET", "/activity", here.token(READ))
    (row,) = [row for row in listed.content["activity"] if row["id"] == found["activity_id"]]
    assert (row["ip_address"], row["state"]) == ("203.0.113.5", "ended")


async def test_a_program_that_tells_no_visitor_leaves_no_address(here: Pages) -> None:
    block, who = here.block(), here.token(CALL)
    for more, kept in (({}, ""), ({"ip_address": ""}, ""), ({"ip_address": "2001:DB8::1"}, "2001:db8::1")):
        asked = {**ASKED, "page": "https://x.example/y?secret=1", **more}
        placed = await here.json("POST", f"/{block}/calls", who, asked)
        found = await here.ended(block, placed.content["id"], who)
        listed = await here.json("GET", "/activity", here.token(READ))
        (row,) = [row for row in listed.content["activity"] if row["id"] == found["activity_id"]]
        assert (row["ip_address"], row["page"]) == (kept, "https://x.example/y")


async def test_the_same_key_calls_once(here: Pages) -> None:
    block, who = here.block(), {**here.token(CALL), "idempotency-key": "order 7"}
    placed = [await here.json("POST", f"/{block}/calls", who, ASKED) for _ in range(3)]
    assert len({one.content["id"] for one in placed}) == 1
    assert code(await here.json("POST", f"/{block}/calls", who, {"number": CELL})) == (409, "used_already")
    other = {**here.token(CALL), "idempotency-key": "order 7"}
    assert (await here.json("POST", f"/{block}/calls", other, ASKED)).content["id"] != placed[0].content["id"]
    long = {**who, "idempotency-key": "x" * 191}
    assert (await here.json("POST", f"/{block}/calls", long, ASKED)).status == 400


def test_the_key_of_repeated_requests_is_described() -> None:
    (header,) = [
        one
        for one in described()["paths"][f"{ROOT}/{{block_id}}/calls"]["post"]["parameters"]
        if one["in"] == "header"
    ]
    assert (header["name"], header["required"]) == ("Idempotency-Key", False)
    assert header["schema"] == {"type": "string", "maxLength": 190}


async def test_a_query_that_no_call_takes_is_told(here: Pages) -> None:
    block, who = here.block(), here.token(CALL)
    for method, path in (("GET", "calls/x"), ("POST", "calls"), ("POST", "ticket")):
        refused = await here.ask(method, f"{ROOT}/{block}/{path}", who, b"{}", b"foo=zzz")
        assert [one["field"] for one in refused.content["problems"]] == ["foo"]
    assert here.sim.asked("Originate") == []


async def test_only_a_token_with_the_right_calls(here: Pages) -> None:
    block = here.block()
    for who, wanted in (
        ({}, (401, "token_needed")),
        ({"authorization": "Bearer tl_x"}, (401, "token_needed")),
        ({"authorization": "Basic eDp5"}, (401, "token_needed")),
        (here.token(READ, WRITE), (403, "right_needed")),
    ):
        refused = await here.json("POST", f"/{block}/calls", who, ASKED)
        assert code(refused) == wanted
        check_described("place_call", refused)
        assert code(await here.json("GET", f"/{block}/calls/x", who)) == wanted
        assert code(await here.json("POST", "/4711/calls", who, ASKED)) == wanted
    good = here.token(CALL)
    assert code(await here.json("POST", "/4711/calls", good, ASKED)) == (404, "no_block")
    assert code(await here.json("GET", f"/{block}/calls/x", good)) == (404, "no_call")
    assert code(await here.json("GET", "/blocks", good)) == (403, "right_needed")
    assert here.sim.asked("Originate") == []


ORIGINS: tuple[tuple[list[str], str, bool], ...] = (
    ([ORIGIN], ORIGIN, True),
    (["HTTPS://WWW.Example.com:443/"], ORIGIN, True),
    (["*"], "https://any.example.net", True),
    (["http://localhost:8080"], "http://localhost:8080", True),
    ([ORIGIN], "https://www.example.com.evil.example", False),
    ([ORIGIN], "https://evil.example/https://www.example.com", False),
    ([ORIGIN], "http://www.example.com", False),
    ([ORIGIN], "https://www.example.com:8443", False),
    ([ORIGIN], "https://WWW.example.com", False),
    ([ORIGIN], "https://example.com", False),
    ([ORIGIN], "null", False),
    ([ORIGIN], "", False),
    ([], ORIGIN, False),
)


async def test_only_pages_of_the_blocks_origins_get_a_ticket(here: Pages) -> None:
    for origins, origin, is_good in ORIGINS:
        block = here.block(origins=origins)
        headers = {"origin": origin} if origin else {}
        asked = await here.json("OPTIONS", f"/{block}/calls", headers)
        given = await here.json("POST", f"/{block}/ticket", headers)
        for answer in (asked, given):
            allowed = answer.headers.get("access-control-allow-origin")
            assert allowed == (origin if is_good else None), (origins, origin)
            assert answer.headers["vary"] == "Origin"
        assert (asked.status, given.status) == (204, 201 if is_good else 403)
        assert asked.headers.get("access-control-allow-methods") == ("POST" if is_good else None)
        missing = await here.json("POST", "/4711/ticket", headers)
        assert code(missing) == (403, "origin_not_allowed")


async def test_a_ticket_is_good_for_its_block_its_origin_and_minutes(here: Pages, home: Path) -> None:
    block, other = here.block(origins=[ORIGIN, "https://shop.example.com"]), here.block()
    ticket = await here.ticket(block)
    bearer = {"authorization": f"Bearer {ticket}"}
    mine = {**bearer, "origin": ORIGIN}
    assert code(await here.json("POST", f"/{other}/calls", mine, ASKED)) == (403, "ticket_not_for_this")
    assert code(await here.json("POST", "/4711/calls", mine, ASKED)) == (403, "ticket_not_for_this")
    for origin in ({"origin": "https://shop.example.com"}, {"origin": "https://evil.example"}, {}):
        refused = await here.json("POST", f"/{block}/calls", {**bearer, **origin}, ASKED)
        assert code(refused) == (403, "ticket_not_for_this")
    for age, wanted in (
        (GOOD_FOR + timedelta(seconds=2), "ticket_expired"),
        (-GOOD_FOR - timedelta(seconds=2), "ticket_expired"),
    ):
        old, _ = tickets(home, FrozenWallClock(SystemClock().now() - age)).give(block, ORIGIN)
        assert code(await here.page("POST", f"/{block}/calls", old, ASKED)) == (401, wanted)
    assert here.sim.asked("Originate") == []
    placed = await here.page("POST", f"/{block}/calls", ticket, {"number": "+1 312 555 0199"})
    call = placed.content["id"]
    assert (await here.page("GET", f"/{block}/calls/{call}", await here.ticket(block))).status == 404
    assert (await here.page("GET", f"/{block}/calls/{call}", ticket)).status == 200
    await here.ended(block, call, mine)


async def test_a_forged_ticket_is_refused_and_counts_as_a_guess(here: Pages, home: Path) -> None:
    block = here.block()
    good = await here.ticket(block)
    stranger = Tickets(lambda: (b"x" * 32,), SystemClock()).give(block, ORIGIN)[0]
    forged = ["tc_", "tc_x", "tc_é", "tc_" + "A" * 2_000, good[:-1], good[:-2] + "AA", good + "AA", stranger]
    for number, text in enumerate(forged):
        here.address = f"203.0.113.{number}"
        assert code(await here.page("POST", f"/{block}/calls", text, ASKED)) == (401, "ticket_refused")
    here.address = "203.0.113.99"
    for _ in range(20):
        await here.page("POST", f"/{block}/calls", stranger, ASKED)
    waits = await here.page("POST", f"/{block}/calls", good, ASKED)
    assert code(waits) == (429, "too_many_wrong_logins")
    assert int(waits.headers["retry-after"]) > 0
    assert waits.headers["access-control-allow-origin"] == ORIGIN
    assert here.sim.asked("Originate") == []


async def test_a_ticket_shows_its_call_for_an_hour(store: Store, home: Path) -> None:
    async with pages(store, home) as here:
        block = here.block()
        ticket = await here.ticket(block)
        call = (await here.page("POST", f"/{block}/calls", ticket, ASKED)).content["id"]
        await here.ended(block, call, {"origin": ORIGIN, "authorization": f"Bearer {ticket}"})
    for later, status in ((WATCHED_FOR - timedelta(minutes=1), 200), (WATCHED_FOR * 2, 401)):
        async with pages(store, home, clock=FrozenWallClock(SystemClock().now() + later)) as here:
            assert (await here.page("GET", f"/{block}/calls/{call}", ticket)).status == status


async def test_a_ticket_of_a_former_key_is_good_while_that_is_in_force(store: Store, tmp_path: Path) -> None:
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    async with pages(store, tmp_path, TRUNKLINE_SECRET_KEY=old) as here:
        block = here.block()
        ticket = await here.ticket(block)
    for keys, status in ((f"{new},{old}", 202), (new, 401)):
        async with pages(store, tmp_path, TRUNKLINE_SECRET_KEY=keys) as here:
            assert (await here.page("POST", f"/{block}/calls", ticket, ASKED)).status == status


WRONG_FIELDS: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "number"),
    ({"number": 5}, "number"),
    ({"number": "123"}, "number"),
    ({"number": "+1 312 555 0123;ext=5"}, "number"),
    ({"number": "+13125550123\r\nAction: Originate"}, "number"),
    ({"number": "+13125550123&PJSIP/9"}, "number"),
    ({"number": "+13125550123@evil.example"}, "number"),
    ({"number": "+13125550123,30,g"}, "number"),
    ({"number": "${SHELL(x)}"}, "number"),
    ({"number": "１３１２５５５０１２３"}, "number"),
    ({"number": "1-800-FLOWERS"}, "number"),
    ({"number": "tel:+13125550123"}, "number"),
    ({"number": "+1 900 555 0123"}, "number"),
    ({"number": "+1 800 555 0199"}, "number"),
    ({"number": "+44 20 7946 0018"}, "number"),
    ({"number": "+44 70 1234 5678"}, "number"),
    ({"number": "+1 876 555 0123"}, "number"),
    ({"number": "+882 13300655"}, "number"),
    ({"number": "911"}, "number"),
    ({**ASKED, "page": 1}, "page"),
    ({**ASKED, "page": "x" * 1_001}, "page"),
    ({**ASKED, "ref": "x" * 191}, "ref"),
    ({**ASKED, "colour": "red"}, "colour"),
    ({**ASKED, "ip_address": "192.0.2.9"}, "ip_address"),
)


async def test_a_wrong_field_is_named_and_nothing_dials(here: Pages) -> None:
    block = here.block()
    ticket = await here.ticket(block)
    for body, field in WRONG_FIELDS:
        refused = await here.page("POST", f"/{block}/calls", ticket, body)
        named = [one["field"] for one in refused.content.get("problems", ())]
        assert (refused.status, named) == (400, [field]), body
        check_described("place_call", refused)
    assert here.sim.asked("Originate") == []


async def test_bodies_that_are_none(here: Pages) -> None:
    block, who = here.block(), here.token(CALL)
    for body, status in ((b"", 400), (b"[]", 400), (b"{", 400), (b'{"x":"' + b"y" * 2_100_000 + b'"}', 413)):
        assert (await here.ask("POST", f"{ROOT}/{block}/calls", who, body)).status == status
    strange = {**ASKED, "ip_address": "nowhere"}
    refused = await here.json("POST", f"/{block}/calls", who, strange)
    assert [one["field"] for one in refused.content["problems"]] == ["ip_address"]


async def test_other_countries_are_called_where_a_block_names_them(here: Pages) -> None:
    block, who = here.block(countries="GB,DE", channel="SIP/out/{digits}"), here.token(CALL)
    placed = await here.json("POST", f"/{block}/calls", who, {"number": "020 7946 0018"})
    found = await here.ended(block, placed.content["id"], who)
    assert (found["number"], found["state"]) == ("+442079460018", "ended")
    assert here.sim.asked("Originate")[0].get("Data") == "SIP/out/442079460018,25"
    assert (await here.json("POST", f"/{block}/calls", who, ASKED)).status == 400


async def test_visitors_hear_nothing_of_what_a_block_lacks(here: Pages) -> None:
    block = here.block(numbers=[], kind="ivr")
    told = await here.page("POST", f"/{block}/calls", await here.ticket(block), ASKED)
    assert (code(told), told.content["message"]) == (
        (409, "not_callable"),
        "Calls cannot be placed here just now.",
    )
    program = await here.json("POST", f"/{block}/calls", here.token(CALL), ASKED)
    assert "a number that reaches its ivr" in program.content["message"]


async def test_calls_are_limited_and_say_how_long_to_wait(store: Store, home: Path) -> None:
    async with pages(store, home, TRUNKLINE_CLICKTO_CALLS_PER_ADDRESS="2") as here:
        here.address = "198.51.100.7"
        block = here.block()
        for number, status in (("+13125550101", 202), ("+13125550102", 202), ("+13125550103", 429)):
            ticket = await here.ticket(block)
            answer = await here.page("POST", f"/{block}/calls", ticket, {"number": number})
            assert answer.status == status
        assert code(answer) == (429, "too_many_calls")
        assert 0 < int(answer.headers["retry-after"]) <= 600
        assert answer.headers["access-control-expose-headers"] == "retry-after"
        check_described("place_call", answer)
        here.address = "2001:db8:1:2::1"
        for host, status in (("1", 202), ("2", 202), ("3", 429)):
            here.address = f"2001:db8:1:2::{host}"
            ticket = await here.ticket(block)
            assert (await here.page("POST", f"/{block}/calls", ticket, ASKED)).status == status


async def test_before_calls_can_be_placed_a_page_is_told_to_come_again(store: Store, home: Path) -> None:
    async with pages(store, home) as here:
        block = here.block()
        ticket = await here.ticket(block)
        await here.app.stop_calling()
        told = await here.page("POST", f"/{block}/calls", ticket, ASKED)
        assert (code(told), told.headers["retry-after"]) == ((503, "not_ready"), "5")


async def test_a_busy_business_is_told_as_failed(here: Pages) -> None:
    here.sim.add_rule(Rule(DESK, "BUSY"))
    block = here.block()
    ticket = await here.ticket(block)
    call = (await here.page("POST", f"/{block}/calls", ticket, ASKED)).content["id"]
    who = {"origin": ORIGIN, "authorization": f"Bearer {ticket}"}
    assert await here.ended(block, call, who) == {"id": call, "state": "failed"}


async def test_the_script_is_served_to_every_page(here: Pages) -> None:
    found = await here.ask("GET", "/clickto.js")
    assert (found.status, found.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert found.headers["x-content-type-options"] == "nosniff"
    assert int(found.headers["content-length"]) == len(found.body) < 10_000
    for never in (b"innerHTML", b"eval(", b"onclick", b"style="):
        assert never not in found.body
    again = await here.ask("GET", "/clickto.js", {"if-none-match": found.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert (await here.ask("HEAD", "/clickto.js")).headers == found.headers
    assert (await here.ask("POST", "/clickto.js")).status == 405
