"""Who asks: user and password against the dialer's users, with lock, address lists and hashed passwords."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ClauseElement, bindparam, case, func, or_, select, update

from trunkline.dialer.database import Row, Update, Work
from trunkline.dialer.keeping import seldom_changed
from trunkline.dialer.passwords import Checked, Passwords
from trunkline.dialer.tables import Tables

LEAST_LEVEL = 7
FAILURES_BEFORE_LOCK = 10
LOCK_MINUTES = 15
NOBODY = -1
"""A number that no user has."""
CHECKED = ("user_id", "pass", "pass_hash")
"""What a checked password belongs to: where one of them changes meanwhile, the check is void."""
CHECKS = 3


@dataclass(frozen=True)
class Refusal:
    """Why somebody may not come in: the line's text, after `ERROR: `."""

    text: str


OF_USER = (
    *("user_id", "user", "pass", "pass_hash", "active", "user_level", "user_group", "ignore_ip_list"),
    *("failed_login_count", "last_login_date", "last_ip", "api_allowed_functions", "api_list_restrict"),
    *("vdc_agent_api_access", "view_reports", "modify_leads", "modify_users", "delete_users"),
    *("ast_admin_access", "ast_delete_phones", "modify_lists", "delete_lists", "modify_campaigns"),
    *("change_agent_campaign", "modify_same_user_level", "admin_hide_lead_data"),
)
"""What is read of the user who asks; the dialer has four times as many columns."""
OF_GROUP = ("user_group", "allowed_campaigns", "admin_viewable_groups", "api_ip_list")


@dataclass(slots=True)
class Attempt:
    """A login as it is tried: name and password, whence, and the dialer's local time."""

    user: str
    password: str
    address: str
    now: datetime


class WrongLogins(Protocol):
    """Wrong logins by address, whoever they were for."""

    def wait_seconds(self, address: str) -> int:
        """How long the address has to wait; 0: not at all."""

    def note(self, address: str) -> None:
        """One more wrong login from there."""


class Uncounted:
    """Nobody waits."""

    def wait_seconds(self, address: str) -> int:
        return 0

    def note(self, address: str) -> None:
        pass


def user_named(t: Tables) -> ClauseElement:
    return select(*t["users"].c).where(t["users"].c.user == bindparam("user"))


@seldom_changed("users")
def user_signing_in(t: Tables) -> ClauseElement:
    users = t["users"].c
    return select(*(users[name] for name in OF_USER)).where(users.user == bindparam("user"))


def address_entries(t: Tables) -> ClauseElement:
    entries = t["ip_list_entries"]
    return select(entries.c.ip_address).where(
        entries.c.ip_list_id == bindparam("ip_list_id"),
        entries.c.ip_address.in_(bindparam("addresses", expanding=True)),
    )


@seldom_changed("user_groups")
def group_named(t: Tables) -> ClauseElement:
    groups = t["user_groups"].c
    return select(*(groups[name] for name in OF_GROUP)).where(groups.user_group == bindparam("user_group"))


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
    work: Work, passwords: Passwords, wrong_logins: WrongLogins, settings: Row, attempt: Attempt
) -> Row | Refusal:
    """The user's row, or the refusal. Counts failures, and good logins too.

    A wrong password costs the same whoever it is for: nobody, and users who are locked or may not enter.
    """
    if wrong_logins.wait_seconds(attempt.address):
        return _locked(attempt)
    if not attempt.user:
        return _wrong(attempt)
    found, checked = await _checked(work, passwords, settings, attempt)
    if checked.waited and wrong_logins.wait_seconds(attempt.address):
        return _locked(attempt)
    if found is not None and _is_locked(found, attempt.now):
        return _locked(attempt)
    if found is None or not checked.is_good or not _may_enter(found):
        wrong_logins.note(attempt.address)
        return _wrong(attempt) if await _count_failure(work, found, attempt.now) else _locked(attempt)
    return await _let_in(work, settings, found, attempt, checked)


async def _checked(
    work: Work, passwords: Passwords, settings: Row, attempt: Attempt
) -> tuple[Row | None, Checked]:
    """The user's row as it is now, and whether its password is the one that came.

    A check may wait for a thread. Where the password is another one by then, or another login has hashed it
    anew, it is checked once more; nobody's row comes back where that goes on.
    """
    found = await work.one(user_signing_in, user=attempt.user)
    for _ in range(CHECKS):
        is_welcome = found is not None and _may_enter(found) and not _is_locked(found, attempt.now)
        checked = await passwords.check(found if is_welcome else None, settings, attempt.password)
        if not checked.waited:
            return found, checked
        now = await work.one(user_signing_in, user=attempt.user)
        if _has_same_password(now, found):
            return now, checked
        found = now
    return None, Checked(False, waited=True)


def _wrong(attempt: Attempt) -> Refusal:
    return Refusal(f"Login incorrect, please try again: |{attempt.user}||BAD|")


def _locked(attempt: Attempt) -> Refusal:
    return Refusal(f"Too many login attempts, try again in {LOCK_MINUTES} minutes: |{attempt.user}|LOCK|")


def _kept_out(attempt: Attempt) -> Refusal:
    return Refusal(f"Your IP Address is not allowed: {attempt.address}: ||IPBLOCK|")


async def _let_in(work: Work, settings: Row, found: Row, attempt: Attempt, checked: Checked) -> Row | Refusal:
    """Somebody whose password is right. Only the address may still be in the way."""
    if not await _address_allowed(work, settings, found, attempt.address):
        return _kept_out(attempt)
    seen: Row = {"last_login_date": attempt.now.isoformat(" ", "seconds"), "last_ip": attempt.address}
    _keep_seen(work, found, seen | {"failed_login_count": 0})
    if checked.better:
        same = {name: found[name] for name in CHECKED if found[name] is not None}
        work.endings.updates.append(Update("users", same, checked.better))
    return found | checked.better


async def admit(work: Work, settings: Row, attempt: Attempt) -> Row | Refusal:
    """The row of a user whom a token has proven, or the refusal; no password is asked for."""
    found = await work.one(user_signing_in, user=attempt.user)
    if found is None or not _may_enter(found):
        return _wrong(attempt)
    if not await _address_allowed(work, settings, found, attempt.address):
        return _kept_out(attempt)
    seen: Row = {"last_login_date": attempt.now.isoformat(" ", "seconds"), "last_ip": attempt.address}
    _keep_seen(work, found, seen)
    return found


def _keep_seen(work: Work, user: Row, seen: Row) -> None:
    """Note the login at the end of the work, where it is not noted yet: others come in the same second."""
    if any(user[name] != value for name, value in seen.items()):
        work.endings.updates.append(Update("users", {"user_id": user["user_id"]}, seen))


def _has_same_password(one: Row | None, other: Row | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(one[name] == other[name] for name in CHECKED)


def _may_enter(user: Row) -> bool:
    return int(user["user_level"] or 0) >= LEAST_LEVEL and user["active"] == "Y"


def _is_locked(user: Row, now: datetime) -> bool:
    if int(user["failed_login_count"] or 0) < FAILURES_BEFORE_LOCK:
        return False
    return str(user["last_login_date"] or "") > _lock_since(now)


def _lock_since(now: datetime) -> str:
    return (now - timedelta(minutes=LOCK_MINUTES)).isoformat(" ", "seconds")


async def _count_failure(work: Work, user: Row | None, now: datetime) -> bool:
    """Whether it was counted; False: others have locked the user meanwhile. Nobody's costs the same."""
    number = user["user_id"] if user else NOBODY
    changed = await work.run(
        count_failure, id=number, since=_lock_since(now), now=now.isoformat(" ", "seconds")
    )
    return changed > 0 or user is None


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
