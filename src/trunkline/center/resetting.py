"""Emptying a dataset: its rows, its progress and what was being built are forgotten; how it is read stays."""

from trunkline.center import datasets, occupancy, runs, tables_of
from trunkline.center.room import Center
from trunkline.center.runs import RESET, Run


def reset(center: Center, name: str, started_by: str = "") -> Run:
    """Drop the dataset's table and progress, so that the next run begins anew; the record of it.

    Raises RetryLater while the dataset is being run, or another process has the warehouse open.
    """
    dataset = datasets.get(center, name)
    now = center.clock.now()
    done = Run(runs.new_run_id(now), name, RESET, dataset.method.value, RESET, now, started_by=started_by)
    with occupancy.held(center, dataset.id, name):
        occupancy.close_dead(center, dataset.id)
        if tables_of.is_made(center):
            with tables_of.warehouse_of(center) as warehouse:
                done.rows_deleted = warehouse.count(name)
                warehouse.drop(name)
        done.ended_at = center.clock.now()
        runs.insert(center, dataset, done)
        runs.close(center, dataset, done)
    return done
