"""`/click_to_xyz.php` as pages and programs of before ask it: keys, applications, answers, refusals."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.clickto.calling import CELL, DESK, VISITOR
from tests.web.clickto_pages import ORIGIN, Pages, pages
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.links import INVALID_LINK, NO_APPLICATION
from trunkline.clickto.rights import READ
from trunkline.clock import SystemClock
from trunkline.settings import load_settings
from trunkline.sims.ami import Rule
from trunkline.store.connection import Store, open_store
from trunkline.web.clickto_link import CONNECTED, NOT_CONNECTED, NOT_HERE


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(load_settings(tmp_path_factory.mktemp("link") / "home", {}))
    yield store
    store.close()


@pytest.fixture
def store(opened: Store) -> Store:
    """Without blocks of other tests, whose numbers could be meant."""
    blocks = Blocks(opened, SystemClock())
    for block in blocks.all():
        blocks.remove(block.id, with_activity=True)
    return opened


@pytest.fixture
async def here(store: Store, tmp_path: Path) -> AsyncIterator[Pages]:
    async with pages(store, tmp_path) as found:
        yield found


def public(key: dict[str, str]) -> dict[str, str]:
    return {"key": key["access_key"]}


FROM_PAGE = {"origin": ORIGIN}


async def test_a_page_calls_with_the_public_key(here: Pages) -> None:
    block, key = here.block(), here.key()
    link = {**public(key), "click_id": str(block), "phone_to_call": "3125550123", "page": "home", "ref": "r1"}
    told = await here.link(link, FROM_PAGE)
    assert (told.status, told.body.decode()) == (200, CONNECTED)
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert (told.headers["access-control-allow-origin"], told.headers["vary"]) == (ORIGIN, "Origin")
    told = await here.link(link, {"referer": f"{ORIGIN}/contact?x=1"}, is_post=True)
    assert told.body.decode() == CONNECTED
    assert "access-control-allow-origin" not in told.headers
    assert len(here.sim.asked("Originate")) == 2


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("call", {"app": "CTC", "id": CELL, "phone_to_call": VISITOR, "type": "1"}),
        ("call", {"app": "ctc", "id": VISITOR, "phone_to_call": CELL.removeprefix("+1"), "type": "2"}),
        ("findme", {"app": "CTF", "findme_id": "{id}", "phone_to_call": VISITOR}),
        ("findme_list", {"app": "ctfl", "list": f"{CELL}|{DESK}", "phone_to_call": VISITOR}),
        ("virtual_receptionist", {"app": "ctvr", "manu_id": "{id}", "phone_to_call": VISITOR}),
        ("virtual_receptionist", {"app": "ctvr", "menu_id": "{id}", "phone_to_call": VISITOR}),
        ("voicemail", {"app": "ctvm", "vmail_box_id": "{id}", "phone_to_call": VISITOR}),
        ("ivr", {"app": "cts", "survo_id": "{id}", "phone_to_call": VISITOR}),
        ("agent", {"app": "cta", "agent_id": "{id}", "phone_to_call": VISITOR}),
        ("agent", {"click_id": "{id}", "phone_to_call": VISITOR}),
        ("ivr", {"app": "cts", "click-id": "{id}", "phone_to_call": VISITOR, "p_t": "x", "acct": "5"}),
    ],
)
async def test_each_application_finds_its_block(here: Pages, kind: str, params: dict[str, str]) -> None:
    here.sim.add_rule(Rule(DESK, "BUSY"))
    block = here.block(kind=kind, numbers=[CELL])
    if kind == "findme_list":
        block = here.block(kind=kind, numbers=[DESK, CELL])
    given = {name: value.format(id=block) for name, value in params.items()}
    told = await here.link({**here.key(), **given})
    assert (told.status, told.body.decode()) == (200, CONNECTED)
    (sent,) = here.sim.asked("Originate")
    assert (sent.get("Channel"), sent.get("Data")) == (f"PJSIP/{CELL}", f"PJSIP/{VISITOR}@trunk,25")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("BUSY", "Phone Busy"),
        ("NOANSWER", "No Answer"),
        ("CONGESTION", NOT_CONNECTED),
        ("CHANUNAVAIL", NOT_CONNECTED),
    ],
)
async def test_what_came_of_the_first_leg_is_told(here: Pages, result: str, words: str) -> None:
    here.sim.add_rule(Rule(DESK, result))
    link = {**here.key(), "click_id": str(here.block()), "phone_to_call": VISITOR}
    assert (await here.link(link)).body.decode() == words


async def test_wrong_links_say_why_and_call_nobody(here: Pages) -> None:
    block, key = here.block(), here.key()
    good = {**public(key), "click_id": str(block), "phone_to_call": VISITOR}
    limited = here.key(here.block())
    for params, headers, words in (
        ({**public(key), "phone_to_call": VISITOR}, FROM_PAGE, NO_APPLICATION),
        ({**good, "click_id": "4711"}, FROM_PAGE, INVALID_LINK),
        ({**good, "click_id": "9" * 30}, FROM_PAGE, INVALID_LINK),
        ({**good, "click_id": "", "app": "fax"}, FROM_PAGE, INVALID_LINK),
        ({**good, "click_id": "", "app": "ctf", "findme_id": str(block)}, FROM_PAGE, INVALID_LINK),
        ({**good, "click_id": "", "app": "ctc", "id": "+13125550999"}, FROM_PAGE, INVALID_LINK),
        ({**good, "click_id": "", "app": "ctfl", "list": "101|102"}, FROM_PAGE, INVALID_LINK),
        ({**good, "phone_to_call": ""}, FROM_PAGE, "Missing phone_to_call"),
        ({**good, "type": "3"}, FROM_PAGE, "type must be 1 or 2"),
        ({**good, "key": "x"}, FROM_PAGE, INVALID_LINK),
        ({**good, "key": ""}, FROM_PAGE, INVALID_LINK),
        ({**good, **public(here.key(may_call=False))}, FROM_PAGE, INVALID_LINK),
        ({**good, "key": "", **here.key(may_call=False)}, {}, INVALID_LINK),
        ({**good, "key": "", "access_key": key["access_key"], "secret_access_key": "x"}, {}, INVALID_LINK),
        ({**good, **public(limited)}, FROM_PAGE, INVALID_LINK),
        (good, {}, INVALID_LINK),
        (good, {"origin": "https://evil.example"}, INVALID_LINK),
        (good, {"origin": "null", "referer": f"{ORIGIN}/"}, INVALID_LINK),
        (good, {"referer": "https://evil.example/https://www.example.com/"}, INVALID_LINK),
        ({**good, "key": "", **key}, {"origin": "https://evil.example"}, INVALID_LINK),
        ({**good, "phone_to_call": "+1 900 555 0123"}, FROM_PAGE, "service number"),
        ({**good, "phone_to_call": f"{VISITOR}\r\nAction: Originate"}, FROM_PAGE, "no phone number"),
        ({**good, "page": "x" * 1_001}, FROM_PAGE, "page: it has 1001 characters"),
        (good, {**FROM_PAGE, "sec-purpose": "prefetch;prerender"}, "not loaded beforehand"),
        (good, {**FROM_PAGE, "purpose": "prefetch"}, "not loaded beforehand"),
    ):
        here.address = f"203.0.113.{hash(str(params)) % 250}"
        told = await here.link(params, headers)
        assert told.status == 200
        assert words in told.body.decode(), (params, headers, told.body)
        assert "access-control-allow-origin" not in told.headers or headers == FROM_PAGE
    assert (await here.ask("HEAD", "/click_to_xyz.php")).body == b"Ask with GET or POST."
    assert here.sim.asked("Originate") == []


async def test_errors_have_statuses_where_they_are_wanted(store: Store, tmp_path: Path) -> None:
    async with pages(store, tmp_path, TRUNKLINE_CLICKTO_ERROR_STATUS="yes") as here:
        block, key = here.block(), here.key()
        good = {**key, "click_id": str(block), "phone_to_call": VISITOR}
        for params, status in (
            ({**good, "click_id": ""}, 400),
            ({**good, "secret_access_key": "x"}, 401),
            ({**good, "phone_to_call": "x"}, 400),
            ({**good, "click_id": str(here.block(numbers=[]))}, 409),
        ):
            assert (await here.link(params)).status == status
        assert (await here.ask("PUT", "/click_to_xyz.php")).status == 405


async def test_too_many_calls_and_a_server_that_cannot_call_are_always_told(
    store: Store, tmp_path: Path
) -> None:
    async with pages(store, tmp_path, TRUNKLINE_CLICKTO_CALLS_PER_ADDRESS="1") as here:
        block, key = here.block(), here.key()
        good = {**public(key), "click_id": str(block), "phone_to_call": VISITOR}
        assert (await here.link(good, FROM_PAGE)).status == 200
        told = await here.link(good, FROM_PAGE)
        assert (told.status, int(told.headers["retry-after"]) > 0) == (429, True)
        assert (await here.link({**good, **key}, FROM_PAGE)).body.decode() == CONNECTED
        await here.app.stop_calling()
        here.address = "192.0.2.77"
        told = await here.link(good, FROM_PAGE)
        assert (told.status, told.body.decode()) == (503, NOT_HERE)


async def test_any_origin_means_programs_too(here: Pages) -> None:
    block, key = here.block(origins=["*"]), here.key()
    link = {**public(key), "click_id": str(block), "phone_to_call": VISITOR}
    assert (await here.link(link)).body.decode() == CONNECTED


async def test_guesses_of_keys_wait(here: Pages) -> None:
    link = {"key": "x", "click_id": str(here.block()), "phone_to_call": VISITOR}
    for _ in range(20):
        await here.link(link, FROM_PAGE)
    told = await here.link({**link, **here.key()}, FROM_PAGE)
    assert (told.status, "Too many wrong keys" in told.body.decode()) == (429, True)


async def newest(here: Pages) -> dict[str, str]:
    listed = await here.json("GET", "/activity", here.token(READ))
    row: dict[str, str] = max(listed.content["activity"], key=lambda row: row["id"])
    return row


async def test_a_program_tells_the_visitors_address_and_its_own_is_not_kept(here: Pages) -> None:
    link = {**here.key(), "click_id": str(here.block()), "phone_to_call": VISITOR}
    for given, kept in (("", ""), ("203.0.113.5", "203.0.113.5"), (" ::FFFF:203.0.113.6 ", "203.0.113.6")):
        told = await here.link({**link, "ip_address": given}, is_post=bool(given))
        assert told.body.decode() == CONNECTED
        assert (await newest(here))["ip_address"] == kept
    for wrong in ("nowhere", "203.0.113.500", "fe80::1%eth0", "203.0.113.5/24"):
        told = await here.link({**link, "ip_address": wrong})
        assert told.body.decode() == f"ip_address: '{wrong}' is no address: write one such as 192.0.2.7."
    public_link = {**link, **public(link), "secret_access_key": "", "ip_address": "203.0.113.5"}
    assert (await here.link(public_link, FROM_PAGE)).body.decode() == CONNECTED
    assert (await newest(here))["ip_address"] == here.address
    assert len(here.sim.asked("Originate")) == 4


async def test_a_programs_calls_count_by_the_address_it_tells(store: Store, tmp_path: Path) -> None:
    async with pages(store, tmp_path, TRUNKLINE_CLICKTO_CALLS_PER_ADDRESS="1") as here:
        link = {**here.key(), "click_id": str(here.block()), "phone_to_call": VISITOR}
        for given, status in (
            ("", 200),
            ("", 200),
            ("203.0.113.77", 200),
            ("203.0.113.77", 429),
            ("203.0.113.78", 200),
        ):
            assert (await here.link({**link, "ip_address": given})).status == status


async def test_the_page_is_kept_without_its_query(here: Pages) -> None:
    link = {**here.key(), "click_id": str(here.block()), "phone_to_call": VISITOR}
    long = {"referer": f"{ORIGIN}/contact?{'x' * 2_000}"}
    for more, headers, kept in (
        ({"page": "https://me:pass@x.example/y?secret=1#there"}, {}, "https://x.example/y"),
        ({}, {"referer": f"{ORIGIN}/contact?mail=a@b.example"}, f"{ORIGIN}/contact"),
        ({}, long, f"{ORIGIN}/contact"),
    ):
        assert (await here.link({**link, **more}, headers)).body.decode() == CONNECTED
        assert (await newest(here))["page"] == kept
