"""A real server process on a free port, over a home folder of its own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.commands import command
from tests.dialer.replay import NOW, ZONE

LISTENING = b"trunkline: listening on "
STATE = Path(__file__).parents[1] / "data" / "dialer360" / "state.json"
ENV = {"TRUNKLINE_FROZEN_CLOCK": NOW.isoformat(), "TRUNKLINE_TIMEZONE": str(ZONE)}


async def run(home: Path, *words: str, stdin: str = "", **env: str) -> tuple[int, str, str]:
    """A `trunkline` command: exit code, what it printed, what it said."""
    return await command((*words, "--home", str(home)), {**os.environ, **ENV, **env}, stdin)


@asynccontextmanager
async def served(home: Path, *flags: str, **env: str) -> AsyncIterator[str]:
    """The address of a server that runs meanwhile."""
    typed = [sys.executable, "-m", "trunkline", "serve", "--port", "0", "--home", str(home), *flags]
    process = await asyncio.create_subprocess_exec(
        *typed,
        env={**os.environ, **ENV, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert line.startswith(LISTENING), line
        yield line.removeprefix(LISTENING).decode().strip()
    finally:
        process.terminate()
        await process.communicate()


@contextmanager
def served_for_many(home: Path, log: Path | None = None, **env: str) -> Iterator[str]:
    """The address of a server that tests with loops of their own share; its log goes to a file."""
    command = [sys.executable, "-m", "trunkline", "serve", "--port", "0", "--home", str(home)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env={**os.environ, **ENV, **env}, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith(LISTENING), line
            yield line.removeprefix(LISTENING).decode().strip()
        finally:
            process.terminate()
            try:
                _, said = process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            if log:
                log.write_bytes(said)
