"""The API as an application: a guarded route for each declared operation, and what no route takes."""

import secrets
from typing import cast

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trunkline.access.repeats import Repeats
from trunkline.rest.callers import Guessing
from trunkline.rest.every import BY_ID, OPERATIONS
from trunkline.rest.guard import Gate, finished, guarded
from trunkline.rest.operations import ROOT, Operation, RestRooms
from trunkline.rest.problems import Refusal, not_found


def rest_app(rooms: RestRooms, guesses: Guessing) -> FastAPI:
    """The application of an opened installation."""
    shown_by = {one.id: BY_ID[one.of] for one in OPERATIONS if one.of}
    repeats = Repeats(rooms.store, rooms.clock, with_changes=False)
    return _with_routes(Gate(rooms, repeats, guesses, shown_by))


def described_app() -> FastAPI:
    """The same without an installation, to be described and never asked."""
    return _with_routes(cast(Gate, None))


def _with_routes(gate: Gate) -> FastAPI:
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: _unroutable},
    )
    for operation in OPERATIONS:
        router = APIRouter(route_class=guarded(gate, operation), redirect_slashes=False)
        _add(router, operation)
        app.include_router(router, prefix=ROOT)
    return app


def _add(router: APIRouter, operation: Operation) -> None:
    router.add_api_route(
        operation.path,
        operation.handler,
        methods=[operation.method],
        response_model=operation.answer,
        status_code=operation.status,
        summary=operation.summary,
        operation_id=operation.id,
        tags=[operation.group],
        response_class=JSONResponse,
    )


async def _unroutable(request: Request, error: Exception) -> Response:
    """A path that is not there, or not for this method."""
    known = cast(HTTPException, error)
    if known.status_code == 405:
        allowed = (known.headers or {}).get("Allow", "")
        detail = f"{request.method} is not for this path; it takes {allowed or 'others'}."
        refusal = Refusal(405, "method_not_allowed", detail, headers=dict(known.headers or {}))
    else:
        refusal = not_found("There is no such path.", "/api/v1/openapi.json lists those there are.")
    request_id = secrets.token_hex(8)
    return finished(refusal.response(request_id), request_id)
