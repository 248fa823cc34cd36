"""The rows of datasets: their columns, a page at a time, as a file, and by one's own SQL."""

import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import orjson
from fastapi import Query
from pydantic import Field, StringConstraints
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from trunkline.access.roles import Right
from trunkline.center.tables_of import is_made, warehouse_of
from trunkline.declare import Method
from trunkline.errors import Cancelled, SettingsError
from trunkline.rest.cursors import Pages, Paging, encoded, not_ours
from trunkline.rest.datasets import named
from trunkline.rest.operations import Here, Model, get, post
from trunkline.rest.problems import Refusal
from trunkline.rest.shapes import Page
from trunkline.warehouse.cells import json_values
from trunkline.warehouse.engine import Tables
from trunkline.warehouse.export import export
from trunkline.warehouse.row_pages import Place, row_page

MOST_ROWS, USUAL_ROWS = 10_000, 1_000
MOST_BYTES = 16_000_000
MOST_SECONDS = 60
JSON = "application/json"
FORMATS = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


class ColumnShown(Model):
    name: str
    type: str = Field(description="In the words of the warehouse.")
    meaning: str


class Columns(Model):
    items: list[ColumnShown]


class RowPage(Page):
    items: list[dict[str, Any]]


class Question(Model):
    sql: Annotated[str, StringConstraints(min_length=1, max_length=100_000)] = Field(
        description="One statement that reads; tables are `datasets.NAME`."
    )
    limit: int = Field(USUAL_ROWS, ge=1, le=MOST_ROWS, description="How many rows at most.")


class ColumnAnswered(Model):
    name: str
    type: str


class Answered(Model):
    columns: list[ColumnAnswered]
    rows: list[list[Any]]
    is_cut: bool = Field(description="Whether there are more rows than these.")


def list_columns(call: Here, dataset: str) -> dict[str, Any]:
    saved = named(call, dataset)
    if not is_made(call.center):
        return {"items": []}
    meaning = {column.name: column.meaning for column in saved.columns()}
    with warehouse_of(call.center, read_only=True) as warehouse:
        columns = warehouse.columns(dataset)
    return {"items": [{"name": c.name, "type": c.type, "meaning": meaning.get(c.name, "")} for c in columns]}


def list_rows(call: Here, dataset: str, paging: Pages) -> Response:
    saved = named(call, dataset)
    after = _place(paging)
    items: list[dict[str, Any]] = []
    following: str | None = None
    if is_made(call.center):
        is_unique = saved.method in (Method.MERGE, Method.REPLACE)
        with warehouse_of(call.center, read_only=True) as warehouse:
            page = row_page(
                *(warehouse, call.center.settings, dataset, saved.report.key, after, paging.limit),
                is_unique=is_unique,
            )
        items = page.rows
        following = encoded([page.place.equal, *page.place.marks]) if page.place else None
    call.go_on(following)
    return _json({"items": items, "next": following})


def _place(paging: Paging) -> Place | None:
    told = paging.after
    if told is None:
        return None
    is_ours = isinstance(told, list) and len(told) > 1 and type(told[0]) is int and 0 <= told[0] < 2**31
    if not is_ours or not all(isinstance(mark, str) for mark in told[1:]):
        raise not_ours()
    return Place(tuple(told[1:]), told[0])


def get_file(
    call: Here,
    dataset: str,
    format: Annotated[Literal["csv", "jsonl", "parquet"], Query(description="The form of the file.")] = "csv",
) -> Response:
    named(call, dataset)
    if not is_made(call.center):
        raise SettingsError(f"The dataset {dataset} holds nothing yet.", todo="Run it first.")
    folder = TemporaryDirectory(prefix="trunkline-file-", ignore_cleanup_errors=True)
    path = Path(folder.name) / f"{dataset}.{format}"
    try:
        with warehouse_of(call.center, read_only=True) as warehouse:
            export(warehouse, dataset, format, str(path))
    except BaseException:
        folder.cleanup()
        raise
    done = BackgroundTask(folder.cleanup)
    return FileResponse(path, media_type=FORMATS[format], filename=path.name, background=done)


def ask(call: Here, given: Question) -> Response:
    with warehouse_of(call.center, read_only=True) as warehouse:
        timer = threading.Timer(MOST_SECONDS, warehouse.interrupt)
        timer.start()
        try:
            return _json(_answer(warehouse, given))
        except Cancelled:
            detail = f"The query took longer than {MOST_SECONDS} seconds, and was stopped."
            raise Refusal(
                422, "query_too_long", detail, todo="Ask for less, or use `trunkline query`."
            ) from None
        finally:
            timer.cancel()


def _answer(warehouse: Tables, given: Question) -> dict[str, Any]:
    rows: list[list[Any]] = []
    with warehouse.reader(given.sql) as reader:
        columns = [{"name": field.name, "type": str(field.type)} for field in reader.schema]
        size = 0
        for batch in reader:
            size += batch.nbytes
            rows += _rows(batch)
            if len(rows) > given.limit or size > MOST_BYTES:
                break
        is_cut = len(rows) > given.limit or size > MOST_BYTES
    return {"columns": columns, "rows": rows[: given.limit], "is_cut": is_cut}


def _rows(batch: Any) -> Iterator[list[Any]]:
    values = [json_values(column) for column in batch.columns]
    return (list(row) for row in zip(*values, strict=True))


def _json(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content, default=str), media_type=JSON)


OPERATIONS = (
    get(
        *("/datasets/{dataset}/columns", list_columns, Right.DATA_READ),
        "The columns of a dataset's table; none before its first load.",
        answer=Columns,
    ),
    get(
        *("/datasets/{dataset}/rows", list_rows, Right.DATA_READ),
        "The rows of a dataset, in the order of its key.",
        answer=RowPage,
    ),
    get(
        *("/datasets/{dataset}/file", get_file, Right.DATA_READ),
        "All rows of a dataset as a file.",
        media=dict.fromkeys(FORMATS.values(), "All rows."),
    ),
    post(
        *("/query", ask, Right.DATA_READ),
        "The answer to one SQL statement over the datasets, read only.",
        answer=Answered,
        keeps=False,
    ),
)
