"""The columns of a dataset: type, meaning, since when, how often empty; and their former versions."""

from collections.abc import Sequence
from datetime import datetime

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center.alerts.schema import SchemaVersion, versions
from trunkline.center.tables_of import browsing, warehouse_of
from trunkline.pages.datasets.one import dataset_of
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit


def show(visit: Visit) -> Response:
    center, dataset = visit.rooms.center, dataset_of(visit)
    with browsing(center) as browser:
        is_there = browser is not None and dataset.name in browser.sizes()
    columns = []
    if is_there:
        with warehouse_of(center, read_only=True) as warehouse:
            columns = warehouse.columns(dataset.name)
    known = versions(center, dataset.id)
    return visit.page(
        "datasets/columns.html",
        tab="columns",
        dataset=dataset,
        columns=columns,
        meanings={column.name: column.meaning for column in dataset.columns()},
        seen=_first_seen(known),
        versions=list(reversed(known)),
    )


def shares(visit: Visit) -> Response:
    """How often each column is empty: asked for when the page is there, since it reads the table."""
    dataset = dataset_of(visit)
    with browsing(visit.rooms.center) as browser:
        rows = browser.sizes().get(dataset.name, 0) if browser else 0
        filled = browser.filled_shares(dataset.name, rows) if browser and rows else {}
    return visit.fragment("datasets/shares.html", filled=filled)


def _first_seen(known: Sequence[SchemaVersion]) -> dict[str, datetime]:
    """When each column was there first."""
    found: dict[str, datetime] = {}
    for version in known:
        for name in version.columns:
            found.setdefault(name, version.seen_at)
    return found


PAGES = (
    get("/datasets/{name}/columns", show, Right.DATA_READ),
    get("/datasets/{name}/columns/shares", shares, Right.DATA_READ),
)
