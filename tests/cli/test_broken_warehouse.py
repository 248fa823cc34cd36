"""A warehouse file that is damaged, foreign, busy or closed to this user: one clear sentence everywhere."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Outcome, Terminal

OWNER_ALONE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""Even root minds the rights of files then."""

Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, tuple[Damage, str]] = {
    "header overwritten": (lambda data: b"x" * 8192 + data[8192:], "is no DuckDB file."),
    "rows overwritten": (lambda data: data[:12288] + b"\xa5" * (len(data) - 12288), "is damaged"),
}


@pytest.fixture
async def loaded(terminal: Terminal) -> Terminal:
    await terminal.with_calls()
    with duckdb.connect(str(terminal.home / "warehouse.duckdb")) as file:
        file.execute("create schema datasets")
        file.execute("create table datasets.calls as select md5(i::text) as t from range(50000) r(i)")
    return terminal


async def each(terminal: Terminal, tmp_path: Path) -> list[Outcome]:
    query = await terminal.type("query", "select count(distinct t) from calls")
    export = await terminal.type("dataset", "export", "calls", "--to", str(tmp_path / "out.csv"))
    run = await terminal.type("run", "calls")
    show = await terminal.type("dataset", "show", "calls")
    return [query, export, run, show]


def check(outcomes: list[Outcome], said: str) -> None:
    *failed, show = outcomes
    for outcome in failed:
        assert outcome.code == 1
        assert said in outcome.err
        assert outcome.err.count("Error: ") == 1
        assert "What to do: " in outcome.err
        assert "unforeseen" not in outcome.err
    assert show.code == 0
    assert said in show.out


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_broken_file_is_told(loaded: Terminal, tmp_path: Path, damage: str) -> None:
    breaks, said = DAMAGES[damage]
    file = loaded.home / "warehouse.duckdb"
    file.write_bytes(breaks(file.read_bytes()))
    check(await each(loaded, tmp_path), f"{file} {said}")
    assert not (tmp_path / "out.csv").exists()


async def test_a_file_damaged_in_the_middle_is_told_while_rows_are_read(
    loaded: Terminal, tmp_path: Path
) -> None:
    file = loaded.home / "warehouse.duckdb"
    data = file.read_bytes()
    first, last = len(data) // 8, len(data) // 2
    file.write_bytes(data[:first] + b"\xa5" * (last - first) + data[last:])
    export = await loaded.type("dataset", "export", "calls", "--to", str(tmp_path / "out.csv"))
    assert export.code == 1
    assert f"Error: {file} is damaged and cannot be read: " in export.err
    assert "query" not in export.err
    assert not (tmp_path / "out.csv").exists()


async def test_a_busy_file_is_told(loaded: Terminal, tmp_path: Path) -> None:
    file = loaded.home / "warehouse.duckdb"
    with duckdb.connect(str(file)):
        outcomes = await each(loaded, tmp_path)
    check(outcomes, f"Another process (pid {os.getpid()}) has the warehouse {file} open")


async def typed_by_the_owner(terminal: Terminal, *words: str) -> Outcome:
    """The command as somebody whom the rights of files hold for, which root is not by itself."""
    if os.geteuid() == 0 and not shutil.which(OWNER_ALONE[0]):
        pytest.skip("root without setpriv may read everything")
    prefix = OWNER_ALONE if os.geteuid() == 0 else ()
    command = [*prefix, sys.executable, "-m", "trunkline", *words, "--home", str(terminal.home)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    return Outcome(process.returncode or 0, out.decode(), err.decode())


async def test_a_file_that_may_not_be_read_is_told(loaded: Terminal) -> None:
    file = loaded.home / "warehouse.duckdb"
    file.chmod(0)
    refused = await typed_by_the_owner(loaded, "query", "select 1")
    assert refused.code == 1
    assert f"Error: {file} cannot be opened: Permission denied." in refused.err
    assert "What to do: Give this user the right to read and write the file" in refused.err


async def test_a_file_that_may_only_be_read_can_be_queried_but_not_loaded(loaded: Terminal) -> None:
    file = loaded.home / "warehouse.duckdb"
    file.chmod(0o400)
    assert (await typed_by_the_owner(loaded, "query", "select 1")).code == 0
    refused = await typed_by_the_owner(loaded, "run", "calls")
    assert refused.code == 1
    assert f"{file} cannot be opened: Permission denied." in refused.err


@pytest.mark.parametrize("rights", [0o500, 0o000])
async def test_a_home_that_may_not_be_written_is_told(loaded: Terminal, rights: int) -> None:
    loaded.home.chmod(rights)
    try:
        refused = await typed_by_the_owner(loaded, "run", "calls")
    finally:
        loaded.home.chmod(0o700)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.count("Error: ") == 1
    assert str(loaded.home) in refused.err
    assert "What to do: " in refused.err
    assert "take it away" not in refused.err
