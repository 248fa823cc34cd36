"""The server's half of the socket: a thread with a loop of its own, beside whatever else the process does."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from socket import socket

import uvicorn
import uvloop

from trunkline.daemon.address import bound, check_not_restored, only_server
from trunkline.daemon.application import Application
from trunkline.daemon.room import opened
from trunkline.errors import RetryLater, SettingsError
from trunkline.settings import Settings

GRACE_SECONDS = 3
_log = logging.getLogger("trunkline.server")


def check_shared(settings: Settings) -> None:
    """Raises SettingsError unless several processes can share the work of this installation.

    That takes a PostgreSQL store and a PostgreSQL warehouse.
    """
    wrong = [name for name in ("store_url", "warehouse_url") if not _is_postgres(settings.text(name))]
    if wrong:
        raise SettingsError(
            "Several workers need a PostgreSQL store and a PostgreSQL warehouse.",
            todo=f"Set {' and '.join(wrong)} to postgresql://user@host/database, or run one server.",
        )


def is_shared(settings: Settings) -> bool:
    """Whether several processes can share the work of this installation."""
    try:
        check_shared(settings)
    except SettingsError:
        return False
    return True


def _is_postgres(url: str) -> bool:
    return url.strip().startswith(("postgresql://", "postgres://"))


@contextmanager
def listening(settings: Settings) -> Iterator[None]:
    """What is due is run meanwhile, and commands of this home folder go through this process.

    Raises RetryLater when another process serves it, unless the two can share the work: then that one
    keeps the socket, and both run what is due.
    """
    with ExitStack() as held:
        listener = None
        try:
            held.enter_context(only_server(settings.home))
        except RetryLater as error:
            if not is_shared(settings):
                raise
            check_not_restored(settings.home)
            _log.info("%s This one shares its work.", error)
        else:
            listener = held.enter_context(bound(settings.home))
        held.enter_context(_thread(settings, listener))
        yield


@contextmanager
def _thread(settings: Settings, listener: socket | None) -> Iterator[None]:
    life = _Life(settings, listener)
    thread = threading.Thread(target=life.run, name="local socket")
    thread.start()
    try:
        life.started.result()
        yield
    finally:
        life.end()
        thread.join()


class _Life:
    """From the opening of the room to its end."""

    def __init__(self, settings: Settings, listener: socket | None) -> None:
        self.started: Future[None] = Future()
        self._settings = settings
        self._listener = listener
        self._loop = uvloop.new_event_loop()
        self._ending = asyncio.Event()

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._serve())
            except BaseException as error:
                if self.started.done():
                    raise
                self.started.set_exception(error)

    def end(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ending.set)

    async def _serve(self) -> None:
        async with opened(self._settings) as room:
            if self._listener is None:
                self.started.set_result(None)
                await self._ending.wait()
                return
            server = uvicorn.Server(_config(Application(room).app))
            serving = asyncio.ensure_future(server.serve(sockets=[self._listener]))
            self.started.set_result(None)
            await self._ending.wait()
            await room.jobs.close()  # while those who wait for runs can still hear of their end
            server.should_exit = True
            await serving


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
