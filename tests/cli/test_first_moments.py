"""Ctrl-C before the command line is loaded: one word, no trace."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

SLOW = """
import time
print("loading", flush=True)
while True:
    time.sleep(60)
"""
ENTRIES = {
    "module": ("-m", "trunkline", "--version"),
    "script": ("-c", "from trunkline.__main__ import main; main()", "--version"),
}


async def ended(folder: Path, words: tuple[str, ...], *, ignoring: bool = False) -> tuple[int | None, str]:
    """What is left of a command that gets SIGINT while it loads the first library it needs."""
    (folder / "click.py").write_text(SLOW)
    ignore = (lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignoring else None
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=ignore,
    )
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"loading\n"
        process.send_signal(signal.SIGINT)
        if ignoring:
            process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, err.decode()


@pytest.mark.parametrize("entry", ENTRIES)
async def test_ctrl_c_while_it_loads(tmp_path: Path, entry: str) -> None:
    assert await ended(tmp_path, ENTRIES[entry]) == (130, "Stopped.\n")


async def test_who_ignores_ctrl_c_goes_on_ignoring_it(tmp_path: Path) -> None:
    """As a command does that a shell has put into the background."""
    assert await ended(tmp_path, ENTRIES["module"], ignoring=True) == (-signal.SIGTERM, "")


def test_the_installed_command_begins_there() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert 'trunkline = "trunkline.__main__:main"' in text
