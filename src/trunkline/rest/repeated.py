"""Requests that carry an Idempotency-Key: what was done is not done again, and answers as it did."""

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from trunkline.access.repeats import LONGEST_KEY, Claim, KeptAnswer, OutcomeUnknown, Repeats
from trunkline.errors import DataError, RetryLater
from trunkline.rest.problems import Refusal, conflict, wrong

HEADER = "idempotency-key"
KEPT_HEADERS = ("content-type", "location")
LEAST_FAILURE = 500


def key_of(request: Request) -> str:
    key = request.headers.get(HEADER, "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise wrong("Idempotency-Key", f"An idempotency key has at most {LONGEST_KEY} printable characters.")
    return key


def begun(repeats: Repeats, keeper: int, key: str, words: str) -> KeptAnswer | Claim:
    """Raises Refusal 409 where the key belongs to another request, or to one whose end is not known."""
    try:
        return repeats.begin(keeper, key, words)
    except OutcomeUnknown as error:
        raise conflict("outcome_unknown", error) from None
    except DataError as error:
        raise conflict("idempotency_key_taken", error) from None
    except RetryLater as error:
        raise Refusal(409, "request_at_work", str(error), headers={"Retry-After": "1"}) from None


def words_of(request: Request, body: bytes) -> str:
    """What makes it the same request."""
    match = request.headers.get("if-match", "")
    told = [request.method, request.url.path, request.url.query, match, body.decode("utf-8", "replace")]
    return "\n".join(told)


def to_keep(response: Response, secret: Sequence[str]) -> KeptAnswer:
    """The answer without what is shown once."""
    body = bytes(response.body)
    if secret and response.status_code < 300:
        content: dict[str, Any] = orjson.loads(body)
        body = orjson.dumps({**content, **dict.fromkeys(secret)})
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return KeptAnswer(response.status_code, orjson.dumps([headers, body.decode()]).decode())


def replayed(kept: KeptAnswer) -> Response:
    headers, body = orjson.loads(kept.body)
    return Response(
        body.encode() if body else None, kept.status, headers={**headers, "Idempotent-Replayed": "true"}
    )
