"""What a dataset reads and when, at a glance; pausing, and removing it."""

from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import datasets, occupancy, tables_of, timetables
from trunkline.pages.datasets.one import dataset_of
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit


def show(visit: Visit) -> Response:
    center, dataset = visit.rooms.center, dataset_of(visit)
    known: dict[str, Any] = {
        "timetable": timetables.of(center, dataset),
        "options": datasets.shown_options(dataset),
        "labels": {option.name: option.label for option in dataset.report.options},
    }
    return visit.page("datasets/settings.html", tab="settings", dataset=dataset, **known)


def pause(visit: Visit) -> Response:
    timetables.pause(visit.rooms.center, dataset_of(visit))
    return visit.go(f"/datasets/{visit.part('name')}", "Paused: nothing is read until it is resumed.")


def resume(visit: Visit) -> Response:
    timetables.resume(visit.rooms.center, dataset_of(visit))
    return visit.go(f"/datasets/{visit.part('name')}", "Resumed.")


def remove(visit: Visit) -> Response:
    """Forget the dataset, with its table or without."""
    center, dataset = visit.rooms.center, dataset_of(visit)
    occupancy.check_free(center, dataset.id, dataset.name)
    keeps = visit.text("table") == "keep"
    datasets.remove(center, dataset.name, None if keeps else tables_of.drop)
    return visit.go("/datasets", f"{dataset.name} is removed{', its table kept' if keeps else ''}.")


PAGES = (
    get("/datasets/{name}/settings", show, Right.DATA_READ),
    post("/datasets/{name}/pause", pause, Right.DATASETS_WRITE, "dataset.paused"),
    post("/datasets/{name}/resume", resume, Right.DATASETS_WRITE, "dataset.resumed"),
    post("/datasets/{name}/remove", remove, Right.DATASETS_WRITE, "dataset.removed"),
)
