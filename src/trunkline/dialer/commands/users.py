"""add_user, update_user: the users of the floor, their rights to log in, their ranks in campaigns."""

from collections.abc import AsyncIterator
from typing import Any

from trunkline.dialer import adminlog, audit
from trunkline.dialer.command import Answer, Call, Command, Param, Said, error, success
from trunkline.dialer.commands.user_fields import (
    AGENT_USER,
    FIELDS,
    HIGHEST_LEVEL,
    NEW_USER,
    WRAPUP,
    ZERO_ONE,
    group_in_sight,
    may_equal_own,
    own_level,
)
from trunkline.dialer.commands.user_ranks import CAMPAIGN_RANK_UPDATED, RANKS_UPDATED, rank
from trunkline.dialer.database import Row
from trunkline.dialer.field_checks import are_complete, changes_of, params_of, refusals_of
from trunkline.dialer.login import user_named
from trunkline.dialer.sight import sight_of

AUTOMATIC, AUTOMATIC_STEP = "AUTOGENERA", 7
NO_OVERRIDE = "-1"
GIVEN_AS_IS = (
    "phone_login",
    "phone_pass",
    "voicemail_id",
    "email",
    "custom_one",
    "custom_two",
    "custom_three",
    "custom_four",
    "custom_five",
)

ADDED = adminlog.Event("USERS", "ADD", "ADMIN API ADD USER")
CHANGED = adminlog.Event("USERS", "MODIFY", "ADMIN API UPDATE USER")
REMOVED = adminlog.Event("USERS", "DELETE", "ADMIN API DELETE USER")

ADD_MISSING = error(
    "missing_fields",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|{agent_user}|{agent_pass}|{agent_user_level}|{agent_full_name}|{agent_user_group}",
    ": |{u}|{agent_user}|{agent_pass}|{agent_user_level}|{agent_full_name}|{agent_user_group}",
    status=400,
)
LEVEL_DENIED = error(
    "level_denied",
    "USER DOES NOT HAVE PERMISSION TO ADD USERS IN THIS USER LEVEL",
    " - {u}|{agent_user_level}",
    ": |{u}|{agent_user_level}|{own}",
    status=403,
)
GROUP_NOT_FOUND = error(
    "user_group_not_found",
    "USER GROUP DOES NOT EXIST",
    " - {u}|{agent_user_group}",
    ": |{u}|{agent_user_group}",
    status=404,
)
USER_EXISTS = error(
    "user_exists", "USER ALREADY EXISTS", " - {u}|{agent_user}", ": |{u}|{agent_user}", status=409
)
USER_ADDED = success(
    "user_added",
    "USER HAS BEEN ADDED",
    " - {u}|{agent_user}|{password}|{agent_user_level}|{agent_full_name}|{agent_user_group}",
)
UPDATE_MISSING = error(
    "missing_fields",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|{agent_user}|",
    ": |{u}|{agent_user}|",
    status=400,
)
USER_NOT_FOUND = error("user_not_found", "USER DOES NOT EXIST", " - {u}|{agent_user}", ": |{u}|", status=404)
USER_DENIED = error(
    "user_denied",
    "USER DOES NOT HAVE PERMISSION TO UPDATE THIS USER",
    " - {u}|{agent_user}",
    ": |{u}|{agent_user}|{sign}|{own}\n",
    log="{agent_user}|{sign}|{own}",
    status=403,
)
DELETE_DENIED = error(
    "delete_denied",
    "USER DOES NOT HAVE PERMISSION TO DELETE USERS",
    " - {u}|{agent_user}",
    ": |{u}|0",
    status=403,
)
NO_UPDATES = error("no_updates", "NO UPDATES DEFINED", " - {u}|0", ": |{u}|", status=400)
USER_UPDATED = success("user_updated", "USER HAS BEEN UPDATED", " - {u}|{agent_user}", " - {u}|{agent_user}|")
USER_DELETED = success("user_deleted", "USER HAS BEEN DELETED", " - {u}|{agent_user}", " - {u}|{agent_user}|")


async def add_user(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, NEW_USER):
        yield ADD_MISSING()
        return
    if not _may_add(call, int(call.arg("agent_user_level"))):
        yield LEVEL_DENIED(own=own_level(call))
        return
    if not await group_in_sight(call, call.arg("agent_user_group")):
        yield GROUP_NOT_FOUND()
        return
    await call.work.lock("users")
    if call.arg("agent_user").startswith(AUTOMATIC):
        # The number stands for the name from here on: in the answer and in the logs.
        call.params = {**call.params, "agent_user": await _next_number(call)}
    if await call.work.one(user_named, user=call.arg("agent_user")) is not None:
        yield USER_EXISTS()
        return
    await _insert(call)
    is_hashed = call.settings.get("pass_hash_enabled") == "1"
    yield USER_ADDED(password="" if is_hashed else call.arg("agent_pass"))


def _may_add(call: Call, level: int) -> bool:
    """Users add users below their own level; the highest level adds its own too, where that is not barred."""
    own = own_level(call)
    return level < own or (level == own == HIGHEST_LEVEL and may_equal_own(call))


async def _next_number(call: Call) -> str:
    first = number = int(call.settings.get("auto_user_add_value") or 0)
    while await call.work.one(user_named, user=str(number)) is not None:
        number += AUTOMATIC_STEP
    if number != first:
        now = {"auto_user_add_value": number}
        await call.work.update("system_settings", {}, **now)
        audit.changed(call, "system_settings", "auto_user_add_value", before=call.settings, after=now)
    return str(number)


async def _insert(call: Call) -> None:
    hotkeys, wrapup = call.arg("hotkeys_active"), call.arg("wrapup_seconds_override")
    values: dict[str, Any] = {
        "user": call.arg("agent_user"),
        **_password_columns(call),
        "full_name": call.arg("agent_full_name"),
        "user_level": call.arg("agent_user_level"),
        "user_group": call.arg("agent_user_group"),
        "hotkeys_active": hotkeys if hotkeys in ZERO_ONE else "0",
        "wrapup_seconds_override": wrapup if WRAPUP.fits(wrapup) else NO_OVERRIDE,
        **{name: call.arg(name) for name in GIVEN_AS_IS},
    }
    await call.work.insert("users", **values)
    name = call.arg("agent_user")
    await adminlog.record(call, ADDED, name, f"user: {name}", after=values)


def _password_columns(call: Call) -> dict[str, Any]:
    return call.passwords.kept(call.settings, call.arg("agent_pass"))


async def update_user(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, (AGENT_USER,)):
        yield UPDATE_MISSING()
        return
    target = await call.work.one(user_named, user=call.arg("agent_user"))
    if target is None:
        yield USER_NOT_FOUND()
        return
    if not await _may_touch(call, target):
        yield USER_DENIED(sign="<=" if may_equal_own(call) else "<", own=own_level(call))
        return
    if call.is_yes("delete_user"):
        yield await _delete(call, target)
        return
    changes = await changes_of(call, FIELDS)
    if isinstance(changes, Said):
        yield changes
        return
    is_ranked = bool(call.arg("campaign_rank") or call.arg("campaign_grade"))
    if is_ranked:
        yield await rank(call, target)
    if call.arg("agent_pass"):
        changes |= _password_columns(call)
    if changes:
        yield await _update(call, target, changes)
    elif not (is_ranked and call.is_documented):
        # The original says so after saved ranks too, and its clients may wait for it.
        yield NO_UPDATES()


async def _may_touch(call: Call, target: Row) -> bool:
    level, own = int(target["user_level"] or 0), own_level(call)
    if level > own or (level == own and not may_equal_own(call)):
        return False
    return (await sight_of(call)).sees_group(str(target["user_group"] or ""))


async def _update(call: Call, target: Row, changes: dict[str, Any]) -> Said:
    changes = {**changes, "failed_login_count": 0}
    await call.work.update("users", {"user_id": target["user_id"]}, **changes)
    name = call.arg("agent_user")
    await adminlog.record(call, CHANGED, name, f"user: {name}", before=target, after=changes)
    return USER_UPDATED()


async def _delete(call: Call, target: Row) -> Said:
    if call.user["delete_users"] != "1":
        return DELETE_DENIED()
    await call.work.delete("users", user_id=target["user_id"])
    name = call.arg("agent_user")
    await adminlog.record(call, REMOVED, name, f"user: {name}", before=target)
    return USER_DELETED()


COMMANDS = (
    Command(
        "add_user",
        "Adds a user.",
        add_user,
        "USER DOES NOT HAVE PERMISSION TO ADD USERS",
        flags=("vdc_agent_api_access", "modify_users"),
        params=(
            *params_of(NEW_USER),
            Param("phone_login", "The login of the user's phone.", most=20),
            Param("phone_pass", "The password of the user's phone.", most=20, secret=True),
            Param("hotkeys_active", "1 lets the user work with hot keys.", choices=ZERO_ONE),
            Param("voicemail_id", "The user's voicemail box.", most=10),
            Param("email", "The user's email address.", most=100),
            *(Param(name, f"The user's own field {name[7:]}.", most=100) for name in GIVEN_AS_IS[4:]),
            Param("wrapup_seconds_override", "Seconds of wrap-up instead of the campaign's, -1 to 9999."),
        ),
        lines=(ADD_MISSING, LEVEL_DENIED, GROUP_NOT_FOUND, USER_EXISTS, USER_ADDED),
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log",),
    ),
    Command(
        "update_user",
        "Changes or deletes a user.",
        update_user,
        "USER DOES NOT HAVE PERMISSION TO UPDATE USERS",
        flags=("vdc_agent_api_access", "modify_users"),
        params=(
            AGENT_USER.param,
            Param("agent_pass", "The user's new password.", least=1, most=20, secret=True),
            *params_of(FIELDS),
            Param(
                "camp_rg_only", "1 sets rank and grade in the campaign campaign_id only.", choices=ZERO_ONE
            ),
            Param("campaign_id", "The campaign that camp_rg_only means.", most=8),
            Param("delete_user", "Y deletes the user.", choices=("Y", "N")),
        ),
        lines=(
            UPDATE_MISSING,
            USER_NOT_FOUND,
            USER_DENIED,
            DELETE_DENIED,
            *refusals_of(FIELDS),
            RANKS_UPDATED,
            CAMPAIGN_RANK_UPDATED,
            NO_UPDATES,
            USER_UPDATED,
            USER_DELETED,
        ),
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "campaign_agents", "phones", "phones_alias"),
    ),
)
