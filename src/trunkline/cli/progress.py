"""Progress of runs: a bar per dataset on a terminal, a plain line now and then elsewhere."""

import sys
import time
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol

import click

from trunkline.cli.output import counted, instant_text

SECONDS_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """Shows runs while they go on. Use as a context."""

    def show(self, run: Any) -> None: ...

    def __enter__(self) -> "Progress": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Silent:
    """Shows nothing."""

    def show(self, run: Any) -> None:
        return None

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *_: object) -> None:
        return None


class WaitLines(Silent):
    """A line when a run has to wait, so that nobody looks at a dead terminal: for JSON output."""

    def __init__(self) -> None:
        self._told: dict[str, datetime] = {}

    def show(self, run: Any) -> None:
        if run.waiting_until and self._told.get(run.id) != run.waiting_until:
            self._told[run.id] = run.waiting_until
            click.echo(f"{run.dataset}: {text_of(run)}", err=True)


class Lines(Silent):
    """A line when a run begins or has to wait, and every ten seconds."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, str]] = {}

    def show(self, run: Any) -> None:
        if run.ended_at:
            return
        spoken, text = self._last.get(run.id, (float("-inf"), ""))
        now = time.monotonic()
        line = text_of(run)
        if run.status == "waiting" and text != line:
            pass
        elif now - spoken < SECONDS_BETWEEN_LINES:
            return
        self._last[run.id] = now, line
        click.echo(f"{run.dataset}: {line}", err=True)


class Bars(Silent):
    """A bar per dataset, drawn by rich."""

    def __init__(self, names: tuple[str, ...]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._progress = RichProgress(
            TextColumn("{task.fields[name]}", style="bold"),
            BarColumn(bar_width=30, complete_style="cyan", finished_style="green", pulse_style="cyan"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._tasks = {name: self._progress.add_task("starting", name=name, total=None) for name in names}

    def show(self, run: Any) -> None:
        total = run.rows_expected
        if run.ended_at:
            total = max(run.rows_read, 1)
        self._progress.update(
            self._tasks[run.dataset],
            description=run.status if run.ended_at else text_of(run),
            total=total,
            completed=total if run.ended_at else run.rows_read,
        )

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def text_of(run: Any) -> str:
    if run.status == "waiting" and run.waiting_until:
        return (
            f"{run.rows_read:,} rows; waiting until {instant_text(run.waiting_until)} ({run.waiting_reason})"
        )
    expected = f" of {run.rows_expected:,}" if run.rows_expected else ""
    if not run.requests:
        return "starting"
    return f"{run.rows_read:,}{expected} rows, {counted(run.requests, 'request')}"


def tell_wait(until: datetime | None, reason: str) -> None:
    """A line on standard error when a request must wait for its budget; `until` is none when it goes on."""
    if until is not None:
        click.echo(f"Waiting until {instant_text(until)} ({reason}).", err=True)


def progress_for(names: tuple[str, ...]) -> Progress:
    return Bars(names) if sys.stderr.isatty() else Lines()
