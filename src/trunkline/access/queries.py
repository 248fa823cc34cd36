"""Statements about tokens, kept answers and wrong logins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, delete, insert, select, update

from trunkline.access.tables import kept_answers, tokens, wrong_logins
from trunkline.store.tables import users


def add_token(tx: Connection, values: Mapping[str, Any]) -> int:
    result = tx.execute(insert(tokens).values(**values))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def token_of_digest(tx: Connection, digest: str) -> Row[Any] | None:
    return tx.execute(select(tokens).where(tokens.c.digest == digest)).first()


def token_named(tx: Connection, name: str) -> Row[Any] | None:
    return tx.execute(select(tokens).where(tokens.c.name == name)).first()


def all_tokens(tx: Connection) -> Sequence[Row[Any]]:
    return tx.execute(select(tokens).order_by(tokens.c.name)).all()


def tokens_of_user(tx: Connection, user_id: int) -> Sequence[Row[Any]]:
    return tx.execute(select(tokens).where(tokens.c.user_id == user_id).order_by(tokens.c.name)).all()


def person_of(tx: Connection, user_id: int) -> Row[Any] | None:
    return tx.execute(select(users).where(users.c.id == user_id)).first()


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


def keep_claimed() -> Update:
    """Keeps the answer of a request that is at work under this mark."""
    at_work = _at_work(bindparam("of_token"), bindparam("of_key"), bindparam("of_mark"))
    return (
        update(kept_answers)
        .where(*at_work)
        .values(status=bindparam("new_status"), body=bindparam("new_body"))
    )


def take_over(tx: Connection, token_id: int, key: str, old: str, new: str, now: datetime) -> bool:
    """Whether the mark of a request at work is another one now; False: somebody else was first."""
    at_work = _at_work(token_id, key, old)
    return tx.execute(update(kept_answers).where(*at_work).values(body=new, created_at=now)).rowcount == 1


def forget_claimed(tx: Connection, token_id: int, key: str, mark: str) -> None:
    tx.execute(delete(kept_answers).where(*_at_work(token_id, key, mark)))


def forget_older(tx: Connection, before: datetime) -> None:
    tx.execute(delete(kept_answers).where(kept_answers.c.created_at < before))


def wrong_logins_of(tx: Connection, network: str) -> Row[Any] | None:
    """Its row, locked to the end of the transaction."""
    return tx.execute(select(wrong_logins).where(wrong_logins.c.network == network).with_for_update()).first()


def add_wrong_logins(tx: Connection, network: str, wrong: int, until: datetime) -> None:
    """Raises IntegrityError where the network has a row."""
    tx.execute(insert(wrong_logins).values(network=network, wrong=wrong, until_at=until))


def change_wrong_logins(tx: Connection, network: str, wrong: int, until: datetime) -> None:
    its_row = wrong_logins.c.network == network
    tx.execute(update(wrong_logins).where(its_row).values(wrong=wrong, until_at=until))


def most_wrong_logins(tx: Connection, least: int, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """The rows that still count and have so many at least."""
    counts = (wrong_logins.c.wrong >= least, wrong_logins.c.until_at > now)
    return tx.execute(select(wrong_logins).where(*counts).limit(limit)).all()


def forget_wrong_logins(tx: Connection, before: datetime) -> None:
    tx.execute(delete(wrong_logins).where(wrong_logins.c.until_at <= before))


def _at_work(token_id: Any, key: Any, mark: Any) -> tuple[Any, ...]:
    """A request without an answer yet; whose it is, its body says until then."""
    return *_is(token_id, key), kept_answers.c.status.is_(None), kept_answers.c.body == mark


def _is(token_id: Any, key: Any) -> tuple[Any, Any]:
    return kept_answers.c.token_id == token_id, kept_answers.c.idempotency_key == key
