"""The JSON API in OpenAPI's words, from the declarations of the functions."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from trunkline import __version__
from trunkline.access.repeats import LONGEST_KEY
from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Command, Param, Result
from trunkline.dialer.commands import ALL
from trunkline.dialer.json_answers import all_lines, status_of_line
from trunkline.rest.mounting import described
from trunkline.web.asterisk_openapi import with_asterisk
from trunkline.web.clickto_openapi import with_clickto
from trunkline.web.json_words import encoded

PATH = "/api/v1/openapi.json"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MEANING = {
    200: "Done.",
    400: "The request is wrong; `code` says how.",
    401: "There is no token, or none that is known and good.",
    403: "The token or its user may not do this.",
    404: "What the request names is not there.",
    409: "It is there already, or the idempotency key belongs to another request or to one still at work.",
    413: "The request is too large.",
    429: "Too many wrong tokens or passwords from this address: wait as Retry-After says.",
    501: "The dialer's database has no tables for this function.",
    503: "The database does not answer; nothing was written. Try again.",
}
OF_EVERY_CALL = (400, 401, 403, 413, 429, 501, 503)
TYPES: Mapping[Holds, Sequence[str]] = {
    Holds.TEXT: ("string",),
    Holds.INTEGER: ("integer",),
    Holds.NUMBER: ("number",),
    Holds.TIME: ("string",),
    Holds.LENGTH: ("integer",),
    Holds.PERCENT: ("number",),
    Holds.YES_NO: ("boolean",),
    Holds.ANY: ("string", "number"),
}
MORE = {
    Holds.TIME: " YYYY-MM-DD HH:MM:SS in the dialer's time zone.",
    Holds.LENGTH: " Seconds.",
    Holds.PERCENT: " Percent.",
}
"""What a description adds to the meaning."""
_SAID: dict[str, Any] = {
    "result": {"enum": [str(result) for result in Result]},
    "code": {"type": "string", "description": "Names the line; it does not change with the wording."},
    "message": {"type": "string"},
}
SOURCE = Param("source", "What calls, for the log; the token's name where it is not given.", least=2)


@cache
def openapi_body() -> bytes:
    return encoded(whole_document())


def whole_document() -> dict[str, Any]:
    """All parts of the API in one."""
    return with_rest(with_asterisk(with_clickto(openapi())))


def with_rest(document: dict[str, Any]) -> dict[str, Any]:
    """A document with what the pages do, too. Raises ValueError where two parts use one name."""
    rest, components = described(), document["components"]
    schemas = rest["components"]["schemas"]
    if twice := schemas.keys() & components["schemas"] | rest["paths"].keys() & document["paths"]:
        raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
    return {
        **document,
        "info": {**document["info"], "title": "Trunkline"},
        "paths": {**document["paths"], **rest["paths"]},
        "components": {**components, "schemas": {**components["schemas"], **schemas}},
    }


def openapi() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Trunkline: Dialer360 API and click-to", "version": __version__},
        "security": [{"token": []}],
        "paths": {f"/api/v1/dialer/{command.name}": _methods(command) for command in ALL},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Answer": _answer_schema(),
                "Line": _line_schema(),
                **{_answer_name(command): _answer_of(command) for command in ALL},
            },
        },
    }


def _methods(command: Command) -> dict[str, Any]:
    post = {
        **_shared(command),
        "operationId": command.name,
        "requestBody": _body(command),
    }
    if command.writes:
        return {"post": {**post, "parameters": [_idempotency_key()]}}
    asked = [_in_query(param) for param in _params(command)]
    get = {**_shared(command), "operationId": f"get_{command.name}", "parameters": asked}
    return {"get": get, "post": post}


def _shared(command: Command) -> dict[str, Any]:
    rights = " and ".join(command.flags)
    needs = f"The user needs level {command.level}{f', {rights}' if rights else ''}."
    return {
        "summary": command.sentence,
        "description": needs if command.level else "Every user may.",
        "responses": _responses(command),
    }


def _params(command: Command) -> tuple[Param, ...]:
    """Those the function declares, and the source."""
    return (*command.params, SOURCE)


def _body(command: Command) -> dict[str, Any]:
    needed = [param.name for param in command.params if param.required]
    schema = {
        "type": "object",
        "properties": {param.name: _schema(param) for param in _params(command)},
        # A list's own fields come under their own names.
        "additionalProperties": any(param.name == "custom_fields" for param in command.params),
        **({"required": needed} if needed else {}),
    }
    return {"required": bool(needed), "content": {kind: {"schema": schema} for kind in (JSON, FORM)}}


def _in_query(param: Param) -> dict[str, Any]:
    described = _schema(param)
    meaning = described.pop("description")
    return {
        "name": param.name,
        "in": "query",
        "required": param.required,
        "description": meaning,
        "schema": described,
    }


def _schema(param: Param) -> dict[str, Any]:
    """Lengths and choices are told in words: `--BLANK--`, which empties a value, keeps to neither."""
    return {"type": ["string", "number", "boolean"], "description": _described(param)}


def _described(param: Param) -> str:
    parts = [param.meaning]
    if param.choices:
        parts.append(f"One of {', '.join(param.choices)}.")
    if param.least:
        parts.append(f"At least {param.least} characters.")
    if param.most:
        parts.append(f"At most {param.most} characters.")
    return " ".join(parts)


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Sent again with the same key a request is not done twice: it gets the first answer.",
        "schema": {"type": "string", "maxLength": LONGEST_KEY},
    }


def _responses(command: Command) -> dict[str, Any]:
    said: dict[int, list[str]] = {status: [] for status in (200, *OF_EVERY_CALL)}
    if command.writes:
        said[409] = []
    for line in all_lines(command):
        said.setdefault(status_of_line(line), []).append(line.code)
    return {str(status): _response(command, status, codes) for status, codes in sorted(said.items())}


def _response(command: Command, status: int, codes: list[str]) -> dict[str, Any]:
    named = f" Codes: {', '.join(dict.fromkeys(codes))}." if codes else ""
    name = _answer_name(command) if status == 200 else "Answer"
    return {
        "description": MEANING[status] + named,
        "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}},
    }


def _line_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["result", "code", "message", "fields"],
        "properties": {**_SAID, "fields": {"type": "object", "description": "The values of the line."}},
        "additionalProperties": False,
    }


def _answer_schema() -> dict[str, Any]:
    """The leading line, then all that was said, values, and rows of an export.

    A request that does not reach its function is answered with the leading line alone.
    """
    properties = {
        **_SAID,
        "function": {"type": "string"},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
        "fields": {"type": "object"},
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {"type": "object"}},
    }
    return {"type": "object", "required": ["result", "code", "message"], "properties": properties}


def _answer_name(command: Command) -> str:
    return f"{command.name}_answer"


def _answer_of(command: Command) -> dict[str, Any]:
    """What a call that was done answers: `Answer` with the function's own values and rows."""
    own: dict[str, Any] = {"function": {"const": command.name}, "fields": _fields_of(command)}
    if command.exports:
        own["columns"] = {"enum": [[c.name for c in export.columns] for export in command.exports]}
        own["rows"] = {"type": "array", "items": {"anyOf": [_object(e.columns) for e in command.exports]}}
    return {
        "type": "object",
        "allOf": [{"$ref": "#/components/schemas/Answer"}],
        "properties": own,
        "required": ["function", "lines", "fields"],
        "unevaluatedProperties": False,
    }


def _fields_of(command: Command) -> dict[str, Any]:
    """The values of its answer; a function that answers with lines or rows has none there."""
    none = {"type": "object", "additionalProperties": False}
    return {"anyOf": [_object(command.fields), none]} if command.fields else none


def _object(columns: Sequence[Column]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {column.name: _value(column) for column in columns},
        "required": [column.name for column in columns],
        "additionalProperties": False,
    }


def _value(column: Column) -> dict[str, Any]:
    described = {"description": f"{column.meaning}{MORE.get(column.holds, '')}"}
    if column.holds is Holds.LIST:
        return {
            **described,
            "type": "array",
            "items": _object(column.of) if column.of else {"type": "string"},
        }
    return {**described, "type": [*TYPES[column.holds], "null"]}
