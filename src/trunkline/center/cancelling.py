"""Stopping what goes on, and what would be tried again by itself."""

from dataclasses import dataclass
from typing import Any

from trunkline.center import orders, runs
from trunkline.center.names import unknown
from trunkline.center.room import Center
from trunkline.center.runs import Run
from trunkline.errors import SettingsError

RUNNING, TO_BE_RETRIED = "running", "to_be_retried"


@dataclass(frozen=True)
class Stopped:
    """A run that was asked to stop (`was` running), or that will not be tried again (to_be_retried)."""

    run: Run
    was: str

    def to_json(self) -> dict[str, Any]:
        told = {"id": self.run.id, "dataset": self.run.dataset, "was": self.was}
        return {**told, "cancel_requested": self.was == RUNNING}


def cancel(center: Center, run_id: str) -> Stopped:
    """Ask a run to stop between two pages, or take away its next attempt where it has failed.

    Raises SettingsError for one that has ended for good.
    """
    try:
        stopped = Stopped(runs.cancel(center, run_id), RUNNING)
    except SettingsError:
        run = runs.by_id(center, run_id)
        if run is None:
            raise unknown("run", run_id, []) from None
        if run.status not in runs.RETRIED or not orders.cancel_of_run(center, run_id):
            raise
        return Stopped(run, TO_BE_RETRIED)
    orders.cancel_of_run(center, run_id)
    return stopped
