"""The end of a sign-in in the browser: a listener on this machine that waits for one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from html import escape
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from trunkline.errors import SettingsError, TrunklineError

T = TypeVar("T")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    # The address of the page holds the code; no other site shall hear of it.
    "Referrer-Policy": "no-referrer",
}


class Callback:
    """Listens on 127.0.0.1 for as long as the context lasts. `url` is where the answer is awaited."""

    def __init__(self, path: str, port: int = 0) -> None:
        self.url = ""
        self._path = path
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._query: asyncio.Future[str] = loop.create_future()
        self._outcome: asyncio.Future[tuple[int, str]] = loop.create_future()
        app = web.Application()
        app.router.add_get(self._path, self._arrived)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"Port {self._port} of 127.0.0.1 cannot be used: {error.strerror or error}.",
                todo="Choose another --port, or leave it out for a free one.",
            ) from None
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{self._path}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._outcome.done():
            self._outcome.set_result((503, "The command has stopped waiting."))
        if self._runner:
            await self._runner.cleanup()

    async def answered(self, wait_seconds: float, finish: Callable[[str], Awaitable[T]]) -> T:
        """What `finish` makes of the first answer's query; the browser is shown how it went.

        Raises SettingsError when nobody comes in time, and whatever `finish` raises.
        """
        try:
            query = await asyncio.wait_for(asyncio.shield(self._query), wait_seconds)
        except TimeoutError:
            raise SettingsError(
                f"Nobody signed in within {wait_seconds:g} seconds.",
                todo="Run the command again, and open the address it prints in a browser on this machine.",
            ) from None
        try:
            result = await finish(query)
        except TrunklineError as error:
            self._outcome.set_result((400, str(error)))
            raise
        self._outcome.set_result((200, "The account is connected."))
        return result

    async def _arrived(self, request: web.Request) -> web.Response:
        if self._query.done():
            return _page(410, "This sign-in has been answered already.")
        self._query.set_result(request.rel_url.raw_query_string)
        status, text = await asyncio.shield(self._outcome)
        return _page(status, text)


def _page(status: int, text: str) -> web.Response:
    title = "Trunkline"
    content = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{escape(text)}</p><p>You can close this window.</p></html>"
    )
    return web.Response(status=status, text=content, content_type="text/html", headers=HEADERS)
