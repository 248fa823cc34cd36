"""Statements of long lists, a page at a time: each page follows the last thing of the one before."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, select, type_coerce, update

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


def runs_before(tx: Connection, before: str, limit: int, state: str = "") -> Sequence[RowMapping]:
    """Those of all datasets, newest first; those older than the run `before`, and of a state, where given."""
    statement = select(runs)
    if state:
        # by the index of state and time: ids and times go the same way
        statement = statement.where(runs.c.state == state).order_by(runs.c.started_at.desc())
    if before:
        statement = statement.where(runs.c.id < before)
    return tx.execute(statement.order_by(runs.c.id.desc()).limit(limit)).mappings().all()


def open_run_datasets(tx: Connection) -> list[int]:
    """Datasets that have a run which says that it goes on."""
    found: Any = tx.execute(
        select(runs.c.dataset_id)
        .where(runs.c.state.in_(("running", "waiting")), runs.c.dataset_id.is_not(None))
        .distinct()
    )
    return [int(one) for one in found.scalars()]
