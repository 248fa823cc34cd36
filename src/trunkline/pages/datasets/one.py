"""One dataset: what state it is in, its last runs, and what a person does with it."""

from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import datasets, orders, overview, resetting, runs, tables_of, timetables
from trunkline.center.datasets import Dataset
from trunkline.center.runs import Run, Wish
from trunkline.errors import RetryLater, TrunklineError
from trunkline.pages.routing import get, post
from trunkline.pages.streams import Seen, stream
from trunkline.pages.visit import Visit

RUNS_OF_CHART = 60
NEXT_TIMES = 5


def dataset_of(visit: Visit) -> Dataset:
    """The dataset of the path. Raises SettingsError where there is none."""
    return datasets.get(visit.rooms.center, visit.part("name"))


def show(visit: Visit) -> Response:
    center, dataset = visit.rooms.center, dataset_of(visit)
    timetable = timetables.of(center, dataset)
    return visit.page(
        "datasets/one.html",
        tab="overview",
        dataset=dataset,
        days=datasets.asked(center, dataset),
        zone=datasets.zone_of(center, dataset.options),
        options=datasets.shown_options(dataset),
        timetable=timetable,
        next_times=timetable.next_times(visit.rooms.clock.now(), NEXT_TIMES),
        runs=runs.history(center, dataset.name, 5),
        success=runs.last(center, dataset, runs.SUCCEEDED),
        rows=_row_count(visit, dataset),
        under_way=overview.under_way(center, dataset.id),
    )


def _row_count(visit: Visit, dataset: Dataset) -> int | None:
    """None where the warehouse cannot be asked just now."""
    center = visit.rooms.center
    try:
        if not tables_of.is_made(center):
            return 0
        with tables_of.warehouse_of(center, read_only=True) as warehouse:
            return warehouse.count(dataset.name)
    except TrunklineError:
        return None


def events(visit: Visit) -> Response:
    """What the dataset is at, sent whenever it changes; ended when nothing is under way."""
    dataset = dataset_of(visit)

    def look() -> Seen:
        found = overview.under_way(visit.rooms.center, dataset.id)
        text = visit.drawing.draw("datasets/under_way.html", visit, {"under_way": found, "dataset": dataset})
        return Seen(text, is_last=found is None)

    return stream(look)


def history(visit: Visit) -> Response:
    """The runs, and how long they took, as a picture."""
    center, dataset = visit.rooms.center, dataset_of(visit)
    before, state = visit.query.get("before", ""), visit.query.get("state", "")
    found = runs.history(center, dataset.name, RUNS_OF_CHART + 1, before=before, state=state)
    known: dict[str, Any] = {
        "found": found[:RUNS_OF_CHART],
        "next_before": found[RUNS_OF_CHART - 1].id if len(found) > RUNS_OF_CHART else "",
        "chart": _chart(found[:RUNS_OF_CHART]),
        "state": state,
        "states": runs.STATES,
    }
    return visit.page("datasets/history.html", tab="history", dataset=dataset, **known)


def _chart(found: list[Run]) -> dict[str, list[Any]]:
    """Columns of the picture, oldest first: when, how long, rows that changed, how it ended."""
    ended = [run for run in reversed(found) if run.status in runs.ENDED and run.status != runs.RESET]
    return {
        "at": [int(run.started_at.timestamp()) for run in ended],
        "seconds": [round(run.seconds, 1) for run in ended],
        "rows": [run.rows_inserted + run.rows_updated for run in ended],
        "failed": [run.status == runs.FAILED for run in ended],
        "ids": [run.id for run in ended],
    }


def run_now(visit: Visit) -> Response:
    """Order a run of what is due, of everything, or of some days."""
    dataset = dataset_of(visit)
    wish = Wish(visit.text("what") == "full", visit.text("since"), visit.text("until"))
    if overview.under_way(visit.rooms.center, dataset.id) is not None:
        raise RetryLater(f"{dataset.name} is being read already.", todo="Wait until that run has ended.")
    orders.want(visit.rooms.center, dataset.name, wish, started_by=visit.who)
    return visit.go(f"/datasets/{dataset.name}", f"{dataset.name} will be read in a moment.")


def reset(visit: Visit) -> Response:
    dataset = dataset_of(visit)
    done = resetting.reset(visit.rooms.center, dataset.name, visit.who)
    return visit.go(
        f"/datasets/{dataset.name}", f"{done.rows_deleted:,} rows are gone; the next run begins anew."
    )


PAGES = (
    get("/datasets/{name}/history", history, Right.DATA_READ),
    get("/datasets/{name}/events", events, Right.DATA_READ),
    post("/datasets/{name}/run", run_now, Right.RUNS_WRITE, "dataset.run"),
    post("/datasets/{name}/reset", reset, Right.DATASETS_WRITE, "dataset.emptied"),
    get("/datasets/{name}", show, Right.DATA_READ),
)
