"""Statements about those who sign in and their sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from trunkline.access.tables import sessions, user_links, users


def add_user(tx: Connection, values: Mapping[str, Any]) -> int:
    """Raises IntegrityError where the address is taken."""
    result = tx.execute(insert(users).values(**values))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def count_users(tx: Connection) -> int:
    return int(tx.execute(select(func.count()).select_from(users)).scalar_one())


def all_users(tx: Connection) -> Sequence[Row[Any]]:
    return tx.execute(select(users).order_by(users.c.name, users.c.id)).all()


def user_of_id(tx: Connection, user_id: int) -> Row[Any] | None:
    return tx.execute(select(users).where(users.c.id == user_id)).first()


def user_of_email(tx: Connection, email: str) -> Row[Any] | None:
    return tx.execute(select(users).where(users.c.email == email)).first()


def change_user(tx: Connection, user_id: int, values: Mapping[str, Any]) -> None:
    tx.execute(update(users).where(users.c.id == user_id).values(**values))


def count_active(tx: Connection, role: str) -> int:
    """How many of a role may sign in; they are locked to the end of the transaction."""
    ids = select(users.c.id).where(users.c.role == role, users.c.is_active).with_for_update()
    return len(tx.execute(ids).all())


def add_session(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(sessions).values(**values))


def session_of(tx: Connection, digest: str, now: datetime) -> Any:
    """The session with its user, as long as it is good and the user may sign in."""
    good = (sessions.c.digest == digest, sessions.c.expires_at > now, users.c.is_active)
    both = (users, sessions.c.seen_at, sessions.c.created_at.label("began_at"))
    return tx.execute(select(*both).join(sessions, sessions.c.user_id == users.c.id).where(*good)).first()


def sessions_of_user(tx: Connection, user_id: int, now: datetime) -> Sequence[Row[Any]]:
    good = (sessions.c.user_id == user_id, sessions.c.expires_at > now)
    return tx.execute(select(sessions).where(*good).order_by(sessions.c.seen_at.desc())).all()


def set_seen(tx: Connection, digest: str, now: datetime, until: datetime) -> None:
    tx.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=now, expires_at=until))


def remove_session(tx: Connection, digest: str) -> None:
    tx.execute(delete(sessions).where(sessions.c.digest == digest))


def remove_sessions(tx: Connection, user_id: int, but: str = "") -> int:
    """Those of a user, but for one; how many."""
    its = (sessions.c.user_id == user_id, sessions.c.digest != but)
    return tx.execute(delete(sessions).where(*its)).rowcount


def forget_sessions(tx: Connection, now: datetime) -> None:
    tx.execute(delete(sessions).where(sessions.c.expires_at <= now))


def add_link(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(user_links).values(**values))


def link_of(tx: Connection, digest: str, purpose: str, now: datetime) -> Row[Any] | None:
    good = (user_links.c.digest == digest, user_links.c.purpose == purpose, user_links.c.expires_at > now)
    return tx.execute(select(user_links).where(*good)).first()


def remove_link(tx: Connection, digest: str) -> bool:
    """Whether it was there."""
    return tx.execute(delete(user_links).where(user_links.c.digest == digest)).rowcount == 1


def forget_links(tx: Connection, purpose: str, user_id: int | None, now: datetime) -> None:
    """Those of a purpose and user, and all that are too old."""
    same = (user_links.c.purpose == purpose) & user_links.c.user_id.is_not_distinct_from(user_id)
    tx.execute(delete(user_links).where(same | (user_links.c.expires_at <= now)))
