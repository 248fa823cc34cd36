"""Who asks: user and password against the dialer's users, with lock, address lists and hashed passwords."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ClauseElement, bindparam, case, func, or_, select, update

from trunkline.dialer.database import Row, Work
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.tables import Tables

LEAST_LEVEL = 7
FAILURES_BEFORE_LOCK = 10
LOCK_MINUTES = 15
CHECKED = ("user_id", "pass", "pass_hash")
"""What a checked password belongs to: where one of them changes meanwhile, the check is void."""
TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Refusal:
    """Why somebody may not come in: the line's text, after `ERROR: `."""

    text: str


def user_named(t: Tables) -> ClauseElement:
    return select(*t["users"].c).where(t["users"].c.user == bindparam("user"))


def address_entries(t: Tables) -> ClauseElement:
    entries = t["ip_list_entries"]
    return select(entries.c.ip_address).where(
        entries.c.ip_list_id == bindparam("ip_list_id"),
        entries.c.ip_address.in_(bindparam("addresses", expanding=True)),
    )


def group_named(t: Tables) -> ClauseElement:
    return select(*t["user_groups"].c).where(t["user_groups"].c.user_group == bindparam("user_group"))


def count_failure(t: Tables) -> ClauseElement:
    """One more failure, counted by the database: guesses at the same time count each.

    The tenth begins the lock, and after an old lock counting begins anew. No row is changed while locked.
    """
    users = t["users"]
    count = func.coalesce(users.c.failed_login_count, 0)
    last = func.coalesce(users.c.last_login_date, "")
    begins_lock = count == FAILURES_BEFORE_LOCK - 1
    return (
        update(users)
        .where(
            users.c.user_id == bindparam("id"), or_(count < FAILURES_BEFORE_LOCK, last <= bindparam("since"))
        )
        # In this order: MariaDB sets one column after the other, and the date depends on the old count.
        .ordered_values(
            (users.c.last_login_date, case((begins_lock, bindparam("now")), else_=users.c.last_login_date)),
            (users.c.failed_login_count, case((count >= FAILURES_BEFORE_LOCK, 1), else_=count + 1)),
        )
    )


async def sign_in(
    work: Work, passwords: Passwords, settings: Row, user: str, password: str, now: datetime, address: str
) -> Row | Refusal:
    """The user's row, or the refusal. Counts failures, and good logins too."""
    wrong = Refusal(f"Login incorrect, please try again: |{user}||BAD|")
    locked = Refusal(f"Too many login attempts, try again in 15 minutes: |{user}|LOCK|")
    found = await work.one(user_named, user=user) if user else None
    if found is None:
        return wrong
    if _is_locked(found, now):
        return locked
    checked = await passwords.check(found, settings, password)
    if checked.waited:
        found = await _as_it_is_now(work, found)
    if found is None:
        return wrong
    if _is_locked(found, now):
        return locked
    if not checked.is_good or not _may_enter(found):
        return wrong if await _count_failure(work, found, now) else locked
    if not await _address_allowed(work, settings, found, address):
        return Refusal(f"Your IP Address is not allowed: {address}: ||IPBLOCK|")
    seen: Row = {"failed_login_count": 0, "last_login_date": now.strftime(TIME), "last_ip": address}
    await work.update("users", {"user_id": found["user_id"]}, **seen)
    if checked.better:
        same = {name: found[name] for name in CHECKED if found[name] is not None}
        await work.update("users", same, **checked.better)
    return found | checked.better


async def admit(work: Work, settings: Row, user: str, now: datetime, address: str) -> Row | Refusal:
    """The row of a user whom a token has proven, or the refusal; no password is asked for."""
    found = await work.one(user_named, user=user)
    if found is None or not _may_enter(found):
        return Refusal(f"Login incorrect, please try again: |{user}||BAD|")
    if not await _address_allowed(work, settings, found, address):
        return Refusal(f"Your IP Address is not allowed: {address}: ||IPBLOCK|")
    seen: Row = {"last_login_date": now.strftime(TIME), "last_ip": address}
    await work.update("users", {"user_id": found["user_id"]}, **seen)
    return found


async def _as_it_is_now(work: Work, user: Row) -> Row | None:
    """The row once more: a check may have waited for a thread, and others went on meanwhile.

    None where the password is no longer the one that was checked.
    """
    now = await work.one(user_named, user=user["user"])
    return now if now and all(now[name] == user[name] for name in CHECKED) else None


def _may_enter(user: Row) -> bool:
    return int(user["user_level"] or 0) >= LEAST_LEVEL and user["active"] == "Y"


def _is_locked(user: Row, now: datetime) -> bool:
    if int(user["failed_login_count"] or 0) < FAILURES_BEFORE_LOCK:
        return False
    return str(user["last_login_date"] or "") > _lock_since(now)


def _lock_since(now: datetime) -> str:
    return (now - timedelta(minutes=LOCK_MINUTES)).strftime(TIME)


async def _count_failure(work: Work, user: Row, now: datetime) -> bool:
    """Whether it was counted; False: others have locked the user meanwhile."""
    changed = await work.run(
        count_failure, id=user["user_id"], since=_lock_since(now), now=now.strftime(TIME)
    )
    return changed > 0


async def _address_allowed(work: Work, settings: Row, user: Row, address: str) -> bool:
    if settings.get("allow_ip_lists") != "1" or user.get("ignore_ip_list") == "1":
        return True
    addresses = (address, address.rpartition(".")[0] + ".x")
    blocking = settings.get("system_ip_blacklist") or ""
    if blocking and await work.one(address_entries, ip_list_id=blocking, addresses=addresses):
        return False
    group = await work.one(group_named, user_group=user["user_group"])
    allowing = (group or {}).get("api_ip_list") or ""
    if not allowing:
        return True
    return await work.one(address_entries, ip_list_id=allowing, addresses=addresses) is not None
