"""What a run would cost, told before it starts: requests, and hours under the account's budget.

Rows are asked of the provider where one request tells them, else taken from the rows a day of the
history; where neither is known, the declaration tells the fewest requests there can be.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from trunkline.center import accounts, budgets, datasets, planning, runs, tables_of
from trunkline.center.budgets import BudgetUse
from trunkline.center.datasets import Dataset
from trunkline.center.room import Center
from trunkline.center.runs import Run, Wish
from trunkline.dates import DaySpan
from trunkline.declare import ByNumber, ExportJob
from trunkline.errors import RetryLater, TrunklineError
from trunkline.fetch.counters import Counters
from trunkline.fetch.declared_windows import requests_of_a_window, window_count
from trunkline.fetch.source import Access, open_source
from trunkline.fetch.spend_slots import limit_words, seconds_for
from trunkline.options import Values

PROVIDER, HISTORY, DECLARATION = "provider", "history", "declaration"
RUNS_LOOKED_AT = 10
UNSEEN = "What is loaded could not be looked at, so this is the cost of a first run."
SECONDS_OF_A_REQUEST = 0.1
"""Where no run tells: several are under way at a time."""


@dataclass(frozen=True)
class Cost:
    """Requests, with the rows and windows they bring where those are known, and whence they are known.

    `basis` is provider, history or declaration; with `is_least` it may be any number more.
    """

    requests: int
    rows: int | None
    windows: int | None
    basis: str
    is_least: bool = False


@dataclass(frozen=True)
class Estimate:
    """What a run would cost. `seconds` in all, `waiting_seconds` of them for the limit `waits_for`.

    `asked` is how many requests the estimate itself has sent, tries that failed included.
    """

    dataset: str
    days: DaySpan | None
    zone: str
    cost: Cost
    seconds: float
    waiting_seconds: float
    waits_for: str
    asked: int
    budget: tuple[BudgetUse, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        days = self.days and {"first": self.days.first, "last": self.days.last, "zone": self.zone}
        return {
            "dataset": self.dataset,
            "days": days,
            **{f.name: getattr(self.cost, f.name) for f in fields(self.cost)},
            "hours": round(self.seconds / 3600, 3),
            "seconds": round(self.seconds, 1),
            "waiting_seconds": round(self.waiting_seconds, 1),
            "waits_for": self.waits_for,
            "asked": self.asked,
            "budget": [use.to_json() for use in self.budget],
            "notes": list(self.notes),
        }


async def estimate(center: Center, name: str, wish: Wish) -> Estimate:
    """What a run of this wish would cost now; starts nothing, and asks the provider one question at most.

    Raises SettingsError for a wish that cannot be had, and what the provider's refusal means.
    """
    return await estimate_of(center, datasets.get(center, name), wish)


async def estimate_of(center: Center, dataset: Dataset, wish: Wish) -> Estimate:
    """The same of a dataset that need not be saved: then of its first run."""
    progress, unseen = _progress(center, dataset)
    reading = planning.expected(center, dataset, wish, progress)
    span, notes = reading.span, (*reading.notes, *((UNSEEN,) if unseen and not wish.is_backfill else ()))
    zone = datasets.zone_of(center, dataset.options)
    access = accounts.access(center, dataset.account)
    values: Values = {**dataset.options, "time_zone": zone}
    uses = _budget(center, access, dataset)
    counters = Counters(on_wait=center.on_wait)
    rows = None
    if _tells_total(dataset, values) and all(use.left > 0 for use in uses):
        rows = await _announced(center, access, dataset, values, span, counters)
        uses = _budget(center, access, dataset)
    past = _past(center, dataset)
    today = datasets.today_of(center, dataset.options)
    windows = window_count(dataset.report, dataset.options, span, today)
    if rows is not None:
        cost = _of_rows(center, dataset, rows, windows)
    else:
        cost = _of_the_past(past, span, windows) or _declared(dataset, windows)
    waiting, waits_for = _waiting(center, dataset, uses, cost)
    seconds = max(waiting, cost.requests * _seconds_of_a_request(past))
    notes = (*notes, *counters.notes)
    return Estimate(
        dataset.name, span, zone, cost, seconds, waiting, waits_for, counters.requests, tuple(uses), notes
    )


async def _announced(
    center: Center,
    access: Access,
    dataset: Dataset,
    values: Values,
    span: DaySpan | None,
    counters: Counters,
) -> int | None:
    """What the provider counts; None, and a note, where it is out of reach: the history may do."""
    try:
        async with open_source(access, dataset.report, values, center.surroundings(), counters) as source:
            return await source.announced(span)
    except RetryLater as error:
        counters.note(str(error))
        return None


def _progress(center: Center, dataset: Dataset) -> tuple[str | None, bool]:
    """How far the dataset is, and whether that could not be seen since another process writes."""
    if not dataset.is_saved or not tables_of.is_made(center):
        return None, False
    try:
        with tables_of.warehouse_of(center, read_only=True) as warehouse:
            return warehouse.progress(dataset.name), False
    except TrunklineError:
        return None, True


def _past(center: Center, dataset: Dataset) -> list[Run]:
    if not dataset.is_saved:
        return []
    found = runs.history(center, dataset.name, RUNS_LOOKED_AT, state=runs.SUCCEEDED)
    return [one for one in found if one.requests]


def _budget(center: Center, access: Access, dataset: Dataset) -> list[BudgetUse]:
    """The limits that count the dataset's requests."""
    report = dataset.report
    paging = report.paging(dataset.options)
    groups = {"", *report.limit_groups, paging.limit_group if isinstance(paging, ExportJob) else ""}
    limits = tuple(limit for limit in access.limits if limit.group in groups)
    key = access.connector.budget_of({**access.values, **dataset.options})
    return budgets.of_key(center, key, limits)


def _tells_total(dataset: Dataset, values: Values) -> bool:
    paging, each = dataset.report.paging(values), dataset.report.for_each
    return (
        isinstance(paging, ByNumber) and bool(paging.total_rows) and not (each and each.option not in values)
    )


def _of_rows(center: Center, dataset: Dataset, rows: int, windows: int | None) -> Cost:
    """Full pages, and in each window one that is not."""
    paging = dataset.report.paging(dataset.options)
    assert isinstance(paging, ByNumber), "only numbered pages tell a total"
    count = windows or max(1, math.ceil(rows / center.settings.number("window_rows")))
    search = 1 if count > 1 and windows is None else 0  # the first page of all days tells where to cut
    return Cost(math.ceil(rows / paging.rows) + count - 1 + search or 1, rows, count, PROVIDER)


def _of_the_past(past: Sequence[Run], span: DaySpan | None, windows: int | None) -> Cost | None:
    """As many rows and requests a window as the last runs had, or a day where windows are cut by rows."""
    measures = [(one.windows_done if windows else one.days_read) or 0 for one in past]
    unit = sum(measures)
    wanted = windows or (span.days if span else 1)
    if not unit:
        return None
    told = [one for one, measure in zip(past, measures, strict=True) if measure]
    rows = sum(one.rows_read for one in told) * wanted / unit
    requests = sum(one.requests for one in told) * wanted / unit
    return Cost(max(1, math.ceil(requests)), round(rows), windows, HISTORY)


def _declared(dataset: Dataset, windows: int | None) -> Cost:
    each = requests_of_a_window(dataset.report, dataset.options)
    return Cost(each * (windows or 1), None, windows, DECLARATION, is_least=True)


def _waiting(center: Center, dataset: Dataset, uses: Sequence[BudgetUse], cost: Cost) -> tuple[float, str]:
    """Seconds until the last request may be sent, and the limit that takes longest."""
    paging, now = dataset.report.paging(dataset.options), center.clock.now()
    longest, why = 0.0, ""
    for use in uses:
        alone = isinstance(paging, ExportJob) and use.group and use.group == paging.limit_group
        count = (cost.windows or cost.requests) if alone else cost.requests
        seconds = seconds_for(use.limit, use.counting, count, now)
        pause = (use.paused_until - now).total_seconds() if use.paused_until else 0.0
        reason = use.pause_reason if pause > seconds else limit_words(use.limit)
        if max(seconds, pause) > longest:
            longest, why = max(seconds, pause), reason
    return longest, why


def _seconds_of_a_request(past: Sequence[Run]) -> float:
    requests = sum(one.requests for one in past)
    busy = sum(max(one.seconds - one.waited_seconds, 0.0) for one in past)
    return busy / requests if requests else SECONDS_OF_A_REQUEST
