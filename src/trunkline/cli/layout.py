"""How rows are laid out for people: columns side by side where they fit, else one row below the other."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

GAP = 3
KEPT_WHOLE = 26
"""Cells up to this width are never wrapped: an instant or a name in two lines is hard to read."""


def laid_out(
    titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], width: int
) -> list[RenderableType]:
    """A table no wider than `width` characters, or the rows as blocks where its columns cannot fit."""
    widths = column_widths(titles, rows, width)
    if widths is None:
        return [piece for number, row in enumerate(rows, 1) for piece in _block(titles, row, number, width)]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title, at_right, wide in zip(titles, right, widths, strict=True):
        table.add_column(title, justify="right" if at_right else "left", overflow="fold", width=wide)
    for row in rows:
        table.add_row(*map(Text, row))
    return [table]


def column_widths(titles: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The width of each column so that no word is broken, or None where that needs more than `width`."""
    columns = [[title, *cells] for title, cells in zip(titles, zip(*rows, strict=True), strict=True)]
    natural = [max(map(_widest_line, column)) for column in columns]
    widths = [
        whole if whole <= KEPT_WHOLE else max(KEPT_WHOLE, *map(_widest_word, column))
        for whole, column in zip(natural, columns, strict=True)
    ]
    spare = width - sum(widths) - GAP * (len(widths) - 1)
    if spare < 0:
        return None
    for at, whole in enumerate(natural):
        given = min(spare, whole - widths[at])
        widths[at] += given
        spare -= given
    return widths


def _widest_line(text: str) -> int:
    return max(map(cell_len, text.splitlines()), default=0)


def _widest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


def _block(titles: Sequence[str], row: Sequence[str], number: int, width: int) -> list[RenderableType]:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold", max_width=width // 2)
    grid.add_column(overflow="fold")
    for title, cell in zip(titles, row, strict=True):
        grid.add_row(Text(title), Text(cell))
    return [Rule(str(number), align="left", style=""), grid]
