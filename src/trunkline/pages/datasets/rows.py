"""The rows of a dataset: sorted, filtered, a page at a time, and what a column of them holds."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center.tables_of import browsing
from trunkline.pages.datasets.one import dataset_of
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit
from trunkline.warehouse.browsing import OPERATIONS, WITHOUT_VALUE, Filter, RowPage, Wanted

AT_ONCE = 50
MOST_FILTERS = 10
OWN = ("_run_id", "_loaded_at", "_extra")
"""Columns of Trunkline's own, which come last."""


def show(visit: Visit) -> Response:
    dataset = dataset_of(visit)
    with browsing(visit.rooms.center) as browser:
        names = browser.columns(dataset.name) if browser else []
        cursor = dataset.report.cursor if dataset.report.cursor in names else ""
        wanted = _wanted(visit, dataset.name, cursor)
        page = browser.page(wanted) if browser and names else RowPage((), [], "")
        copied = browser.copied(wanted) if browser and names else ""
    known: dict[str, Any] = {
        "page": page,
        "places": _places(page),
        "wanted": wanted,
        "copied": copied,
        "operations": OPERATIONS,
        "link": lambda **changes: _link(wanted, **changes),
        "is_there": bool(names),
        "meanings": {column.name: column.meaning for column in dataset.columns()},
    }
    return visit.page("datasets/rows.html", tab="rows", dataset=dataset, **known)


def profile(visit: Visit) -> Response:
    """What one column holds, for the side of the page."""
    dataset, column = dataset_of(visit), visit.part("column")
    with browsing(visit.rooms.center) as browser:
        found = browser.profile(dataset.name, column) if browser else None
    return visit.fragment("datasets/profile.html", dataset=dataset, column=column, profile=found)


def _places(page: RowPage) -> list[int]:
    """The order in which columns are shown: ours last."""
    names = [column.name for column in page.columns]
    return sorted(range(len(names)), key=lambda at: (names[at] in OWN, at))


def _wanted(visit: Visit, dataset: str, cursor: str) -> Wanted:
    """What the address asks for; without an order the newest come first."""
    query = visit.query
    triples = zip(query.getlist("column"), query.getlist("is"), query.getlist("value"), strict=False)
    filters = tuple(
        Filter(column, operation, "" if operation in WITHOUT_VALUE else value)
        for column, operation, value in triples
        if column and (value or operation in WITHOUT_VALUE)
    )
    sort = query.get("sort")
    return Wanted(
        dataset,
        sort=cursor if sort is None else sort,
        is_falling=sort is None or query.get("order") == "down",
        filters=filters[:MOST_FILTERS],
        after=query.get("after", ""),
        limit=AT_ONCE,
    )


def _link(wanted: Wanted, **changes: object) -> str:
    """The address of other rows: another order, fewer filters, the next page."""
    other = replace(wanted, **{"after": "", **changes})  # type: ignore[arg-type]
    pairs = [("sort", other.sort), ("order", "down" if other.is_falling else "up")]
    for one in other.filters:
        pairs += [("column", one.column), ("is", one.operation), ("value", one.text)]
    if other.after:
        pairs.append(("after", other.after))
    return "?" + urlencode(pairs)


PAGES = (
    get("/datasets/{name}/rows/{column}", profile, Right.DATA_READ),
    get("/datasets/{name}/rows", show, Right.DATA_READ),
)
