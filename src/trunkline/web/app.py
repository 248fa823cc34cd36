"""The application: the classic paths of the dialer straight from the server, the rest through Starlette."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.access.repeats import Repeats
from trunkline.access.tokens import Tokens
from trunkline.clock import process_clock
from trunkline.dialer.opening import Dialer, open_dialer
from trunkline.dialer.runner import Service, system_settings
from trunkline.errors import some_of
from trunkline.settings import Settings, home_folder, load_settings
from trunkline.store.connection import open_store
from trunkline.web import openapi
from trunkline.web.asking import Receive, Scope, Send
from trunkline.web.dialer import PATHS, answer_wire
from trunkline.web.dialer_json import JsonApi
from trunkline.web.guesses import Guesses
from trunkline.web.json_words import encoded

_log = logging.getLogger("trunkline.dialer")


class Application:
    """What the server calls for every request. It is opened with the server's loop, and closed with it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._service: Service | None = None
        self._json: JsonApi | None = None
        self._rest = Starlette(
            routes=[
                Route("/healthz", self._health, methods=["GET"]),
                Route(openapi.PATH, _described, methods=["GET"]),
                Route("/api/v1/dialer", self._functions, methods=["GET"]),
                Route("/api/v1/dialer/{function}", self._call, methods=["GET", "POST"]),
            ],
            lifespan=self._open_while_serving,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        dialect = PATHS.get(scope["path"]) if scope["type"] == "http" else None
        if dialect is None or self._service is None:
            await self._rest(scope, receive, send)
        else:
            await answer_wire(self._service, dialect, scope, receive, send)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Application"]:
        """Open databases and tokens; requests may come then."""
        clock = process_clock()
        dialer = await open_dialer(self._settings)
        _tell_of_missing(dialer)
        store = open_store(self._settings)
        try:
            self._service = service_of(dialer, self._settings)
            self._json = JsonApi(self._service, Tokens(store, clock), Repeats(store, clock), Guesses(clock))
            yield self
        finally:
            self._service = self._json = None
            store.close()
            await dialer.database.close()

    @asynccontextmanager
    async def _open_while_serving(self, _: Starlette) -> AsyncIterator[None]:
        async with self.opened():
            yield

    async def _functions(self, request: Request) -> Response:
        assert self._json is not None, "opened"
        return await self._json.functions(request)

    async def _call(self, request: Request) -> Response:
        assert self._json is not None, "opened"
        return await self._json.call(request)

    async def _health(self, _: Request) -> Response:
        """Well when the dialer's database answers."""
        assert self._service is not None, "opened"
        try:
            async with self._service.database.work() as work:
                await work.one(system_settings)
        except Exception:
            return Response(encoded({"status": "database failed"}), 503, media_type="application/json")
        return Response(encoded({"status": "ok"}), media_type="application/json")


def _tell_of_missing(dialer: Dialer) -> None:
    for function, tables in dialer.off.items():
        _log.warning("%s is switched off: the database lacks %s.", function, some_of(tables))


async def _described(_: Request) -> Response:
    return Response(openapi.openapi_body(), media_type=openapi.JSON)


def service_of(dialer: Dialer, settings: Settings) -> Service:
    zone, web_root = ZoneInfo(settings.text("timezone")), Path(settings.text("dialer_web_root"))
    service = Service(dialer.database, process_clock(), zone, web_root=web_root)
    service.off = frozenset(dialer.off)
    return service


def application() -> Application:
    """For the server's worker processes: the installation that the environment names."""
    return Application(load_settings(home_folder(None)))
