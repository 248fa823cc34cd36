"""Statements about sign-ins. What changes a pair names the version it replaces."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from trunkline.center.tables import accounts, grants


def grant_of(tx: Connection, account_id: int) -> RowMapping | None:
    return tx.execute(select(grants).where(grants.c.account_id == account_id)).mappings().first()


def replace_grant(tx: Connection, account_id: int, values: Mapping[str, Any]) -> None:
    """The sign-in of an account, whatever was there before; its version counts on."""
    former = tx.execute(select(grants.c.version).where(grants.c.account_id == account_id)).scalar()
    tx.execute(delete(grants).where(grants.c.account_id == account_id))
    tx.execute(insert(grants).values(account_id=account_id, version=(former or 0) + 1, **values))


def update_grant(tx: Connection, account_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """Change a sign-in that is still of this version; whether it was."""
    still = grants.c.account_id == account_id, grants.c.version == version
    return tx.execute(update(grants).where(*still).values(**values)).rowcount == 1


def grants_until(tx: Connection, until: datetime) -> Sequence[RowMapping]:
    """Sign-ins in use whose tokens are good until then at most, with name and connector of their accounts."""
    statement = (
        select(accounts.c.name, accounts.c.connector, grants.c.pair, grants.c.renew_at)
        .join(grants, grants.c.account_id == accounts.c.id)
        .where(grants.c.renew_at <= until, grants.c.refused.is_(False))
        .order_by(accounts.c.name)
    )
    return tx.execute(statement).mappings().all()
