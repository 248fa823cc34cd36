"""What is an incident, decided when a run has ended or an account was judged.

Plain functions, called by those who run things; each may be called again with the same, and by several
processes at a time. They keep what they find and send nothing: see `sending`.
"""

from typing import TYPE_CHECKING

from trunkline.center.alerts import queries
from trunkline.center.alerts.incidents import close_one, open_one
from trunkline.center.alerts.kinds import ACCOUNT, ACCOUNT_INVALID, DATASET, FAILED, LATE, NO_ROWS
from trunkline.center.alerts.notices import Subject
from trunkline.center.room import Center

if TYPE_CHECKING:
    from trunkline.center.accounts import Account
    from trunkline.center.datasets import Dataset
    from trunkline.center.runs import Run

ALWAYS = 5
"""So many successes in a row with rows, and a run without is a surprise."""


def run_ended(center: Center, dataset: "Dataset", run: "Run", *, will_retry: bool) -> None:
    """Note how a run has ended. A cancelled one says nothing, and neither does one that will be retried."""
    subject = Subject(DATASET, dataset.id, dataset.name)
    if run.status == "failed" and not will_retry:
        detail = {"run": run.id, "trigger": run.trigger, "error_kind": run.error_kind}
        open_one(
            center, FAILED, subject, f"{dataset.name} has failed: {run.error}", todo=run.todo, detail=detail
        )
    elif run.status == "succeeded":
        close_one(center, FAILED, subject, f"{dataset.name} has been read again (run {run.id}).")
        close_one(center, LATE, subject, f"{dataset.name} has been read again (run {run.id}).")
        if run.trigger != queries.BACKFILL:
            _rows_read(center, subject, run)


def _rows_read(center: Center, subject: Subject, run: "Run") -> None:
    if run.rows_read:
        text = f"{subject.name} has brought rows again: {run.rows_read:,} in run {run.id}."
        close_one(center, NO_ROWS, subject, text)
        return
    with center.store.read() as tx:
        former = queries.rows_of_successes(tx, subject.id, run.id, ALWAYS)
    if len(former) == ALWAYS and all(former):
        text = f"{subject.name} has brought no row, after {ALWAYS} runs that all had some."
        todo = "Look whether calls still arrive at the provider, and whether its menus were changed."
        open_one(center, NO_ROWS, subject, text, todo=todo, detail={"run": run.id, "rows_before": former})


def account_judged(center: Center, account: "Account", state: str, message: str) -> None:
    """Note what a test or a run has shown of an account; a state that proves nothing changes nothing."""
    note_account(center, Subject(ACCOUNT, account.id, account.name), state, message)


def note_account(center: Center, subject: Subject, state: str, message: str) -> None:
    if state == "invalid":
        todo = f"Give it another key or sign in again, then: `trunkline account test {subject.name}`"
        open_one(center, ACCOUNT_INVALID, subject, f"Account {subject.name}: {message}", todo=todo)
    elif state == "valid":
        close_one(center, ACCOUNT_INVALID, subject, f"Account {subject.name} is accepted again.")
