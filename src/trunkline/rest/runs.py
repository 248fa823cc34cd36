"""Runs and orders for them: listed, begun, stopped, tried again, with their logs."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field, StringConstraints

from trunkline.access.roles import Right
from trunkline.center import cancelling, datasets, orders, overview, retrying, run_logs, runs
from trunkline.center.orders import Order
from trunkline.center.planning import check_wish
from trunkline.center.runs import Run, Wish
from trunkline.errors import RetryLater, SettingsError
from trunkline.rest.cursors import Pages, cut, not_ours
from trunkline.rest.operations import ROOT, Call, Here, Model, get, post
from trunkline.rest.problems import conflict, found, not_found
from trunkline.rest.shapes import Page, page_of

State = Literal["running", "waiting", "succeeded", "failed", "cancelled", "reset"]
DateWords = Annotated[str, StringConstraints(max_length=40)]
Word = Annotated[str, StringConstraints(max_length=63)]


class PhaseShown(Model):
    name: str
    began_at: datetime
    ended_at: datetime | None


class RunShown(Model):
    """A run. Counts grow while it goes on."""

    id: str
    dataset: str
    trigger: str
    method: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    rows_read: int
    rows_expected: int | None
    rows_inserted: int
    rows_updated: int
    rows_deleted: int
    rows_unchanged: int
    windows_done: int
    windows_total: int | None = Field(description="An estimate until the last one has begun.")
    bytes: int
    requests: int
    retries: int
    waits: int
    waited_seconds: float
    seconds: float
    waiting_until: datetime | None
    waiting_reason: str
    days: str
    days_read: int | None
    started_by: str
    attempt: int
    retry_of: str | None
    wish: dict[str, Any]
    phases: list[PhaseShown]
    warnings: list[str]
    misfits: list[dict[str, Any]] = Field(description="Values that did not fit their column.")
    error: str
    error_kind: str
    todo: str


class RunPage(Page):
    items: list[RunShown]


class LogLineShown(Model):
    number: int
    at: datetime
    level: str
    event: str
    text: str
    fields: dict[str, Any]


class RunLogShown(Model):
    lines: list[LogLineShown]
    left_out: int = Field(description="How many lines of its middle were not kept.")


class WishGiven(Model):
    """Nothing given: what is due. `since` and `until` name days: 2026-01-31, yesterday, today-7."""

    full: bool = Field(False, description="Read everything anew and swap it in at the end.")
    since: DateWords = ""
    until: DateWords = ""


class OrderShown(Model):
    """A run that is wanted. Its run is there once a worker has begun it."""

    id: str
    dataset: str
    state: str = Field(description="waiting, given (to a worker), ended.")
    trigger: str
    wish: dict[str, Any]
    started_by: str
    retry_of: str | None
    attempt: int
    begins_at: datetime
    run_id: str | None
    cancel_requested: bool


class Stopped(Model):
    id: str
    dataset: str
    was: str = Field(description="running, to_be_retried.")
    cancel_requested: bool


def list_runs(
    call: Here,
    paging: Pages,
    dataset: Annotated[Word, Query(description="Only those of this dataset.")] = "",
    state: Annotated[State | None, Query(description="Only those of this state.")] = None,
) -> dict[str, Any]:
    wanted, before, count = state or "", paging.text, paging.limit + 1
    some = []
    if not dataset:
        some = _of_all(call, wanted, before, count)
    elif datasets.exists(call.center, dataset):
        some = runs.history(call.center, dataset, count, before=before, state=wanted)
    shown, following = cut(some, paging, lambda one: one.id)
    call.go_on(following)
    return page_of([one.to_json() for one in shown], following)


def _of_all(call: Call, state: str, before: str, count: int) -> list[Run]:
    try:
        return overview.of_runs(call.center, state=state, before=before, limit=count)
    except SettingsError:
        raise not_ours() from None


def get_run(call: Here, run: str) -> dict[str, Any]:
    return _one(call, run).to_json()


def get_run_log(call: Here, run: str) -> dict[str, Any]:
    _one(call, run)
    log = run_logs.of_run(call.center, run)
    return {"lines": [asdict(line) for line in log.lines], "left_out": log.left_out}


def begin_run(call: Here, dataset: str, given: WishGiven) -> dict[str, Any]:
    wish = Wish(given.full, given.since, given.until)
    check_wish(call.center, found(datasets.get, call.center, dataset), wish)
    return _ordered(call, orders.want(call.center, dataset, wish, started_by=call.who))


def cancel_run(call: Here, run: str) -> dict[str, Any]:
    _one(call, run)
    try:
        return cancelling.cancel(call.center, run).to_json()
    except SettingsError as error:
        raise conflict("ended_already", error) from None


def retry_run(call: Here, run: str) -> dict[str, Any]:
    _one(call, run)
    try:
        failed = retrying.failed(call.center, run)
    except (SettingsError, RetryLater) as error:
        raise conflict("not_to_be_retried", error) from None
    return _ordered(call, retrying.order_again(call.center, failed, call.who))


def get_order(call: Here, order: str) -> dict[str, Any]:
    return _order(found(orders.get, call.center, order))


def _one(call: Call, run_id: str) -> Run:
    """A run as its dataset's history tells it, where the dataset is still there."""
    run = runs.by_id(call.center, run_id)
    if run is None:
        raise not_found(f"There is no run {run_id[:60]!r}.")
    try:
        return runs.get(call.center, run.dataset, run_id)
    except SettingsError:
        return run


def _ordered(call: Call, order: Order) -> dict[str, Any]:
    call.headers["Location"], call.subject = f"{ROOT}/orders/{order.id}", order.dataset
    return _order(order)


def _order(order: Order) -> dict[str, Any]:
    shown = {name: getattr(order, name) for name in OrderShown.model_fields if name != "wish"}
    return {**shown, "wish": order.wish.to_json()}


ONE = "/runs/{run}"
OPERATIONS = (
    get("/runs", list_runs, Right.DATA_READ, "Runs, newest first.", answer=RunPage),
    get(ONE, get_run, Right.DATA_READ, "A run.", answer=RunShown, is_tagged=True),
    get(f"{ONE}/log", get_run_log, Right.DATA_READ, "What happened in a run.", answer=RunLogShown),
    post(
        *(f"{ONE}/cancel", cancel_run, Right.RUNS_WRITE),
        "Stop a run between two pages, or its next attempt.",
        answer=Stopped,
        noted="run.cancelled",
    ),
    post(
        *(f"{ONE}/retry", retry_run, Right.RUNS_WRITE),
        "Order a failed or cancelled run once more.",
        answer=OrderShown,
        status=202,
        noted="run.retried",
    ),
    post(
        *("/datasets/{dataset}/runs", begin_run, Right.RUNS_WRITE),
        "Order a run; a worker begins it as soon as it can.",
        answer=OrderShown,
        status=202,
        noted="run.ordered",
    ),
    get("/orders/{order}", get_order, Right.DATA_READ, "What became of an order.", answer=OrderShown),
)
