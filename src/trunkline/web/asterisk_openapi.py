"""The JSON API of what was asked of Asterisk, in OpenAPI's words."""

from typing import Any

from trunkline.dialer.asterisk.actions import MOST_SHOWN, State
from trunkline.telephony.results import Result
from trunkline.web.asterisk_json import DEFAULT_SHOWN, ROOT

JSON = "application/json"
_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_REFUSED = {
    400: "A filter is wrong; `message` says which.",
    401: "There is no token, or none that is known and good.",
    403: "The token may call no function that asks Asterisk for something.",
    429: "Too many wrong tokens or passwords from this address: wait as Retry-After says.",
    503: "The database does not answer. Try again.",
}
ACTION: dict[str, dict[str, Any]] = {
    "action_id": {**_TEXT, "description": "The ActionID that the manager saw."},
    "action": {"enum": ["Originate", "Reload"]},
    "function": {**_TEXT, "description": "The function that asked for it."},
    "user": {**_TEXT, "description": "The API user who asked for it."},
    "server_ip": {**_TEXT, "description": "The dialer's server."},
    "asked_at": {**_TEXT, "format": "date-time"},
    "man_id": {"type": ["integer", "null"], "description": "The row of the dialer's queue; null: a reload."},
    "code": {**_TEXT, "description": "What the call is known by in the dialer's logs."},
    "channel": {**_TEXT, "description": "The channel to call."},
    "extension": {**_TEXT, "description": "The extension it goes to."},
    "state": {"enum": [str(state) for state in State]},
    "result": {"enum": [*(str(result) for result in Result), None]},
    "reason": {**_TEXT, "description": "Why it failed, ended, was not sent or is not known."},
    "cause": {"type": ["integer", "null"], "description": "Of the hang-up, as ITU-T Q.850 numbers them."},
    "unique_id": {**_TEXT, "description": "Asterisk's id of the channel."},
    "answered_at": _MAYBE_TIME,
    "ended_at": _MAYBE_TIME,
    "seconds": {"type": ["number", "null"], "description": "How long the call was answered."},
}
_QUERY = {
    "function": ("string", "Only what this function asked for."),
    "man_id": ("integer", "Only the call of this row of the queue."),
    "server_ip": ("string", "Only what was asked of this server."),
    "limit": ("integer", f"How many, newest first: 1 to {MOST_SHOWN}; {DEFAULT_SHOWN} where none is given."),
}


def with_asterisk(document: dict[str, Any]) -> dict[str, Any]:
    """A document of the whole API: what it has, and what was asked of Asterisk."""
    components = document["components"]
    schemas = {
        "AsteriskAction": {"type": "object", "required": [*ACTION], "properties": ACTION},
        "AsteriskActions": {
            "type": "object",
            "required": ["actions"],
            "properties": {"actions": {"type": "array", "items": _ref("AsteriskAction")}},
        },
        "AsteriskProblem": {
            "type": "object",
            "required": ["result", "code", "message"],
            "properties": dict.fromkeys(("result", "code", "message"), _TEXT),
        },
    }
    paths = {ROOT: {"get": _listed()}, f"{ROOT}/{{action_id}}": {"get": _one()}}
    return {
        **document,
        "paths": {**document["paths"], **paths},
        "components": {**components, "schemas": {**components["schemas"], **schemas}},
    }


def _listed() -> dict[str, Any]:
    asked = [
        {"name": name, "in": "query", "required": False, "description": meaning, "schema": {"type": type_}}
        for name, (type_, meaning) in _QUERY.items()
    ]
    return {
        "operationId": "asterisk_list_actions",
        "summary": "What the token's user has asked of Asterisk, and what came of it.",
        "parameters": asked,
        "responses": _responses("AsteriskActions", _REFUSED),
    }


def _one() -> dict[str, Any]:
    refused = {status: text for status, text in _REFUSED.items() if status != 400}
    return {
        "operationId": "asterisk_show_action",
        "summary": "One thing that was asked of Asterisk.",
        "parameters": [{"name": "action_id", "in": "path", "required": True, "schema": _TEXT}],
        "responses": _responses(
            "AsteriskAction", refused | {404: "The token's user has asked no such thing."}
        ),
    }


def _responses(schema: str, refused: dict[int, str]) -> dict[str, Any]:
    found = {"200": _response("Done.", schema)}
    return found | {str(status): _response(text, "AsteriskProblem") for status, text in refused.items()}


def _response(meaning: str, schema: str) -> dict[str, Any]:
    return {"description": meaning, "content": {JSON: {"schema": _ref(schema)}}}


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
