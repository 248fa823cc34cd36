"""The dialer's API users: what each may do, and forms that change it. No password is ever shown."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.dialer import api_users
from trunkline.dialer.api_users import ALL_FUNCTIONS, LIMIT_TO_LISTS, RIGHTS, Actor, Wish
from trunkline.dialer.commands import ALL
from trunkline.dialer.database import Row
from trunkline.dialer.resources import resources
from trunkline.dialer.setting_up import First, set_up
from trunkline.errors import SettingsError
from trunkline.pages.console import Opened, moment_of
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit

AT_ONCE = 50


async def index(visit: Visit) -> Response:
    return await _index(visit)


async def _index(visit: Visit, status: int = 200, error: SettingsError | None = None) -> Response:
    if not visit.rooms.console.is_open:
        return visit.page("dialer/users.html", is_open=False, users=[], more="", is_own=False, problems={})
    after = visit.query.get("after", "")[:20]
    with visit.rooms.console.dialer() as opened:
        async with opened.service.database.work() as work:
            found = await work.all(api_users.some_users, after=after, limit=AT_ONCE + 1)
    shown = found[:AT_ONCE]
    more = f"/dialer/users?after={quote(str(shown[-1]['user']))}" if len(found) > AT_ONCE else ""
    return visit.page(
        "dialer/users.html",
        status,
        is_open=True,
        users=[_summary(opened, user) for user in shown],
        more=more,
        is_own=opened.is_own and not after,
        problems=_problems(error),
    )


def _summary(opened: Opened, user: Row) -> dict[str, Any]:
    return {
        "user": user["user"],
        "full_name": user["full_name"] or "",
        "level": user["user_level"],
        "group": user["user_group"] or "",
        "is_active": str(user["active"]) == "Y",
        "rights": [right for right in RIGHTS if str(user[right]) == "1"],
        "callable": sum(1 for command in ALL if not api_users.lacks(user, command)),
        "functions": len(ALL),
        "seen": moment_of(opened, str(user["last_login_date"] or "")),
    }


async def first(visit: Visit) -> Response:
    """What a first call needs, on our own tables."""
    wanted = First(visit.text("user"), visit.secret("password"), visit.text("campaign"), _list_id(visit))
    try:
        # It opens the database for itself, as the command does: in a thread with a loop of its own.
        made = await asyncio.to_thread(lambda: asyncio.run(set_up(visit.rooms.settings, wanted)))
    except SettingsError as error:
        if not error.problems:
            raise
        return await _index(visit, 422, error)
    await _note(visit, "dialer.set_up", wanted.user)
    return visit.go("/dialer/users", f"Made: {', '.join(made)}.")


def _list_id(visit: Visit) -> int:
    text = visit.text("list_id")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0


async def new(visit: Visit) -> Response:
    return await _form(visit, None, _nobody())


def _nobody() -> Row:
    rights = {right: "1" if right in ("vdc_agent_api_access", "view_reports") else "0" for right in RIGHTS}
    texts = dict.fromkeys(("user", "full_name", "user_group", "api_allowed_functions"), "")
    return {**texts, "user_level": 8, "active": "Y", LIMIT_TO_LISTS: "0", **rights}


async def show(visit: Visit) -> Response:
    return await _form(visit, visit.part("user"), None)


async def _form(
    visit: Visit, name: str | None, row: Row | None, status: int = 200, error: SettingsError | None = None
) -> Response:
    with visit.rooms.console.dialer() as opened:
        async with opened.service.database.work() as work:
            groups = await work.all(api_users.all_groups)
            kept = await work.one(api_users.shown_user, user=name) if name is not None else None
        if name is not None and kept is None:
            raise api_users.no_user(name)
        seen = moment_of(opened, str(kept["last_login_date"] or "")) if kept else None
    shown = row if row is not None else kept
    assert shown is not None, "kept or given"
    allowed = str(shown["api_allowed_functions"] or "").split()
    return visit.page(
        "dialer/user.html",
        status,
        row=shown,
        is_new=name is None,
        groups=groups,
        rights=RIGHTS,
        allowed=allowed,
        has_all=ALL_FUNCTIONS in allowed,
        resources=resources(),
        limit_to_lists=LIMIT_TO_LISTS,
        lacking={command.name: api_users.lacks(kept, command) for command in ALL} if kept else {},
        last_ip=str(kept["last_ip"] or "") if kept else "",
        seen=seen,
        problems=_problems(error),
    )


async def add(visit: Visit) -> Response:
    wish, name = _wish(visit), visit.text("user")
    try:
        with visit.rooms.console.dialer() as opened:
            await api_users.add(opened.service, name, wish, _actor(visit, opened))
    except SettingsError as error:
        if not error.problems:
            raise
        return await _form(visit, None, _as_typed(wish) | {"user": name}, 422, error)
    await _note(visit, "api_user.added", name)
    return visit.go(f"/dialer/users/{name}", f"{name} was added.")


async def change(visit: Visit) -> Response:
    wish, name = _wish(visit), visit.part("user")
    try:
        with visit.rooms.console.dialer() as opened:
            await api_users.change(opened.service, name, wish, _actor(visit, opened))
    except SettingsError as error:
        if not error.problems:
            raise
        return await _form(visit, name, _as_typed(wish) | {"user": name}, 422, error)
    await _note(visit, "api_user.changed", name)
    return visit.go(f"/dialer/users/{quote(name)}", f"{name} was changed.")


async def _note(visit: Visit, action: str, name: str) -> None:
    """The values before and after are in the dialer's own audit."""
    await run_in_threadpool(visit.rooms.audit.note, visit.user, visit.address, action, name)


def _wish(visit: Visit) -> Wish:
    functions = [ALL_FUNCTIONS] if visit.text("functions") == "all" else _listed(visit, "function")
    return Wish(
        full_name=visit.text("full_name"),
        level=visit.text("level"),
        group=visit.text("group"),
        is_active=bool(visit.text("active")),
        rights=frozenset(right for right in _listed(visit, "right") if right in RIGHTS),
        is_limited=bool(visit.text("limited")),
        functions=functions,
        password=visit.secret("password"),
    )


def _as_typed(wish: Wish) -> Row:
    """The user as the form had it, but for the password."""
    return {
        "full_name": wish.full_name,
        "user_level": wish.level,
        "user_group": wish.group,
        "active": "Y" if wish.is_active else "N",
        "api_allowed_functions": " ".join(wish.functions),
        LIMIT_TO_LISTS: "1" if wish.is_limited else "0",
        **{right: "1" if right in wish.rights else "0" for right in RIGHTS},
    }


def _listed(visit: Visit, name: str) -> Sequence[str]:
    return [value for value in visit.form.getlist(name) if isinstance(value, str)]


def _actor(visit: Visit, opened: Opened) -> Actor:
    return Actor(visit.who, visit.address, opened.local_time)


def _problems(error: SettingsError | None) -> dict[str, str]:
    return {problem.field: problem.message for problem in error.problems} if error else {}


PAGES = (
    get("/dialer/users", index, Right.DIALER_WRITE),
    post("/dialer/users", add, Right.DIALER_WRITE),
    get("/dialer/users/+new", new, Right.DIALER_WRITE),
    post("/dialer/users/+first", first, Right.DIALER_WRITE),
    get("/dialer/users/{user}", show, Right.DIALER_WRITE),
    post("/dialer/users/{user}", change, Right.DIALER_WRITE),
)
