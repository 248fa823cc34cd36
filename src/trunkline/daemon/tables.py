"""The warehouse behind a running server, for commands: the same calls, answered over the socket."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import pyarrow as pa

from trunkline.daemon.client import Answer, Server
from trunkline.daemon.rows import reader_of
from trunkline.errors import Cancelled, RetryLater
from trunkline.warehouse.target import ColumnInfo, Loaded, LoadRecord, TableInfo


class ServedTables:
    """Dataset tables in a file that the server has open."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open: set[Answer] = set()
        self._sockets: set[socket.socket] = set()
        """Of questions, from before they are answered."""
        self._is_interrupted = False

    def tables(self) -> list[TableInfo]:
        return [TableInfo(**told) for told in self._server.ask("/tables")]

    def columns(self, dataset: str) -> list[ColumnInfo]:
        return [ColumnInfo(**told) for told in self._server.ask("/columns", dataset=dataset)]

    def count(self, dataset: str) -> int:
        counted: int = self._server.ask("/count", dataset=dataset)
        return counted

    def drop(self, dataset: str) -> None:
        self._server.ask("/drop", dataset=dataset)

    def loads_of_run(self, dataset: str, run_id: str) -> list[LoadRecord]:
        return [_load_record(told) for told in self._server.ask("/loads", dataset=dataset, run=run_id)]

    def progress(self, dataset: str) -> str | None:
        found: str | None = self._server.ask("/progress", dataset=dataset)
        return found

    def reader(self, sql: str, parameters: Sequence[object] = ()) -> pa.RecordBatchReader:
        asked: dict[str, Any] = {"sql": sql, "parameters": list(parameters)}
        try:
            answer = self._server.opened("POST", "/query", asked, begun=self._sockets.add)
        except RetryLater:
            if self._is_interrupted:
                raise Cancelled("The query was stopped.") from None
            raise
        self._open.add(answer)
        return reader_of(answer.body, lambda: self._end(answer), lambda: self._is_interrupted)

    def _end(self, answer: Answer) -> None:
        self._open.discard(answer)
        answer.close()

    def check_own(self, sql: str) -> None:
        """Nothing to do: there is nothing else in the file."""

    def interrupt(self) -> None:
        self._is_interrupted = True
        for asking in tuple(self._sockets):
            with suppress(OSError):
                asking.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for answer in tuple(self._open):
            self._end(answer)


def _load_record(told: dict[str, Any]) -> LoadRecord:
    values = {**told, "loaded": Loaded(**told["loaded"])}
    return LoadRecord(**{**values, "loaded_at": datetime.fromisoformat(told["loaded_at"])})
