"""Statements about those who sign in and their sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from trunkline.access.tables import kept_answers, sessions, tokens, user_links
from trunkline.store.tables import users


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


def able_to_sign_in(tx: Connection, role: str) -> Sequence[int]:
    """Who of a role may sign in and can; they are locked to the end of the transaction."""
    can = or_(users.c.password != "", users.c.subject.is_not(None))
    ids = select(users.c.id).where(users.c.role == role, users.c.is_active, can).order_by(users.c.id)
    return tx.execute(ids.with_for_update()).scalars().all()


def remove_user(tx: Connection, user_id: int) -> None:
    """Sessions and links go with it."""
    tx.execute(delete(users).where(users.c.id == user_id))


def remove_tokens(tx: Connection, user_id: int) -> None:
    its = select(tokens.c.id).where(tokens.c.user_id == user_id)
    tx.execute(delete(kept_answers).where(kept_answers.c.token_id.in_(its)))
    tx.execute(delete(tokens).where(tokens.c.user_id == user_id))


def user_of_subject(tx: Connection, subject: str) -> Row[Any] | None:
    return tx.execute(select(users).where(users.c.subject == subject)).first()


def link_subject(tx: Connection, user_id: int, subject: str) -> bool:
    """Whether the user had none before."""
    free = (users.c.id == user_id, users.c.subject.is_(None))
    return tx.execute(update(users).where(*free).values(subject=subject)).rowcount == 1


def take_step(tx: Connection, user_id: int, step: int) -> bool:
    """Whether no code of this step or a later one was taken before."""
    is_new = or_(users.c.second_factor_step.is_(None), users.c.second_factor_step < step)
    wanted = update(users).where(users.c.id == user_id, is_new)
    return tx.execute(wanted.values(second_factor_step=step)).rowcount == 1


def locked_user(tx: Connection, user_id: int) -> Row[Any] | None:
    """Its row, locked to the end of the transaction."""
    return tx.execute(select(users).where(users.c.id == user_id).with_for_update()).first()


def add_session(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(sessions).values(**values))


def session_of(tx: Connection, digest: str, now: datetime, begun_after: datetime) -> Any:
    """The session with its user, as long as it is good and the user may sign in."""
    is_young = (sessions.c.expires_at > now, sessions.c.created_at > begun_after)
    good = (sessions.c.digest == digest, *is_young, users.c.is_active)
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


def take_link(tx: Connection, digest: str, purpose: str, now: datetime) -> bool:
    """Whether it was good; it is no longer."""
    good = (user_links.c.digest == digest, user_links.c.purpose == purpose, user_links.c.expires_at > now)
    return tx.execute(delete(user_links).where(*good)).rowcount == 1


def remove_links(tx: Connection, user_id: int) -> None:
    tx.execute(delete(user_links).where(user_links.c.user_id == user_id))


def has_link_since(tx: Connection, purpose: str, user_id: int, since: datetime) -> bool:
    its = (user_links.c.purpose == purpose, user_links.c.user_id == user_id, user_links.c.created_at > since)
    return tx.execute(select(user_links.c.digest).where(*its).limit(1)).first() is not None


def forget_links(tx: Connection, purpose: str, user_id: int | None) -> None:
    """Those of a purpose and user."""
    same = (user_links.c.purpose == purpose, user_links.c.user_id.is_not_distinct_from(user_id))
    tx.execute(delete(user_links).where(*same))


def forget_old_links(tx: Connection, now: datetime) -> None:
    tx.execute(delete(user_links).where(user_links.c.expires_at <= now))
