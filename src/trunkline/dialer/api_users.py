"""The users of the API as an administrator sees and changes them: level, rights, allowed functions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Integer, bindparam, select

from trunkline.dialer import audit
from trunkline.dialer.audit import Change, differences
from trunkline.dialer.command import Command
from trunkline.dialer.commands import ALL, COMMANDS
from trunkline.dialer.database import NewRow, Row, Work
from trunkline.dialer.login import LEAST_LEVEL
from trunkline.dialer.runner import Service, is_allowed, system_settings
from trunkline.dialer.tables import Tables
from trunkline.errors import Problem, SettingsError

RIGHTS: Mapping[str, str] = {
    "vdc_agent_api_access": "Use the API: nearly every function asks for it",
    "view_reports": "See reports, agents and logs",
    "modify_leads": "Add and change leads",
    "modify_lists": "Add and change lists",
    "delete_lists": "Delete lists",
    "modify_campaigns": "Change campaigns",
    "modify_users": "Add and change users",
    "delete_users": "Delete users",
    "modify_same_user_level": "Change users of the own level too",
    "change_agent_campaign": "Change the campaign of agents",
    "ast_admin_access": "Add and change phones, refresh servers",
    "ast_delete_phones": "Delete phones",
}
LIMIT_TO_LISTS = "api_list_restrict"
"""Only leads of lists whose campaigns are in sight."""
ALL_FUNCTIONS = "ALL_FUNCTIONS"
SHOWN = (
    *("user_id", "user", "full_name", "user_level", "user_group", "active", "failed_login_count"),
    *("last_login_date", "last_ip", "api_allowed_functions", LIMIT_TO_LISTS, *RIGHTS),
)
"""Never a password, nor its hash."""
CONSOLE = "console"
"""The function of the audit for what is changed here."""
HIGHEST_LEVEL, LONGEST_NAME = 9, 50
_NAME = re.compile(r"[-_0-9A-Za-z]{2,20}")
NAME_FORM = "2 to 20 of the characters A-Z, a-z, 0-9, - and _"


@dataclass(frozen=True)
class Actor:
    """Who changes something, whence, and when by the dialer's own clock."""

    who: str
    address: str
    at: str


def some_users(t: Tables) -> ClauseElement:
    users = t["users"].c
    return (
        select(*(users[name] for name in SHOWN))
        .where(users.user_level >= LEAST_LEVEL, users.user > bindparam("after"))
        .order_by(users.user)
        .limit(bindparam("limit", type_=Integer()))
    )


def shown_user(t: Tables) -> ClauseElement:
    users = t["users"].c
    return select(*(users[name] for name in SHOWN)).where(users.user == bindparam("user"))


def all_groups(t: Tables) -> ClauseElement:
    groups = t["user_groups"].c
    return select(groups.user_group, groups.group_name).order_by(groups.user_group)


def allowed_functions(user: Row) -> list[str]:
    """The names among the allowed ones; with ALL_FUNCTIONS every function there is."""
    return [command.name for command in ALL if is_allowed(user, command.name)]


def lacks(user: Row, command: Command) -> list[str]:
    """What keeps a user from calling a function; nothing: they may."""
    if not command.level:
        return []
    found = [] if str(user["active"]) == "Y" else ["the user is not active"]
    if not is_allowed(user, command.name):
        found.append("not among the allowed functions")
    level = int(user["user_level"] or 0)
    if level < max(command.level, LEAST_LEVEL):
        found.append(f"level {max(command.level, LEAST_LEVEL)} is needed")
    return found + [flag for flag in command.flags if str(user[flag]) != "1"]


@dataclass(frozen=True)
class Wish:
    """What a user is to be like. An empty password leaves the one there is."""

    full_name: str
    level: str
    group: str
    is_active: bool
    rights: frozenset[str]
    is_limited: bool
    functions: Sequence[str]
    password: str = ""

    def problems(self, groups: Sequence[str]) -> list[Problem]:
        found = []
        if not 1 <= len(self.full_name) <= LONGEST_NAME:
            found.append(Problem("full_name", f"A name of 1 to {LONGEST_NAME} characters is needed."))
        if self.level not in [str(level) for level in range(1, HIGHEST_LEVEL + 1)]:
            found.append(Problem("level", f"A level from 1 to {HIGHEST_LEVEL} is needed."))
        if self.group not in groups:
            found.append(Problem("group", "There is no such user group."))
        if self.password and not _NAME.fullmatch(self.password):
            found.append(Problem("password", f"A password has {NAME_FORM}; the API takes no others."))
        return found

    def values(self, before: Row) -> dict[str, Any]:
        """The columns but for the password. A right that has more than two values keeps its own."""
        names = {*RIGHTS, LIMIT_TO_LISTS}
        wanted = self.rights | ({LIMIT_TO_LISTS} if self.is_limited else set())
        changed = {
            name: "1" if name in wanted else "0"
            for name in sorted(names)
            if (str(before.get(name)) == "1") is not (name in wanted)
        }
        return {
            "full_name": self.full_name,
            "user_level": self.level,
            "user_group": self.group,
            "active": "Y" if self.is_active else "N",
            "api_allowed_functions": _functions_text(self.functions, _unknown(before)),
            **changed,
        }


def _unknown(user: Row) -> list[str]:
    """Allowed functions that are none of ours: the dialer's own programs may know them."""
    words = str(user.get("api_allowed_functions") or "").split()
    return [word for word in words if word not in COMMANDS and word != ALL_FUNCTIONS]


def _functions_text(functions: Sequence[str], unknown: Sequence[str]) -> str:
    known = [command.name for command in ALL if command.name in functions]
    words = [ALL_FUNCTIONS, *unknown] if ALL_FUNCTIONS in functions else [*known, *unknown]
    return f" {' '.join(words)} "


async def change(service: Service, user: str, wish: Wish, actor: Actor) -> None:
    """Change a user. Raises SettingsError, a problem per field."""
    async with service.database.work() as work:
        _check(wish.problems([str(row["user_group"]) for row in await work.all(all_groups)]))
        settings = await work.one(system_settings) or {}
        kept = service.passwords.kept(settings, wish.password) if wish.password else {}
        await work.lock("users")
        before = await work.one(shown_user, user=user)
        if before is None:
            raise no_user(user)
        values = {**wish.values(before), **kept}
        if kept:
            values["failed_login_count"] = 0
        await work.update("users", {"user_id": before["user_id"]}, **values)
        _keep_audit(service, work, actor, Change("users", str(before["user"]), before, values))


async def add(service: Service, user: str, wish: Wish, actor: Actor) -> None:
    """Add a user. Raises SettingsError, a problem per field."""
    async with service.database.work() as work:
        problems = wish.problems([str(row["user_group"]) for row in await work.all(all_groups)])
        if not _NAME.fullmatch(user):
            problems.insert(0, Problem("user", f"A name has {NAME_FORM}."))
        if not wish.password:
            problems.append(Problem("password", "A new user needs a password."))
        _check(problems)
        settings = await work.one(system_settings) or {}
        kept = service.passwords.kept(settings, wish.password)
        await work.lock("users")
        if await work.one(shown_user, user=user) is not None:
            raise SettingsError(problems=[Problem("user", f"There is a user {user} already.")])
        values = {"user": user, **wish.values({}), **kept}
        await work.insert("users", **values)
        _keep_audit(service, work, actor, Change("users", user, None, values))


def no_user(user: str) -> SettingsError:
    return SettingsError(
        f"The dialer has no user {user[:20]}.", todo="The list of API users has all of them."
    )


def _check(problems: list[Problem]) -> None:
    if problems:
        raise SettingsError(problems=problems)


def _keep_audit(service: Service, work: Work, actor: Actor, change: Change) -> None:
    shown = differences(change)
    if service.audits and any(shown):
        row = audit.entry(actor.at, actor.who, actor.address, CONSOLE, [(change, shown)])
        work.endings.inserts.append(NewRow(audit.TABLE, row))
