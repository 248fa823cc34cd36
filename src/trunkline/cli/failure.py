"""Failures as people and programs see them: one sentence, what to do next, and no trace.

A command with --json tells a failure twice: in words on standard error, and as an object for the program
that reads its standard output.
"""

import errno
import itertools
import os
import sys
import tempfile
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from trunkline.errors import Problem, SettingsError, TrunklineError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Failure:
    """What went wrong. `kind` is that of an error, or no_room, unforeseen, usage_error."""

    kind: str
    message: str
    todo: str = ""
    problems: tuple[Problem, ...] = ()


def explain(error: Exception) -> int:
    """Tell an error to a person, and to a program where --json was given; the exit code."""
    failure = _failure(error)
    for line in _lines(failure):
        click.echo(line, err=True)
    tell_program(failure)
    return 1


def sentences(error: TrunklineError) -> list[str]:
    """The lines that tell an error: one per problem, then what to do."""
    return _lines(_failure(error))


def tell_stopped() -> None:
    """Tell that somebody has stopped the command."""
    click.echo("Stopped.", err=True)
    tell_program(Failure("cancelled", "Stopped."))


def tell_program(failure: Failure) -> None:
    """The failure as one JSON object on standard output, if the command line asks for JSON."""
    if "--json" not in itertools.takewhile(lambda word: word != "--", sys.argv[1:]):
        return
    from trunkline.cli.output import print_json

    with suppress(OSError):  # where standard output has no room, the words have to do
        print_json({"error": asdict(failure)})


def _lines(failure: Failure) -> list[str]:
    lines = [f"Error: {p.message}" for p in failure.problems] or [f"Error: {failure.message}"]
    if failure.todo:
        lines.append(f"What to do: {failure.todo}")
    return lines


def _failure(error: Exception) -> Failure:
    if isinstance(error, TrunklineError):
        problems = error.problems if isinstance(error, SettingsError) else ()
        return Failure(error.kind, str(error), error.todo, problems)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        text = f"What was to be written does not fit: {os.strerror(error.errno or 0)}."
        return Failure("no_room", text, "make room, or write to another place.")
    text = f"Trunkline met something unforeseen ({type(error).__name__})."
    return Failure("unforeseen", text, f"please report it with the details in {_keep_trace(error)}.")


def _keep_trace(error: Exception) -> Path:
    """Write the trace where only this user can read it."""
    handle, name = tempfile.mkstemp(prefix="trunkline-error-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return Path(name)
