"""The API in OpenAPI's words: what FastAPI tells of the declared operations, and what the guard adds."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from trunkline import __version__
from trunkline.rest.every import OPERATIONS
from trunkline.rest.operations import ROOT, Operation
from trunkline.rest.problems import KIND, TITLES, ProblemDetails

PROBLEM = {"$ref": "#/components/schemas/ProblemDetails"}
HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
NOT_FASTAPIS = ("HTTPValidationError", "ValidationError")
TEXT = {"type": "string"}


def document_of(app: FastAPI) -> dict[str, Any]:
    """Paths and components, to be merged into the document of the whole API."""
    found = get_openapi(title="Trunkline", version=__version__, routes=app.routes)
    schemas = {name: s for name, s in found["components"]["schemas"].items() if name not in NOT_FASTAPIS}
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs")
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        described = found["paths"][ROOT + operation.path][operation.method.lower()]
        paths.setdefault(ROOT + operation.path, {})[operation.method.lower()] = _told(operation, described)
    return {"paths": paths, "components": {"schemas": {**schemas, "ProblemDetails": problem}}}


def statuses(operation: Operation) -> list[int]:
    """Every status that an operation can answer with, but for what nobody has thought of."""
    some = [operation.status, 401, 403, 422, 429, 503]
    if operation.parts:
        some.append(404)
    if operation.method in ("POST", "PATCH", "PUT"):
        some += [409, 413, 415]
    if operation.of:
        some += [409, 412]
    if operation.is_tagged and operation.method == "GET":
        some.append(304)
    if operation.asks:
        some.append(502)
    return sorted(set(some))


def _told(operation: Operation, described: dict[str, Any]) -> dict[str, Any]:
    parameters = [*described.get("parameters", []), *_headers_of(operation)]
    responses = {str(status): _response(operation, status, described) for status in statuses(operation)}
    return {
        **described,
        "description": f"Needs the right `{operation.right}`.",
        **({"parameters": parameters} if parameters else {}),
        "responses": responses,
        "security": [{"token": []}],
    }


def _headers_of(operation: Operation) -> list[dict[str, Any]]:
    found = []
    if operation.is_tagged and operation.method == "GET":
        found.append(
            _header("If-None-Match", "An ETag; where it still fits, the answer is 304 without a body.")
        )
    if operation.of:
        found.append(_header("If-Match", "An ETag; where it no longer fits, nothing is done (412)."))
    if operation.keeps:
        text = "Sent again with the same key a request is not done twice: it gets the first answer."
        found.append(_header("Idempotency-Key", text, maxLength=190))
    return found


def _header(name: str, description: str, **more: Any) -> dict[str, Any]:
    schema = {**TEXT, **more}
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


def _response(operation: Operation, status: int, described: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"X-Request-Id": {"schema": TEXT}}
    if status == operation.status:
        headers |= {name: {"schema": TEXT} for name in _answered_headers(operation)}
        return {**_done(operation, described), "headers": headers}
    headers |= {name: {"schema": TEXT} for name in HEADERS.get(status, ())}
    if status == 304:
        return {"description": "It is still the same.", "headers": headers}
    return {"description": TITLES[status], "headers": headers, "content": {KIND: {"schema": PROBLEM}}}


def _answered_headers(operation: Operation) -> list[str]:
    found = ["ETag"] if operation.has_etag else []
    found += ["Location"] if operation.status in (201, 202) else []
    found += ["Idempotent-Replayed"] if operation.keeps else []
    is_page = operation.answer is not None and "next" in operation.answer.model_fields
    return [*found, "Link"] if is_page else found


def _done(operation: Operation, described: Mapping[str, Any]) -> dict[str, Any]:
    if operation.media:
        file = {"type": "string", "format": "binary"}
        return {"description": "Done.", "content": {kind: {"schema": file} for kind in operation.media}}
    told = {"description": "Done."}
    content = described["responses"][str(operation.status)].get("content")
    return {**told, "content": content} if content else told
