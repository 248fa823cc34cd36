"""`trunkline dataset export` from a shell: what --to may name."""

import asyncio
import csv
import json
import os
import sys
from pathlib import Path

import pytest

from tests.center.conftest import NOON
from tests.cli.conftest import Terminal
from tests.cli.test_through_server import serving


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


async def test_the_ending_says_the_format(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls()
    assert (await terminal.type("run", "calls")).code == 0
    begins = {"a.csv": b"", "b.jsonl": b"{", "c.NDJSON": b"{", "d.parquet": b"PAR1", "e": b""}
    for name, begin in begins.items():
        done = await terminal.type("dataset", "export", "calls", "--to", str(tmp_path / name))
        assert done.code == 0, done.err
        assert (tmp_path / name).read_bytes().startswith(begin)
    header = (tmp_path / "a.csv").read_text().splitlines()[0]
    assert (tmp_path / "e").read_text().splitlines()[0] == header
    other = await terminal.type(
        "dataset", "export", "calls", "--format", "jsonl", "--to", str(tmp_path / "f.txt")
    )
    assert other.code == 0


@pytest.mark.parametrize(
    ("words", "said", "todo"),
    [
        ("--to out.xlsx", "The ending .xlsx of out.xlsx is that of no export format.", ".parquet, or give"),
        ("--to out.json", "The ending .json of out.json is that of no export format.", ".jsonl"),
        (
            "--format csv --to out.parquet",
            "--format is csv, but out.parquet ends in .parquet, which says parquet.",
            "Leave --format out",
        ),
    ],
)
async def test_an_ending_that_does_not_go_with_the_format_is_refused(
    terminal: Terminal, words: str, said: str, todo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await terminal.with_calls()
    monkeypatch.chdir(tmp_path)
    refused = await terminal.type("dataset", "export", "calls", *words.split())
    assert refused.code == 1
    assert f"Error: {said}" in refused.err
    assert todo in refused.err
    assert [path for path in tmp_path.iterdir() if path.suffix] == []


async def test_an_export_after_each_run(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls()
    (tmp_path / "out").mkdir()
    await terminal.type("target", "add", "files", "--folder", str(tmp_path / "out"))
    export = ("dataset", "export", "calls")
    assert "Nothing. Begin:" in (await terminal.type(*export, "--standing")).out
    kept = await terminal.type(*export, "--target", "files", "--format", "csv", "--after-runs")
    assert kept.out == "After each successful run calls is exported to files as calls.csv.\n"
    assert not (tmp_path / "out/calls.csv").exists()
    assert (await terminal.type("run", "calls")).code == 0
    with (tmp_path / "out/calls.csv").open(newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 900
    (listed,) = (await terminal.type(*export, "--standing", "--json")).json
    assert (listed["target"], listed["file"], listed["last_error"]) == ("files", "calls.csv", "")
    assert "calls.csv" in (await terminal.type(*export, "--standing")).out
    assert "is exported to files after each run" in (await terminal.type("target", "remove", "files")).err
    assert "no longer exported to files" in (await terminal.type(*export, "--stop", "files")).out
    assert (await terminal.type(*export, "--stop", "files")).code == 1


async def test_a_failed_export_is_a_note_on_the_run(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls()
    (tmp_path / "out").mkdir()
    await terminal.type("target", "add", "files", "--folder", str(tmp_path / "out"))
    await terminal.type("dataset", "export", "calls", "--target", "files", "--after-runs")
    (tmp_path / "out").rmdir()
    done = await terminal.type("run", "calls")
    assert (done.code, "Note on calls: not exported to files" in done.err) == (0, True)
    assert "export_failed" in (await terminal.type("alert", "list", "--json")).out
    async with serving(terminal):
        served = await terminal.type("run", "calls")
    assert [line for line in served.err.splitlines() if "Note" in line] == [
        line for line in done.err.splitlines() if "Note" in line
    ]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--after-runs",), "--after-runs goes with --target"),
        (("--to", "x.csv", "--stop", "files"), "Give --to or --stop, not both."),
        (("--standing", "--format", "csv"), "leave out --format"),
        (("--json",), "give --to or --target"),
    ],
)
async def test_flags_of_exports_that_do_not_go_together(
    terminal: Terminal, flags: tuple[str, ...], told: str
) -> None:
    refused = await terminal.type("dataset", "export", "calls", *flags)
    assert (refused.code, told in refused.err) == (2, True)
