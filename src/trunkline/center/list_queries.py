"""Statements of long lists, a page at a time: each page follows the last thing of the one before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, or_, select, type_coerce, update

from trunkline.center.tables import accounts, datasets, runs


def datasets_after(
    tx: Connection,
    after: int,
    limit: int,
    *,
    account: str = "",
    report: str = "",
    text: str = "",
    tag: str = "",
) -> Sequence[RowMapping]:
    """In the order they were made."""
    account_of = datasets.c.account_id == accounts.c.id
    both = (datasets, accounts.c.name.label("account"), accounts.c.connector.label("connector"))
    statement = select(*both).join_from(datasets, accounts, account_of).where(datasets.c.id > after)
    if account:
        statement = statement.where(accounts.c.name == account)
    if report:
        statement = statement.where(datasets.c.report == report)
    if text:
        statement = statement.where(datasets.c.name.contains(text, autoescape=True))
    if tag:
        tags = type_coerce(datasets.c.tags, Text)  # JSON is kept as text, and a tag is a plain word
        statement = statement.where(tags.contains(f'"{tag}"', autoescape=True))
    return tx.execute(statement.order_by(datasets.c.id).limit(limit)).mappings().all()


def tags_of(tx: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    rows = tx.execute(select(datasets.c.id, datasets.c.tags).where(datasets.c.id.in_(ids)))
    return {int(id_): list(tags or []) for id_, tags in rows}


def set_tags(tx: Connection, dataset_id: int, tags: Sequence[str] | None) -> None:
    tx.execute(update(datasets).where(datasets.c.id == dataset_id).values(tags=tags and list(tags)))


def runs_before(
    tx: Connection, before: tuple[datetime, str] | None, limit: int, state: str = ""
) -> Sequence[RowMapping]:
    """Those of all datasets, newest first; those older than an instant and run, and of a state, where given.

    There is an index of times, and one of states and times; none of states and ids.
    """
    statement = select(runs)
    if state:
        statement = statement.where(runs.c.state == state)
    if before is not None:
        at, run_id = before
        older = or_(runs.c.started_at < at, runs.c.id < run_id)
        statement = statement.where(runs.c.started_at <= at, older)
    newest_first = (runs.c.started_at.desc(), runs.c.id.desc())
    return tx.execute(statement.order_by(*newest_first).limit(limit)).mappings().all()


def open_run_datasets(tx: Connection) -> list[int]:
    """Datasets that have a run which says that it goes on."""
    found: Any = tx.execute(
        select(runs.c.dataset_id)
        .where(runs.c.state.in_(("running", "waiting")), runs.c.dataset_id.is_not(None))
        .distinct()
    )
    return [int(one) for one in found.scalars()]
