"""Progress of an import: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from trunkline.cli.progress import SECONDS_BETWEEN_LINES

if TYPE_CHECKING:
    from trunkline.clickto.importing import OnRows


@contextmanager
def rows_shown(*, quiet: bool) -> "Iterator[OnRows | None]":
    """What hears of the rows of an import, and shows them."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield _lines()


def _lines() -> "OnRows":
    spoken = time.monotonic()

    def show(what: str, done: int, total: int | None) -> None:
        nonlocal spoken
        if time.monotonic() - spoken >= SECONDS_BETWEEN_LINES:
            spoken = time.monotonic()
            click.echo(f"{what} {done:,}{f' of {total:,}' if total else ''} rows", err=True)

    return show


@contextmanager
def _bar() -> "Iterator[OnRows]":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(bar_width=30, complete_style="cyan", finished_style="green", pulse_style="cyan"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)

        def show(what: str, done: int, total: int | None) -> None:
            of_all = f" of {total:,}" if total else ""
            progress.update(
                task, description=f"{what} {done:,}{of_all} rows", total=total, completed=done if total else 0
            )

        yield show
