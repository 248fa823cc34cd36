"""The commands' half of the socket: finds a running server and asks it."""

import getpass
import http.client
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import orjson

from trunkline import __version__
from trunkline.daemon.address import connected, connected_patiently
from trunkline.daemon.wire import error_from_json, installation, run_from_json, wish_to_json
from trunkline.errors import RetryLater, SettingsError, TrunklineError
from trunkline.settings import Settings

if TYPE_CHECKING:  # a query needs none of what runs need
    from trunkline.center.runs import Run, Wish

SECONDS_TO_ANSWER = 20.0
WENT_AWAY = "The server ended before it had answered."
GO_ON = "Try again: without a server the command does the work itself."

Heard = SimpleQueue[dict[str, Any] | TrunklineError]
OnWait = Callable[[datetime | None, str], None]
Watch = Callable[["Run"], None]


def server_of(settings: Settings) -> "Server | None":
    """The running server of the home folder; none where nobody serves it.

    Raises RetryLater when it does not answer, SettingsError when it is another version, or works with
    other databases than the settings name.
    """
    asking = connected_patiently(settings.home)
    if asking is None:
        return None
    asking.close()
    server = Server(settings)
    status = server.status()
    if status["version"] != __version__:
        raise SettingsError(
            f"The server of {settings.home} is Trunkline {status['version']}, this command {__version__}.",
            todo="Stop the server and start it again.",
        )
    if status["installation"] != installation(settings):
        raise SettingsError(
            f"The server of {settings.home} works with another store or warehouse than this command.",
            todo="Give both the same store_url and warehouse_url: best in trunkline.toml.",
        )
    return server


class _Connection(http.client.HTTPConnection):
    """HTTP over the socket of a home folder."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("localhost")
        self._settings = settings

    def connect(self) -> None:
        asking = connected(self._settings.home)
        if asking is None:
            raise ConnectionRefusedError
        self.sock = asking


class Answer:
    """An answer that is still coming; closing it tells the server that nobody waits for it."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._socket = connection.sock
        self.body = cast(BinaryIO, response)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Events as they come. Raises RetryLater when the server goes away among them."""
        try:
            while text := self.body.readline():
                yield orjson.loads(text)
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
            raise RetryLater(WENT_AWAY, todo=GO_ON) from None
        raise RetryLater(WENT_AWAY, todo=GO_ON)

    def cut(self) -> None:
        """From another thread: whoever reads finds the end at once."""
        if self._socket is not None:
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.body.close()
        self._connection.close()


class Server:
    """A running server, asked over its socket. Its errors are raised as if they were met here."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def status(self) -> dict[str, Any]:
        """pid, version, since, installation, runs under way."""
        return cast(dict[str, Any], self._get("GET", "/status", None, SECONDS_TO_ANSWER))

    def ask(self, path: str, **asked: object) -> Any:
        """A whole answer."""
        return self._get("POST", path, asked, None)

    def copy(self, path: Path) -> None:
        """Have the server write a copy of the warehouse, as it is now, to a new file."""
        self.ask("/copy", to=str(path))

    def preview(self, name: str, rows: int, on_wait: OnWait) -> list[dict[str, Any]]:
        """A few real rows from the provider. Waits for a budget are told to `on_wait`."""
        with self.open("/preview", name=name, rows=rows) as answer:
            for event in answer.lines():
                if "error" in event:
                    raise error_from_json(event["error"])
                if "result" in event:
                    return cast(list[dict[str, Any]], event["result"])
                until = event["wait"]["until"]
                on_wait(until and datetime.fromisoformat(until), event["wait"]["reason"])
        raise AssertionError("lines end in an error or a result")

    def run(self, names: Sequence[str], wish: "Wish", watch: Watch) -> "list[Run | RetryLater]":
        """Run datasets side by side; the runs in the order of their names, or why one could not begin.

        KeyboardInterrupt, and whatever else ends it here, asks the runs to stop and waits for their end.
        """
        ended: dict[str, Run | TrunklineError] = {}
        asked = {"names": list(names), "wish": wish_to_json(wish), "trigger": "manual"}
        with self.open("/run", started_by=_user(), **asked) as answer:
            events = _heard(answer)
            batch = _next(events)["batch"]
            try:
                _follow(events, ended, watch)
            except RetryLater:
                raise
            except BaseException:
                self.ask("/stop", batch=batch)
                _follow(events, ended, watch)
                raise
        for one in ended.values():
            if isinstance(one, TrunklineError) and not isinstance(one, RetryLater):
                raise one
        return [cast("Run | RetryLater", ended[name]) for name in names]

    @contextmanager
    def open(self, path: str, **asked: object) -> Iterator[Answer]:
        answer = self.opened("POST", path, asked)
        try:
            yield answer
        finally:
            with suppress(OSError):
                answer.cut()
            answer.close()

    def opened(
        self,
        method: str,
        path: str,
        asked: object,
        timeout: float | None = None,
        begun: Callable[[socket.socket], None] | None = None,
    ) -> Answer:
        """An answer to be closed by the caller. Raises what the server refuses with.

        `begun` hears of the socket before there is an answer, so that another thread can cut it.
        """
        connection = _Connection(self._settings)
        try:
            connection.connect()
            if begun:
                begun(connection.sock)
            connection.sock.settimeout(timeout)
            headers = {"content-type": "application/json"}
            connection.request(method, path, orjson.dumps(asked), headers)
            response = connection.getresponse()
            if response.status != 200:
                raise _refusal(response.read())
            return Answer(connection, response)
        except TimeoutError:
            connection.close()
            raise self._silent() from None
        except (OSError, http.client.HTTPException):
            connection.close()
            raise RetryLater(WENT_AWAY, todo=GO_ON) from None
        except BaseException:
            connection.close()
            raise

    def _get(self, method: str, path: str, asked: object, timeout: float | None) -> Any:
        answer = self.opened(method, path, asked, timeout)
        try:
            return orjson.loads(answer.body.read())
        except TimeoutError:
            raise self._silent() from None
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
            raise RetryLater(WENT_AWAY, todo=GO_ON) from None
        finally:
            answer.close()

    def _silent(self) -> RetryLater:
        return RetryLater(
            f"The server of {self._settings.home} does not answer.",
            todo="Try again, or stop it: without a server the command does the work itself.",
        )


def _heard(answer: Answer) -> Heard:
    """Events, read by a thread of their own: Ctrl-C must not end the reading in the middle of one."""
    heard: Heard = SimpleQueue()

    def listen() -> None:
        try:
            for event in answer.lines():
                heard.put(event)
                if "over" in event:
                    return
        except TrunklineError as error:
            heard.put(error)
        except Exception:  # the answer was closed under it, and nobody listens any more
            heard.put(RetryLater(WENT_AWAY, todo=GO_ON))

    threading.Thread(target=listen, name="events", daemon=True).start()
    return heard


def _next(events: Heard) -> dict[str, Any]:
    event = events.get()
    if isinstance(event, TrunklineError):
        raise event
    return event


def _follow(events: Heard, ended: "dict[str, Run | TrunklineError]", watch: Watch) -> None:
    while "over" not in (event := _next(events)):
        if "error" in event:
            ended[event["name"]] = error_from_json(event["error"])
            continue
        run = run_from_json(event["run"])
        ended[event["name"]] = run
        watch(run)


def _refusal(body: bytes) -> TrunklineError:
    try:
        return error_from_json(orjson.loads(body)["error"])
    except (orjson.JSONDecodeError, KeyError):
        return RetryLater(
            "The server met something unforeseen.", todo="Look into its log, and report what it says."
        )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
