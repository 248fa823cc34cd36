"""What the JSON API of click-to can do, declared: routes and OpenAPI are made of this."""

from dataclasses import dataclass

from trunkline.access.repeats import LONGEST_KEY
from trunkline.clickto.activity import MOST_ROWS
from trunkline.clickto.blocks import Kind
from trunkline.clickto.rights import CALL, READ, WRITE

ROOT = "/api/v1/clickto"
DEFAULT_ROWS = 100


@dataclass(frozen=True)
class Field:
    """A parameter of the query, a header, or a field of the body; its type in the words of JSON Schema."""

    name: str
    type: str
    meaning: str
    required: bool = False
    most: int = 0
    """Characters that fit; 0: not said."""


@dataclass(frozen=True)
class Operation:
    """A method on a path, the right it needs, and what it takes. `name` is that of its handler too."""

    name: str
    method: str
    path: str
    right: str
    summary: str
    query: tuple[Field, ...] = ()
    body: tuple[Field, ...] = ()
    headers: tuple[Field, ...] = ()
    status: int = 200


_KIND = Field("kind", "string", f"One of {', '.join(Kind)}.", required=True)
_DESCRIPTION = Field("description", "string", "What the report shows as Click Description.", required=True)
_OPTIONAL = (
    Field("numbers", "array", "Phone numbers, in the order in which they are tried."),
    Field("owner", "string", "Whose block it is."),
    Field("hours", "string", "Opening hours such as `mon-fri 09:00-17:30; sat 10:00-14:00`; empty: always."),
    Field("server", "string", "The server whose manager dials, by its server_ip; empty: no calls."),
    Field("channel", "string", "How numbers outside are dialled, such as `PJSIP/{number}@trunk`."),
    Field("business_channel", "string", "How its own numbers are dialled; empty: like those outside."),
    Field("caller_id", "string", "The number that both sides are shown; empty: the channel's own."),
    Field("countries", "string", "Countries whose numbers may be called, `US,CA`; empty: the setting's."),
    Field("origins", "array", "Origins of web pages that may place calls; `*`: any."),
)
_ID = Field("id", "integer", "Its id, the click_id of the report; left out: the next free one.")
_DAYS = (
    Field("start_date", "string", "The first local day, 20170131 or 2017-01-31; left out: no bound."),
    Field("end_date", "string", "The last local day, included; left out: no bound."),
)
_PAGING = (
    Field("limit", "integer", f"Rows of a page, 1 to {MOST_ROWS}; left out: {DEFAULT_ROWS}."),
    Field("after", "string", "What the page before gave as `next`."),
)

OPERATIONS = (
    Operation("list_blocks", "GET", "/blocks", READ, "All building blocks."),
    Operation(
        "add_block",
        "POST",
        "/blocks",
        WRITE,
        "Make a building block.",
        body=(_KIND, _DESCRIPTION, *_OPTIONAL, _ID),
        status=201,
    ),
    Operation(
        "show_block", "GET", "/blocks/{block_id}", READ, "A building block, and how much activity it has."
    ),
    Operation(
        "change_block",
        "PATCH",
        "/blocks/{block_id}",
        WRITE,
        "Change a building block.",
        body=(
            Field("kind", "string", _KIND.meaning),
            Field("description", "string", _DESCRIPTION.meaning),
            *_OPTIONAL,
        ),
    ),
    Operation(
        "remove_block",
        "DELETE",
        "/blocks/{block_id}",
        WRITE,
        "Remove a building block without activity, from keys too.",
    ),
    Operation(
        "list_activity",
        "GET",
        "/activity",
        READ,
        "Activity in the order of time, page by page.",
        query=(
            *_DAYS,
            Field("block_id", "integer", "Only activity of this block."),
            Field("ref", "string", "Only activity with this reference."),
            *_PAGING,
        ),
    ),
    Operation("list_keys", "GET", "/keys", READ, "All keys of the report, without their secrets."),
    Operation(
        "add_key",
        "POST",
        "/keys",
        WRITE,
        "Make a key of the report. Its secret is in this answer and nowhere else.",
        body=(
            Field("name", "string", "What it is called.", required=True),
            Field("blocks", "array", "Ids of the only blocks it may read; left out: everything."),
            Field("may_call", "boolean", "Whether calls may be placed with it; left out: no."),
        ),
        status=201,
    ),
    Operation("revoke_key", "DELETE", "/keys/{name}", WRITE, "Refuse a key of the report from now on."),
)

CALLS = "/{block_id}/calls"
CALL_OPERATIONS = (
    Operation(
        "give_ticket",
        "POST",
        "/{block_id}/ticket",
        "",
        "A ticket with which a page of one of the block's origins may place one call, within minutes.",
        status=201,
    ),
    Operation(
        "place_call",
        "POST",
        CALLS,
        CALL,
        "Call the business, and once it has answered the visitor.",
        body=(
            Field("number", "string", "The visitor's number.", required=True),
            Field("page", "string", "The page of the click; the report shows it without its query."),
            Field("ref", "string", "A reference of yours; the report shows it and can select by it."),
            Field(
                "referrer", "string", "Where the visitor came from; keywords and domain are taken from it."
            ),
            Field(
                "ip_address", "string", "The visitor's, from programs; left out: none. Pages have their own."
            ),
        ),
        headers=(
            Field(
                "Idempotency-Key",
                "string",
                "From programs: sent again with the same key a request shows the call it has placed.",
                most=LONGEST_KEY,
            ),
        ),
        status=202,
    ),
    Operation("show_call", "GET", f"{CALLS}/{{call}}", CALL, "How far a call has come, and its legs."),
)
