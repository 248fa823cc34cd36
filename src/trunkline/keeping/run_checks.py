"""What `trunkline doctor` says of runs: those that were cut off, and what is due while nobody runs it."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from trunkline.center import datasets, occupancy, timetables, workers
from trunkline.center.room import Center
from trunkline.errors import some_of
from trunkline.keeping.findings import OK, WARNING, Finding, guarded

SOON = timedelta(minutes=1)
"""So long ago something may have been due that a server which just starts has not begun yet."""


def findings(center: Center) -> Iterator[Finding]:
    yield guarded("runs", partial(_runs, center))
    yield guarded("schedules", partial(_schedules, center))


def _runs(center: Center) -> Finding:
    alive, gone = occupancy.unended(center)
    if gone:
        names = some_of([row["dataset_name"] for row in gone])
        text = f"Cut off, since the process is gone: {names}."
        return Finding("runs", WARNING, text, "Run it again: it goes on where it was.")
    names = some_of([row["dataset_name"] for row in alive])
    return Finding("runs", OK, f"Under way: {names}." if names else "None is under way.")


def _schedules(center: Center) -> Finding:
    """What is due is late only where no process takes it: one that lives may be busy."""
    every = datasets.all_of(center)
    tables = timetables.of_all(center, every)
    planned = [d.name for d in every if d.id in tables and tables[d.id].next_due_at is not None]
    living = len(workers.alive(center))
    if living or not planned:
        those = f"{len(planned)} planned; processes that run what is due: {living}."
        return Finding("schedules", OK, those if planned else "None.")
    due = [d.name for d in every if d.name in planned and _is_due(center, tables[d.id])]
    if not due:
        return Finding("schedules", OK, f"{len(planned)} planned; no process runs what is due just now.")
    text = f"Due, and no process runs it: {some_of(due)}."
    return Finding("schedules", WARNING, text, "Start `trunkline serve` or `trunkline worker`.")


def _is_due(center: Center, table: timetables.Timetable) -> bool:
    is_past = table.next_due_at is not None and table.next_due_at < center.clock.now() - SOON
    return is_past and not table.is_paused
