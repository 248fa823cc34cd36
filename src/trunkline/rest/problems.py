"""What is told instead of an answer: one shape for every refusal (RFC 9457, problem+json)."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.responses import Response

from trunkline.errors import (
    DataError,
    NotAllowed,
    Problem,
    ProviderError,
    RetryLater,
    SettingsError,
    TrunklineError,
)

KIND = "application/problem+json"
USUAL_WAIT = 5
LONGEST_SHOWN = 60
Found = TypeVar("Found")

TITLES: Mapping[int, str] = {
    401: "A token or a session is needed.",
    403: "The caller may not do this.",
    404: "It is not there.",
    405: "The path takes other methods.",
    409: "It does not go together with what is there.",
    412: "It was changed meanwhile.",
    413: "The request is too large.",
    415: "The body must be JSON.",
    422: "Something in the request must be changed.",
    429: "Too many wrong tokens from this address.",
    500: "Something went wrong that nobody thought of.",
    502: "The provider refuses, or cannot be understood.",
    503: "It cannot be done just now.",
}


class FieldProblem(BaseModel):
    """What is wrong with one field. `field` is its path, with dots; empty: the body as a whole."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """Why there is no answer. `todo` says what to do about it, where somebody knows."""

    type: str = Field(description="A name of the kind of problem, `urn:trunkline:problem:` and a word.")
    title: str
    status: int
    detail: str
    todo: str
    errors: list[FieldProblem]
    request_id: str


class Refusal(Exception):
    """A request that is not done: status, a word that names why, sentences, fields, headers."""

    def __init__(
        self,
        status: int,
        word: str,
        detail: str,
        *,
        todo: str = "",
        errors: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.word, self.detail, self.todo = status, word, detail, todo
        self.errors, self.headers = tuple(errors), dict(headers or {})

    def response(self, request_id: str) -> Response:
        content = {
            "type": f"urn:trunkline:problem:{self.word}",
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            "todo": self.todo,
            "errors": [{"field": one.field, "message": one.message} for one in self.errors],
            "request_id": request_id,
        }
        body = orjson.dumps(content, default=str)
        return Response(body, self.status, headers=self.headers, media_type=KIND)


def found(look: Callable[..., Found], *what: Any) -> Found:
    """What a room finds. Raises Refusal 404 where it says that there is none."""
    try:
        return look(*what)
    except SettingsError as error:
        raise not_found(str(error), error.todo) from None


def not_found(detail: str, todo: str = "") -> Refusal:
    return Refusal(404, "not_found", detail, todo=todo)


def conflict(word: str, error: TrunklineError) -> Refusal:
    return Refusal(409, word, str(error), todo=error.todo)


def free(look: Callable[..., Any], *what: Any) -> None:
    """Raises Refusal 409 where a room says that what is to be changed is in use."""
    try:
        look(*what)
    except (SettingsError, RetryLater) as error:
        raise conflict("in_use", error) from None


def wrong(field: str, message: str, todo: str = "") -> Refusal:
    return Refusal(422, "wrong_fields", message, todo=todo, errors=[Problem(field, message)])


def of_error(error: TrunklineError) -> Refusal:
    """What a room could not do, in this API's words."""
    told: dict[str, Any] = {"todo": error.todo}
    if isinstance(error, NotAllowed):
        return Refusal(403, "not_allowed", str(error), **told)
    if isinstance(error, SettingsError):
        return Refusal(422, "wrong_fields", str(error), **told, errors=error.problems)
    if isinstance(error, ProviderError | DataError):
        return Refusal(502, error.kind, str(error), **told)
    if isinstance(error, RetryLater):
        seconds = math.ceil(error.after_seconds or USUAL_WAIT)
        return Refusal(503, "retry_later", str(error), **told, headers={"Retry-After": str(seconds)})
    return Refusal(503, error.kind, str(error), **told, headers={"Retry-After": str(USUAL_WAIT)})


def of_validation(error: RequestValidationError) -> Refusal:
    """Each wrong field with what is wrong; unknown ones are named."""
    errors = [Problem(_field(one["loc"]), _sentence(one)) for one in error.errors()]
    return Refusal(422, "wrong_fields", " ".join(one.message for one in errors[:5]), errors=errors)


def _field(place: Sequence[Any]) -> str:
    """`body`, `query` and `path` before a name say nothing that the name does not."""
    return ".".join(str(part)[:LONGEST_SHOWN] for part in place[1:])


def _sentence(one: Mapping[str, Any]) -> str:
    field = _field(one["loc"]) or "The body"
    if one["type"] == "extra_forbidden":
        return f"There is no field {field}."
    if one["type"] == "missing":
        return f"{field} is missing."
    text = str(one["msg"]).removeprefix("Value error, ")
    return f"{field}: {text[:1].lower()}{text[1:]}."
