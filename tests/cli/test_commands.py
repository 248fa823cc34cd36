"""The commands of the README, as a stranger types them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.center.conftest import ACCOUNT_ID
from tests.cli.conftest import Terminal
from trunkline.sims.callrail import Fault

RUN_FIELDS = {
    *("status", "rows_read", "rows_inserted", "rows_updated", "rows_deleted", "requests", "retries"),
    *("waited_seconds", "warnings", "seconds", "bytes", "error", "todo", "days"),
}


async def test_from_a_key_to_a_parquet_file(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls()
    run = await terminal.type("run", "calls", "--json")
    assert run.code == 0
    assert set(run.json) >= RUN_FIELDS
    assert (run.json["status"], run.json["rows_inserted"], run.json["warnings"]) == ("succeeded", 900, [])
    count = await terminal.type("query", "select count(*) as n from datasets.calls", "--format", "json")
    assert count.json == [{"n": 900}]
    target = tmp_path / "calls.parquet"
    export = await terminal.type("dataset", "export", "calls", "--format", "parquet", "--to", str(target))
    assert export.code == 0
    assert pq.read_metadata(target).num_rows == 900
    history = await terminal.type("dataset", "history", "calls", "--json")
    assert [r["status"] for r in history.json["runs"]] == ["succeeded"]
    shown = await terminal.type("dataset", "show", "calls", "--json")
    assert (shown.json["rows"], shown.json["last_success"]["status"]) == (900, "succeeded")


async def test_read_prints_rows_and_writes_nothing(terminal: Terminal) -> None:
    read = await terminal.type("read", "callrail", "calls", "--days-back", "7", *terminal.access)
    rows = [json.loads(line) for line in read.out.splitlines()]
    assert read.code == 0
    assert {row["start_time"][:10] for row in rows} <= {f"2026-06-{d:02}" for d in range(8, 16)}
    assert len({row["id"] for row in rows}) == len(rows) > 0
    assert "8 Jun 2026 to 15 Jun 2026" in read.err
    assert not terminal.home.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("account", "add", "callrail", "x", "--api-key", "wrong-key"), 1, "refused the API Key (401)"),
        (("account", "add", "callrail", "x", "--account-id", "ACCnone"), 1, "ACCnone"),
        (("account", "add", "callrail", "x", "--api-key", "env:NOT_SET"), 1, "NOT_SET is not set"),
        (("account", "add", "callrail", "x", "--api-key", "@/none"), 1, "/none cannot be read"),
        (("account", "add", "callrail", "x", "--base-url", "http://example.com"), 1, "plain http"),
        (("account", "add", "callrail", "x", "--api-kee", "k"), 2, "No such option '--api-kee'"),
        (("account", "add", "calrail", "x"), 1, "Did you mean callrail?"),
        (("dataset", "add", "d", "--account", "nobody", "--report", "calls"), 1, "no account named 'nobody'"),
        (("dataset", "add", "d"), 2, "--account"),
        (("run", "nothing"), 1, "no dataset named 'nothing'"),
        (("rnu",), 2, "Did you mean run?"),
        (("query", "select 1"), 1, "no warehouse yet"),
        (("cancel", "nope"), 1, "no run named 'nope'"),
    ],
)
async def test_a_slip_gets_one_clear_sentence(
    terminal: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    terminal.make_home()
    given = list(words)
    if words[:3] == ("account", "add", "callrail"):
        access = dict(zip(terminal.access[::2], terminal.access[1::2], strict=True))
        given += [w for flag, value in access.items() if flag not in words for w in (flag, value)]
    outcome = await terminal.type(*given)
    assert outcome.code == code
    assert said in outcome.err
    assert outcome.out == ""


async def test_an_account_is_saved_only_when_its_key_works(terminal: Terminal) -> None:
    await terminal.type("account", "add", "callrail", "main", "--api-key", "bad", *terminal.access[2:])
    assert (await terminal.type("account", "list", "--json")).json == []
    secret = terminal.home.parent / "key.txt"
    secret.write_text("testkey\n")
    saved = await terminal.type(
        "account", "add", "callrail", "main", "--api-key", f"@{secret}", *terminal.access[2:]
    )
    assert saved.code == 0
    listed = (await terminal.type("account", "list", "--json")).json
    assert [(a["name"], a["state"], a["secrets"]) for a in listed] == [("main", "valid", ["api_key"])]
    asked = await terminal.type("account", "edit", "main", "--api-key", "-", stdin="testkey\n")
    assert asked.code == 0


async def test_an_account_in_use_stays(terminal: Terminal) -> None:
    await terminal.with_calls()
    refused = await terminal.type("account", "remove", "main")
    assert refused.code == 1
    assert "used by calls" in refused.err
    assert (await terminal.type("dataset", "remove", "calls", "--yes")).code == 0
    assert (await terminal.type("account", "remove", "main", "--yes")).code == 0


async def test_the_only_account_of_a_key_needs_no_naming_and_two_are_listed(terminal: Terminal) -> None:
    access = terminal.access[:2] + terminal.access[4:]
    await terminal.type("account", "add", "callrail", "main", *access)
    added = await terminal.type("dataset", "add", "calls", "--account", "main", "--report", "calls")
    assert added.code == 1
    assert ACCOUNT_ID in added.err


async def test_a_failed_run_says_what_to_do_and_the_next_one_goes_on(terminal: Terminal) -> None:
    await terminal.with_calls()
    terminal.sim.faults.add(Fault("html", "calls.json", 2, None))
    failed = await terminal.type("run", "calls")
    assert failed.code == 1
    assert "a web page where JSON belongs" in failed.err
    assert "What to do:" in failed.err
    terminal.sim.faults.clear()
    assert (await terminal.type("run", "calls", "--json")).json["rows_inserted"] == 900


async def test_a_file_held_by_another_process_is_named(terminal: Terminal) -> None:
    await terminal.with_calls()
    await terminal.type("run", "calls")
    with duckdb.connect(str(terminal.home / "warehouse.duckdb")):
        query = await terminal.type("query", "select 1")
        run = await terminal.type("run", "calls", "--json")
    assert (query.code, run.code) == (1, 1)
    assert f"Another process (pid {os.getpid()}) has the warehouse" in query.err
    assert "Try again when that run has ended" in query.err
    assert (run.json["status"], run.json["error_kind"]) == ("failed", "retry_later")


async def test_ctrl_c_ends_cleanly_and_keeps_what_was_loaded(terminal: Terminal) -> None:
    await terminal.with_calls()
    terminal.sim.faults.add(Fault("slow", "calls.json", 2, None, seconds=30))
    process = await terminal.start("run", "calls", "--home", str(terminal.home))
    while len(terminal.sim.requests) < 4:
        await asyncio.wait({asyncio.ensure_future(asyncio.sleep(0))})
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err.decode()
    terminal.sim.faults.clear()
    history = (await terminal.type("dataset", "history", "calls", "--json")).json["runs"]
    assert [r["status"] for r in history] == ["cancelled"]
    assert (await terminal.type("run", "calls")).code == 0


async def test_cancel_stops_a_run_that_waits(terminal: Terminal) -> None:
    await terminal.with_calls()
    await terminal.type("account", "edit", "main", "--hourly-limit", "3", "--no-test")
    process = await terminal.start("run", "calls", "--json", "--home", str(terminal.home))
    state: list[dict[str, object]] = []
    while process.returncode is None and not any(r["status"] == "waiting" for r in state):
        state = (await terminal.type("dataset", "history", "calls", "--json")).json["runs"]
    assert "3 requests an hour" in str(state[0]["waiting_reason"])
    assert (await terminal.type("cancel", str(state[0]["id"]))).code == 0
    out, _ = await process.communicate()
    assert json.loads(out)["status"] == "cancelled"
    assert process.returncode == 1


async def test_doctor_and_config_speak_of_everything(terminal: Terminal) -> None:
    fresh = await terminal.type("doctor", "--json")
    assert fresh.code == 0
    assert f"There is no Trunkline home at {terminal.home}." in [f["text"] for f in fresh.json]
    assert not terminal.home.exists()
    await terminal.with_calls()
    await terminal.type("run", "calls")
    found = (await terminal.type("doctor", "--online", "--json")).json
    assert {f["state"] for f in found if not f["name"].startswith("port")} == {"ok"}
    assert {*found[0]} == {"name", "state", "text", "todo"}
    assert {"disk", "clock", "store", "key file", "warehouse", "account main"} <= {f["name"] for f in found}
    (terminal.home / "secret.key").write_text("no key at all")
    broken = await terminal.type("doctor")
    assert broken.code == 1
    assert "ERROR" in broken.out
    config = await terminal.type("config", "--json")
    assert {"name", "value", "source", "help"} == set(config.json["settings"][0])


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['trunkline', '--help']\nfrom trunkline.cli import main\ntry: main()\n"
    code += "except SystemExit: print(sorted(sys.modules.keys() & set(sys.stdin.read().split())))"
    heavy = "sqlalchemy duckdb pyarrow aiohttp rich alembic cryptography asyncio"
    done = subprocess.run(
        [sys.executable, "-c", code], input=heavy, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
