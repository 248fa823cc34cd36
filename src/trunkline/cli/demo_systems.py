"""What the demo runs beside itself, each in a process of its own, and the end of it all."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

import click

CALLS, DAYS = 3_000, 60
LEGS = 1_500
LISTENING = "listening on "
PATIENCE = 15.0
"""Seconds that a process may take to end."""
ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


class Systems(NamedTuple):
    """Addresses of the pretend phone systems."""

    callrail: str
    dialpad: str


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Within, whatever asks the process to end does what Ctrl-C does, so that nothing stays behind."""
    former = {number: signal.signal(number, _interrupt) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def pretend_systems() -> Iterator[Systems]:
    with ExitStack() as running:
        callrail = ("sim", "callrail", "--port", "0", "--calls", str(CALLS), "--days", str(DAYS))
        dialpad = ("sim", "dialpad", "--port", "0", "--calls", str(LEGS))
        begun = [running.enter_context(beside(*words)) for words in (callrail, dialpad)]
        yield Systems(*(address_of(process) for process in begun))


@contextmanager
def beside(*words: str, is_heard: bool = True) -> Iterator["subprocess.Popen[str]"]:
    """A `trunkline` command that runs meanwhile. Ctrl-C in the terminal reaches it through us alone."""
    command = [sys.executable, "-m", "trunkline", *words]
    out = subprocess.PIPE if is_heard else subprocess.DEVNULL
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=None if is_heard else subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            _end(process)


def address_of(process: "subprocess.Popen[str]") -> str:
    """Where a process that has just begun listens. Raises ClickException where it ended instead."""
    assert process.stdout is not None, "its output is piped"
    first = process.stdout.readline()
    if LISTENING not in first:
        name = " ".join(str(word) for word in list(process.args)[2:5])  # type: ignore[arg-type]
        raise click.ClickException(f"{name} did not start.")
    return first.rsplit(LISTENING, 1)[1].strip()


def _end(process: "subprocess.Popen[str]") -> None:
    """A second Ctrl-C ends it at once."""
    process.terminate()
    try:
        process.communicate(timeout=PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=PATIENCE)
