"""Exports after a run whose process is killed half-way: no half file, and the next run writes it."""

import asyncio
import os
import sys
from pathlib import Path

import pyarrow.parquet as pq

from tests.center.test_targets import KEYS, storage
from tests.cli.conftest import Terminal

HALF = """
import sys
from trunkline.__main__ import main
from trunkline.warehouse import export

def write_half(reader, format, stream, **_):
    stream.write(b"half a file")
    stream.flush()
    print("half", flush=True)
    sys.stdin.read()

export.write_rows = write_half
main()
"""


async def run_killed_in_its_export(terminal: Terminal) -> None:
    pipe = asyncio.subprocess.PIPE
    typed = (sys.executable, "-c", HALF, "run", "calls", "--home", str(terminal.home))
    process = await asyncio.create_subprocess_exec(*typed, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdout
    line = b""
    while line != b"half\n":
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert line, await process.communicate()
    process.kill()
    await process.communicate()


async def test_a_folder_keeps_the_former_file_and_no_draft_stays(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    await terminal.with_calls()
    await terminal.type("target", "add", "files", "--folder", str(out))
    await terminal.type("dataset", "export", "calls", "--target", "files", "--format", "csv", "--after-runs")
    await run_killed_in_its_export(terminal)
    assert not (out / "calls.csv").exists()
    assert (await terminal.type("run", "calls")).code == 0
    whole = (out / "calls.csv").read_bytes()
    await run_killed_in_its_export(terminal)
    assert (out / "calls.csv").read_bytes() == whole
    assert len(list(out.iterdir())) == 2
    assert (await terminal.type("run", "calls")).code == 0
    assert os.listdir(out) == ["calls.csv"]
    assert whole.count(b"\n") >= 901


async def test_a_bucket_keeps_the_former_object(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls()
    with storage() as (server, url):
        keys = ("--access-key", KEYS["access_key"], "--secret-key", KEYS["secret_key"])
        await terminal.type("target", "add", "lake", "--bucket", "calls/raw", "--endpoint", url, *keys)
        await terminal.type("dataset", "export", "calls", "--target", "lake", "--after-runs")
        server.gate.clear()
        process = await terminal.start("run", "calls", "--home", str(terminal.home))
        assert await asyncio.to_thread(server.heard.wait, 60)
        process.kill()
        await process.communicate()
        server.gate.set()
        assert server.objects == {}
        assert (await terminal.type("run", "calls")).code == 0
        (tmp_path / "lake.parquet").write_bytes(server.objects["/calls/raw/calls.parquet"])
        assert pq.read_table(tmp_path / "lake.parquet").num_rows == 900
