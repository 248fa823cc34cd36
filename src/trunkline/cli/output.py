"""Showing things: JSON for programs, tables and plain words for people."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import click
import orjson

from trunkline.clock import local_text

UNBOUNDED = 10_000


def as_json(value: Any) -> str:
    text = orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
    return text.decode()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def print_json(value: Any) -> None:
    click.echo(as_json(value))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str, plain_numbers: bool = False
) -> None:
    """A table that fits the terminal, elsewhere as wide as it needs to be.

    Without rows, the sentence that says what to do. Numbers that may be ids are best left plain, for
    people to copy.
    """
    from rich.console import Console

    from trunkline.cli.layout import laid_out

    listed = list(rows)
    if not listed:
        click.echo(empty)
        return
    right = [
        all(isinstance(row[index], int | float | Decimal) for row in listed) for index in range(len(columns))
    ]
    text_of = plain_text if plain_numbers else cell_text
    texts = [[text_of(cell) for cell in row] for row in listed]
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else UNBOUNDED
    # Without a height, rich takes a terminal that knows no colours for 80 wide.
    console = Console(width=width, height=25, highlight=False, soft_wrap=not terminal)
    for piece in laid_out(columns, texts, right, width):
        console.print(piece)


def cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int) or (isinstance(cell, Decimal) and cell.is_finite()):
        return f"{cell:,}"
    if isinstance(cell, datetime):
        return instant_text(cell)
    return str(cell)


def plain_text(cell: Any) -> str:
    """A cell whose number is as it stands in the data."""
    is_number = isinstance(cell, int | Decimal) and not isinstance(cell, bool)
    return str(cell) if is_number else cell_text(cell)


def instant_text(instant: datetime | None) -> str:
    """An instant in this machine's zone, which it names; empty for none."""
    return "" if instant is None else local_text(instant)


def duration_text(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def counted(number: int, thing: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size_text(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return ""


def warn_of_plain_http(address: str, what: str) -> None:
    """`what` names it with its verb: the key travels."""
    from trunkline.fetch.address import is_unprotected

    if is_unprotected(address):
        click.echo(f"Warning: {what} unencrypted to {address}.", err=True)
