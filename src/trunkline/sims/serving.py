"""A pretend service as a web server on this machine: listening, its log of requests, its end."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from trunkline.clock import Clock, process_clock
from trunkline.errors import SettingsError


@dataclass(frozen=True)
class Seen:
    """One request as it arrived, and the status it got; `had_key` when any credentials came with it."""

    at: datetime
    method: str
    path: str
    params: dict[str, list[str]]
    status: int
    had_key: bool = False


class PretendService(ABC):
    """Start it, talk to `url`, look at `requests`, stop it."""

    def __init__(self, clock: Clock | None) -> None:
        self.clock = clock or process_clock()
        self.requests: list[Seen] = []
        self.url = ""
        self._runners: list[web.AppRunner] = []

    @abstractmethod
    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of any method and path."""

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (0: any free port); the address to talk to."""
        self.url = await self.listen(port)
        return self.url

    async def listen(self, port: int) -> str:
        """Open one listening port; its address. Raises SettingsError when it cannot be used."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise SettingsError(
                f"Port {port} of 127.0.0.1 cannot be used: {error.strerror or error}.",
                todo="Choose another --port, or 0 for a free one.",
            ) from None
        self._runners.append(runner)
        host, bound = runner.addresses[0][:2]
        return f"http://{host}:{bound}"

    async def stop(self) -> None:
        """Stop listening and end open connections."""
        while self._runners:
            await self._runners.pop().cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def note(self, request: web.Request, status: int, had_key: bool = False) -> None:
        """Keep a request in the log."""
        params: dict[str, list[str]] = {}
        for name, value in request.query.items():
            params.setdefault(name, []).append(value)
        self.requests.append(Seen(self.clock.now(), request.method, request.path, params, status, had_key))
