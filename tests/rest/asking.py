"""What tests of the API share: tokens, and the one check of the shape of a refusal."""

import itertools
import secrets
from typing import Any

import httpx

from trunkline.access.sessions import digest_of
from trunkline.access.users import User
from trunkline.rest import caller_queries as queries
from trunkline.rest.operations import RestRooms
from trunkline.rest.problems import TITLES

ORIGIN = "http://trunkline.test"
V1 = "/api/v1"
ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662f4f"
_numbers = itertools.count()


def token_for(rooms: RestRooms, user: User | None, scopes: list[str] | None = None, **more: Any) -> str:
    """The text of a new token."""
    text = f"tl_{secrets.token_urlsafe(16)}"
    values = {
        "name": f"test token{next(_numbers)}",
        "digest": digest_of(text),
        "user": "",
        "functions": ["rest"],
        "created_at": rooms.clock.now(),
        "user_id": user and user.id,
        "scopes": scopes,
        **more,
    }
    with rooms.store.begin() as tx:
        queries.add_token(tx, values)
    return text


def refused(answer: httpx.Response, status: int, word: str = "") -> dict[str, Any]:
    """The content of a refusal, once its shape is found to be that of all."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:1000]}"
    assert answer.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = answer.json()
    assert set(content) == {"type", "title", "status", "detail", "todo", "errors", "request_id"}
    assert content["status"] == status
    assert content["title"] == TITLES[status]
    assert content["type"].startswith("urn:trunkline:problem:")
    assert content["type"].removeprefix("urn:trunkline:problem:") == (word or content["type"].split(":")[-1])
    assert content["detail"]
    assert isinstance(content["todo"], str)
    assert all(set(error) == {"field", "message"} for error in content["errors"])
    assert content["request_id"] == answer.headers["x-request-id"]
    return content
