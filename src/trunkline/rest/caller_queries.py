"""Statements about who calls: their tokens, and the accounts they may read with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from trunkline.access.tables import kept_answers, tokens
from trunkline.center.tables import account_shares, accounts, datasets
from trunkline.store.tables import users


def token_with_user(tx: Connection, digest: str) -> tuple[Row[Any], Row[Any] | None] | None:
    """The token, and the user whose it is, if it is anybody's."""
    token = tx.execute(select(tokens).where(tokens.c.digest == digest)).first()
    if token is None:
        return None
    return token, tx.execute(select(users).where(users.c.id == token.user_id)).first()


def set_used(tx: Connection, token_id: int, at: datetime) -> None:
    tx.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=at))


def add_token(tx: Connection, values: Mapping[str, Any]) -> int:
    """Raises IntegrityError where the name is taken."""
    result = tx.execute(insert(tokens).values(**values))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def tokens_of(tx: Connection, user_id: int, after: int, limit: int) -> Sequence[Row[Any]]:
    """In the order they were made; those after the token of that number."""
    its = (tokens.c.user_id == user_id, tokens.c.id > after)
    return tx.execute(select(tokens).where(*its).order_by(tokens.c.id).limit(limit)).all()


def token_of(tx: Connection, user_id: int, token_id: int) -> Row[Any] | None:
    its = (tokens.c.user_id == user_id, tokens.c.id == token_id)
    return tx.execute(select(tokens).where(*its)).first()


def remove_token(tx: Connection, token_id: int) -> None:
    tx.execute(delete(kept_answers).where(kept_answers.c.token_id == token_id))
    tx.execute(delete(tokens).where(tokens.c.id == token_id))


def accounts_for(tx: Connection, user_id: int) -> set[int]:
    """One's own, and those shared with one."""
    shared = select(account_shares.c.account_id).where(account_shares.c.user_id == user_id)
    mine = or_(accounts.c.owner_id == user_id, accounts.c.id.in_(shared))
    return {int(found) for found in tx.execute(select(accounts.c.id).where(mine)).scalars()}


def own_account(tx: Connection, account_id: int, user_id: int) -> None:
    tx.execute(update(accounts).where(accounts.c.id == account_id).values(owner_id=user_id))


def own_dataset(tx: Connection, dataset_id: int, user_id: int) -> None:
    tx.execute(update(datasets).where(datasets.c.id == dataset_id).values(owner_id=user_id))
