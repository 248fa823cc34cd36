"""The reference page of the REST API, from the declarations of its operations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trunkline.access.repeats import LONGEST_KEY
from trunkline.access.roles import MEANINGS, RIGHTS, Right, Role
from trunkline.asking import MOST_BODY
from trunkline.cli.markdown import page, table
from trunkline.rest.application import described_app
from trunkline.rest.cursors import MOST, USUAL
from trunkline.rest.document import document_of
from trunkline.rest.every import OPERATIONS
from trunkline.rest.operations import ROOT, Operation
from trunkline.rest.problems import TITLES, ProblemDetails

LEAD = (
    "Every operation: the right it needs, what it takes, what it answers. The same as OpenAPI is at "
    "`/api/v1/openapi.json`. How to begin: [the guide](../guides/rest.md). The dialer's functions below "
    "`/api/v1/dialer` are in [their own reference](dialer.md)."
)
REFERENCE = "#/components/schemas/"


def rest_page() -> str:
    return page("REST API", LEAD, _parts(document_of(described_app())))


def _parts(document: Mapping[str, Any]) -> Iterator[str]:
    yield from _everywhere()
    yield from _rights()
    for group in dict.fromkeys(operation.group for operation in OPERATIONS):
        some = [operation for operation in OPERATIONS if operation.group == group]
        yield f"## {group}"
        yield ""
        yield from table(("", "Path", "Right", "What it does"), [_row(one) for one in some])
        for operation in some:
            yield from _operation(operation, document["paths"])
    yield "## Shapes"
    yield ""
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield from _shape(name, schema)


def _everywhere() -> Iterator[str]:
    yield "## Of every operation"
    yield ""
    yield (
        f"- Lists take `limit` (1 to {MOST}; {USUAL} where none is given) and `cursor`, and answer `items` "
        "and `next`: the cursor of the next page, or null. The header `Link` has its address."
    )
    yield "- Answers of single things have an `ETag`; `If-None-Match` and `If-Match` take it."
    yield f"- `Idempotency-Key` has at most {LONGEST_KEY} characters; answers are kept for a day."
    yield f"- A body is JSON of at most {MOST_BODY:,} bytes. Unknown fields and parameters are refused."
    yield "- Times are ISO 8601 in UTC."
    yield "- Every answer has an `X-Request-Id`, which the server's log names."
    yield ""
    yield "A refusal is `application/problem+json`:"
    yield ""
    yield from _fields(ProblemDetails.model_json_schema())
    yield from table(("Status", "When"), [(str(status), text) for status, text in TITLES.items()])


def _rights() -> Iterator[str]:
    yield "## Rights"
    yield ""
    yield "They are the scopes of tokens too. A token may what both its scopes and its person's role allow."
    yield ""
    rows = [
        (f"`{right}`", MEANINGS[right], ", ".join(role for role in Role if right in RIGHTS[role]))
        for right in Right
    ]
    yield from table(("Right", "Meaning", "Roles"), rows)


def _row(operation: Operation) -> tuple[str, ...]:
    path = f"`{ROOT}{operation.path}`"
    return operation.method, path, f"`{operation.right}`", operation.summary


def _operation(operation: Operation, paths: Mapping[str, Any]) -> Iterator[str]:
    described = paths[ROOT + operation.path][operation.method.lower()]
    yield f"### `{operation.method} {ROOT}{operation.path}`"
    yield ""
    yield operation.summary
    yield ""
    asked = [one for one in described.get("parameters", []) if one["in"] != "path"]
    named = [one for one in asked if one["name"] not in ("cursor", "limit")]
    if named:
        rows = [
            (f"`{one['name']}`", one["in"], _type(one["schema"]), one.get("description", "")) for one in named
        ]
        yield from table(("Takes", "In", "Type", "Meaning"), rows)
    body = described.get("requestBody")
    if body:
        yield f"Body: {_type(body['content']['application/json']['schema'])}."
        yield ""
    statuses = ", ".join(status for status in described["responses"] if int(status) >= 300)
    answer = _answer(described["responses"][str(operation.status)])
    yield f"Answers {operation.status}: {answer}. Else {statuses}."
    yield ""


def _answer(response: Mapping[str, Any]) -> str:
    content = response.get("content", {})
    if "application/json" in content:
        return _type(content["application/json"]["schema"])
    return " or ".join(f"`{kind}`" for kind in content) or "nothing"


def _shape(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    if text := schema.get("description"):
        yield " ".join(text.split())
        yield ""
    if "enum" in schema:
        yield f"{_type(schema)}."
        yield ""
        return
    yield from _fields(schema)


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    needed: Sequence[str] = schema.get("required", ())
    rows = [
        (
            f"`{name}`",
            _type(told),
            "yes" if name in needed else "",
            " ".join(told.get("description", "").split()),
        )
        for name, told in schema.get("properties", {}).items()
    ]
    yield from table(("Field", "Type", "Always", "Meaning"), rows)


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in few words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE).removeprefix("#/$defs/")
        return f"[{name}](#{name.lower()})" if schema["$ref"].startswith(REFERENCE) else name
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("format") == "date-time":
        return "time"
    return str(schema.get("type", "any"))
