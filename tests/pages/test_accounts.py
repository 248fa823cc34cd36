"""Accounts in the pages: who may see and change what, and that no key ever comes back."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.pages.conftest import NOW, Visitor
from tests.sims.dialpad.sign_in_page import click_through
from trunkline.access.roles import Role
from trunkline.access.sessions import digest_of
from trunkline.center import accounts, connecting, datasets, sharing
from trunkline.clock import FrozenWallClock
from trunkline.errors import SettingsError
from trunkline.pages.accounts.connecting import UNDER_WAY
from trunkline.pages.rooms import Rooms
from trunkline.pages.visit import SESSION
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions

ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662f4f"
KEY = "testkey"


@dataclass
class Office:
    """The pages with an owner, two analysts, and a pretend CallRail."""

    rooms: Rooms
    sim: CallrailSim
    owner: httpx.AsyncClient
    ann: httpx.AsyncClient
    bob: httpx.AsyncClient

    def id_of(self, name: str) -> int:
        return self.rooms.users.named(f"{name}@example.com").id

    def account(self, name: str, owner: str | None = "ann", **values: str) -> accounts.Account:
        given = {"api_key": KEY, "account_id": ACCOUNT_ID, "base_url": self.sim.url, **values}
        verdict = accounts.Verdict(accounts.VALID)
        owner_id = self.id_of(owner) if owner else None
        return accounts.add(self.rooms.center, "callrail", name, given, verdict, owner_id)

    def form(self, **more: str) -> dict[str, str]:
        return {
            "connector": "callrail",
            "account_name": "fresh",
            "o.api_key": KEY,
            "o.base_url": self.sim.url,
            "go": "test",
            **more,
        }


@pytest.fixture
async def office(rooms: Rooms, visitor: Visitor) -> AsyncIterator[Office]:
    def analyst(name: str) -> httpx.AsyncClient:
        user = rooms.users.add(f"{name}@example.com", name.title(), Role.ANALYST)
        session = rooms.sessions.begin(user, "127.0.0.1", "a test")
        client = visitor(None)
        client.cookies.set(SESSION, session.text)
        client.headers["x-form-token"] = session.form_token
        return client

    async with CallrailSim(replace(CallrailSimOptions(), calls=20, until=NOW)) as sim:
        yield Office(rooms, sim, visitor(Role.OWNER), analyst("ann"), analyst("bob"))


def text_of(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


async def after(client: httpx.AsyncClient, answer: httpx.Response) -> str:
    """What the page says that an answer leads to."""
    assert answer.status_code == 303, text_of(answer)
    return text_of(await client.get(answer.headers["location"]))


async def test_an_analyst_adds_an_account_that_is_tested_first(office: Office) -> None:
    wrong = await office.ann.post("/accounts/new", data=office.form(**{"o.api_key": "wrong-secret"}))
    assert wrong.status_code == 422
    assert "o.api_key-problem" in wrong.text
    assert "wrong-secret" not in wrong.text
    assert not accounts.exists(office.rooms.center, "fresh")
    good = await office.ann.post("/accounts/new", data=office.form())
    assert "fresh is saved. CallRail accepts it." in await after(office.ann, good)
    saved = accounts.get(office.rooms.center, "fresh")
    assert (saved.state, saved.owner_id) == (accounts.VALID, office.id_of("ann"))
    again = await office.bob.post("/accounts/new", data=office.form())
    assert "There is an account named 'fresh' already" in text_of(again)


async def test_an_account_is_saved_without_a_test_where_that_is_wished(office: Office) -> None:
    sent = office.form(**{"o.api_key": "wrong", "go": "untested"})
    assert "It was not tested" in await after(office.ann, await office.ann.post("/accounts/new", data=sent))
    assert accounts.get(office.rooms.center, "fresh").state == accounts.UNTESTED
    assert office.sim.requests == []
    tested = await office.ann.post("/accounts/fresh/test")
    assert "CallRail" in await after(office.ann, tested)
    assert accounts.get(office.rooms.center, "fresh").state == accounts.INVALID


CHANGES = ("edit", "rename", "share", "revoke", "move", "remove", "connect")


async def test_who_may_see_and_change_what(office: Office) -> None:
    office.account("anns")
    for name in (*CHANGES, "test"):
        answer = await office.bob.post(f"/accounts/anns/{name}", data={"to": "anns"})
        assert answer.status_code == 422, name
        assert "no account named 'anns' that you may use" in text_of(answer)
    for path in ("/accounts/anns", "/accounts/anns/edit", "/accounts/anns/events"):
        assert "that you may use" in text_of(await office.bob.get(path))
    assert "anns" not in (await office.bob.get("/accounts")).text
    assert "anns" in (await office.owner.get("/accounts")).text
    shared = await office.ann.post("/accounts/anns/share", data={"user": str(office.id_of("bob"))})
    assert "Bob may use anns now" in await after(office.ann, shared)
    assert "bob@example.com" in (await office.ann.get("/accounts/anns")).text
    for name in CHANGES:
        assert (await office.bob.post(f"/accounts/anns/{name}")).status_code == 403, name
    assert (await office.bob.get("/accounts/anns/edit")).status_code == 403
    page = await office.bob.get("/accounts/anns")
    assert "Shared with you" in page.text
    assert office.sim.url not in page.text
    assert "anns works" in await after(office.bob, await office.bob.post("/accounts/anns/test"))
    await office.ann.post("/accounts/anns/revoke", data={"user": str(office.id_of("bob"))})
    assert "that you may use" in text_of(await office.bob.get("/accounts/anns"))


async def test_no_page_holds_a_key(office: Office) -> None:
    account = office.account("anns")
    sharing.share(office.rooms.center, account, office.id_of("bob"))
    for client in (office.owner, office.ann, office.bob):
        for path in (
            "/accounts",
            "/accounts/anns",
            "/accounts/anns/edit",
            "/connectors",
            "/connectors/callrail",
        ):
            assert KEY not in (await client.get(path)).text
    refused = await office.ann.post("/accounts/anns/edit", data={"o.api_key": "other-secret", "go": "test"})
    assert refused.status_code == 422
    assert "other-secret" not in refused.text
    assert accounts.all_values(office.rooms.center, "anns")["api_key"] == KEY


async def test_an_empty_secret_stays_and_a_new_one_is_tested(office: Office) -> None:
    office.account("anns", api_key="old", hourly_limit="500")
    sent = {"o.base_url": office.sim.url, "o.account_id": ACCOUNT_ID, "o.hourly_limit": "400", "go": "test"}
    changed = await office.ann.post("/accounts/anns/edit", data={**sent, "o.api_key": ""})
    assert "anns is changed." in await after(office.ann, changed)
    assert office.sim.requests == []
    values = accounts.all_values(office.rooms.center, "anns")
    assert (values["api_key"], values["hourly_limit"]) == ("old", 400)
    replaced = await office.ann.post("/accounts/anns/edit", data={**sent, "o.api_key": KEY})
    assert "CallRail accepts it" in await after(office.ann, replaced)
    assert accounts.all_values(office.rooms.center, "anns")["api_key"] == KEY
    same = await office.ann.post("/accounts/anns/edit", data={**sent, "o.api_key": ""})
    assert "Nothing was changed" in await after(office.ann, same)


async def test_a_kept_key_goes_to_no_other_address(office: Office) -> None:
    office.account("anns")
    for go in ("test", "untested"):
        sent = {"o.base_url": "http://127.0.0.1:9", "o.account_id": ACCOUNT_ID, "o.api_key": "", "go": go}
        answer = await office.owner.post("/accounts/anns/edit", data=sent)
        assert answer.status_code == 422
        assert "type the API Key again" in text_of(answer)
    assert accounts.get(office.rooms.center, "anns").values["base_url"] == office.sim.url


async def test_renaming_and_removing(office: Office) -> None:
    office.account("anns")
    office.account("taken", owner="bob")
    taken = await office.ann.post("/accounts/anns/rename", data={"new_name": "taken"})
    assert "There is an account named 'taken' already" in text_of(taken)
    renamed = await office.ann.post("/accounts/anns/rename", data={"new_name": "mine"})
    assert "anns is called mine now" in await after(office.ann, renamed)
    await datasets.add(office.rooms.center, "calls", "mine", "calls", {})
    used = await office.ann.post("/accounts/mine/remove")
    assert "mine is in use. Move its datasets" in await after(office.ann, used)
    datasets.remove(office.rooms.center, "calls")
    assert "mine is removed" in await after(office.ann, await office.ann.post("/accounts/mine/remove"))
    assert not accounts.exists(office.rooms.center, "mine")


async def test_datasets_move_to_another_account_one_may_use(office: Office) -> None:
    center = office.rooms.center
    for name, owner in (("old", "ann"), ("new", "ann"), ("bobs", "bob")):
        office.account(name, owner)
    for name in ("calls", "tags", "users"):
        await datasets.add(center, name, "old", name, {})
    strange = await office.ann.post("/accounts/old/move", data={"to": "bobs", "go": "all"})
    assert "that you may use" in text_of(strange)
    one = await office.ann.post("/accounts/old/move", data={"to": "new", "dataset": "tags", "go": "chosen"})
    assert "Moved to new: tags." in await after(office.ann, one)
    assert datasets.get(center, "calls").account == "old"
    rest = await office.ann.post("/accounts/old/move", data={"to": "new", "go": "all"})
    assert "Moved to new: calls, users." in await after(office.ann, rest)
    assert [one.name for one in datasets.all_of(center, "new")] == ["calls", "tags", "users"]


async def test_what_does_not_fit_the_other_account_stays_and_is_told(office: Office) -> None:
    center = office.rooms.center
    office.account("old")
    office.account("blind", api_key="wrong")
    await datasets.add(center, "calls", "old", "calls", {"account_id": ACCOUNT_ID})
    answer = await office.ann.post("/accounts/old/move", data={"to": "blind", "go": "all"})
    assert answer.status_code == 422
    assert "These stay where they are" in text_of(answer)
    assert datasets.get(center, "calls").account == "old"


async def test_the_list_is_searched_sorted_and_tells_budgets(office: Office) -> None:
    office.account("anns")
    office.account("zebra", owner="bob")
    accounts.set_verdict(office.rooms.center, "zebra", accounts.Verdict(accounts.INVALID, "Key withdrawn."))
    page = text_of(await office.owner.get("/accounts?sort=state"))
    assert page.index("zebra") < page.index("anns")
    assert "Key withdrawn." in page
    assert "0 of 1,000 requests an hour" in page
    for query in ("state=valid", "search=ann", "whose=shared&search=an"):
        found = (await office.owner.get(f"/accounts?{query}", headers={"hx-request": "true"})).text
        assert "zebra" not in found
        assert "anns" in found


async def test_connectors_tell_what_they_give_and_ask_for(office: Office) -> None:
    office.account("anns")
    page = text_of(await office.ann.get("/connectors"))
    assert "12 reports · 1 account" in page
    one = text_of(await office.ann.get("/connectors/callrail"))
    for words in ("Before you start", "1,000 requests an hour", "Which key do I need?", "Summary Email"):
        assert words in one
    report = text_of(await office.ann.get("/connectors/callrail/reports/calls"))
    assert "Whether somebody answered" in report
    assert (await office.ann.get("/connectors/callrail/reports/none")).status_code == 422


def link_in(answer: httpx.Response) -> str:
    found = re.search(r'class="button main" href="([^"]+)" rel', answer.text)
    assert found, text_of(answer)
    return html.unescape(found[1])


async def test_signing_in_at_dialpad(office: Office) -> None:
    async with DialpadSim(replace(DialpadSimOptions(), calls=5, until=NOW)) as sim:
        client = {"o.client_id": "testclient", "o.client_secret": "testsecret", "o.base_url": sim.url}
        sent: dict[str, Any] = {"connector": "dialpad", "way": "sign-in", "account_name": "house", **client}
        leaving = await office.ann.post("/accounts/new", data=sent)
        assert "testsecret" not in leaving.text
        assert "http://trunkline.test/connect/return" in text_of(leaving)
        back = await click_through(link_in(leaving))
        kept, whose = office.ann.cookies[UNDER_WAY], digest_of(office.ann.cookies[SESSION])
        assert connecting.unsealed(office.rooms.center, kept, whose).name == "house"
        late = replace(office.rooms.center, clock=FrozenWallClock(NOW + timedelta(minutes=16)))
        with pytest.raises(SettingsError, match="took too long"):
            connecting.unsealed(late, kept, whose)
        stranger = await office.bob.get(back)
        assert "no sign-in under way" in await after(office.bob, stranger)
        foreign = await office.ann.get(back.replace("state=", "state=x"))
        assert "does not belong" in await after(office.ann, foreign)
        assert not accounts.exists(office.rooms.center, "house")
        assert "house is connected to Dialpad." in await after(office.ann, await office.ann.get(back))
        saved = accounts.get(office.rooms.center, "house")
        assert (saved.state, saved.owner_id) == (accounts.VALID, office.id_of("ann"))
        assert "no sign-in under way" in await after(office.ann, await office.ann.get(back))
        again = await office.ann.post("/accounts/house/connect")
        denied = await click_through(link_in(again), decision="deny")
        told = await after(office.ann, await office.ann.get(denied))
        assert "Dialpad" in told
        assert "`" not in told
        assert accounts.get(office.rooms.center, "house").state == accounts.VALID
        stolen = {"o.base_url": "http://127.0.0.1:9", "o.client_id": "testclient", "go": "untested"}
        answer = await office.ann.post("/accounts/house/edit", data=stolen)
        assert "Its address cannot be changed" in text_of(answer)


async def test_a_sign_in_cannot_take_over_an_account_of_another(office: Office) -> None:
    async with DialpadSim(replace(DialpadSimOptions(), calls=5, until=NOW)) as sim:
        client = {"o.client_id": "testclient", "o.client_secret": "testsecret", "o.base_url": sim.url}
        sent = {"connector": "dialpad", "way": "sign-in", "account_name": "house", **client}
        back = await click_through(link_in(await office.ann.post("/accounts/new", data=sent)))
        values = {"api_key": KEY, "base_url": sim.url}
        verdict = accounts.Verdict(accounts.VALID)
        accounts.add(office.rooms.center, "dialpad", "house", values, verdict, office.id_of("bob"))
        assert "that you may use" in await after(office.ann, await office.ann.get(back))
        assert accounts.all_values(office.rooms.center, "house")["api_key"] == KEY
