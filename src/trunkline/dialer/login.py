"""Who asks: user and password against the dialer's users, with lock, address lists and hashed passwords."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.database import Row, Work
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.tables import Tables

LEAST_LEVEL = 7
FAILURES_BEFORE_LOCK = 10
LOCK_MINUTES = 15
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


async def sign_in(
    work: Work, passwords: Passwords, settings: Row, user: str, password: str, now: datetime, address: str
) -> Row | Refusal:
    """The user's row, or the refusal. Counts failures, and good logins too."""
    wrong = Refusal(f"Login incorrect, please try again: |{user}||BAD|")
    found = await work.one(user_named, user=user) if user else None
    if found is None:
        return wrong
    if _is_locked(found, now):
        return Refusal(f"Too many login attempts, try again in 15 minutes: |{user}|LOCK|")
    may_enter = int(found["user_level"] or 0) >= LEAST_LEVEL and found["active"] == "Y"
    if not await passwords.match(found, settings, password) or not may_enter:
        await _count_failure(work, found, now)
        return wrong
    if not await _address_allowed(work, settings, found, address):
        return Refusal(f"Your IP Address is not allowed: {address}: ||IPBLOCK|")
    changes: dict[str, Any] = {
        "failed_login_count": 0,
        "last_login_date": now.strftime(TIME),
        "last_ip": address,
    }
    changes |= await passwords.better(found, settings, password)
    await work.update("users", {"user_id": found["user_id"]}, **changes)
    return found


def _is_locked(user: Row, now: datetime) -> bool:
    if int(user["failed_login_count"] or 0) < FAILURES_BEFORE_LOCK:
        return False
    return str(user["last_login_date"] or "") > (now - timedelta(minutes=LOCK_MINUTES)).strftime(TIME)


async def _count_failure(work: Work, user: Row, now: datetime) -> None:
    """One more; the tenth begins the lock, and after an old lock counting begins anew."""
    count = int(user["failed_login_count"] or 0)
    count = 1 if count >= FAILURES_BEFORE_LOCK else count + 1
    changes: dict[str, Any] = {"failed_login_count": count}
    if count >= FAILURES_BEFORE_LOCK:
        changes["last_login_date"] = now.strftime(TIME)
    await work.update("users", {"user_id": user["user_id"]}, **changes)


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


def same_text(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
