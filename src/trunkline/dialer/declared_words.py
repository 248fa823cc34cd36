"""What a function declares, in words: for pages, the command line and the reference alike."""

from collections.abc import Iterable

from trunkline.dialer.columns import Column
from trunkline.dialer.command import Command, Param


def rights_of(command: Command, quote: str = "`") -> str:
    """Whom a function is for, in words."""
    if not command.level:
        return "none is asked for"
    flags = "".join(f", {quote}{flag}{quote}" for flag in command.flags)
    return f"level {command.level}{flags}"


def form_of(param: Param, quote: str = "`") -> str:
    """The length and the choices a parameter is documented with, in words."""
    if param.choices:
        return ", ".join(f"{quote}{choice}{quote}" for choice in param.choices)
    if param.least and param.least == param.most:
        return f"{param.least} character{'s' if param.least > 1 else ''}"
    if param.least and param.most:
        return f"{param.least} to {param.most} characters"
    if param.least:
        return f"at least {param.least} characters"
    return f"at most {param.most} characters" if param.most else ""


def column_rows(columns: Iterable[Column], quote: str = "`", within: str = "") -> list[tuple[str, str, str]]:
    """A row for each column; those of a list's entries stand below it."""
    rows: list[tuple[str, str, str]] = []
    for column in columns:
        rows.append((f"{quote}{within}{column.name}{quote}", column.holds, column.meaning))
        rows += column_rows(column.of, quote, f"{within}{column.name}[].")
    return rows
