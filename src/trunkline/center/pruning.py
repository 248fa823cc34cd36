"""Forgetting old runs: those older than `history_days`, with their logs, a few at a time."""

from datetime import datetime, timedelta

from trunkline.center import history_queries
from trunkline.center.room import Center
from trunkline.center.runs import ENDED, SUCCEEDED, id_at

RUNS_AT_A_TIME = 200
"""So many are forgotten in one transaction: nobody who writes waits for long."""


def prune(center: Center, now: datetime, days: int | None = None) -> int:
    """Forget the runs that began more than so many days before `now` (UTC); how many there were.

    Days are those of the setting `history_days` unless given; 0 keeps all. The last run and the last
    success of each dataset stay, and so does what has not ended. Can be broken off at any moment.
    """
    days = center.settings.number("history_days") if days is None else days
    if days == 0:
        return 0
    with center.store.read() as tx:
        kept = history_queries.newest_runs(tx) | history_queries.newest_runs(tx, SUCCEEDED)
    after, before, forgotten = "", id_at(now - timedelta(days=days)), 0
    while True:
        with center.store.read() as tx:
            found = history_queries.states_between(tx, after, before, RUNS_AT_A_TIME)
        if not found:
            return forgotten
        after = found[-1][0]
        if old := [one for one, state in found if state in ENDED and one not in kept]:
            with center.store.begin() as tx:
                forgotten += history_queries.delete_runs(tx, old)
