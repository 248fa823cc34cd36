"""`dataset history`: lists, pages, one run with its log, as people and as programs read them."""

import json

from tests.cli.conftest import Terminal
from trunkline.center.runs import os_user
from trunkline.cli.history import STATES
from trunkline.sims.callrail import Fault


async def test_the_last_run_and_the_last_success_are_told_apart(terminal: Terminal) -> None:
    await terminal.with_calls()
    never = await terminal.type("dataset", "history", "calls", "--json")
    assert never.json == {"runs": [], "last_run": None, "last_success": None, "next_try_at": None}
    good = (await terminal.type("run", "calls", "--json")).json
    terminal.sim.faults.add(Fault("status", "calls.json", 1, None, status=403))
    terminal.env["TRUNKLINE_FROZEN_CLOCK"] = "2026-06-15T13:00:00+00:00"
    bad = json.loads((await terminal.type("run", "calls", "--json")).out)
    told = (await terminal.type("dataset", "history", "calls", "--json")).json
    assert [one["id"] for one in told["runs"]] == [bad["id"], good["id"]]
    assert (told["last_run"]["id"], told["last_success"]["id"]) == (bad["id"], good["id"])
    assert {one["started_by"] for one in told["runs"]} == {os_user()}
    page = await terminal.type("dataset", "history", "calls", "--before", bad["id"], "--json")
    assert [one["id"] for one in page.json["runs"]] == [good["id"]]
    failed = await terminal.type("dataset", "history", "calls", "--state", "failed", "--json")
    assert [one["id"] for one in failed.json["runs"]] == [bad["id"]]
    none = await terminal.type("dataset", "history", "calls", "--state", "cancelled")
    assert none.out == "calls has no such run.\n"


async def test_one_run_with_its_log(terminal: Terminal) -> None:
    await terminal.with_calls()
    terminal.sim.faults.add(Fault("status", "calls.json", 1, 1, status=503))
    run = (await terminal.type("run", "calls", "--json")).json
    shown = await terminal.type("dataset", "history", "calls", "--run", run["id"], "--log")
    assert shown.code == 0
    for said in (
        "Status:       succeeded",
        f"by {os_user()}",
        "reading",
        "loading",
        "retry: CallRail",
        "1 of 1",
    ):
        assert said in shown.out
    told = (await terminal.type("dataset", "history", "calls", "--run", run["id"], "--log", "--json")).json
    assert told["id"] == run["id"]
    assert told["log"]["left_out"] == 0
    assert {"number", "at", "level", "event", "text", "fields"} == set(told["log"]["lines"][0])
    assert [one["name"] for one in told["phases"]] == ["signing in", "planning", "reading", "loading"]


async def test_mistakes_are_told(terminal: Terminal) -> None:
    await terminal.with_calls()
    refused = await terminal.type("dataset", "history", "calls", "--run", "none")
    assert (refused.code, "calls has no run 'none'" in refused.err) == (1, True)
    alone = await terminal.type("dataset", "history", "calls", "--log")
    assert (alone.code, "name it with --run RUN" in alone.err) == (2, True)


def test_states_are_those_of_runs() -> None:
    from trunkline.center import runs

    assert tuple(sorted(STATES)) == tuple(sorted(runs.STATES))
