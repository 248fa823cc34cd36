"""Statements about who may use which account."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from trunkline.center.tables import account_shares


def shared_with(tx: Connection, user_id: int) -> Sequence[int]:
    """The ids of the accounts that are shared with a user."""
    found = select(account_shares.c.account_id).where(account_shares.c.user_id == user_id)
    return tx.execute(found).scalars().all()
