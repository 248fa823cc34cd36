"""Runs that are stopped, killed, or begun twice; and the ends of commands that programs read."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Terminal
from trunkline.sims.callrail import Fault

DAYS = ("--days-back", "62", "--update", "merge")
"""No longer than the calls reach back: every window holds some."""
LOADED = 5
"""Windows that are committed while the eighth answer is awaited, and no more come."""


async def under_way(terminal: Terminal, *words: str) -> asyncio.subprocess.Process:
    """A run of calls that has loaded some windows and waits for an answer in the next one."""
    terminal.env["TRUNKLINE_WINDOW_ROWS"] = "100"
    terminal.sim.faults.add(Fault("slow", "calls.json", 8, None, seconds=600))
    enough = len(terminal.sim.requests) + 8
    process = await terminal.start("run", "calls", *words, "--home", str(terminal.home))
    ending = asyncio.ensure_future(process.wait())
    while len(terminal.sim.requests) < enough or (await history(terminal))[0]["windows_done"] < LOADED:
        assert not ending.done()
        await asyncio.wait({ending}, timeout=0.01)
    return process


async def history(terminal: Terminal) -> Any:
    return (await terminal.type("dataset", "history", "calls", "--json")).json["runs"]


async def committed_rows(terminal: Terminal) -> int:
    counted = await terminal.type("query", "select count(*) as n from datasets.calls", "--format", "json")
    return int(counted.json[0]["n"])


async def test_sigterm_ends_a_run_as_cancelled_with_its_own_code(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    process = await under_way(terminal, "--json")
    process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    assert (process.returncode, err.decode()) == (143, "Stopped.\n")
    assert json.loads(out)["error"]["kind"] == "cancelled"
    (run,) = await history(terminal)
    assert run["status"] == "cancelled"
    assert 0 < run["rows_inserted"] == await committed_rows(terminal)
    terminal.sim.faults.clear()
    following = (await terminal.type("run", "calls", "--json")).json
    assert (following["status"], following["rows_inserted"]) == ("succeeded", 900 - run["rows_inserted"])


async def test_a_killed_run_is_shown_as_failed_with_all_it_committed(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    process = await under_way(terminal)
    process.kill()
    await process.communicate()
    (listed,) = (await terminal.type("dataset", "list", "--json")).json
    run = listed["last_run"]
    assert (run["status"], run["error_kind"]) == ("failed", "retry_later")
    assert run["error"] == "The run's process ended before the run did."
    assert 0 < run["rows_inserted"] == await committed_rows(terminal)
    shown = await terminal.type("dataset", "show", "calls")
    assert "Last run:     failed" in shown.out
    refused = await terminal.type("cancel", run["id"])
    assert (refused.code, "has ended already (failed)" in refused.err) == (1, True)


async def test_what_a_run_holds_is_refused_at_once_and_named(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    process = await under_way(terminal)
    (run,) = await history(terminal)
    assert run["status"] == "running"
    for words in ("run calls --json", "dataset edit calls --days-back 3", "dataset remove calls --yes"):
        refused = await terminal.type(*words.split())
        assert refused.code == 1
        assert f"Error: calls is being run (run {run['id']}, since " in refused.err
        cancel = f"`trunkline cancel {run['id']} --home {terminal.home}`"
        assert cancel in refused.err
        if "--json" in words:
            error = refused.json["error"]
            assert (error["kind"], error["problems"]) == ("retry_later", [])
            assert cancel in error["todo"]
    stopped = await terminal.type("cancel", run["id"], "--json")
    assert stopped.json == {"id": run["id"], "dataset": "calls", "was": "running", "cancel_requested": True}
    _, err = await process.communicate()
    assert process.returncode == 1
    assert "calls cancelled" in err.decode()


async def test_of_several_datasets_those_go_on_that_nobody_runs(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    added = await terminal.type("dataset", "add", "users", "--account", "main", "--report", "users")
    assert added.code == 0
    process = await under_way(terminal)
    both = await terminal.type("run", "calls", "users", "--json")
    process.kill()
    await process.communicate()
    assert both.code == 1
    assert "calls is being run" in both.err
    assert [run["dataset"] for run in both.json] == ["users"]
    assert both.json[0]["status"] != "cancelled"


@pytest.mark.parametrize(("answer", "said"), [("", "pass --yes"), ("n\n", "Nothing was removed.")])
async def test_nothing_is_removed_without_a_yes(terminal: Terminal, answer: str, said: str) -> None:
    access = terminal.access
    assert (await terminal.type("account", "add", "callrail", "other", *access)).code == 0
    await terminal.with_calls()
    for words in ("dataset remove calls", "account remove other"):
        asked = await terminal.type(*words.split(), "--json", stdin=answer)
        assert asked.code == 1
        assert "Nothing was removed" in asked.err
        assert said.lower() in asked.err.lower()
        assert asked.json["error"]["message"].startswith("Nothing was removed")
    assert len((await terminal.type("account", "list", "--json")).json) == 2
    assert len((await terminal.type("dataset", "list", "--json")).json) == 1


async def test_removals_are_told_to_programs(terminal: Terminal) -> None:
    await terminal.with_calls()
    gone = await terminal.type("dataset", "remove", "calls", "--json", stdin="y\n")
    assert (gone.code, gone.json) == (0, {"name": "calls", "removed": True, "table": "dropped"})
    account = await terminal.type("account", "remove", "main", "--json", "--yes")
    assert (account.code, account.json) == (0, {"name": "main", "removed": True, "note": ""})


@pytest.mark.parametrize(
    ("words", "code", "kind", "fields"),
    [
        ("run nothing --json", 1, "settings_error", []),
        ("dataset add 1x --account main --report calls --json", 1, "settings_error", ["name"]),
        ("account list --jsn --json", 2, "usage_error", []),
        ("run --json", 2, "usage_error", []),
    ],
)
async def test_a_failure_is_told_to_a_program_too(
    terminal: Terminal, words: str, code: int, kind: str, fields: list[str]
) -> None:
    await terminal.type("account", "add", "callrail", "main", *terminal.access)
    failed = await terminal.type(*words.split())
    error = failed.json["error"]
    assert (failed.code, error["kind"]) == (code, kind)
    assert [problem["field"] for problem in error["problems"]] == fields
    assert error["message"]
    assert error["message"].split(". ")[0] in failed.err
    assert error["todo"] in failed.err
    without = await terminal.type(*words.removesuffix(" --json").split())
    assert without.out == ""


@pytest.mark.parametrize("words", ["config --json", "account list --help", "account list --json"])
async def test_output_for_which_there_is_no_room_is_told_in_a_sentence(
    terminal: Terminal, words: str
) -> None:
    await terminal.type("account", "add", "callrail", "main", *terminal.access)
    ended = await terminal.type_into(Path("/dev/full"), *words.split())
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "Error: What was to be written does not fit: No space left on device.",
        "What to do: make room, or write to another place.",
    ]


async def test_a_broken_warehouse_does_not_hide_what_the_store_knows(terminal: Terminal) -> None:
    await terminal.with_calls()
    (terminal.home / "warehouse.duckdb").write_bytes(b"no DuckDB file at all" * 1_000)
    run = await terminal.type("run", "calls", "--json")
    assert run.json["status"] == "failed"
    shown = await terminal.type("dataset", "show", "calls")
    assert shown.code == 0
    assert "Last run:     failed" in shown.out
    assert "is no DuckDB file" in shown.out
    described = (await terminal.type("dataset", "show", "calls", "--json")).json
    assert described["rows"] is None
    assert "is no DuckDB file" in described["table_note"]
