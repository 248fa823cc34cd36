"""Answers as text: each dialect's own words for the same answer."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import cache
from string import Formatter
from typing import Any

from trunkline.dialer.command import Call, Dialect, Line, Said, Table
from trunkline.dialer.database import Row, Rows

SEPARATORS = {"csv": ",", "tab": "\t", "pipe": "|"}
ROWS_AT_ONCE = 2_000


def value_text(value: Any) -> str:
    return "" if value is None else str(value)


def said_text(call: Call, said: Said) -> str:
    """A line with its end, in the dialect of the call."""
    line = said.line
    template = line.documented
    text = line.text
    if call.dialect is Dialect.ORIGINAL:
        template = line.original or line.documented
        text = line.original_text or line.text
    return f"{line.result}: {_sentence(call, said, text)}{filled(call, template, said.values)}\n"


def reason_logged(call: Call, said: Said) -> str:
    """The sentence of a line in the original's words: the log has them in every dialect."""
    return _sentence(call, said, said.line.original_text or said.line.text)


def _sentence(call: Call, said: Said, text: str) -> str:
    """The sentence of a line; `{…}` in it are values too."""
    text = filled(call, text, said.values)
    return f"{call.function} {text}" if said.line.named else text


def filled(call: Call, template: str, values: Mapping[str, Any]) -> str:
    if "{" not in template:
        return template
    parts = []
    for literal, name in _parts(template):
        parts.append(literal)
        if name is not None:
            parts.append(value_text(values[name]) if name in values else _asked(call, name))
    return "".join(parts)


@cache
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """Texts of a template, each with the name of the value behind it."""
    return tuple((literal, name) for literal, name, _, _ in Formatter().parse(template))


def _asked(call: Call, name: str) -> str:
    """What is no value of the line: the user as `u`, else a parameter of the request."""
    if name == "function":
        return call.function
    return call.arg("user" if name == "u" else name)


def data_logged(call: Call, said: Said) -> str:
    """The data of a line for the log: its own template, else the original's without the user."""
    line = said.line
    if line.log is not None:
        return filled(call, line.log, said.values)
    template = line.original or line.documented
    bare = template.removeprefix(" - ").removeprefix(": |").removeprefix(": ")
    bare = bare.removeprefix("{u}|").removesuffix("|{u}")
    return filled(call, "" if bare == "{u}" else bare, said.values)


def separator_of(call: Call) -> str:
    return SEPARATORS.get(call.arg("stage"), "|")


def separator_name(call: Call) -> str:
    """The word for the log: the stage where it chooses a separator, else pipe."""
    return call.arg("stage") if call.arg("stage") in SEPARATORS else "pipe"


def columns_of(call: Call, table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names in the header, and the names of the values in their order."""
    if call.dialect is Dialect.ORIGINAL:
        order = table.original or table.columns
        return table.original_header or order, order
    return table.columns, table.columns


async def row_lists(table: Table) -> AsyncIterator[Sequence[Row]]:
    """The rows of a table in lists."""
    if isinstance(table.rows, AsyncIterator):
        async for rows in table.rows:
            yield rows
        return
    rows_now: Iterable[Row] = table.rows
    yield list(rows_now)


def rows_text(rows: Sequence[Row], order: Sequence[str], separator: str) -> str:
    """Rows as lines. Nothing is quoted or escaped, as it always was."""
    tuples = _tuples(rows, order)
    line = separator.join(["%s"] * len(order)) + "\n"
    return "".join([line % (values if None not in values else _without_none(values)) for values in tuples])


def _tuples(rows: Sequence[Row], order: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """The values of each row in this order."""
    if not isinstance(rows, Rows):
        return [tuple([row[name] for name in order]) for row in rows]
    if tuple(order) == rows.columns:
        return map(tuple, rows.tuples)
    places = [rows.columns.index(name) for name in order]
    return [tuple([values[at] for at in places]) for values in rows.tuples]


def _without_none(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(["" if value is None else value for value in values])


def permission_said(line: Line) -> Said:
    return Said(line, {})
