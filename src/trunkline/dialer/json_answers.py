"""Answers of the dialer's functions as JSON: status, lines with their values, rows."""

from collections.abc import Mapping, Sequence
from functools import cache
from string import Formatter
from typing import Any

from trunkline.dialer import render
from trunkline.dialer.calllog import SECRETS
from trunkline.dialer.columns import Column, typed_values
from trunkline.dialer.command import Command, Line, Result, Said
from trunkline.dialer.commands import COMMANDS
from trunkline.dialer.database import Row
from trunkline.dialer.filters import filtered
from trunkline.dialer.kinds import Kind
from trunkline.dialer.reply import Reply
from trunkline.dialer.tables import declared

BY_RESULT = {Result.SUCCESS: 200, Result.NOTICE: 200, Result.ERROR: 400}
FORBIDDEN = 403


def status_of(reply: Reply) -> int:
    """That of the first error; 200 where there is none."""
    if reply.refusal:
        return FORBIDDEN
    failed = (said.line for said in reply.said if said.line.result is Result.ERROR)
    return next((status_of_line(line) for line in failed), 200)


def status_of_line(line: Line) -> int:
    return line.status or BY_RESULT[line.result]


def reply_content(function: str, params: Mapping[str, str], reply: Reply) -> dict[str, Any]:
    """What a function said, without any wording to be taken apart."""
    if reply.refusal:
        message = reply.refusal.partition(":")[0]
        return {"function": function, "result": Result.ERROR, "code": "user_refused", "message": message}
    lines = [_line(function, params, said) for said in reply.said]
    leading = next((one for one in lines if one["result"] is Result.ERROR), lines[0] if lines else None)
    content: dict[str, Any] = {"function": function, "result": Result.SUCCESS, "code": "", "message": ""}
    if leading is not None:
        content |= {name: leading[name] for name in ("result", "code", "message")}
    content |= {"lines": lines, "fields": _without_secrets(_typed_fields(function, reply), params)}
    if reply.columns:
        content |= {"columns": reply.columns, "rows": rows_content(function, reply.columns, reply.rows)}
    return content


def rows_content(function: str, names: Sequence[str], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows of a function's answer, typed as it declares these columns."""
    columns = _columns_of(function, names)
    return [typed_values(columns, row) for row in rows]


def _typed_fields(function: str, reply: Reply) -> dict[str, Any]:
    """The values of an answer that is neither line nor rows, as its function declares them."""
    return typed_values(COMMANDS[function].fields, reply.fields) if reply.fields else {}


def _columns_of(function: str, names: Sequence[str]) -> list[Column]:
    """The declared columns with these names, in their order."""
    declared_ones = {column.name: column for one in COMMANDS[function].exports for column in one.columns}
    return [declared_ones[name] for name in names]


def _line(function: str, params: Mapping[str, str], said: Said) -> dict[str, Any]:
    line = said.line
    known = {**filtered(params), "u": params.get("user", ""), "function": function, **said.values}
    fields = {("user" if name == "u" else name): known.get(name, "") for name in _names(line)}
    fields |= {name: value for name, value in said.values.items() if name not in fields}
    text = line.text.format_map({name: render.value_text(known.get(name)) for name in _names(line)})
    typed = {name: _typed(name, value) for name, value in _without_secrets(fields, params).items()}
    return {"result": line.result, "code": line.code, "message": text, "fields": typed}


def _typed(name: str, value: Any) -> Any:
    """A parameter that is repeated in an answer came as text: numbers of leads and lists are numbers."""
    if name in _numbers() and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value


@cache
def _numbers() -> frozenset[str]:
    columns = (
        column for table in ("list", "lists", "hopper", "callbacks") for column in declared()[table][1]
    )
    return frozenset(column.name for column in columns if column.kind.kind is Kind.INTEGER)


def _names(line: Line) -> list[str]:
    """The values that a line's templates show."""
    templates = (line.text, line.documented)
    return [name for one in templates for _, name, _, _ in Formatter().parse(one) if name]


def _without_secrets(fields: Mapping[str, Any], params: Mapping[str, str]) -> dict[str, Any]:
    """Passwords are told apart by their names, and by being what the request gave as one."""
    secret = secrets_given(params)
    told = {name: value for name, value in fields.items() if name not in SECRETS}
    return {name: value for name, value in told.items() if not (isinstance(value, str) and value in secret)}


def secrets_given(params: Mapping[str, str]) -> set[str]:
    """The request's passwords: as they came, and as the filters left them."""
    given = {name: params[name] for name in SECRETS if params.get(name)}
    if not given:
        return set()
    filtered_ones = (filtered(given), filtered(given, use_non_latin=True))
    return {*given.values(), *(one[name] for one in filtered_ones for name in given)} - {""}


def command_content(command: Command) -> dict[str, Any]:
    """What a function declares, for those who write clients."""
    return {
        "function": command.name,
        "does": command.sentence,
        "level": command.level,
        "rights": command.flags,
        "writes": command.writes,
        "parameters": [
            {
                "name": p.name,
                "meaning": p.meaning,
                "required": p.required,
                "least": p.least or None,
                "most": p.most or None,
                "choices": p.choices,
            }
            for p in command.params
        ],
        "answers": [_line_content(command.name, line) for line in all_lines(command)],
        "exports": [
            {
                "when": export.when,
                "columns": [_column_content(column) for column in export.columns],
                "original": [column.name for column in export.original or export.columns],
                "original_header": [
                    *(export.original_header or (c.name for c in export.original or export.columns))
                ],
            }
            for export in command.exports
        ],
        "fields": [_column_content(column) for column in command.fields],
    }


def all_lines(command: Command) -> tuple[Line, ...]:
    """What a function can say of its own, its permission line first."""
    return (command.permission_line, *command.lines) if command.level else ()


def line_text(line: Line, function: str, *, original: bool = False) -> str:
    """A line as a dialect prints it, with `{names}` for its values."""
    text, data = line.text, line.documented
    if original:
        text, data = line.original_text or text, line.original or data
    name = f"{function} " if line.named else ""
    return f"{line.result}: {name}{text}{data}".replace("{u}", "{user}").replace("{function}", function)


def _line_content(function: str, line: Line) -> dict[str, Any]:
    return {
        "result": line.result,
        "code": line.code,
        "status": status_of_line(line),
        "documented": line_text(line, function),
        "original": line_text(line, function, original=True),
    }


def _column_content(column: Column) -> dict[str, Any]:
    content: dict[str, Any] = {"name": column.name, "holds": column.holds, "meaning": column.meaning}
    return content | ({"of": [_column_content(one) for one in column.of]} if column.of else {})
