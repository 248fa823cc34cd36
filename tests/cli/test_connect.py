"""`trunkline account connect` in a real process; the browser is one that follows what the pages offer."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.cli.conftest import Outcome, Terminal
from tests.sims.dialpad.sign_in_page import SignInHost, click_through, query_of, sign_in_host
from trunkline.clock import SystemClock
from trunkline.sims.callrail import CallrailSim

ADDRESS = re.compile(r"^http\S+/oauth2/authorize\?\S+$", re.MULTILINE)


@dataclass
class Connecting:
    """A command that waits for somebody to sign in, and what it has printed so far."""

    process: asyncio.subprocess.Process
    authorize_url: str = ""
    out: str = ""
    pages: list[str] = field(default_factory=list)

    async def visit(self, address: str) -> int:
        async with aiohttp.ClientSession() as browser, browser.get(address) as page:
            self.pages.append(await page.text())
            assert page.headers["Referrer-Policy"] == "no-referrer"
            return page.status

    async def end(self) -> Outcome:
        out, err = await self.process.communicate()
        assert self.process.returncode is not None
        outcome = Outcome(self.process.returncode, self.out + out.decode(), err.decode())
        assert "Traceback" not in outcome.err
        return outcome


@pytest.fixture
async def host() -> AsyncIterator[SignInHost]:
    async with sign_in_host(SystemClock()) as started:
        yield started


@pytest.fixture
def desk(tmp_path: Path, host: SignInHost) -> Terminal:
    return Terminal(tmp_path / "home", CallrailSim(), {"SECRET": "testsecret"})


def client(host: SignInHost) -> tuple[str, ...]:
    return ("--client-id", "testclient", "--client-secret", "env:SECRET", "--base-url", host.url)


@asynccontextmanager
async def connecting(desk: Terminal, *words: str) -> AsyncIterator[Connecting]:
    """The command, from the moment that it has printed the address."""
    process = await desk.start("account", "connect", "dialpad", *words, "--home", str(desk.home))
    shown = Connecting(process)
    stream = process.stderr if "--json" in words else process.stdout
    assert stream
    try:
        while "Waiting" not in shown.out:
            line = await stream.readline()
            if not line:
                break
            shown.out += line.decode()
        found = ADDRESS.search(shown.out)
        shown.authorize_url = found[0] if found else ""
        yield shown
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_sign_in_allow_and_read(desk: Terminal, host: SignInHost) -> None:
    async with connecting(desk, "main", *client(host)) as shown:
        assert await shown.visit(await click_through(shown.authorize_url)) == 200
        outcome = await shown.end()
    assert outcome.code == 0, outcome.err
    assert "Account main is connected to Dialpad." in outcome.out
    assert "The account is connected." in shown.pages[0]
    assert "You can close this window" in shown.pages[0]
    listed = await desk.type("account", "list", "--json")
    assert (listed.json[0]["name"], listed.json[0]["state"]) == ("main", "valid")
    assert listed.json[0]["connected_at"]
    assert listed.json[0]["secrets"] == ["client_secret"]
    assert (await desk.type("account", "test", "main")).code == 0
    edited = await desk.type("account", "edit", "main", "--base-url", host.url + "/")
    assert edited.code == 0, edited.err
    doctor = await desk.type("doctor", "--online")
    assert "account main: The sign-in works." in doctor.out


async def test_json_prints_the_account_alone(desk: Terminal, host: SignInHost) -> None:
    async with connecting(desk, "main", "--json", *client(host)) as shown:
        await shown.visit(await click_through(shown.authorize_url))
        outcome = await shown.end()
    assert Outcome(0, outcome.out.removeprefix(shown.out), "").json["name"] == "main"


async def test_deny_saves_nothing_and_says_why_in_both_places(desk: Terminal, host: SignInHost) -> None:
    async with connecting(desk, "main", *client(host)) as shown:
        assert await shown.visit(await click_through(shown.authorize_url, decision="deny")) == 400
        outcome = await shown.end()
    assert outcome.code == 1
    assert "Error: The sign-in was refused" in outcome.err
    flags = f"--client-id testclient --client-secret - --base-url {host.url} --home {desk.home}"
    assert f"`trunkline account connect dialpad main {flags}`" in outcome.err
    assert "The sign-in was refused" in shown.pages[0]
    assert (await desk.type("account", "list", "--json")).json == []


async def test_a_user_without_rights_is_told_who_should_sign_in(desk: Terminal, host: SignInHost) -> None:
    async with connecting(desk, "main", *client(host)) as shown:
        await shown.visit(await click_through(shown.authorize_url, user="user"))
        outcome = await shown.end()
    assert outcome.code == 1
    assert "does not let this sign-in read" in outcome.err
    assert "such as an administrator" in outcome.err


async def test_a_stray_answer_is_told_so_and_waiting_goes_on(desk: Terminal, host: SignInHost) -> None:
    async with connecting(desk, "main", *client(host)) as shown:
        sent_to = await click_through(shown.authorize_url)
        place = sent_to.partition("?")[0]
        for stray in (sent_to.replace("state=", "state=x"), place, f"{place}?error=access_denied&state="):
            assert await shown.visit(stray) == 400
            assert "does not belong to the sign-in that is under way" in shown.pages[-1]
        assert host.oauth.token_requests == []
        assert await shown.visit(sent_to) == 200
        outcome = await shown.end()
    assert (outcome.code, outcome.err) == (0, "")
    assert "Account main is connected to Dialpad." in outcome.out


async def test_somebody_elses_denial_denies_nothing(desk: Terminal, host: SignInHost) -> None:
    async with connecting(desk, "main", "--wait", "2", *client(host)) as shown:
        denied = await click_through(shown.authorize_url, decision="deny")
        assert await shown.visit(denied.replace("state=", "state=x")) == 400
        outcome = await shown.end()
    assert "Error: Nobody signed in within 2 seconds." in outcome.err


async def test_denying_an_account_that_is_there_asks_for_its_name_alone(
    desk: Terminal, host: SignInHost
) -> None:
    async with connecting(desk, "main", *client(host)) as shown:
        await shown.visit(await click_through(shown.authorize_url))
        await shown.end()
    async with connecting(desk, "main") as shown:
        await shown.visit(await click_through(shown.authorize_url, decision="deny"))
        outcome = await shown.end()
    assert f"allow it: `trunkline account connect dialpad main --home {desk.home}`" in outcome.err


async def test_a_key_of_a_user_is_told_what_key_would_do_and_how_to_save_it(
    desk: Terminal, host: SignInHost
) -> None:
    words = ("account", "add", "dialpad", "mine", "--api-key", "userkey", "--base-url", host.url)
    refused = await desk.type(*words)
    assert refused.code == 1
    assert "does not let this API Key read" in refused.err
    assert "Account 'mine' was not saved." in refused.err
    assert "Give another as the API Key (--api-key): a company administrator's API key." in refused.err
    assert "Or save it all the same with --no-test" in refused.err
    assert (await desk.type(*words, "--no-test")).code == 0
    tested = await desk.type("account", "test", "mine")
    assert "a company administrator's API key." in tested.err
    assert "--no-test" not in tested.err


async def test_nobody_comes(desk: Terminal, host: SignInHost) -> None:
    async with connecting(desk, "main", "--wait", "1", *client(host)) as shown:
        outcome = await shown.end()
    assert outcome.code == 1
    assert "Error: Nobody signed in within 1 seconds." in outcome.err


async def test_an_account_is_connected_again_by_its_name_alone(desk: Terminal, host: SignInHost) -> None:
    for words in (client(host), ()):
        async with connecting(desk, "main", *words) as shown:
            await shown.visit(await click_through(shown.authorize_url))
            assert (await shown.end()).code == 0
    assert len((await desk.type("account", "list", "--json")).json) == 1


async def test_scopes_can_be_chosen(desk: Terminal, host: SignInHost) -> None:
    wishes = ("--scope", "calls:list", "--scope", "screen_pop")
    async with connecting(desk, "main", *wishes, *client(host)) as shown:
        assert query_of(shown.authorize_url)["scope"] == "calls:list screen_pop"


async def test_the_public_address_is_the_redirect_address(desk: Terminal, host: SignInHost) -> None:
    desk.env["TRUNKLINE_PUBLIC_URL"] = "https://trunkline.example.com/"
    refused = await desk.type("account", "connect", "dialpad", "main", *client(host))
    assert (refused.code, "--port" in refused.err) == (1, True)
    async with sign_in_host(SystemClock()) as elsewhere:
        port = elsewhere.url.rpartition(":")[2]
    async with connecting(desk, "main", "--port", port, *client(host)) as shown:
        redirect_uri = query_of(shown.authorize_url)["redirect_uri"]
        assert redirect_uri == "https://trunkline.example.com/oauth/callback/dialpad"
        sent_to = await click_through(shown.authorize_url)
        passed_on = sent_to.replace("https://trunkline.example.com", f"http://127.0.0.1:{port}")
        assert await shown.visit(passed_on) == 200
        assert (await shown.end()).code == 0


async def test_a_port_that_is_taken_is_named(desk: Terminal, host: SignInHost) -> None:
    port = host.url.rpartition(":")[2]
    outcome = await desk.type("account", "connect", "dialpad", "main", "--port", port, *client(host))
    assert (outcome.code, f"Port {port} of 127.0.0.1 cannot be used" in outcome.err) == (1, True)


async def test_what_signing_in_needs_is_named(desk: Terminal, host: SignInHost) -> None:
    outcome = await desk.type("account", "connect", "dialpad", "main", "--base-url", host.url)
    assert outcome.code == 1
    assert "Client ID (--client-id) is missing." in outcome.err
    assert "Client Secret (--client-secret) is missing." in outcome.err
    outcome = await desk.type("account", "add", "dialpad", "main", "--no-test", "--base-url", host.url)
    assert outcome.code == 1
    assert "--api-key" in outcome.err
    assert "trunkline account connect dialpad NAME" in outcome.err


async def test_removing_ends_the_sign_in_or_says_that_it_could_not(desk: Terminal, host: SignInHost) -> None:
    for name in ("main", "other"):
        async with connecting(desk, name, *client(host)) as shown:
            await shown.visit(await click_through(shown.authorize_url))
            await shown.end()
    token = host.asked[0][1].removeprefix("Bearer ")
    assert host.oauth.access_of(token) == "company"
    removed = await desk.type("account", "remove", "main", "--yes")
    assert (removed.code, removed.err) == (0, "")
    assert host.oauth.access_of(token) is None
    away = ("account", "edit", "other", "--base-url", "http://127.0.0.1:1", "--no-test")
    assert (await desk.type(*away)).code == 0
    removed = await desk.type("account", "remove", "other", "--yes")
    assert removed.code == 0
    assert "Note: Dialpad was not told that the sign-in ends" in removed.err


async def test_no_secret_is_printed_or_stands_in_the_process_list(desk: Terminal, host: SignInHost) -> None:
    desk.env["TRUNKLINE_LOG_LEVEL"] = "debug"
    async with connecting(desk, "main", *client(host)) as shown:
        sent_to = await click_through(shown.authorize_url)
        title = " ".join(psutil.Process(shown.process.pid).cmdline())
        await shown.visit(sent_to)
        outcome = await shown.end()
    token = host.asked[0][1].removeprefix("Bearer ")
    secrets = ("testsecret", query_of(sent_to)["code"], token)
    assert all(len(secret) >= 10 for secret in secrets)
    texts = (outcome.out, outcome.err, title, *shown.pages)
    assert [s for s in secrets for text in texts if s in text] == []
