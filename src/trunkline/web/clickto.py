"""`/ibp_api.php`: the click-to report, streamed, as clients of DialogTech ask for it and read it."""

import asyncio
import logging
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from trunkline.asking import Gone, Receive, Scope, Send, TooLarge, answer, caller, header
from trunkline.clickto.asked import Refused, WrongKey
from trunkline.clickto.formats import ENVELOPE_TYPE, FAILED, envelope
from trunkline.clickto.service import Granted, ReportService, Take
from trunkline.errors import TrunklineError
from trunkline.web.clickto_forms import UnreadableForm, parameters_of
from trunkline.web.clickto_reader import Reader, ReaderGone, headers_of
from trunkline.web.guesses import Guesses

PATH = "/ibp_api.php"
METHODS = ("GET", "HEAD", "POST")
MOST_AT_ONCE = 32
"""Reports under way; each holds a connection to the database."""
THREADS = 4
_log = logging.getLogger("trunkline.clickto")


class ReportEndpoint:
    """Answers the report. Rows are read in threads, a piece ahead of what is sent, and no faster."""

    def __init__(self, service: ReportService, guesses: Guesses, *, own_statuses: bool) -> None:
        self._service, self._guesses, self._own_statuses = service, guesses, own_statuses
        self._threads = ThreadPoolExecutor(THREADS, "clickto-report")
        self._under_way = 0
        self._is_closing = False

    def close(self) -> None:
        self._is_closing = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            granted = await self._granted(scope, receive)
        except Gone:
            return
        except Refused as refused:
            await self._refuse(send, refused)
            return
        is_packed = _takes_gzip(header(scope, b"accept-encoding"))
        if scope["method"] == "HEAD":
            headers = headers_of(granted.writer.content_type, is_packed=is_packed)
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        self._under_way += 1
        try:
            await self._report(granted, is_packed, receive, send)
        finally:
            self._under_way -= 1

    async def _granted(self, scope: Scope, receive: Receive) -> Granted:
        """Raises Refused or Gone."""
        if scope["method"] not in METHODS:
            raise Refused(405, "Ask with GET or POST.")
        address = caller(scope)
        if wait := self._guesses.wait_seconds(address):
            raise Refused(429, f"Too many wrong keys from this address: try again in {wait} seconds.")
        try:
            params = await parameters_of(scope, receive)
            granted = await asyncio.to_thread(self._service.granted, params)
        except TooLarge:
            raise Refused(413, "The request is too large.") from None
        except UnreadableForm as error:
            raise Refused(400, str(error)) from None
        except WrongKey:
            self._guesses.note(address)
            raise
        except TrunklineError as error:
            raise _database_failed(error) from None
        if self._under_way >= MOST_AT_ONCE:
            raise Refused(503, "Too many reports are under way: try again later.")
        return granted

    async def _refuse(self, send: Send, refused: Refused) -> None:
        """Status 200, as clients know it, unless others are wanted; 503 all the same: trying again helps."""
        status = refused.status if self._own_statuses or refused.status == 503 else 200
        allowed = ((b"allow", ", ".join(METHODS).encode()),) if refused.status == 405 else ()
        told = envelope(FAILED, refused.description)
        await answer(send, status, ENVELOPE_TYPE.encode(), told, headers=allowed)

    async def _report(self, granted: Granted, is_packed: bool, receive: Receive, send: Send) -> None:
        packing_in = self._threads if is_packed else None
        reader = Reader(receive, send, granted.writer.content_type, packing_in)
        try:
            if self._service.is_copied(granted):
                await self._service.copy_to(granted, reader.take)
            else:
                await self._read_to(granted, reader.take)
            await reader.end()
        except TrunklineError as error:
            failed = _database_failed(error)
            if not reader.has_begun:  # else it stays incomplete, so that the reader sees it
                await self._refuse(send, failed)
        except ReaderGone as gone:
            _log.info("A report was not read to its end: %s.", gone)
        finally:
            reader.close()

    async def _read_to(self, granted: Granted, take: Take) -> None:
        """Pieces are made in a thread; while one is sent, the next is made."""
        pieces = self._service.pieces(granted)
        coming = self._threads.submit(next, pieces, None)
        try:
            while (piece := await asyncio.wrap_future(coming)) is not None:
                coming = self._threads.submit(next, pieces, None)
                await take(piece)
        finally:
            coming.add_done_callback(lambda _: self._give_back(pieces))

    def _give_back(self, pieces: Generator[bytes]) -> None:
        """The connection, once no thread reads from it any more."""
        if (
            self._is_closing
        ):  # the threads take nothing more: asking them to would wait for their end for ever
            pieces.close()
            return
        with suppress(RuntimeError):  # the server is being stopped
            self._threads.submit(pieces.close)


def _database_failed(error: TrunklineError) -> Refused:
    _log.error("A report failed: %s", error)
    return Refused(503, "The database does not answer; try again later.")


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, *parameters = (word.strip() for word in part.split(";"))
        if coding in ("gzip", "x-gzip"):
            return not any(
                word.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for word in parameters
            )
    return False
