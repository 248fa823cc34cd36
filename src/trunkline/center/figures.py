"""Figures of the Data Center for whoever watches it: runs, orders, rows, accounts, budgets, incidents.

Each is made by one function of `FIGURES`; a new one is one more there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from trunkline.center import accounts, budgets, figure_queries, workers
from trunkline.center.room import Center
from trunkline.errors import TrunklineError

LAST = timedelta(days=1)


@dataclass(frozen=True)
class Figure:
    """One thing that is measured now. `samples` has the values of `labels` and the number."""

    name: str
    help: str
    labels: tuple[str, ...]
    samples: tuple[tuple[tuple[str, ...], float], ...]


def all_of(center: Center) -> Iterator[Figure]:
    for figures in FIGURES:
        yield from figures(center)


def _runs(center: Center) -> Iterator[Figure]:
    since = center.clock.now() - LAST
    with center.store.read() as tx:
        now = figure_queries.open_runs(tx)
        ended = figure_queries.ended_runs(tx, since)
        rows = figure_queries.rows_since(tx, since)
        successes = figure_queries.last_successes(tx)
    yield Figure("trunkline_runs", "Runs that are not ended, by state.", ("state",), _counted(now))
    yield Figure("trunkline_runs_last_day", "Runs begun in 24 hours, by state.", ("state",), _counted(ended))
    yield Figure(
        "trunkline_rows_last_day",
        "Rows of the runs begun in 24 hours, by what they did.",
        ("kind",),
        _counted(rows),
    )
    yield Figure(
        "trunkline_dataset_last_success_timestamp_seconds",
        "When the last run of a dataset that succeeded had ended.",
        ("dataset",),
        tuple(((name,), ended_at.timestamp()) for name, ended_at in successes),
    )


def _accounts(center: Center) -> Iterator[Figure]:
    with center.store.read() as tx:
        states = figure_queries.account_states(tx)
    yield Figure("trunkline_accounts", "Saved accounts, by the last verdict.", ("state",), _counted(states))


def _budgets(center: Center) -> Iterator[Figure]:
    uses: dict[tuple[str, ...], budgets.BudgetUse] = {}
    for account in accounts.all_of(center):
        try:
            found = budgets.of_account(center, account.name)
        except TrunklineError:  # a key that no key file opens, say: the rest is worth knowing
            continue
        for use in found:
            uses[(account.name, use.counts_for, use.group, str(use.seconds))] = use
    labels = ("account", "counts_for", "endpoints", "seconds")
    used = tuple((key, float(use.used)) for key, use in uses.items())
    left = tuple((key, float(use.left)) for key, use in uses.items())
    free = tuple((key, use.resets_at.timestamp()) for key, use in uses.items() if use.resets_at)
    yield Figure("trunkline_budget_used", "Requests sent within the limit's span.", labels, used)
    yield Figure("trunkline_budget_left", "Requests that may be sent now.", labels, left)
    text = "When nothing that was sent so far counts any more; none where nothing counts."
    yield Figure("trunkline_budget_resets_timestamp_seconds", text, labels, free)


def _orders(center: Center) -> Iterator[Figure]:
    with center.store.read() as tx:
        found = figure_queries.open_orders(tx)
    text = "Runs that are wanted: waiting for their time or a worker, or given to one."
    yield Figure("trunkline_orders", text, ("state",), _counted(found))


def _workers(center: Center) -> Iterator[Figure]:
    living = float(len(workers.alive(center)))
    yield Figure("trunkline_workers", "Processes that carry out orders and live.", (), (((), living),))


def _incidents(center: Center) -> Iterator[Figure]:
    with center.store.read() as tx:
        found = figure_queries.open_incidents(tx)
    yield Figure("trunkline_incidents", "Incidents that last, by kind.", ("kind",), _counted(found))


FIGURES: tuple[Callable[[Center], Iterator[Figure]], ...] = (
    *(_runs, _orders, _workers, _accounts, _budgets, _incidents),
)


def _counted(counts: dict[str, Any]) -> tuple[tuple[tuple[str, ...], float], ...]:
    return tuple(((name,), float(count)) for name, count in sorted(counts.items()))
