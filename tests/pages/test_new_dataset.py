"""A new dataset in four panes, asked of the pages as a browser would, against a pretend CallRail."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from tests.pages.conftest import NOW, Visitor
from trunkline.access.roles import Role
from trunkline.center import accounts, datasets, orders, timetables
from trunkline.center.tables import account_shares
from trunkline.pages.new_dataset.draft import Draft, draft_from
from trunkline.pages.rooms import Rooms
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions, Fault
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions

ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662f4f"
TEN_TO_FIVE = {
    "duration": "date_range",
    "start_date_kind": "relative",
    "end_date_kind": "relative",
    "days_back_start": "10",
    "days_back_end": "5",
}


@dataclass
class Office:
    """The pages, somebody who uses them, and the pretend CallRail behind."""

    rooms: Rooms
    sim: CallrailSim
    client: httpx.AsyncClient

    def account(self, name: str = "main", owner_id: int | None = None, **values: str) -> None:
        given = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": self.sim.url, **values}
        accounts.add(self.rooms.center, "callrail", name, given, accounts.Verdict(accounts.VALID), owner_id)

    async def send(self, path: str, draft: Draft, **form: Any) -> httpx.Response:
        return await self.client.post(
            path, data={"draft": draft.text, **form}, headers={"hx-request": "true"}
        )

    async def step(self, step: str, draft: Draft, **form: Any) -> httpx.Response:
        sent = {"step": step, "go": "next", "draft": draft.text, **form}
        return await self.client.post("/datasets/new", data=sent)


@pytest.fixture
async def office(rooms: Rooms, visitor: Visitor) -> AsyncIterator[Office]:
    options = replace(CallrailSimOptions(), calls=80, strict=True, until=NOW)
    async with CallrailSim(options) as sim:
        yield Office(rooms, sim, visitor(Role.OWNER))


def options_of(given: Mapping[str, str], **more: str) -> dict[str, str]:
    return {f"o.{name}": value for name, value in {**given, **more}.items()}


def text_of(answer: httpx.Response) -> str:
    """What a person reads, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def draft_in(answer: httpx.Response) -> Draft:
    assert answer.status_code == 303, text_of(answer)
    return draft_from(httpx.URL(answer.headers["location"]).params["draft"])


CALLS = Draft("callrail", "main", "calls")


async def test_all_panes_end_in_a_dataset_with_its_schedule_and_first_run(office: Office) -> None:
    office.account()
    draft = draft_in(await office.step("credentials", Draft("callrail"), account="main"))
    draft = draft_in(await office.step("details", draft, report="calls", **options_of(TEN_TO_FIVE)))
    timing = {"t.kind": "daily", "t.daily": "6:30", "t.zone": "Europe/Paris", "t.count": "2", "t.delay": "5m"}
    draft = draft_in(await office.step("scheduling", draft, **timing, **{"t.method": "append"}))
    about = {"name": "recent_calls", "description": "What came in.", "tags": "sales, east, Sales"}
    answer = await office.step("name", draft, **{**about, "go": "run"})
    assert answer.headers["location"] == "/datasets/recent_calls"
    center = office.rooms.center
    saved = datasets.get(center, "recent_calls")
    assert saved.tags == ("sales", "east")
    assert saved.owner_id == office.rooms.users.named("owner@example.com").id
    assert saved.method == "append"
    assert saved.options["days_back_start"] == "10"
    timetable = timetables.of(center, saved)
    assert timetable.schedule.text == "daily 06:30 (Europe/Paris)"
    assert timetable.retries.text == "2 times, after 5m, 10m"
    assert [order.started_by for order in orders.to_give(center)] == ["owner@example.com"]


async def test_the_days_of_a_choice_are_told_in_its_zone(office: Office) -> None:
    office.account(time_zone="Europe/Paris")
    answer = await office.send("/datasets/new/options", CALLS, report="calls", **options_of(TEN_TO_FIVE))
    assert "10 to 5 days ago = 10 Nov 2026 to 15 Nov 2026 (6 days), Europe/Paris" in text_of(answer)


async def test_the_zone_is_asked_for_where_only_the_provider_knows_it(rooms: Rooms, visitor: Visitor) -> None:
    relative = {"date_selection": "date_range", "date_range": "relative"}
    chosen = {**relative, "days_back_start": "10", "days_back_end": "5"}
    draft = Draft("dialpad", "main", "stats", chosen)
    async with DialpadSim(replace(DialpadSimOptions(), calls=20, until=NOW)) as sim:
        values = {"api_key": "testkey", "base_url": sim.url}
        accounts.add(rooms.center, "dialpad", "main", values, accounts.Verdict(accounts.VALID))
        sent = {"draft": draft.text, "report": "stats", **options_of(chosen)}
        owner = visitor(Role.OWNER)
        zones = {str(one["timezone"]) for one in sim.world.lists["offices"] if one.get("is_primary_office")}
        assert "Asking for the time zone" in text_of(await owner.post("/datasets/new/options", data=sent))
        told = text_of(await owner.post("/datasets/new/days", data=sent))
        assert told == f"10 to 5 days ago = 10 Nov 2026 to 15 Nov 2026 (6 days), {zones.pop()}"
        before = len(sim.requests)
        assert told in text_of(await owner.post("/datasets/new/options", data=sent))
        assert len(sim.requests) == before


async def test_rules_of_a_report_are_told_while_choosing(rooms: Rooms, visitor: Visitor) -> None:
    values = {"api_key": "testkey", "base_url": "http://127.0.0.1:1"}
    accounts.add(rooms.center, "dialpad", "main", values, accounts.Verdict(accounts.VALID))
    sent = {"draft": Draft("dialpad", "main").text, "report": "stats", "o.stat_type": "csat"}
    answer = await visitor(Role.OWNER).post("/datasets/new/options", data=sent)
    assert re.search(r'id="o.target_type-problem">[^<]*needs a target: give Target Type\.', answer.text)


async def test_a_menu_is_filled_from_the_account_and_remembered(office: Office) -> None:
    office.account()
    answer = await office.send("/datasets/new/options", CALLS, report="calls")
    assert 'hx-post="/datasets/new/menu/company_id"' in answer.text
    menu = await office.send("/datasets/new/menu/company_id", CALLS, report="calls")
    companies = [str(one["id"]) for one in office.sim.world.lists["companies"]]
    assert all(f'value="{one}"' in menu.text for one in companies[:1])
    before = len(office.sim.requests)
    again = await office.send(
        "/datasets/new/options", CALLS, report="calls", **{"o.company_id": companies[0]}
    )
    assert f'value="{companies[0]}" checked' in again.text
    assert len(office.sim.requests) == before


async def test_a_menu_that_cannot_be_read_can_be_asked_again_or_typed(office: Office) -> None:
    office.account()
    office.sim.faults.add(Fault("status", status=503, times=5))
    answer = await office.send("/datasets/new/menu/company_id", CALLS, report="calls")
    assert "The menu could not be read" in text_of(answer)
    assert 'name="o.company_id"' in answer.text
    office.sim.faults.clear()
    answer = await office.send("/datasets/new/menu/company_id?again=1", CALLS, report="calls")
    assert "Type an id instead" in text_of(answer)
    answer = await office.send("/datasets/new/menu/company_id?typed=1", CALLS, report="calls")
    assert 'name="typed.company_id"' in answer.text


async def test_wrong_entries_are_told_at_their_field(office: Office) -> None:
    office.account()
    wrong = options_of({**TEN_TO_FIVE, "days_back_start": "last week"})
    answer = await office.step("details", CALLS, report="calls", **wrong)
    assert answer.status_code == 422
    assert re.search(r'id="o.days_back_start-problem">[^<]*last week', answer.text)
    answer = await office.step("details", CALLS, report="calls", **{"o.company_id": "COM0"})
    assert re.search(r'id="o.company_id-problem">|none of the', answer.text)
    answer = await office.step("details", replace(CALLS, report=""))
    assert "Choose a report." in text_of(answer)
    answer = await office.step("scheduling", CALLS, **{"t.kind": "cron", "t.cron": "61 * * * *"})
    assert answer.status_code == 422
    assert 'id="t.cron-problem"' in answer.text
    answer = await office.step("name", CALLS, name="Not a name")
    assert "will not do" in text_of(answer)


async def test_rows_are_seen_and_requests_counted_before_anything_is_saved(office: Office) -> None:
    office.account()
    draft = replace(CALLS, options=TEN_TO_FIVE)
    sent = {"report": "calls", **options_of(TEN_TO_FIVE)}
    rows = await office.send("/datasets/new/preview", draft, **sent)
    assert "<th" in rows.text
    assert "instant" in rows.text
    assert rows.text.count("<tr>") > 1
    cost = text_of(await office.send("/datasets/new/cost", draft, **sent))
    assert re.search(r"About \d+ rows in 1 request for 10 Nov 2026 to 15 Nov 2026", cost)
    assert "Left of 1,000 requests an hour" in cost
    assert datasets.all_of(office.rooms.center) == []


async def test_what_goes_wrong_with_a_look_is_told_in_its_place(office: Office) -> None:
    office.account()
    office.sim.faults.add(Fault("revoked", times=20))
    for what in ("preview", "cost"):
        answer = await office.send(f"/datasets/new/{what}", CALLS, report="calls")
        assert answer.status_code == 200
        assert 'role="alert"' in answer.text
        assert "testkey" not in answer.text
    await office.send("/datasets/new/test?account=main", CALLS)
    assert accounts.get(office.rooms.center, "main").state == "invalid"


async def test_an_account_is_saved_only_after_a_good_test(office: Office) -> None:
    new = {"account": "+", "account_name": "mine", "o.base_url": office.sim.url}
    answer = await office.step("credentials", Draft("callrail"), **new, **{"o.api_key": "wrongkey"})
    assert answer.status_code == 422
    assert 'id="o.api_key-problem"' in answer.text
    assert "wrongkey" not in answer.text
    assert accounts.all_of(office.rooms.center) == []
    answer = await office.step("credentials", Draft("callrail"), **new, **{"o.api_key": "testkey"})
    assert draft_in(answer).account == "mine"
    assert "testkey" not in answer.headers["location"]
    saved = accounts.get(office.rooms.center, "mine")
    assert (saved.state, saved.owner_id) == ("valid", office.rooms.users.named("owner@example.com").id)


async def test_a_provider_that_is_down_saves_no_account(office: Office) -> None:
    new = {"account": "+", "account_name": "mine", "o.base_url": "http://127.0.0.1:1", "o.api_key": "k"}
    answer = await office.step("credentials", Draft("callrail"), **new)
    assert "was not saved" in text_of(answer)
    assert accounts.all_of(office.rooms.center) == []


async def test_accounts_of_others_cannot_be_used(office: Office, visitor: Visitor) -> None:
    office.account("theirs", owner_id=office.rooms.users.named("owner@example.com").id)
    analyst = visitor(Role.ANALYST)
    page = await analyst.get("/connectors/callrail/new")
    assert "theirs" not in page.text
    for path in ("menu/company_id", "options", "preview", "test?account=theirs"):
        sent = {"draft": replace(CALLS, account="theirs").text, "report": "calls"}
        answer = await analyst.post(f"/datasets/new/{path}", data=sent)
        assert "that you may use" in text_of(answer)
    assert office.sim.requests == []
    row = {
        "account_id": accounts.get(office.rooms.center, "theirs").id,
        "user_id": office.rooms.users.named("analyst@example.com").id,
        "created_at": NOW,
    }
    with office.rooms.store.begin() as tx:
        tx.execute(insert(account_shares).values(**row))
    assert "theirs" in (await analyst.get("/connectors/callrail/new")).text


async def test_a_saved_dataset_is_changed_in_the_same_forms(office: Office) -> None:
    office.account(time_zone="UTC")
    center = office.rooms.center
    await datasets.add(center, "calls", "main", "calls", TEN_TO_FIVE, tags=["old"])
    page = await office.client.get("/datasets/calls/edit")
    assert 'value="10"' in page.text
    draft = draft_from(re.search(r'id="draft" value="([^"]*)"', page.text)[1])  # type: ignore[index]
    sent = {
        "draft": draft.text,
        "account": "main",
        "report": "calls",
        **options_of({"duration": "single_date", "report_date": "relative", "days_back": "3"}),
        "t.kind": "every",
        "t.every": "2h",
        "t.zone": "UTC",
        "t.first": "08:00",
        "t.last": "18:00",
        "t.count": "0",
        "t.delay": "15m",
        "t.method": "merge",
        "description": "Now of three days.",
        "tags": "new",
    }
    answer = await office.client.post("/datasets/calls/edit", data=sent)
    assert answer.status_code == 303, text_of(answer)
    saved = datasets.get(center, "calls")
    assert saved.options["days_back"] == "3"
    assert "days_back_start" not in saved.options
    assert (saved.description, saved.tags) == ("Now of three days.", ("new",))
    assert timetables.of(center, saved).schedule.text == "every 2h, 08:00-18:00 (UTC)"
    answer = await office.client.post("/datasets/calls/edit", data={**sent, "o.days_back": "soon"})
    assert answer.status_code == 422
    assert 'id="o.days_back-problem"' in answer.text


async def test_who_may_not_use_the_account_changes_only_when_and_how_it_is_described(
    office: Office, visitor: Visitor
) -> None:
    office.account(time_zone="UTC")
    center = office.rooms.center
    await datasets.add(center, "calls", "main", "calls", TEN_TO_FIVE)
    analyst = visitor(Role.ANALYST)
    page = await analyst.get("/datasets/calls/edit")
    assert "not shared with you" in text_of(page)
    sent = {
        **options_of({"duration": "single_date", "report_date": "relative", "days_back": "3"}),
        "report": "calls",
        "t.kind": "daily",
        "t.daily": "07:00",
        "t.zone": "UTC",
        "tags": "mine",
    }
    answer = await analyst.post("/datasets/calls/edit", data=sent)
    assert answer.status_code == 303, text_of(answer)
    saved = datasets.get(center, "calls")
    assert saved.options["days_back_start"] == "10"
    assert saved.tags == ("mine",)


def test_a_draft_of_somebody_else_is_an_empty_one() -> None:
    for text in ("", "nonsense", "eJw=", Draft("callrail").text[:-6], "x" * 40_000):
        assert draft_from(text) == Draft()
    full = Draft("callrail", "main", "calls", {"fields": ("a", "b")}, {"kind": "daily"}, {"name": "é"}, "x")
    assert draft_from(full.text) == full


async def test_the_next_times_follow_what_is_typed(office: Office) -> None:
    office.account()
    answer = await office.send(
        "/datasets/new/times", CALLS, **{"t.kind": "manual", "t.count": "3", "t.delay": "1h"}
    )
    assert "3 times, after 1h, 2h, 4h" in text_of(answer)
    sent = {"t.kind": "weekly", "t.zone": "UTC", "t.count": "3", "t.delay": "1h"}
    answer = await office.send("/datasets/new/times", CALLS, **sent)
    assert 'value="mon" checked' in answer.text
    assert "Mon 23 Nov 2026, 06:00 UTC" in text_of(answer)
    answer = await office.send("/datasets/new/times", CALLS, **sent, **{"t.weekly": "7:00"})
    assert "Choose at least one day of the week." in text_of(answer)
    answer = await office.send(
        "/datasets/new/times", CALLS, **{**sent, "t.kind": "every", "t.every": "5 minutes"}
    )
    assert 'id="t.every-problem"' in answer.text
