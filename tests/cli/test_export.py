"""`trunkline dataset export` from a shell: what --to may name."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.center.conftest import NOON
from tests.cli.conftest import Terminal


async def in_a_shell(terminal: Terminal, line: str) -> tuple[int | None, bytes, str]:
    """A line of bash in which $T is trunkline and $H its home."""
    env = {**os.environ, "TRUNKLINE_FROZEN_CLOCK": NOON.isoformat(), "H": str(terminal.home)}
    env["T"] = f"{sys.executable} -m trunkline"
    pipe = asyncio.subprocess.PIPE
    shell = await asyncio.create_subprocess_exec("bash", "-c", line, env=env, stdout=pipe, stderr=pipe)
    out, err = await shell.communicate()
    return shell.returncode, out, err.decode()


async def test_where_an_export_goes(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls()
    assert (await terminal.type("run", "calls")).code == 0
    export = "$T dataset export calls --home $H --format jsonl --to"
    for target in ("-", "/dev/stdout", ">(cat)"):
        code, out, err = await in_a_shell(terminal, f"{export} {target} | cat")
        assert (code, len([json.loads(line) for line in out.splitlines()])) == (0, 900), target
        assert "900 rows written" in err
    file = tmp_path / "out.txt"
    await in_a_shell(terminal, f"(echo head; {export} /dev/stdout; echo tail) > {file}")
    lines = file.read_text().splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("head", "tail", 902)
    code, out, err = await in_a_shell(terminal, f"{export} /dev/full")
    assert (code, out) == (1, b"")
    assert "the disk is full" in err
    assert "unforeseen" not in err
    code, out, _ = await in_a_shell(terminal, f"{export.replace('jsonl', 'parquet')} - | cat")
    assert (code, out[:4], out[-4:]) == (0, b"PAR1", b"PAR1")


@pytest.mark.parametrize("place", ["store.sqlite3", "secret.key", "new.csv", "../link.csv", "locks/x.csv"])
async def test_an_export_never_goes_to_trunklines_own_folder(terminal: Terminal, place: str) -> None:
    await terminal.with_calls()
    (terminal.home.parent / "link.csv").symlink_to(terminal.home / "store.sqlite3")
    former = (terminal.home / "store.sqlite3").read_bytes()
    refused = await terminal.type("dataset", "export", "calls", "--to", str(terminal.home / place))
    assert refused.code == 1
    assert "lies in Trunkline's own folder." in refused.err
    assert (terminal.home / "store.sqlite3").read_bytes() == former
    assert not (terminal.home / "new.csv").exists()


async def test_an_empty_path_is_told(terminal: Terminal) -> None:
    await terminal.with_calls()
    refused = await terminal.type("dataset", "export", "calls", "--to", "")
    assert (refused.code, refused.out) == (1, "")
    assert "The path (--to) is empty." in refused.err
