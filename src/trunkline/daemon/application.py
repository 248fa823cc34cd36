"""What the socket answers. Only this user's commands can ask; errors are told as everywhere."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from trunkline import __version__
from trunkline.center import datasets, preview
from trunkline.daemon.jobs import Batch, unforeseen
from trunkline.daemon.room import Room
from trunkline.daemon.rows import MEDIA_TYPE, pieces
from trunkline.daemon.wire import error_to_json, installation, line, run_to_json, wish_from_json
from trunkline.errors import TrunklineError
from trunkline.warehouse.copying import copy_warehouse
from trunkline.warehouse.duckdb_engine import DuckdbWarehouse
from trunkline.warehouse.engine import Warehouse

LINES = "application/x-ndjson"
SECONDS_BETWEEN_INTERRUPTS = 0.2
QUERIES_AT_ONCE = 16

Told = dict[str, Any]
Answer = Callable[[Request], Coroutine[Any, Any, Response]]


class Application:
    """The answers, over an open room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._since = room.center.clock.now()
        asked = {
            "run": self._run,
            "stop": self._stop,
            "preview": self._preview,
            "tables": self._tables,
            "columns": self._columns,
            "count": self._count,
            "loads": self._loads,
            "copy": self._copy,
            "progress": self._progress,
            "drop": self._drop,
        }
        self.app = Starlette(
            routes=[
                Route("/status", self._status, methods=["GET"]),
                Route("/query", Query(room), methods=["POST"]),
                *(Route(f"/{path}", answer, methods=["POST"]) for path, answer in asked.items()),
            ],
            exception_handlers={TrunklineError: _refused},
        )

    async def _status(self, _: Request) -> Response:
        status = {
            "pid": os.getpid(),
            "version": __version__,
            "since": self._since,
            "installation": installation(self._room.center.settings),
            "runs": [run_to_json(run) for run in self._room.jobs.under_way()],
        }
        return _json(status)

    async def _run(self, request: Request) -> Response:
        asked = await _body(request)
        wish, by = wish_from_json(asked["wish"]), asked["started_by"]
        batch = self._room.jobs.begin(asked["names"], wish, asked["trigger"], by)
        return StreamingResponse(_news(batch), media_type=LINES)

    async def _stop(self, request: Request) -> Response:
        await self._room.jobs.stop((await _body(request))["batch"])
        return _json({})

    async def _preview(self, request: Request) -> Response:
        asked = await _body(request)
        saved = datasets.get(self._room.center, asked["name"])
        return StreamingResponse(self._previewed(saved, asked["rows"]), media_type=LINES)

    async def _previewed(self, saved: datasets.Dataset, count: int) -> AsyncIterator[bytes]:
        events: asyncio.Queue[Told] = asyncio.Queue()

        def tell_wait(until: datetime | None, reason: str) -> None:
            events.put_nowait({"wait": {"until": until, "reason": reason}})

        center = replace(self._room.center, on_wait=tell_wait)
        work = asyncio.ensure_future(_outcome(preview.first_rows(center, saved, count), events))
        try:
            event: Told = {"wait": None}
            while "wait" in event:
                event = await events.get()
                yield line(event)
        finally:
            work.cancel()

    async def _tables(self, _: Request) -> Response:
        return _json([asdict(t) for t in await self._read(lambda warehouse: warehouse.tables())])

    async def _columns(self, request: Request) -> Response:
        name = (await _body(request))["dataset"]
        return _json([asdict(c) for c in await self._read(lambda warehouse: warehouse.columns(name))])

    async def _count(self, request: Request) -> Response:
        name = (await _body(request))["dataset"]
        return _json(await self._read(lambda warehouse: warehouse.count(name)))

    async def _loads(self, request: Request) -> Response:
        asked = await _body(request)
        name, run = asked["dataset"], asked["run"]
        return _json([asdict(r) for r in await self._read(lambda w: w.loads_of_run(name, run))])

    async def _progress(self, request: Request) -> Response:
        name = (await _body(request))["dataset"]
        return _json(await self._read(lambda warehouse: warehouse.progress(name)))

    async def _copy(self, request: Request) -> Response:
        goal = Path((await _body(request))["to"])

        def copy(warehouse: Warehouse) -> None:
            sink = DuckdbWarehouse(goal)
            try:
                copy_warehouse(warehouse, sink)
            finally:
                sink.close()

        await self._read(copy)
        return _json({})

    async def _drop(self, request: Request) -> Response:
        name = (await _body(request))["dataset"]
        await self._room.writer.submit(lambda warehouse: warehouse.drop(name))
        return _json({})

    async def _read(self, look: Callable[[Warehouse], Any]) -> Any:
        warehouse = await self._room.warehouse()
        try:
            return await asyncio.to_thread(look, warehouse)
        finally:
            await asyncio.to_thread(warehouse.close)


class Query:
    """Rows of a statement as they are read, no faster than they are taken; without a taker it is ended."""

    def __init__(self, room: Room) -> None:
        self._room = room
        # of its own, since runs need the loop's threads while queries take their time
        self._threads = ThreadPoolExecutor(QUERIES_AT_ONCE, thread_name_prefix="query")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await _body(Request(scope, receive))
        warehouse = await self._room.warehouse()
        leaving = asyncio.ensure_future(_interrupted_by_leaving(receive, warehouse))
        try:
            await self._send(warehouse, asked, send)
        finally:
            leaving.cancel()
            await asyncio.to_thread(warehouse.close)

    async def _send(self, warehouse: Warehouse, asked: Told, send: Send) -> None:
        loop = asyncio.get_running_loop()
        reader = await loop.run_in_executor(
            self._threads, warehouse.reader, asked["sql"], asked["parameters"]
        )
        headers = [(b"content-type", MEDIA_TYPE.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        parts = pieces(reader)
        while (piece := await loop.run_in_executor(self._threads, _next, parts)) is not None:
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _next(parts: Iterator[bytes]) -> bytes | None:
    return next(parts, None)


async def _interrupted_by_leaving(receive: Receive, warehouse: Warehouse) -> None:
    """Again and again, since a statement that is only being prepared does not hear it."""
    while (await receive())["type"] != "http.disconnect":
        continue
    while True:
        warehouse.interrupt()
        await asyncio.sleep(SECONDS_BETWEEN_INTERRUPTS)


async def _news(batch: Batch) -> AsyncIterator[bytes]:
    yield line({"batch": batch.id})
    async for news in batch.news():
        yield line(news)
    yield line({"over": True})


async def _outcome(work: Coroutine[Any, Any, Any], events: asyncio.Queue[Told]) -> None:
    try:
        events.put_nowait({"result": await work})
    except TrunklineError as error:
        events.put_nowait({"error": error_to_json(error)})
    except Exception as error:
        events.put_nowait({"error": error_to_json(unforeseen(error))})


async def _body(request: Request) -> Told:
    body: Told = orjson.loads(await request.body())
    return body


def _json(value: Any) -> Response:
    return Response(line(value), media_type="application/json")


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, TrunklineError)
    return Response(line({"error": error_to_json(error)}), 400, media_type="application/json")
