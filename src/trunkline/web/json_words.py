"""Answers of the dialer's functions as JSON: status, lines with their values, rows."""

from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any

import orjson

from trunkline.dialer import render
from trunkline.dialer.calllog import SECRETS
from trunkline.dialer.command import Command, Line, Result, Said
from trunkline.dialer.kinds import Kind
from trunkline.dialer.runner import Reply
from trunkline.dialer.tables import declared

BY_RESULT = {Result.SUCCESS: 200, Result.NOTICE: 200, Result.ERROR: 400}
FORBIDDEN = 403


def encoded(content: Any) -> bytes:
    return orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)


def problem(code: str, message: str) -> dict[str, Any]:
    """An answer that no function has given."""
    return {"result": Result.ERROR, "code": code, "message": message}


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
        return {"function": function, **problem("user_refused", reply.refusal.partition(":")[0])}
    lines = [_line(function, params, said) for said in reply.said]
    leading = next((one for one in lines if one["result"] is Result.ERROR), lines[0] if lines else None)
    content: dict[str, Any] = {"function": function, "result": Result.SUCCESS, "code": "", "message": ""}
    if leading is not None:
        content |= {name: leading[name] for name in ("result", "code", "message")}
    content |= {"lines": lines, "fields": _without_secrets(reply.fields, params)}
    if reply.columns:
        content |= {"columns": reply.columns, "rows": reply.rows}
    return content


def _line(function: str, params: Mapping[str, str], said: Said) -> dict[str, Any]:
    line = said.line
    known = {**params, "u": params.get("user", ""), "function": function, **said.values}
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
    secret = [params[name] for name in SECRETS if params.get(name)]
    return {name: value for name, value in fields.items() if name not in SECRETS and value not in secret}


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
        "answers": [
            {"result": line.result, "code": line.code, "status": status_of_line(line)}
            for line in command.lines
        ],
    }
