"""Sign-ins kept: renewed in time and once only, whatever happens in between, on all three databases."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.center.conftest import NOON
from tests.center.house import AGAIN, ENDED, REDIRECT, House
from tests.sims.dialpad.sign_in_page import SignInHost, click_through, sign_in_host
from tests.store.databases import KINDS, fresh_database
from trunkline.center import accounts, connecting, grant_queries, grants
from trunkline.center.room import Center, open_center
from trunkline.clock import SteppedClock
from trunkline.errors import KeyRefused, NotAllowed, RetryLater, SettingsError
from trunkline.fetch.sign_in import SignIn
from trunkline.keeping.checkup import examine
from trunkline.settings import Settings
from trunkline.sims.dialpad.oauth import OAuthOptions


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Settings]:
    with fresh_database(getattr(request, "param", "sqlite"), tmp_path / "home") as settings:
        yield settings


@pytest.fixture
def center(database: Settings, clock: SteppedClock) -> Iterator[Center]:
    with open_center(database, clock) as opened:
        yield opened


on_every_database = pytest.mark.parametrize("database", KINDS, indirect=True)


@pytest.fixture
async def host(clock: SteppedClock) -> AsyncIterator[SignInHost]:
    async with sign_in_host(clock) as started:
        yield started


@pytest.fixture
def house(center: Center, host: SignInHost, clock: SteppedClock) -> House:
    return House(center, host, clock)


# -- connecting --------------------------------------------------------------------------------------


@on_every_database
async def test_a_sign_in_makes_an_account_that_reads(house: House) -> None:
    made = await house.connect()
    assert (made.state, made.connected_at) == (accounts.VALID, NOON)
    assert await house.read() == 2
    assert house.renewals == []


async def test_an_account_with_a_key_can_be_connected_and_has_no_key_then(
    house: House, host: SignInHost
) -> None:
    accounts.add(
        house.center,
        "dialpad",
        "main",
        {"api_key": "testkey", "minute_limit": 500, **house.client},
        accounts.Verdict(accounts.VALID),
    )
    assert (await house.connect()).values["minute_limit"] == 500
    assert "api_key" not in accounts.all_values(house.center, "main")
    assert await house.read() == 2
    assert "testkey" not in host.asked[-1][1]


async def test_a_key_given_later_goes_before_the_sign_in(house: House, host: SignInHost) -> None:
    await house.connect()
    accounts.edit(house.center, "main", {"api_key": "testkey"})
    assert await house.read() == 2
    assert host.asked[-1][1] == "Bearer testkey"


async def test_what_is_saved_already_need_not_be_given_to_connect_again(house: House) -> None:
    await house.connect()
    pending = connecting.begin(house.center, "dialpad", "main", {}, REDIRECT)
    sent_to = await click_through(pending.authorize_url)
    await connecting.finish(house.center, pending, sent_to.partition("?")[2])
    assert await house.read() == 2


async def test_a_user_without_rights_is_refused_and_nothing_is_saved(house: House) -> None:
    with pytest.raises(SettingsError, match=r"does not let this sign-in read .* was not saved") as caught:
        await house.connect(user="user")
    assert "such as an administrator" in caught.value.todo
    assert accounts.all_of(house.center) == []


async def test_a_refused_sign_in_leaves_the_saved_account_as_it_was(house: House) -> None:
    await house.connect()
    with pytest.raises(SettingsError, match="was not saved"):
        await house.connect(user="user")
    assert await house.read() == 2


@pytest.mark.parametrize(
    ("connector", "given", "sentence"),
    [
        ("callrail", {}, "CallRail offers no sign-in"),
        (
            "dialpad",
            {},
            r"Client ID \(--client-id\) is missing.*Client Secret \(--client-secret\) is missing",
        ),
        ("dialpad", {"client_id": "x"}, r"^Client Secret \(--client-secret\) is missing"),
    ],
)
def test_what_cannot_be_begun_is_told(
    center: Center, connector: str, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        connecting.begin(center, connector, "main", given, REDIRECT)


def test_an_account_of_another_provider_keeps_its_name(center: Center) -> None:
    accounts.add(center, "callrail", "main", {"api_key": "k"}, accounts.Verdict(accounts.UNTESTED))
    client = {"client_id": "c", "client_secret": "s"}
    with pytest.raises(SettingsError, match="'main' is one of CallRail, not of Dialpad"):
        connecting.begin(center, "dialpad", "main", client, REDIRECT)


async def test_an_account_that_was_never_connected_says_so(house: House) -> None:
    accounts.add(house.center, "dialpad", "main", house.client, accounts.Verdict(accounts.UNTESTED))
    with pytest.raises(SettingsError, match="'main' has not been connected to Dialpad yet"):
        await house.read()


# -- renewing ----------------------------------------------------------------------------------------


@on_every_database
async def test_a_pair_is_renewed_a_minute_before_its_end_and_not_sooner(house: House) -> None:
    await house.connect()
    house.clock.advance(3_600 - 61)
    assert await house.read() == 2
    assert house.renewals == []
    house.clock.advance(1)
    assert await house.read() == 2
    assert house.renewals == [200]
    house.clock.advance(3_600)
    assert await house.read() == 2
    assert house.renewals == [200, 200]


async def test_a_pair_that_lives_for_seconds_is_not_renewed_before_each_request(
    center: Center, clock: SteppedClock
) -> None:
    async with sign_in_host(clock, OAuthOptions(token_seconds=30)) as host:
        house = House(center, host, clock)
        await house.connect()
        for _ in range(3):
            await house.read()
        assert house.renewals == []


async def test_many_requests_at_once_renew_once(house: House) -> None:
    await house.connect()
    house.clock.advance(3_600)
    grant = accounts.access(house.center, "main").grant
    assert grant
    tokens = await asyncio.gather(*(grant.token() for _ in range(8)))
    assert len(set(tokens)) == 1
    assert house.renewals == [200]


async def test_a_token_that_dies_early_is_renewed_once(center: Center, clock: SteppedClock) -> None:
    async with sign_in_host(clock, OAuthOptions(old_access_dies=True)) as host:
        house = House(center, host, clock)
        await house.connect()
        one, other = (accounts.access(center, "main").grant for _ in range(2))
        assert one
        assert other
        first = await one.token()
        assert await other.token() == first
        second = await one.token(refused=first)
        assert await other.token(refused=first) == second
        assert house.renewals == [200]


async def test_a_provider_that_gives_no_new_refresh_token_goes_on_with_the_old(
    center: Center, clock: SteppedClock
) -> None:
    async with sign_in_host(clock, OAuthOptions(rotate=False)) as host:
        house = House(center, host, clock)
        await house.connect()
        for _ in range(2):
            house.clock.advance(3_600)
            assert await house.read() == 2
        assert house.renewals == [200, 200]


async def test_a_provider_out_of_reach_costs_no_sign_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.connect()
    house.clock.advance(3_600)
    refresh, tries = SignIn.refresh, []

    def once_away(self: SignIn, refresh_token: str) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise RetryLater("Dialpad cannot be reached.")
        return refresh(self, refresh_token)

    monkeypatch.setattr(SignIn, "refresh", once_away)
    assert await house.read() == 2
    assert len(tries) == 2


async def test_a_store_that_is_busy_when_the_pair_is_saved_is_asked_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.connect()
    house.clock.advance(3_600)
    update, tries = grant_queries.update_grant, []

    def busy_at_first(*given: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise RetryLater("The store is busy.")
        return update(*given)

    monkeypatch.setattr(grant_queries, "update_grant", busy_at_first)
    assert await house.read() == 2
    house.clock.advance(3_600)
    assert await house.read() == 2
    assert house.renewals == [200, 200]


# -- losing ------------------------------------------------------------------------------------------


@on_every_database
async def test_a_lost_sign_in_is_asked_for_once_and_told_everywhere(house: House) -> None:
    await house.connect()
    house.host.oauth.revoke_all()
    for _ in range(3):
        with pytest.raises(KeyRefused) as caught:
            await house.read()
        assert (str(caught.value), caught.value.todo) == (ENDED, AGAIN)
    assert house.renewals == [400]
    account = accounts.get(house.center, "main")
    assert (account.state, account.state_message) == (accounts.INVALID, ENDED)
    verdict = await accounts.test(accounts.access(house.center, "main"), house.center.surroundings())
    assert (verdict.state, verdict.message, verdict.todo) == (accounts.INVALID, ENDED, AGAIN)


async def test_doctor_tells_of_a_lost_sign_in_without_asking(house: House) -> None:
    await house.connect()
    house.host.oauth.revoke_all()
    with pytest.raises(KeyRefused):
        await house.read()
    findings = await asyncio.to_thread(lambda: list(examine(house.center.settings, ask_providers=False)))
    finding = next(f for f in findings if f.name == "account main")
    assert (finding.state, finding.text) == ("error", ENDED)
    assert finding.todo == "trunkline account connect dialpad main"


async def test_connecting_again_mends_it(house: House) -> None:
    await house.connect()
    house.host.oauth.revoke_all()
    with pytest.raises(KeyRefused):
        await house.read()
    assert (await house.connect()).state == accounts.VALID
    assert await house.read() == 2


async def test_a_sign_in_without_refresh_token_ends_with_its_token(house: House) -> None:
    pending = connecting.begin(house.center, "dialpad", "main", house.client, REDIRECT, ("calls:list",))
    sent_to = await click_through(pending.authorize_url)
    await connecting.finish(house.center, pending, sent_to.partition("?")[2])
    assert await house.read() == 2
    house.clock.advance(3_600)
    with pytest.raises(KeyRefused, match=ENDED):
        await house.read()
    assert house.renewals == []


async def test_a_user_whose_rights_are_gone_keeps_the_sign_in(house: House) -> None:
    await house.connect()
    access = accounts.access(house.center, "main")
    async with sign_in_host(house.clock) as other:
        other_house = House(house.center, other, house.clock)
        pending = connecting.begin(house.center, "dialpad", "plain", other_house.client, REDIRECT)
        sent_to = await click_through(pending.authorize_url, "user")
        sign_in = grants.sign_in_of(
            house.center,
            access.connector,
            pending.values,
            grants.subject_of(access.connector, pending.values, "plain"),
        )
        pair = await asyncio.to_thread(sign_in.finish, pending.beginning, REDIRECT, sent_to.partition("?")[2])
        made = accounts.add(
            house.center, "dialpad", "plain", pending.values, accounts.Verdict(accounts.VALID)
        )
        grants.save(house.center, made.id, pair)
        with pytest.raises(NotAllowed, match="does not let this sign-in read"):
            await other_house.read("plain")
        assert other_house.renewals == []


async def test_a_wrong_client_secret_does_not_lose_the_sign_in(house: House) -> None:
    await house.connect()
    accounts.edit(house.center, "main", {"client_secret": "other"})
    house.clock.advance(3_600)
    with pytest.raises(KeyRefused, match="does not accept the client id and secret"):
        await house.read()
    accounts.edit(house.center, "main", {"client_secret": "testsecret"})
    assert await house.read() == 2


# -- several processes -------------------------------------------------------------------------------

RENEWS = """
import asyncio, os, sys
from datetime import datetime, timedelta
from pathlib import Path
from trunkline.center import accounts, grants
from trunkline.center.room import open_center
from trunkline.clock import FrozenWallClock
from trunkline.settings import load_settings
settings = load_settings(Path(sys.argv[1]), {"TRUNKLINE_STORE_URL": sys.argv[2]})
with open_center(settings, FrozenWallClock(datetime.fromisoformat(sys.argv[3]))) as center:
    if sys.argv[4] == "dies":
        grants.AccountGrant._saved = lambda *_: os.kill(os.getpid(), 9)
    print("ready", flush=True)
    sys.stdin.readline()
    print(asyncio.run(accounts.access(center, "main").grant.token()))
"""


async def another_process(house: House, how: str = "lives") -> asyncio.subprocess.Process:
    settings = house.center.settings
    words = (str(settings.home), settings.text("store_url"), house.clock.now().isoformat(), how)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RENEWS, *words, stdin=pipe, stdout=pipe
    )
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    return process


@on_every_database
async def test_processes_that_renew_together_spend_the_refresh_token_once(house: House) -> None:
    await house.connect()
    house.clock.advance(3_600)
    processes = [await another_process(house) for _ in range(3)]
    said = await asyncio.gather(*(p.communicate(b"go\n") for p in processes))
    tokens = {out for out, _ in said}
    assert len(tokens) == 1
    assert house.renewals == [200]
    assert house.host.oauth.access_of(tokens.pop().decode().strip()) == "company"


@on_every_database
async def test_killed_between_answer_and_saving_asks_a_person_and_no_provider(house: House) -> None:
    await house.connect()
    house.clock.advance(3_600)
    process = await another_process(house, "dies")
    await process.communicate(b"go\n")
    assert process.returncode == -signal.SIGKILL
    assert house.renewals == [200]
    for _ in range(2):
        with pytest.raises(KeyRefused) as caught:
            await house.read()
        assert (str(caught.value), caught.value.todo) == (ENDED, AGAIN)
    assert house.renewals == [200, 400]
    await house.connect()
    assert await house.read() == 2


async def test_killed_at_a_provider_that_takes_the_old_refresh_token_again_loses_nothing(
    center: Center, clock: SteppedClock
) -> None:
    async with sign_in_host(clock, OAuthOptions(rotate=False)) as host:
        house = House(center, host, clock)
        await house.connect()
        house.clock.advance(3_600)
        process = await another_process(house, "dies")
        await process.communicate(b"go\n")
        assert await house.read() == 2
        assert house.renewals == [200, 200]


# -- the end -----------------------------------------------------------------------------------------


async def test_removing_an_account_ends_its_sign_in_at_the_provider(house: House) -> None:
    await house.connect()
    grant = accounts.access(house.center, "main").grant
    assert grant
    token = await grant.token()
    assert await asyncio.to_thread(accounts.remove, house.center, "main") == ""
    assert house.host.oauth.access_of(token) is None
    with pytest.raises(SettingsError, match="There is no account"):
        accounts.get(house.center, "main")


async def test_a_provider_that_cannot_be_told_is_a_note(house: House) -> None:
    await house.connect()
    accounts.edit(house.center, "main", {"base_url": "http://127.0.0.1:1"})
    note = await asyncio.to_thread(accounts.remove, house.center, "main")
    assert "Dialpad was not told that the sign-in ends" in note
    assert accounts.all_of(house.center) == []


async def test_no_secret_stands_in_store_log_or_error(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    pending = connecting.begin(house.center, "dialpad", "main", house.client, REDIRECT)
    sent_to = await click_through(pending.authorize_url)
    code = sent_to.partition("code=")[2].partition("&")[0]
    await connecting.finish(house.center, pending, sent_to.partition("?")[2])
    access = accounts.access(house.center, "main")
    house.clock.advance(3_600)
    await house.read()
    grant = access.grant
    assert isinstance(grant, grants.AccountGrant)
    await grant.token()
    house.host.oauth.revoke_all()
    with pytest.raises(KeyRefused) as caught:
        await house.read()
    secrets = {*grant.seen, code, pending.beginning.verifier, "testsecret"}
    assert len(secrets) == 5
    own = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("authlib.oauth2.rfc"))
    texts = [own, str(caught.value), caught.value.todo, repr(pending), repr(accounts.all_of(house.center))]
    texts += [p.read_bytes().decode("latin-1") for p in house.center.settings.home.glob("store.sqlite3*")]
    assert [s for s in secrets for text in texts if s in text] == []
