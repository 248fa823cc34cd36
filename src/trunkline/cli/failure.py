"""Failures as people see them: one sentence, what to do next, and no trace."""

import errno
import os
import tempfile
import traceback
from pathlib import Path

import click

from trunkline.errors import SettingsError, TrunklineError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def explain(error: Exception) -> int:
    """Print an error for a person; the exit code."""
    if isinstance(error, TrunklineError):
        for line in sentences(error):
            click.echo(line, err=True)
        return 1
    if isinstance(error, OSError) and error.errno in FULL:
        click.echo(f"Error: What was to be written does not fit: {os.strerror(error.errno or 0)}.", err=True)
        click.echo("What to do: make room, or write to another place.", err=True)
        return 1
    place = _keep_trace(error)
    click.echo(f"Error: Trunkline met something unforeseen ({type(error).__name__}).", err=True)
    click.echo(f"What to do: please report it with the details in {place}.", err=True)
    return 1


def sentences(error: TrunklineError) -> list[str]:
    """The lines that tell an error: one per problem, then what to do."""
    problems = error.problems if isinstance(error, SettingsError) else ()
    lines = [f"Error: {problem.message}" for problem in problems] or [f"Error: {error}"]
    if error.todo:
        lines.append(f"What to do: {error.todo}")
    return lines


def _keep_trace(error: Exception) -> Path:
    """Write the trace where only this user can read it."""
    handle, name = tempfile.mkstemp(prefix="trunkline-error-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return Path(name)
