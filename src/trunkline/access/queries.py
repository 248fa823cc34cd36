"""Statements about tokens and kept answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from trunkline.access.tables import kept_answers, tokens


def add_token(tx: Connection, values: Mapping[str, Any]) -> int:
    result = tx.execute(insert(tokens).values(**values))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def token_of_digest(tx: Connection, digest: str) -> Row[Any] | None:
    return tx.execute(select(tokens).where(tokens.c.digest == digest)).first()


def token_named(tx: Connection, name: str) -> Row[Any] | None:
    return tx.execute(select(tokens).where(tokens.c.name == name)).first()


def all_tokens(tx: Connection) -> Sequence[Row[Any]]:
    return tx.execute(select(tokens).order_by(tokens.c.name)).all()


def remove_token(tx: Connection, token_id: int) -> None:
    tx.execute(delete(kept_answers).where(kept_answers.c.token_id == token_id))
    tx.execute(delete(tokens).where(tokens.c.id == token_id))


def set_used(tx: Connection, token_id: int, at: datetime) -> None:
    tx.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=at))


def kept_answer(tx: Connection, token_id: int, key: str) -> Row[Any] | None:
    return tx.execute(select(kept_answers).where(*_is(token_id, key))).first()


def begin_answer(tx: Connection, values: Mapping[str, Any]) -> None:
    """Raises IntegrityError where the key is taken."""
    tx.execute(insert(kept_answers).values(**values))


def keep_answer(tx: Connection, token_id: int, key: str, status: int, body: str) -> None:
    tx.execute(update(kept_answers).where(*_is(token_id, key)).values(status=status, body=body))


def forget_answer(tx: Connection, token_id: int, key: str) -> None:
    tx.execute(delete(kept_answers).where(*_is(token_id, key)))


def forget_older(tx: Connection, before: datetime) -> None:
    tx.execute(delete(kept_answers).where(kept_answers.c.created_at < before))


def _is(token_id: int, key: str) -> tuple[Any, Any]:
    return kept_answers.c.token_id == token_id, kept_answers.c.idempotency_key == key
