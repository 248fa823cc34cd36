"""`trunkline` commands for tests: each in a process of its own, copied from one that has loaded everything.

Loading what a command needs takes several times as long as most commands take. Tests of the first moments
of a command, of signals and of killed processes start real ones.
"""

import asyncio
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path

_FILES = ("in", "out", "err")


async def command(words: Sequence[str], env: Mapping[str, str], stdin: str = "") -> tuple[int, str, str]:
    """The exit code of a command, what it printed, and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in").write_text(stdin, "utf-8")
        code = await asyncio.to_thread(_run, tuple(words), dict(env), folder)
        out, err = ((Path(folder) / name).read_bytes().decode() for name in ("out", "err"))
        return code, out, err


def _run(words: tuple[str, ...], env: dict[str, str], folder: str) -> int:
    process = _context().Process(target=_become, args=(words, env, folder, os.getcwd()))
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.loaded_modules"])
    return context


def _become(words: tuple[str, ...], env: dict[str, str], folder: str, cwd: str) -> None:
    """Be the command, in a process that is nothing else yet."""
    for number, name in enumerate(_FILES):
        file = os.open(Path(folder) / name, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = ["trunkline", *words]
    from trunkline.__main__ import main

    main()
