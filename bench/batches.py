"""Measures how fast decoded pages of CallRail calls become Arrow batches, against decoding them.

    python bench/batches.py [ROWS]

`us_per_row` is everything, `us_per_row_flat` leaves the JSON columns out, whose values are encoded again.
"""

import gc
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from trunkline.connectors.callrail.columns import CALLS
from trunkline.declare import Column, ColumnType
from trunkline.sims.callrail.calls import CALL_FIELDS, Call
from trunkline.sims.callrail.directory import directory
from trunkline.warehouse.batches import Batcher

_PAGE_ROWS, _BATCH_PAGES, _ROUNDS = 250, 4, 5
_FIRST_START_MS, _APART_MS = 1_700_000_000_000, 60_000


def main(rows: int) -> None:
    pages = _pages(rows)
    nested = {column.name for column in CALLS if column.type is ColumnType.JSON}
    flat = [column for column in CALLS if column.name not in nested]
    gc.disable()
    rounds = [
        (_decoding(pages), _batching(pages, CALLS), _batching(pages, flat, nested)) for _ in range(_ROUNDS)
    ]
    decode, batch, batch_flat = (min(seconds) for seconds in zip(*rounds, strict=True))
    figure = {
        "bench": "batches",
        "rows": rows,
        "columns": len(CALLS),
        "us_per_row": round(batch / rows * 1e6, 2),
        "us_per_row_flat": round(batch_flat / rows * 1e6, 2),
        "us_per_row_decode": round(decode / rows * 1e6, 2),
        "ratio_to_decode": round(batch / decode, 2),
    }
    print(json.dumps(figure))


def _pages(rows: int) -> list[bytes]:
    made, zone = directory(1), ZoneInfo("America/Denver")
    calls = (Call(made, 1, ref, _FIRST_START_MS + ref * _APART_MS, zone) for ref in range(rows))
    delivered = [{name: make(call) for name, make in CALL_FIELDS.items()} for call in calls]
    return [
        orjson.dumps({"calls": delivered[at : at + _PAGE_ROWS]})
        for at in range(0, len(delivered), _PAGE_ROWS)
    ]


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _decoding(pages: list[bytes]) -> float:
    return sum(_timed(partial(orjson.loads, page)) for page in pages)


def _batching(pages: list[bytes], columns: Sequence[Column], without: set[str] | None = None) -> float:
    batcher, seconds = Batcher(columns), 0.0
    for at in range(0, len(pages), _BATCH_PAGES):
        rows = [row for page in pages[at : at + _BATCH_PAGES] for row in _decoded(page, without or set())]
        seconds += _timed(partial(batcher.batch, rows))
    return seconds


def _decoded(page: bytes, without: set[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = orjson.loads(page)["calls"]
    return (
        [{name: value for name, value in row.items() if name not in without} for row in rows]
        if without
        else rows
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
