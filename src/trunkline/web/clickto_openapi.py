"""The JSON API of click-to in OpenAPI's words, from the declared operations."""

from typing import Any

from trunkline.clickto.calls import CallState, LegState
from trunkline.clickto.columns import REPORT_COLUMNS
from trunkline.telephony.results import Result
from trunkline.web.clickto_operations import CALL_OPERATIONS, OPERATIONS, ROOT, Field, Operation

JSON = "application/json"
MEANING = {
    400: "The request is wrong; `problems` says how, field by field.",
    401: "There is no token, or none that is known and good.",
    403: "The token lacks the right.",
    404: "What the path names is not there.",
    409: "It is there already, has activity, or places no call now; `code` says which.",
    413: "The request is too large.",
    429: "Too many calls, or wrong tokens or passwords: wait as Retry-After says.",
    503: "The database does not answer; nothing was written. Try again.",
}
_OF_EVERY_OPERATION = (400, 401, 403, 429, 503)
_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "required": needed, "properties": properties}


def _list_of(schema: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}


_BLOCK = {
    "id": _WHOLE,
    "kind": _TEXT,
    "description": _TEXT,
    "numbers": {"type": "array", "items": _TEXT},
    "owner": _TEXT,
    "hours": _TEXT,
    **dict.fromkeys(("server", "channel", "business_channel", "caller_id", "countries"), _TEXT),
    "origins": {"type": "array", "items": _TEXT},
    "created_at": _TIME,
    "updated_at": _TIME,
    "activity": {**_WHOLE, "description": "How many rows it has; where one block was asked for."},
    "newest_activity": {"type": ["string", "null"]},
}
_KEY = {
    "name": _TEXT,
    "access_key": _TEXT,
    "blocks": {"type": ["array", "null"], "items": _WHOLE, "description": "None: everything."},
    "created_at": _TIME,
    "used_at": _MAYBE_TIME,
    "revoked_at": _MAYBE_TIME,
    "may_call": {"type": "boolean"},
    "secret_access_key": {**_TEXT, "description": "In the answer that made the key, and nowhere else."},
}
_ACTIVITY = {
    "id": _WHOLE,
    "block_id": {"type": ["integer", "null"]},
    "state": {**_TEXT, "description": "imported, begun or ended."},
    "local_time": {**_TEXT, "description": "By the clock of the report's zone, to the minute."},
    "clicked_at": {**_MAYBE_TIME, "description": "None: the clock shows the local time twice or never."},
    "ended_at": _MAYBE_TIME,
    **{column.name: {**_TEXT, "description": f"{column.header} of the report."} for column in REPORT_COLUMNS},
    "duration_seconds": {"type": ["integer", "null"]},
    "duration_is_estimated": {
        "type": "boolean",
        "description": "Whether it was reckoned from the printed duration, by the setting's unit.",
    },
}
_RESULT = {"enum": [*Result, ""], "description": "Empty: not dialled, or not over yet."}
_LEG = {
    "place": {**_WHOLE, "description": "In the order of dialling, from 1."},
    "party": {"enum": ["business", "visitor"]},
    "number": _TEXT,
    "state": {"enum": [*LegState]},
    "result": {"enum": [*Result, None]},
    "reason": _TEXT,
    "cause": {"type": ["integer", "null"], "description": "Of the hang-up, as ITU-T Q.850 numbers them."},
    "action_id": _TEXT,
    "began_at": _TIME,
    "answered_at": _MAYBE_TIME,
    "ended_at": _MAYBE_TIME,
    "seconds": {"type": ["number", "null"]},
}
_CALL = {
    "id": _TEXT,
    "state": {"enum": [*CallState]},
    "number": {**_TEXT, "description": "The visitor's, as E.164."},
    "activity_id": _WHOLE,
    "block_id": _WHOLE,
    "reason": _TEXT,
    "server": _TEXT,
    "clicked_at": _TIME,
    "ended_at": _MAYBE_TIME,
    "number_connected": {**_TEXT, "description": "As the report shows it."},
    "call_1_result": _RESULT,
    "call_2_result": _RESULT,
    "talk_seconds": _WHOLE,
    "legs": _list_of("ClicktoLeg"),
}
_BEYOND_TICKETS = tuple(name for name in _CALL if name not in ("id", "state"))
_TICKET = {"ticket": _TEXT, "good_until": _TIME, "seconds": _WHOLE}
SCHEMAS = {
    "ClicktoLeg": _object(_LEG),
    "ClicktoCall": {
        **_object(_CALL, *_BEYOND_TICKETS),
        "description": "A page with a ticket sees id and state alone.",
    },
    "ClicktoTicket": _object(_TICKET),
    "ClicktoBlock": _object(_BLOCK, "activity", "newest_activity"),
    "ClicktoKey": _object(_KEY, "secret_access_key"),
    "ClicktoActivity": _object(_ACTIVITY),
    "ClicktoBlocks": _object({"blocks": _list_of("ClicktoBlock")}),
    "ClicktoKeys": _object({"keys": _list_of("ClicktoKey")}),
    "ClicktoPage": _object(
        {"activity": _list_of("ClicktoActivity"), "next": {"type": ["string", "null"]}},
    ),
    "ClicktoDone": {"type": "object"},
    "ClicktoProblem": _object({"result": _TEXT, "code": _TEXT, "message": _TEXT}),
}
_ANSWERS = {
    "list_blocks": "ClicktoBlocks",
    "add_block": "ClicktoBlock",
    "show_block": "ClicktoBlock",
    "change_block": "ClicktoBlock",
    "list_activity": "ClicktoPage",
    "list_keys": "ClicktoKeys",
    "add_key": "ClicktoKey",
    "give_ticket": "ClicktoTicket",
    "place_call": "ClicktoCall",
    "show_call": "ClicktoCall",
}


def with_clickto(document: dict[str, Any]) -> dict[str, Any]:
    """A document of the whole API: what it has, and the operations of click-to."""
    paths: dict[str, Any] = dict(document["paths"])
    for operation in (*OPERATIONS, *CALL_OPERATIONS):
        path = ROOT + operation.path
        paths[path] = {**paths.get(path, {}), operation.method.lower(): _described(operation)}
    components = document["components"]
    schemas = {**components["schemas"], **SCHEMAS}
    return {**document, "paths": paths, "components": {**components, "schemas": schemas}}


def _described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": f"clickto_{operation.name}",
        "summary": operation.summary,
        "description": _needed(operation),
        "responses": _responses(operation),
    }
    parameters = [
        *_of_path(operation),
        *(_beside_path(field, "query") for field in operation.query),
        *(_beside_path(field, "header") for field in operation.headers),
    ]
    if parameters:
        found["parameters"] = parameters
    if operation.body:
        needed = [field.name for field in operation.body if field.required]
        properties = {field.name: _typed(field) for field in operation.body}
        schema = {"type": "object", "properties": properties, **({"required": needed} if needed else {})}
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return found


def _needed(operation: Operation) -> str:
    if not operation.right:
        return "The header Origin must be one of the block's origins; no token is needed."
    told = f"The token needs the right `{operation.right}`."
    is_of_pages = operation in CALL_OPERATIONS
    return f"{told} A web page sends a ticket of its origin in its place." if is_of_pages else told


def _of_path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": type_}}
        for name, type_ in (("block_id", "integer"), ("name", "string"), ("call", "string"))
        if f"{{{name}}}" in operation.path
    ]


def _beside_path(field: Field, where: str) -> dict[str, Any]:
    described = {"name": field.name, "in": where, "required": field.required}
    length = {"maxLength": field.most} if field.most else {}
    return {**described, "description": field.meaning, "schema": {"type": field.type, **length}}


def _typed(field: Field) -> dict[str, Any]:
    items = {"items": _WHOLE if field.name == "blocks" else _TEXT} if field.type == "array" else {}
    return {"type": field.type, "description": field.meaning, **items}


def _responses(operation: Operation) -> dict[str, Any]:
    statuses = {*_OF_EVERY_OPERATION, *_further(operation)}
    refused = {str(status): _response(MEANING[status], "ClicktoProblem") for status in sorted(statuses)}
    return {str(operation.status): _response("Done.", _ANSWERS.get(operation.name, "ClicktoDone")), **refused}


def _further(operation: Operation) -> set[int]:
    of_body = {413} if operation.body else set()
    of_path = {404} if "{" in operation.path else set()
    conflicts = {409} if operation.name in ("add_block", "add_key", "remove_block", "place_call") else set()
    return of_body | of_path | conflicts


def _response(meaning: str, schema: str) -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": meaning, "content": content}
