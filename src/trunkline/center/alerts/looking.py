"""What only time tells: datasets that are late, sign-ins that end, incidents of what is no longer there."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from trunkline.center import datasets
from trunkline.center.alerts import queries
from trunkline.center.alerts.incidents import close_row, open_one
from trunkline.center.alerts.kinds import ACCOUNT, DATASET, LATE, SIGN_IN_ENDING
from trunkline.center.alerts.notices import Subject
from trunkline.center.datasets import Dataset
from trunkline.center.room import Center
from trunkline.clock import local_text

SIGN_IN_NOTICE = timedelta(days=7)
_RUN_TIME_DIGITS = 12

Due = Callable[[Dataset], datetime | None]


def look(center: Center, now: datetime, due: Due) -> None:
    """Begin and close what time alone decides. To be called about every minute; several may at a time.

    `due` gives the latest time at which a dataset should have been run; None where no schedule is in force.
    """
    with center.store.read() as tx:
        open_rows = queries.open_incidents(tx)
    _close_removed(center, open_rows)
    _look_for_late(center, now, due, _by_subject(open_rows, LATE.name))
    _look_for_endings(center, now, _by_subject(open_rows, SIGN_IN_ENDING.name))


def _by_subject(rows: Sequence[RowMapping], kind: str) -> dict[int, RowMapping]:
    return {row["subject_id"]: row for row in rows if row["kind"] == kind}


def _close_removed(center: Center, open_rows: Sequence[RowMapping]) -> None:
    if not open_rows:
        return
    with center.store.read() as tx:
        there = {kind: queries.names_of(tx, kind) for kind in (DATASET, ACCOUNT)}
    for row in open_rows:
        if row["subject_id"] not in there[row["subject_kind"]]:
            close_row(center, row["id"], f"{row['subject']} was removed.")


def _look_for_late(center: Center, now: datetime, due: Due, late: dict[int, RowMapping]) -> None:
    with center.store.read() as tx:
        known = queries.watched(tx)
    grace = timedelta(minutes=center.settings.number("late_after_minutes"))
    changed: dict[int, datetime | None] = {}
    for dataset in datasets.all_of(center):
        if dataset.id not in known:
            continue  # made this moment
        row, due_at = known[dataset.id], due(dataset)
        success = _success_of(row)
        since = _behind_since(dataset, due_at, success, row["behind_since"])
        if since != row["behind_since"]:
            changed[dataset.id] = since
        if since is None and dataset.id in late:
            reason = "is no longer scheduled" if due_at is None else "has been read again"
            close_row(center, late[dataset.id]["id"], f"{dataset.name} {reason}.")
        elif since is not None and now - since >= grace and dataset.id not in late:
            _tell_late(center, dataset, since, success)
    _remember(center, changed)


def _behind_since(
    dataset: Dataset, due_at: datetime | None, success: datetime | None, remembered: datetime | None
) -> datetime | None:
    """The first due time without a success since; the seam tells only the last one, so it is remembered."""
    if due_at is None or due_at < dataset.created_at or (success is not None and success >= due_at):
        return None
    is_current = remembered is not None and remembered < due_at and (success is None or success < remembered)
    return remembered if is_current else due_at


def _remember(center: Center, since: dict[int, datetime | None]) -> None:
    if not since:
        return
    try:
        with center.store.begin() as tx:
            queries.remember_behind(tx, since)
    except IntegrityError:
        return  # another process has just done so, or a dataset is gone: the next look sees


def _tell_late(center: Center, dataset: Dataset, since: datetime, success: datetime | None) -> None:
    before = f"The last success was at {local_text(success)}." if success else "It has had no success yet."
    text = f"{dataset.name} should have been read at {local_text(since)}, and was not. {before}"
    todo = (
        f"Look at its runs (`trunkline dataset history {dataset.name}`), and whether the server is running."
    )
    detail = {"due_at": since.isoformat(), "last_success_at": success.isoformat() if success else None}
    open_one(center, LATE, Subject(DATASET, dataset.id, dataset.name), text, todo=todo, detail=detail)


def _success_of(row: RowMapping) -> datetime | None:
    """The end of the last success. Of one whose record is gone the id still tells when it began."""
    ended: datetime | None = row["ended_at"]
    if ended is not None or row["last_success_run_id"] is None:
        return ended
    milliseconds = int(str(row["last_success_run_id"])[:_RUN_TIME_DIGITS], 16)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _look_for_endings(center: Center, now: datetime, told: dict[int, RowMapping]) -> None:
    with center.store.read() as tx:
        ending = {r["account_id"]: r for r in queries.ending_grants(tx) if _ends_soon(r, now)}
    for account_id in told.keys() - ending.keys():
        row = told[account_id]
        close_row(center, row["id"], f"The sign-in of account {row['subject']} goes on.")
    for account_id in ending.keys() - told.keys():
        _tell_ending(center, ending[account_id])


def _tell_ending(center: Center, grant: RowMapping) -> None:
    name, at = grant["name"], grant["ends_at"]
    text = f"The sign-in of account {name} ends at {local_text(at)}."
    todo = f"Sign in again: `trunkline account connect {grant['connector']} {name}`"
    subject = Subject(ACCOUNT, grant["account_id"], name)
    open_one(center, SIGN_IN_ENDING, subject, text, todo=todo, detail={"ends_at": at.isoformat()})


def _ends_soon(grant: RowMapping, now: datetime) -> bool:
    """Within a week, or within half of its life: one that is renewed every hour may last for a day only."""
    began = grant["renewed_at"] or grant["connected_at"]
    early = min(SIGN_IN_NOTICE, (grant["ends_at"] - began) / 2)
    return bool(now >= grant["ends_at"] - early)
