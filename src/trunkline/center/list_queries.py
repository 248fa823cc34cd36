"""Statements of long lists, a page at a time: each page follows the last thing of the one before."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, Text, select, type_coerce, update

from trunkline.center.tables import accounts, datasets


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
