"""One run: how far it is while it goes on, what it did, its log, and what helps where it failed."""

from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import accounts, cancelling, datasets, overview, retrying, run_logs, runs, sharing
from trunkline.center.names import unknown
from trunkline.center.runs import Run
from trunkline.pages.new_dataset.provider import hand_of
from trunkline.pages.routing import get, post
from trunkline.pages.streams import Seen, stream
from trunkline.pages.visit import Visit


def _run_of(visit: Visit) -> Run:
    """The run of the path, none that says it goes on while it does not. Raises SettingsError."""
    center, run_id = visit.rooms.center, visit.part("run_id")
    found = runs.by_id(center, run_id)
    if found is None:
        raise unknown("run", run_id, [])
    if found.status in runs.ENDED:
        return found
    return runs.get(center, found.dataset, run_id)


def show(visit: Visit) -> Response:
    run = _run_of(visit)
    log = run_logs.of_run(visit.rooms.center, run.id)
    known = {"share": overview.share_of(run), "account": _account_of(visit, run), **_state_of(run)}
    return visit.page("runs/one.html", run=run, log=log, **known)


def _account_of(visit: Visit, run: Run) -> accounts.Account | None:
    """The account of a failed run's dataset, where this one may test it."""
    center = visit.rooms.center
    if run.status != runs.FAILED or not datasets.exists(center, run.dataset):
        return None
    account = accounts.get(center, datasets.get(center, run.dataset).account)
    may = visit.user.may(Right.ACCOUNTS_USE) and sharing.may_use(center, hand_of(visit), account)
    return account if may else None


def _state_of(run: Run) -> dict[str, Any]:
    return {"is_ended": run.status in runs.ENDED, "may_be_retried": run.status in runs.RETRIED}


def events(visit: Visit) -> Response:
    """The run's progress and the newest lines of its log, until it has ended."""

    def look() -> Seen:
        run = _run_of(visit)
        log = run_logs.of_run(visit.rooms.center, run.id)
        known: dict[str, Any] = {"run": run, "log": log, "share": overview.share_of(run), **_state_of(run)}
        text = visit.drawing.draw("runs/progress.html", visit, known)
        return Seen(text, is_last=run.status in runs.ENDED)

    return stream(look)


def cancel(visit: Visit) -> Response:
    stopped = cancelling.cancel(visit.rooms.center, visit.part("run_id"))
    said = "It stops after the page that is being read; what was loaded stays."
    if stopped.was == cancelling.TO_BE_RETRIED:
        said = "It will not be tried again."
    return visit.go(f"/runs/{stopped.run.id}", said)


def retry(visit: Visit) -> Response:
    center = visit.rooms.center
    order = retrying.order_again(center, retrying.failed(center, visit.part("run_id")), visit.who)
    return visit.go(f"/datasets/{order.dataset}", f"{order.dataset} will be tried again in a moment.")


PAGES = (
    get("/runs/{run_id}", show, Right.DATA_READ),
    get("/runs/{run_id}/events", events, Right.DATA_READ),
    post("/runs/{run_id}/cancel", cancel, Right.RUNS_WRITE, "run.cancelled"),
    post("/runs/{run_id}/retry", retry, Right.RUNS_WRITE, "run.retried"),
)
