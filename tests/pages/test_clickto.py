import json
import re
from datetime import timedelta

from tests.pages.conftest import NOW, Visitor
from trunkline.access.roles import Role
from trunkline.clickto import call_queries
from trunkline.clickto.account import account_of
from trunkline.clickto.activity import Activity, Click, Ending
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.figures import Outcome, outcome_of
from trunkline.clickto.keys import Keys
from trunkline.clock import FrozenWallClock
from trunkline.pages.rooms import Rooms

BLOCK = {
    "kind": "findme_list",
    "description": "Front <desk>",
    "numbers": "+13125550100\n101, 102",
    "hours": "mon-fri 09:00-17:30",
    "owner": "Ann",
    "origins": "https://www.example.com",
    "server": "10.10.10.16",
    "channel": "PJSIP/{number}@trunk",
}


def clicked(rooms: Rooms, block_id: int, count: int, ending: Ending | None, days_ago: int = 0) -> None:
    clock = FrozenWallClock(NOW - timedelta(days=days_ago))
    activity = Activity(rooms.store, clock, account_of(rooms.settings))
    for number in range(count):
        click = Click(
            block_id, "Front <desk>", f"+1312555{number:04}", page="https://x.example/<a>", ref="spring"
        )
        found = activity.begin(click)
        if ending:
            activity.end(found, ending)


def made(rooms: Rooms, **more: str) -> int:
    given = {"kind": "call", "description": "Front <desk>", "numbers": ["101"], **more}
    return Blocks(rooms.store, rooms.clock).add(given).id


def test_what_came_of_a_click() -> None:
    assert outcome_of("ANSWER", "ANSWER") is Outcome.TALKED
    assert outcome_of("Answer ", "busy") is Outcome.NO_VISITOR
    assert outcome_of("NOANSWER", "") is Outcome.NO_BUSINESS
    assert outcome_of("", "") is Outcome.UNKNOWN


async def test_a_block_is_made_changed_and_removed(rooms: Rooms, visitor: Visitor) -> None:
    client = visitor(Role.OWNER)
    assert "Make the first block" in (await client.get("/clickto")).text
    added = await client.post("/clickto", data=BLOCK)
    assert added.headers["location"] == "/clickto/1"
    block = Blocks(rooms.store, rooms.clock).get(1)
    assert block.numbers == ("+13125550100", "101", "102")
    assert block.origins == ("https://www.example.com",)
    page = (await client.get("/clickto/1")).text
    assert "Front &lt;desk&gt;" in page
    assert "can call" in page
    assert "1 more" not in (await client.get("/clickto")).text
    changed = await client.post("/clickto/1", data={**BLOCK, "server": "", "hours": ""})
    assert changed.status_code == 303
    assert "lacks a server" in (await client.get("/clickto")).text
    assert (await client.post("/clickto/1/remove")).headers["location"] == "/clickto"
    assert Blocks(rooms.store, rooms.clock).find(1) is None
    noted = [(entry.action, entry.subject) for entry in rooms.audit.page()]
    assert noted == [("block.removed", "1"), ("block.changed", "1"), ("block.added", "1")]


async def test_what_does_not_fit_stands_under_its_field(rooms: Rooms, visitor: Visitor) -> None:
    client = visitor(Role.OWNER)
    wrong = {
        **BLOCK,
        "numbers": "abc",
        "hours": "always",
        "channel": "nothing",
        "description": "",
        "origins": "x",
    }
    answer = await client.post("/clickto", data=wrong)
    assert answer.status_code == 422
    for text in ("is no number", "is not days and times", "is not a channel", "it is empty", "is no origin"):
        assert text in answer.text
    assert ">abc</textarea>" in answer.text
    assert "whole number from 1" in (await client.post("/clickto", data={**BLOCK, "id": "x"})).text
    made(rooms)
    assert "a block 1 already" in (await client.post("/clickto", data={**BLOCK, "id": "1"})).text


async def test_who_reads_changes_nothing(rooms: Rooms, visitor: Visitor) -> None:
    made(rooms)
    client = visitor(Role.ANALYST)
    page = (await client.get("/clickto/1")).text
    assert "<fieldset disabled>" in page
    assert "Save" not in page
    assert "Remove the block" not in page
    assert (await client.post("/clickto/1", data=BLOCK)).status_code == 403


async def test_a_block_with_activity_goes_only_with_it(rooms: Rooms, visitor: Visitor) -> None:
    made(rooms)
    clicked(rooms, 1, 2, None)
    client = visitor(Role.OWNER)
    assert "has activity" in (await client.post("/clickto/1/remove")).text
    gone = await client.post("/clickto/1/remove", data={"with_activity": "yes"})
    assert gone.status_code == 303


async def test_blocks_come_a_page_at_a_time(rooms: Rooms, visitor: Visitor) -> None:
    for _ in range(101):
        made(rooms)
    client = visitor(Role.OWNER)
    page = (await client.get("/clickto")).text
    assert 'href="/clickto/101"' not in page
    assert 'href="/clickto/101"' in (await client.get("/clickto?after=100")).text


async def test_the_snippet(rooms: Rooms, visitor: Visitor) -> None:
    made(rooms)
    client = visitor(Role.ANALYST)
    page = (await client.get("/clickto/1/snippet", params={"ref": 'a"b', "button": "Ring <me>"})).text
    shown = page.split('id="snippet">')[1].split("</code>")[0]
    assert "&lt;script src=&#34;http://trunkline.test/clickto.js&#34; data-block=&#34;1&#34;" in shown
    assert "data-ref=&#34;a&amp;#34;b&#34;" in shown or "data-ref=&#34;a&amp;quot;b&#34;" in shown
    assert "Ring &amp;lt;me&amp;gt;" in shown
    assert "public_url" in page
    assert "No web page may use this block yet" in page
    assert 'data-text-button="Ring &lt;me&gt;"' in page


async def test_a_key_is_shown_once(rooms: Rooms, visitor: Visitor) -> None:
    made(rooms)
    client = visitor(Role.OWNER)
    answer = await client.post("/clickto/keys", data={"name": "Shop", "reads": "some", "block": ["1"]})
    secret = re.findall(r'id="secret-key">([0-9a-f]{64})<', answer.text)
    access = re.findall(r'id="access-key">([0-9a-f]{32})<', answer.text)
    key = Keys(rooms.store, rooms.clock).proven(access[0], secret[0])
    assert key is not None
    assert key.blocks == (1,)
    assert answer.headers["cache-control"] == "no-store"
    page = (await client.get("/clickto/keys")).text
    assert secret[0] not in page
    assert "Shop" in page
    again = await client.post("/clickto/keys", data={"name": "Shop", "reads": "all"})
    assert again.status_code == 422
    assert "a key named &#39;Shop&#39; already" in again.text
    none = await client.post("/clickto/keys", data={"name": "None", "reads": "some"})
    assert "Choose a block" in none.text
    assert secret[0] not in str(rooms.audit.page())
    revoked = await client.post(f"/clickto/keys/{key.id}/revoke")
    assert revoked.status_code == 303
    assert Keys(rooms.store, rooms.clock).proven(access[0], secret[0]) is None


async def test_activity_by_day_and_outcome(rooms: Rooms, visitor: Visitor) -> None:
    made(rooms)
    made(rooms)
    clicked(rooms, 1, 3, Ending("ANSWER", "ANSWER", 90))
    clicked(rooms, 1, 2, Ending("BUSY", "", 0), days_ago=2)
    clicked(rooms, 2, 1, Ending("ANSWER", "NOANSWER", 0), days_ago=20)
    client = visitor(Role.ANALYST)
    page = (await client.get("/clickto/activity")).text
    drawn = json.loads(page.split('id="figures">')[1].split("</script>")[0])
    assert len(drawn["days"]) == 30
    by_outcome = dict(zip(drawn["outcomes"], map(sum, drawn["clicks"]), strict=True))
    assert by_outcome == {"talked": 3, "visitor not reached": 1, "business not reached": 2, "not known": 0}
    assert drawn["minutes"][-1] == 4.5
    assert drawn["clicks"][2][-3] == 2
    assert "Front &lt;desk&gt;" in page
    week = (await client.get("/clickto/activity?range=7&block=1")).text
    assert sum(map(sum, json.loads(week.split('id="figures">')[1].split("</script>")[0])["clicks"])) == 5
    assert "No click in this time" in (await client.get("/clickto/activity?range=7&block=2")).text
    assert (await client.get("/clickto/activity?range=x&block=y&before=z")).status_code == 200


async def test_clicks_come_a_page_at_a_time_newest_first(rooms: Rooms, visitor: Visitor) -> None:
    made(rooms)
    clicked(rooms, 1, 60, Ending("ANSWER", "ANSWER", 60))
    client = visitor(Role.ANALYST)
    page = (await client.get("/clickto/activity")).text
    numbers = re.findall(r"\(?312\)?[ -]?555[ -]?(\d{4})", page)
    assert (numbers[0], numbers[-1]) == ("0059", "0010")
    older = page.split('class="button" href="/clickto/activity?')[1].split('"')[0].replace("&amp;", "&")
    second = (await client.get(f"/clickto/activity?{older}")).text
    assert re.findall(r"\(?312\)?[ -]?555[ -]?(\d{4})", second)[0] == "0009"


async def test_no_call_was_placed_yet(visitor: Visitor) -> None:
    assert "No call was placed yet" in (await visitor(Role.ANALYST).get("/clickto/activity/calls")).text


async def test_calls_with_every_number_that_was_dialled(rooms: Rooms, visitor: Visitor) -> None:
    made(rooms)
    clicked(rooms, 1, 1, Ending("ANSWER", "ANSWER", 75))
    call = {"activity_id": 1, "call_id": "c1", "block_id": 1, "once": None, "asked": "", "keeper": ""}
    leg = {"activity_id": 1, "action_id": "", "state": "ended", "began_at": NOW, "result": "ANSWER"}
    with rooms.store.begin() as tx:
        known = {"server": "10.10.10.16", "state": "ended", "reason": "", "heard_at": NOW}
        call_queries.add_call(tx, {**call, **known})
        for place, (party, number) in enumerate((("business", "101"), ("visitor", "+13125550000")), 1):
            one = {**leg, "place": place, "party": party, "number": number, "reason": "Normal <clearing>"}
            call_queries.add_leg(tx, one)
    page = (await visitor(Role.ANALYST).get("/clickto/activity/calls?block=1")).text
    assert 'business <span class="tight">101</span>: ANSWER' in page
    assert "Normal &lt;clearing&gt;" in page
    assert "1 min 15 s" in page
    assert (
        "No call was placed yet" in (await visitor(Role.ANALYST).get("/clickto/activity/calls?before=1")).text
    )
