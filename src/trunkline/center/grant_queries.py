"""Statements about sign-ins. What changes a pair names the version it replaces."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from trunkline.center.tables import grants


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
