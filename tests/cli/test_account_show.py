"""`account show` and `account budget`: all that is known of an account, a pause of its provider too."""

from datetime import timedelta

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON
from tests.cli.conftest import Terminal
from trunkline.center import accounts
from trunkline.center.room import open_center
from trunkline.clock import FrozenWallClock, local_text
from trunkline.settings import load_settings

UNTIL = NOON + timedelta(minutes=7)
REASON = "CallRail asks to wait (429)"


def pause(terminal: Terminal) -> None:
    """What a 429 leaves behind."""
    with open_center(load_settings(terminal.home, {}), FrozenWallClock(NOON)) as center:
        access = accounts.access(center, "main")
        center.spend_log.pause(access.connector.budget_of(access.values), UNTIL, REASON)


async def test_show_tells_all_but_the_secrets(terminal: Terminal) -> None:
    await terminal.with_calls()
    shown = await terminal.type("account", "show", "main")
    assert shown.code == 0
    lines = dict(line.split(":", 1) for line in shown.out.splitlines() if ":" in line)
    assert lines["Account"].strip() == "main"
    assert lines["Connector"].strip() == "CallRail (callrail)"
    assert lines["State"].strip() == "valid"
    assert lines["Checked"].strip() == local_text(NOON)
    assert f"account_id={ACCOUNT_ID}" in lines["Options"]
    assert "api_key=••••" in lines["Options"]
    assert lines["Datasets"].strip() == "calls"
    assert "1,000" in shown.out
    assert "nothing is sent until" not in shown.out


async def test_show_as_json(terminal: Terminal) -> None:
    await terminal.with_calls()
    told = (await terminal.type("account", "show", "main", "--json")).json
    assert (told["name"], told["used_by"], told["secrets"]) == ("main", ["calls"], ["api_key"])
    assert "api_key" not in told["options"]
    assert [limit["requests"] for limit in told["budget"]] == [1_000, 10_000]
    assert all(limit["left"] == limit["requests"] - limit["used"] for limit in told["budget"])


async def test_show_without_the_key_file_tells_all_else(terminal: Terminal) -> None:
    await terminal.with_calls()
    (terminal.home / "secret.key").rename(terminal.home / "elsewhere")
    shown = await terminal.type("account", "show", "main")
    assert shown.code == 0
    assert "Datasets:     calls" in shown.out
    assert "Budget:       " in shown.out


async def test_an_account_that_is_none_gets_a_hint(terminal: Terminal) -> None:
    await terminal.with_calls()
    refused = await terminal.type("account", "show", "mian")
    assert refused.code == 1
    assert "main" in refused.err


@pytest.mark.parametrize("command", ["budget", "show"])
async def test_a_pause_of_the_provider_is_told_until_it_is_over(terminal: Terminal, command: str) -> None:
    await terminal.with_calls()
    pause(terminal)
    told = await terminal.type("account", command, "main")
    assert f"nothing is sent until {local_text(UNTIL)}, {REASON}." in told.out
    listed = (await terminal.type("account", command, "main", "--json")).json
    limits = listed if command == "budget" else listed["budget"]
    assert {limit["pause_reason"] for limit in limits} == {REASON}
    assert {limit["left"] for limit in limits} == {0}
    terminal.env["TRUNKLINE_FROZEN_CLOCK"] = (UNTIL + timedelta(seconds=1)).isoformat()
    over = await terminal.type("account", command, "main")
    assert "nothing is sent until" not in over.out


async def test_doctor_tells_of_the_pause(terminal: Terminal) -> None:
    await terminal.with_calls()
    pause(terminal)
    told = await terminal.type("doctor", "--online")
    assert f"Not asked: nothing may be sent until {local_text(UNTIL)} ({REASON})." in told.out
    assert "account budget main" in told.out


async def test_printed_instants_name_their_zone(terminal: Terminal) -> None:
    await terminal.with_calls()
    terminal.env["TZ"] = "America/New_York"
    listed = await terminal.type("account", "list")
    assert NOON.strftime("%Y-%m-%d") in listed.out
    assert "EDT" in listed.out
