"""Commands beside a running server, which they go through; and servers that begin, end and are killed."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Outcome, Terminal
from tests.cli.test_stopping import DAYS, committed_rows, history, under_way
from trunkline.daemon.address import SOCKET
from trunkline.sims.callrail import Fault

LISTENING = b"trunkline: listening on "


@contextlib.asynccontextmanager
async def serving(terminal: Terminal, *flags: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server of the terminal's home folder, unless the test ends it itself."""
    terminal.env["TRUNKLINE_WINDOW_ROWS"] = "100"
    process = await terminal.start("serve", "--port", "0", "--home", str(terminal.home), *flags)
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    assert line.startswith(LISTENING), (line, await process.communicate())
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def words_said(terminal: Terminal, folder: Path) -> list[Outcome]:
    export = str(folder / "out.csv")
    return [
        await terminal.type("query", "select count(*) as n, max(start_time) as m from calls"),
        await terminal.type("query", "select * from calls order by id limit 20", "--format", "json"),
        await terminal.type("query", "select 1.5::decimal(9,2) as d, [1] as l, '[2]'::json as j"),
        await terminal.type("query", "select i, i / 7 as d from range(100000) r(i)", "--format", "csv"),
        await terminal.type("query", "select * from nothing"),
        await terminal.type("query", "drop table datasets.calls"),
        await terminal.type("query", "select * from read_csv('/etc/passwd')"),
        await terminal.type("query", "select error('at ' || i) from range(10000) r(i) where i > 9000"),
        await terminal.type("dataset", "preview", "calls", "--rows", "2"),
        await terminal.type("dataset", "export", "calls", "--to", export),
        await terminal.type("dataset", "export", "nothing", "--to", export),
        await terminal.type("dataset", "show", "calls"),
        await terminal.type("cancel", "nothing"),
    ]


async def test_commands_say_the_same_with_a_server_and_without(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls(*DAYS)
    assert (await terminal.type("run", "calls")).code == 0
    alone = await words_said(terminal, tmp_path)
    exported = (tmp_path / "out.csv").read_bytes()
    async with serving(terminal):
        served = await words_said(terminal, tmp_path)
        doctor = await terminal.type("doctor")
        assert (doctor.code, "Tables: 1, rows: 900." in doctor.out) == (0, True)
        made = await terminal.type("backup", str(tmp_path / "b.zip"), "--json")
        assert (made.code, made.json["parts"][:2]) == (0, ["store.sqlite3", "warehouse.duckdb"])
    assert [one.code for one in served] == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 1]
    assert served == alone
    assert (tmp_path / "out.csv").read_bytes() == exported
    assert not (terminal.home / SOCKET).exists()


async def test_runs_go_through_the_server_and_tell_the_same(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    added = await terminal.type("dataset", "add", "users", "--account", "main", "--report", "users")
    assert added.code == 0
    async with serving(terminal) as process:
        both = await terminal.type("run", "--all", "--json")
        assert isinstance(both.json, list), both
        assert (both.code, [run["status"] for run in both.json]) == (0, ["succeeded"] * 2)
        assert [run["dataset"] for run in both.json] == ["calls", "users"]
        assert both.json[0]["rows_inserted"] == 900 == await committed_rows(terminal)
        again = await terminal.type("run", "calls")
        assert again.out.startswith("calls: ")
        assert "0 new, 0 changed" in again.out
        assert await pids(terminal) == {process.pid}
        removed = await terminal.type("dataset", "remove", "calls", "--yes")
        assert removed.code == 0, removed.err
        gone = await terminal.type("query", "select * from calls")
        assert "calls does not exist" in gone.err
    assert (await terminal.type("query", "select * from calls")).err == gone.err


async def test_of_several_processes_that_serve_one_runs_datasets(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    async with serving(terminal, "--workers", "2") as parent:
        assert (await terminal.type("run", "calls")).code == 0
        assert await pids(terminal) == {parent.pid}


async def pids(terminal: Terminal) -> set[int]:
    """The processes that did the runs of the history."""
    with contextlib.closing(sqlite3.connect(terminal.home / "store.sqlite3")) as store:
        return {pid for (pid,) in store.execute("select pid from runs")}


async def test_a_run_that_fails_fails_in_the_same_words(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    terminal.sim.faults.add(Fault("status", "calls.json", 1, None, status=403))
    alone = await terminal.type("run", "calls")
    async with serving(terminal):
        served = await terminal.type("run", "calls")
    assert served == alone
    assert alone.code == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_who_stops_a_command_stops_its_run(terminal: Terminal, number: int, code: int) -> None:
    await terminal.with_calls(*DAYS)
    async with serving(terminal):
        process = await under_way(terminal, "--json")
        process.send_signal(number)
        out, err = await process.communicate()
        assert (process.returncode, err.decode().strip()) == (code, "Stopped.")
        assert json.loads(out)["error"]["kind"] == "cancelled"
        (run,) = await history(terminal)
        assert run["status"] == "cancelled"
        assert 0 < run["rows_inserted"] == await committed_rows(terminal)


async def test_a_run_goes_on_when_its_terminal_is_gone(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    async with serving(terminal):
        process = await under_way(terminal)
        process.kill()
        await process.communicate()
        (run,) = await history(terminal)
        assert run["status"] == "running"
        refused = await terminal.type("run", "calls")
        assert f"Error: calls is being run (run {run['id']}, since " in refused.err
        assert (await terminal.type("cancel", run["id"])).code == 0
        while (await history(terminal))[0]["status"] == "running":
            continue
        assert (await history(terminal))[0]["status"] == "cancelled"


async def test_a_server_told_to_end_closes_its_runs_and_says_why(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    async with serving(terminal) as server:
        process = await under_way(terminal)
        server.terminate()
        assert await server.wait() == -signal.SIGTERM
        _, err = await process.communicate()
        said = "Error: calls cancelled: The server was stopped; the next run goes on where this one was."
        assert (process.returncode, said in err.decode()) == (1, True)
    (run,) = await history(terminal)
    assert run["status"] == "cancelled"
    assert 0 < run["rows_inserted"] == await committed_rows(terminal)


async def test_a_killed_server_hinders_nobody(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    async with serving(terminal) as server:
        process = await under_way(terminal)
        server.kill()
        await server.wait()
        _, err = await process.communicate()
        assert (process.returncode, "The server ended before it had answered." in err.decode()) == (1, True)
    assert (terminal.home / SOCKET).exists()
    (run,) = await history(terminal)
    assert (run["status"], run["error_kind"]) == ("failed", "retry_later")
    loaded = await committed_rows(terminal)
    assert not (terminal.home / SOCKET).exists()
    terminal.sim.faults.clear()
    async with serving(terminal):
        following = (await terminal.type("run", "calls", "--json")).json
        assert (following["status"], following["rows_inserted"]) == ("succeeded", 900 - loaded)


async def test_ctrl_c_ends_a_query_in_the_server_too(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    assert (await terminal.type("run", "calls")).code == 0
    forever = "select count(*) from range(100000000) a, range(100000000) b where a.range * b.range = -1"
    async with serving(terminal) as server:
        process = await terminal.start("query", forever, "--home", str(terminal.home))
        await busy(server.pid)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        assert (process.returncode, err.decode().strip()) == (130, "Stopped.")
        assert await committed_rows(terminal) == 900
        before = cpu_seconds(server.pid)
        assert await committed_rows(terminal) == 900
        assert cpu_seconds(server.pid) - before < 0.5


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def busy(pid: int) -> None:
    begun = cpu_seconds(pid)
    while cpu_seconds(pid) - begun < 0.5:
        await asyncio.sleep(0)


async def test_a_second_server_says_that_one_runs_and_leaves(terminal: Terminal) -> None:
    await terminal.with_calls()
    async with serving(terminal) as server:
        second = await terminal.type("serve", "--port", "0")
    assert second.code == 1
    assert f"Error: A server of {terminal.home} is running already (pid {server.pid})." in second.err


@pytest.mark.parametrize("role", ["server", "worker"])
async def test_nothing_is_restored_into_a_home_that_is_served(
    terminal: Terminal, tmp_path: Path, role: str
) -> None:
    await terminal.with_calls()
    await terminal.type("backup", str(tmp_path / "b.zip"))
    if role == "server":
        async with serving(terminal) as process:
            refused = await terminal.type("restore", str(tmp_path / "b.zip"), "--force")
    else:
        process = await terminal.start("worker", "--home", str(terminal.home))
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), 60)
        refused = await terminal.type("restore", str(tmp_path / "b.zip"), "--force")
        process.terminate()
        await process.communicate()
    assert refused.code == 1
    assert f"Error: A {role} of {terminal.home} is running already (pid {process.pid})." in refused.err
    assert (await terminal.type("restore", str(tmp_path / "b.zip"), "--force")).code == 0


async def test_a_server_begins_beside_a_run_and_takes_the_file_after_it(terminal: Terminal) -> None:
    await terminal.with_calls(*DAYS)
    process = await under_way(terminal)
    async with serving(terminal) as server:
        assert server.stderr is not None
        told = (await asyncio.wait_for(server.stderr.readline(), 60)).decode()
        assert f"Another process (pid {process.pid}) has the warehouse" in told
        assert "goes on without it until it is free" in told
        process.send_signal(signal.SIGINT)
        await process.communicate()
        told = (await asyncio.wait_for(server.stderr.readline(), 60)).decode()
        assert "The warehouse is free, and this server has it open now." in told
        assert await committed_rows(terminal) > 0
        with pytest.raises(duckdb.IOException):
            duckdb.connect(str(terminal.home / "warehouse.duckdb"))


async def test_a_home_folder_with_a_long_path_is_served_too(terminal: Terminal, tmp_path: Path) -> None:
    terminal.home = tmp_path / ("long" * 30) / "home"
    await terminal.with_calls(*DAYS)
    async with serving(terminal):
        named = Path((terminal.home / "server.path").read_text("utf-8"))
        assert (named.stat().st_mode & 0o777, named.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert (await terminal.type("run", "calls")).code == 0
    assert not named.parent.exists()
    assert not (terminal.home / "server.path").exists()


async def test_another_installation_is_not_taken_for_this_one(terminal: Terminal) -> None:
    await terminal.with_calls()
    async with serving(terminal):
        terminal.env["TRUNKLINE_WAREHOUSE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
        refused = await terminal.type("run", "calls")
    assert refused.code == 1
    assert "works with another store or warehouse than this command" in refused.err
