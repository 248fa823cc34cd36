"""When the request budget is used up, every command says what it waits for; doctor does not wait."""

import asyncio
from datetime import datetime

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON
from tests.cli.conftest import Terminal
from trunkline.center import accounts
from trunkline.center.room import open_center
from trunkline.clock import FrozenWallClock
from trunkline.fetch.spending import Grant
from trunkline.settings import load_settings

UNTIL = "2026-06-15 "
WHY = "(1 request an hour)"


@pytest.fixture
async def spent(terminal: Terminal) -> Terminal:
    """An account with a dataset, whose one request an hour is used up."""
    await terminal.with_calls("--account-id", ACCOUNT_ID, "--days-back", "3")
    with open_center(load_settings(terminal.home, {}), FrozenWallClock(NOON)) as center:
        accounts.edit(center, "main", {"hourly_limit": "1"})
        access = accounts.access(center, "main")
        account = access.connector.budget_of(access.values)
        while isinstance(center.spend_log.take(account, access.limits, 1, NOON), Grant):
            pass
    terminal.sim.requests.clear()
    return terminal


async def first_line(terminal: Terminal, *words: str) -> str:
    """The first line on standard error; then the command is ended."""
    process = await terminal.start(*words, "--home", str(terminal.home))
    try:
        assert process.stderr is not None
        return (await process.stderr.readline()).decode()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


ADD_AGAIN = "account add callrail again --api-key testkey --hourly-limit 1"
ADD_DATASET = "dataset add d --account main --report calls --company-id COM1"


@pytest.mark.parametrize(
    "words",
    [
        "account test main",
        "account edit main --api-key testkey",
        "account menu main calls company_id",
        ADD_DATASET,
        "dataset edit calls --company-id COM1",
        "dataset preview calls --json",
    ],
)
async def test_a_wait_is_told_before_it_begins(spent: Terminal, words: str) -> None:
    line = await asyncio.wait_for(first_line(spent, *words.split()), 60)
    assert line.startswith(f"Waiting until {UNTIL}")
    assert line.rstrip().endswith(f"{WHY}.")
    assert not spent.sim.requests


async def test_a_new_account_tells_that_it_waits(spent: Terminal) -> None:
    words = (*ADD_AGAIN.split(), "--account-id", ACCOUNT_ID, "--base-url", spent.sim.url)
    line = await asyncio.wait_for(first_line(spent, *words), 60)
    assert line.startswith("Waiting until ")


async def test_a_run_for_a_program_tells_a_person_that_it_waits(spent: Terminal) -> None:
    line = await asyncio.wait_for(first_line(spent, "run", "calls", "--json"), 60)
    assert line.startswith(f"calls: 0 rows; waiting until {UNTIL}")
    assert line.rstrip().endswith(WHY)


async def test_doctor_tells_of_a_used_budget_and_goes_on(spent: Terminal) -> None:
    found = (await asyncio.wait_for(spent.type("doctor", "--online", "--json"), 60)).json
    told = next(f for f in found if f["name"] == "account main")
    assert told["state"] == "warning"
    assert told["text"].startswith(f"Not asked: nothing may be sent until {UNTIL}")
    assert datetime.fromisoformat(told["text"].split(" until ")[1][:16])
    assert not spent.sim.requests
    listed = (await spent.type("account", "list", "--json")).json
    assert [a["state"] for a in listed] == ["valid"]


async def test_a_changed_limit_asks_nothing(spent: Terminal) -> None:
    changed = await asyncio.wait_for(spent.type("account", "edit", "main", "--daily-limit", "500"), 60)
    assert (changed.code, changed.err) == (0, "")
    assert not spent.sim.requests
