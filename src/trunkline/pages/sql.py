"""The SQL page: asking, saved queries, downloads."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.roles import Right, Role
from trunkline.center import querying, saved_queries
from trunkline.center.saved_queries import Chart, SavedQuery
from trunkline.center.tables_of import is_made
from trunkline.errors import NotAllowed, RetryLater, SettingsError, TrunklineError
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit
from trunkline.warehouse.export import DOWNLOAD_FORMATS

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMATS = {"csv": "CSV", "xlsx": "Excel (XLSX)", "jsonl": "JSON lines", "parquet": "Parquet"}
LONGEST_FILE_NAME = 80


def show(visit: Visit) -> Response:
    """The page with a saved query or a text in it; nothing is run before somebody says so."""
    center = visit.rooms.center
    saved = saved_queries.get(center, visit.query["query"]) if visit.query.get("query") else None
    sql = saved.sql if saved else visit.query.get("sql", "")[: querying.LONGEST_SQL]
    return visit.page(
        "sql/page.html",
        saved=saved,
        sql=sql,
        may_change=saved is not None and may_change(visit, saved),
        owner=owner_name(visit, saved),
        chart=orjson.dumps((saved.chart if saved else Chart()).to_json()).decode(),
        all_saved=saved_queries.all_of(center),
        formats=FORMATS,
    )


def may_change(visit: Visit, saved: SavedQuery) -> bool:
    """Who made it, and those who run the installation."""
    return visit.user.role in (Role.OWNER, Role.ADMIN) or saved.owner_id == visit.user.id


def changeable(visit: Visit) -> SavedQuery:
    """The query of the path. Raises NotAllowed where it is another's."""
    saved = saved_queries.get(visit.rooms.center, visit.part("query_id"))
    if not may_change(visit, saved):
        raise NotAllowed("This query is somebody else's.", todo="Save a copy of your own, and change that.")
    return saved


def owner_name(visit: Visit, saved: SavedQuery | None) -> str:
    if saved is None or saved.owner_id is None:
        return ""
    try:
        return visit.rooms.users.get(saved.owner_id).name
    except SettingsError:
        return "somebody who is gone"


def as_json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def refused(error: TrunklineError) -> Response:
    """An error for a script, which shows it in its place."""
    problems = error.problems if isinstance(error, SettingsError) else ()
    told = {"message": error.message, "todo": error.todo, "problems": {p.field: p.message for p in problems}}
    return as_json({"error": told}, 503 if isinstance(error, RetryLater) else 422)


def tables(visit: Visit) -> Response:
    """All datasets with their columns, for the list and for completion."""
    try:
        found = querying.all_columns(visit.rooms.center) if is_made(visit.rooms.center) else {}
    except TrunklineError as error:
        return refused(error)
    return as_json([{"name": name, "columns": columns} for name, columns in found.items()])


async def run(visit: Visit) -> Response:
    try:
        sql = visit.secret("sql")
        answer = await visit.rooms.asking.answer(visit.rooms.center, visit.user.id, sql, visit.request)
    except TrunklineError as error:
        return refused(error)
    return await run_in_threadpool(as_json, answer.to_json())


async def download(visit: Visit) -> Response:
    format = visit.text("format")
    if format not in DOWNLOAD_FORMATS:
        raise SettingsError(f"There is no format {format!r}.", todo=f"Choose {', '.join(DOWNLOAD_FORMATS)}.")
    sql, asking = visit.secret("sql"), visit.rooms.asking
    response = await asking.download(visit.rooms.center, visit.user.id, sql, format, visit.request)
    response.headers["content-type"] = MEDIA_TYPES[format]
    response.headers["content-disposition"] = _disposition(f"{_file_name(visit.text('name'))}.{format}")
    return response


def _file_name(name: str) -> str:
    """What every file system takes."""
    return re.sub(r"[^\w .()-]+", "-", name)[:LONGEST_FILE_NAME].strip(" .-") or "query"


def _disposition(name: str) -> str:
    plain = name.encode("ascii", "replace").decode().replace("?", "-")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


def save(visit: Visit) -> Response:
    """Make a saved query of one's own."""
    name, sql, description, chart = _typed(visit)
    try:
        made = saved_queries.add(visit.rooms.center, visit.user.id, name, sql, description, chart)
    except SettingsError as error:
        return refused(error)
    return as_json({"id": made.id})


def change(visit: Visit) -> Response:
    saved = changeable(visit)
    name, sql, description, chart = _typed(visit)
    try:
        saved_queries.change(visit.rooms.center, saved.id, name, sql, description, chart)
    except SettingsError as error:
        return refused(error)
    return as_json({"id": saved.id})


def _typed(visit: Visit) -> tuple[str, str, str, Chart]:
    try:
        told: Mapping[str, Any] = orjson.loads(visit.text("chart") or "{}")
    except orjson.JSONDecodeError:
        told = {}
    return visit.text("name"), visit.secret("sql"), visit.text("description"), Chart.from_json(told)


def remove(visit: Visit) -> Response:
    saved = changeable(visit)
    saved_queries.remove(visit.rooms.center, saved.id)
    return visit.go("/sql", f"The query {saved.name} is removed.")


def place(visit: Visit) -> Response:
    """Put it on the dashboard, or take it away."""
    saved, is_on = changeable(visit), visit.text("on") == "yes"
    saved_queries.place(visit.rooms.center, saved.id, is_on=is_on)
    if is_on:
        return visit.go(f"/sql?query={saved.id}", f"{saved.name} is on the dashboard.")
    back = "/dashboard" if visit.text("from") == "dashboard" else f"/sql?query={saved.id}"
    return visit.go(back, f"{saved.name} is not on the dashboard any more.")


PAGES = (
    get("/sql", show, Right.DATA_READ),
    get("/sql/tables", tables, Right.DATA_READ),
    post("/sql/run", run, Right.DATA_READ),
    post("/sql/download", download, Right.DATA_READ),
    post("/sql/queries", save, Right.DATA_READ),
    post("/sql/queries/{query_id}", change, Right.DATA_READ),
    post("/sql/queries/{query_id}/remove", remove, Right.DATA_READ),
    post("/sql/queries/{query_id}/place", place, Right.DATA_READ),
)
