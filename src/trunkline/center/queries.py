"""Statements of the Data Center: each a function of the connection and plain values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from trunkline.center.tables import accounts, datasets, grants, runs

Record = Mapping[str, Any]
UNENDED = ("running", "waiting")


def insert_account(tx: Connection, values: Record) -> None:
    tx.execute(insert(accounts).values(**values))


def update_account(tx: Connection, account_id: int, values: Record) -> None:
    tx.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def delete_account(tx: Connection, account_id: int) -> None:
    tx.execute(delete(accounts).where(accounts.c.id == account_id))


def account_named(tx: Connection, name: str) -> RowMapping | None:
    """The account with its number of datasets (`used_by`) and the time of its sign-in (`connected_at`)."""
    return tx.execute(_with_use().where(accounts.c.name == name)).mappings().first()


def account_by_id(tx: Connection, account_id: int) -> RowMapping | None:
    return tx.execute(_with_use().where(accounts.c.id == account_id)).mappings().first()


def all_accounts(tx: Connection) -> Sequence[RowMapping]:
    return tx.execute(_with_use().order_by(accounts.c.name)).mappings().all()


def _with_use() -> Any:
    used = (
        select(func.count())
        .select_from(datasets)
        .where(datasets.c.account_id == accounts.c.id)
        .scalar_subquery()
    )
    connected = select(grants.c.connected_at).where(grants.c.account_id == accounts.c.id).scalar_subquery()
    return select(accounts, used.label("used_by"), connected.label("connected_at"))


def insert_dataset(tx: Connection, values: Record) -> None:
    tx.execute(insert(datasets).values(**values))


def update_dataset(tx: Connection, dataset_id: int, values: Record) -> None:
    tx.execute(update(datasets).where(datasets.c.id == dataset_id).values(**values))


def delete_dataset(tx: Connection, dataset_id: int) -> None:
    tx.execute(delete(datasets).where(datasets.c.id == dataset_id))


def dataset_named(tx: Connection, name: str) -> RowMapping | None:
    return tx.execute(_with_account().where(datasets.c.name == name)).mappings().first()


def all_datasets(tx: Connection, account: str | None = None) -> Sequence[RowMapping]:
    statement = _with_account().order_by(datasets.c.name)
    if account is not None:
        statement = statement.where(accounts.c.name == account)
    return tx.execute(statement).mappings().all()


def names_and_tags(tx: Connection) -> Sequence[RowMapping]:
    return tx.execute(select(datasets.c.name, datasets.c.tags)).mappings().all()


def dataset_choices(tx: Connection, account: str) -> Sequence[RowMapping]:
    """Report and options of an account's datasets, each pair once."""
    found = select(datasets.c.report, datasets.c.options, accounts.c.connector)
    joined = found.join_from(datasets, accounts, datasets.c.account_id == accounts.c.id)
    return tx.execute(joined.where(accounts.c.name == account).distinct()).mappings().all()


def _with_account() -> Any:
    return select(
        datasets, accounts.c.name.label("account"), accounts.c.connector.label("connector")
    ).join_from(datasets, accounts, datasets.c.account_id == accounts.c.id)


def insert_run(tx: Connection, values: Record) -> None:
    tx.execute(insert(runs).values(**values))


def update_run(tx: Connection, run_id: str, values: Record) -> None:
    tx.execute(update(runs).where(runs.c.id == run_id).values(**values))


def run_by_id(tx: Connection, run_id: str) -> RowMapping | None:
    return tx.execute(select(runs).where(runs.c.id == run_id)).mappings().first()


def last_run(tx: Connection, dataset_id: int, state: str | None = None) -> RowMapping | None:
    statement = select(runs).where(runs.c.dataset_id == dataset_id)
    if state is not None:
        statement = statement.where(runs.c.state == state)
    return tx.execute(statement.order_by(runs.c.id.desc()).limit(1)).mappings().first()


def unended_runs(tx: Connection, dataset_id: int, host: str | None = None) -> Sequence[RowMapping]:
    """Newest first; those of one machine where `host` is given."""
    statement = select(runs).where(runs.c.dataset_id == dataset_id, runs.c.state.in_(UNENDED))
    if host is not None:
        statement = statement.where(runs.c.host == host)
    # sorted here: asked for an order, databases walk through all runs of the dataset in that order
    return sorted(tx.execute(statement).mappings().all(), key=lambda row: str(row["id"]), reverse=True)


def close_unended_runs(
    tx: Connection, dataset_id: int, values: Record, ids: Sequence[str] | None = None
) -> None:
    """End the runs of a dataset whose process is gone; of those with `ids`, where given."""
    statement = update(runs).where(runs.c.dataset_id == dataset_id, runs.c.state.in_(UNENDED))
    if ids is not None:
        statement = statement.where(runs.c.id.in_(ids))
    tx.execute(statement.values(**values))


def is_cancel_requested(tx: Connection, run_id: str) -> bool:
    return bool(tx.execute(select(runs.c.cancel_requested).where(runs.c.id == run_id)).scalar())


def touch(values: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {**values, "updated_at": now}
