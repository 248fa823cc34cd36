"""Statements about who may use which account."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from trunkline.center.tables import account_shares


def shared_with(tx: Connection, user_id: int) -> Sequence[int]:
    """The ids of the accounts that are shared with a user."""
    found = select(account_shares.c.account_id).where(account_shares.c.user_id == user_id)
    return tx.execute(found).scalars().all()


def sharers_of(tx: Connection, account_id: int) -> Sequence[int]:
    """The ids of the users that an account is shared with, those of old first."""
    found = select(account_shares.c.user_id).where(account_shares.c.account_id == account_id)
    return tx.execute(found.order_by(account_shares.c.created_at, account_shares.c.user_id)).scalars().all()


def insert_share(tx: Connection, account_id: int, user_id: int, now: datetime) -> None:
    tx.execute(insert(account_shares).values(account_id=account_id, user_id=user_id, created_at=now))


def delete_share(tx: Connection, account_id: int, user_id: int) -> None:
    of_both = (account_shares.c.account_id == account_id, account_shares.c.user_id == user_id)
    tx.execute(delete(account_shares).where(*of_both))
