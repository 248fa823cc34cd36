"""Rows on their way through the socket: Arrow's own stream, in pieces that also carry an error."""

import io
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

import orjson
import pyarrow as pa

from trunkline.daemon.wire import error_from_json, error_to_json
from trunkline.errors import Cancelled, RetryLater, TrunklineError
from trunkline.warehouse.read import streamed
from trunkline.warehouse.sink import Sink

MEDIA_TYPE = "application/octet-stream"
_SIZE = struct.Struct("!i")
_END, _ERROR = 0, -1
WENT_AWAY = "The server ended before it had answered."


def pieces(reader: pa.RecordBatchReader) -> Iterator[bytes]:
    """A piece for each batch, then the end or the error that took its place."""
    sink = Sink()
    try:
        with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), reader.schema) as writer:
            yield _piece(sink.take())
            for batch in reader:
                writer.write_batch(batch)
                yield _piece(sink.take())
        yield _piece(sink.take()) + _SIZE.pack(_END)
    except TrunklineError as error:
        yield _SIZE.pack(_ERROR) + orjson.dumps(error_to_json(error))


def _piece(data: bytes) -> bytes:
    return _SIZE.pack(len(data)) + data if data else b""


def reader_of(
    answer: BinaryIO, finish: Callable[[], None], is_interrupted: Callable[[], bool]
) -> pa.RecordBatchReader:
    """The rows of an answer as they come; `finish` is called when nobody reads any more.

    Raises what the other side met, then or while they are read; Cancelled after an interruption here,
    RetryLater when the other side went away.
    """
    source = _Pieces(answer, is_interrupted)
    try:
        opened = pa.ipc.open_stream(pa.PythonFile(io.BufferedReader(source), mode="r"))
    except Exception as error:
        finish()
        raise source.met(error) from None
    return streamed(opened, source.met, finish)


class _Pieces(io.RawIOBase):
    """The bytes between the marks."""

    def __init__(self, answer: BinaryIO, is_interrupted: Callable[[], bool]) -> None:
        self._answer = answer
        self._is_interrupted = is_interrupted
        self._left = 0
        self._error: TrunklineError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        room = memoryview(cast(bytearray, buffer)).cast("B")
        if not self._left and not self._begin_piece():
            return 0
        data = self._exactly(min(self._left, len(room)))
        room[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def _begin_piece(self) -> bool:
        (size,) = _SIZE.unpack(self._exactly(_SIZE.size))
        if size == _ERROR:
            self._error = error_from_json(orjson.loads(self._answer.read()))
            raise self._error
        self._left = size
        return bool(size != _END)

    def _exactly(self, count: int) -> bytes:
        data = self._answer.read(count)
        if len(data) < count:
            self._error = RetryLater(WENT_AWAY)
            raise self._error
        return data

    def met(self, error: Exception) -> TrunklineError:
        """Arrow tells errors of what it reads from in words of its own; this one is the true one."""
        if self._is_interrupted():
            return Cancelled("The query was stopped.")
        if self._error:
            return self._error
        return error if isinstance(error, TrunklineError) else RetryLater(WENT_AWAY)
