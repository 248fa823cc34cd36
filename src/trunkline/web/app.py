"""The application: the classic paths of the dialer straight from the server, the rest through Starlette."""

import gc
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from trunkline.access.repeats import Repeats
from trunkline.access.tokens import Tokens
from trunkline.access.wrong_logins import WrongLogins
from trunkline.asking import Receive, Scope, SeenStatus, Send
from trunkline.clock import process_clock
from trunkline.dialer.opening import Dialer, open_dialer
from trunkline.dialer.runner import Service, system_settings
from trunkline.errors import some_of
from trunkline.pages.application import Pages
from trunkline.pages.rooms import rooms_of
from trunkline.settings import Settings, home_folder, load_settings
from trunkline.store.connection import open_store
from trunkline.web import metrics, openapi
from trunkline.web.asterisk_json import AsteriskApi
from trunkline.web.bearer import unroutable
from trunkline.web.calling import calling, lines_of
from trunkline.web.clickto_application import Clickto
from trunkline.web.dialer import PATHS, answer_wire
from trunkline.web.dialer_json import JsonApi
from trunkline.web.guesses import Guesses
from trunkline.web.json_words import encoded
from trunkline.web.leaving import streams_end_with_the_server
from trunkline.web.metrics import Metrics
from trunkline.web.tallies import Tallies, endpoint_of
from trunkline.web.worker_life import ends_with, started_by

_log = logging.getLogger("trunkline.dialer")


class Application:
    """What the server calls for every request. It is opened with the server's loop, and closed with it."""

    def __init__(self, settings: Settings, *, together: bool = False) -> None:
        """`together`: one of several processes that serve."""
        self._settings, self._together = settings, together
        self._tallies = Tallies()
        self._metrics: Metrics | None = None
        self._service: Service | None = None
        self._json: JsonApi | None = None
        self._clickto: Clickto | None = None
        self._asterisk: AsteriskApi | None = None
        self._pages: Pages | None = None
        self._rest = Starlette(
            routes=[
                Route("/healthz", self._health, methods=["GET"]),
                Route(metrics.PATH, self._measured, methods=["GET"]),
                Route(openapi.PATH, _described, methods=["GET"]),
                Route("/api/v1/dialer", self._functions, methods=["GET"]),
                Route("/api/v1/dialer/{function}", self._call, methods=["GET", "POST"]),
            ],
            lifespan=self._open_while_serving,
            exception_handlers={HTTPException: unroutable},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        dialect = PATHS.get(path)
        started = time.perf_counter()
        if dialect is not None and self._service is not None:
            status = await answer_wire(self._service, dialect, scope, receive, send)
            self._tallies.note(path, status, time.perf_counter() - started)
            return
        if not path:
            await self._rest(scope, receive, send)
            return
        seen = SeenStatus(send)
        try:
            await self._routed(path, scope, receive, seen)
        finally:
            seconds = time.perf_counter() - started
            self._tallies.note(endpoint_of(path, seen.status), seen.status, seconds)

    async def _routed(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self._clickto is not None and self._clickto.takes(path):
            await self._clickto(scope, receive, send)
        elif self._asterisk is not None and self._asterisk.takes(path):
            await self._asterisk(scope, receive, send)
        elif self._pages is not None and self._pages.takes(path):
            await self._pages(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Application"]:
        """Open databases and tokens; requests may come then."""
        clock = process_clock()
        dialer = await open_dialer(self._settings)
        _tell_of_missing(dialer)
        store = open_store(self._settings)
        try:
            most = self._settings.number("dialer_wrong_logins_per_address")
            wrong_logins = WrongLogins(store, clock, most)
            await wrong_logins.learn()
            self._service = service_of(dialer, self._settings, wrong_logins)
            guesses = Guesses(clock, wrong_logins)
            repeats = Repeats(store, clock, with_changes=dialer.where.place == store.place)
            self._json = JsonApi(self._service, Tokens(store, clock), repeats, guesses)
            self._clickto = Clickto(store, self._settings, clock, guesses)
            self._asterisk = AsteriskApi(store, clock, Tokens(store, clock), guesses)
            self._pages = Pages(rooms_of(self._settings, store, clock, wrong_logins))
            self._metrics = Metrics(self._settings, store, clock, self._tallies, together=self._together)
            await self._metrics.start()
            async with calling(dialer, store, self._settings, clock) as self._service.switchboard:
                await self._clickto.start_calling(lines_of(self._service.switchboard))
                try:
                    yield self
                finally:
                    await self._clickto.stop_calling()
            await wrong_logins.close()
        finally:
            if self._clickto:
                self._clickto.close()
            if self._pages:
                await self._pages.close()
            if self._metrics:
                await self._metrics.stop()
            self._service = self._json = self._clickto = self._asterisk = self._metrics = None
            self._pages = None
            store.close()
            await dialer.database.close()

    @asynccontextmanager
    async def _open_while_serving(self, _: Starlette) -> AsyncIterator[None]:
        async with self.opened():
            # What is there now stays until the end; the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            with streams_end_with_the_server():
                yield

    async def _functions(self, request: Request) -> Response:
        assert self._json is not None, "opened"
        return await self._json.functions(request)

    async def _call(self, request: Request) -> ASGIApp:
        assert self._json is not None, "opened"
        return await self._json.call(request)

    async def _measured(self, request: Request) -> Response:
        assert self._metrics is not None, "opened"
        return await self._metrics.answer(request)

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


def service_of(dialer: Dialer, settings: Settings, wrong_logins: WrongLogins) -> Service:
    zone, web_root = ZoneInfo(settings.text("timezone")), Path(settings.text("dialer_web_root"))
    service = Service(dialer.database, process_clock(), zone, web_root=web_root, wrong_logins=wrong_logins)
    service.off = frozenset(dialer.off)
    service.audits = dialer.audits
    return service


def application() -> Application:
    """For the server's worker processes: the installation that the environment names."""
    ends_with(started_by())
    return Application(load_settings(home_folder(None)), together=True)
