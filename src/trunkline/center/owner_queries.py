"""Statements about who owns what."""

from sqlalchemy import Connection, update

from trunkline.center.tables import accounts, datasets, saved_queries


def forget_owner(tx: Connection, user_id: int) -> None:
    for owned in (accounts, datasets, saved_queries):
        tx.execute(update(owned).where(owned.c.owner_id == user_id).values(owner_id=None))
