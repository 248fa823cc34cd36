"""add_phone_alias, update_phone_alias: one login for several phones."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import adminlog
from trunkline.dialer.command import Answer, Call, Command, Param, Said, error, notice, success
from trunkline.dialer.commands.user_fields import phone_with_login
from trunkline.dialer.database import Row
from trunkline.dialer.field_checks import YES_NO, Form, Required, are_complete, params_of
from trunkline.dialer.tables import Tables

FLAGS = ("vdc_agent_api_access", "ast_admin_access")
ADDED = adminlog.Event("PHONEALIASES", "ADD", "ADMIN API ADD PHONE ALIAS")
CHANGED = adminlog.Event("PHONEALIASES", "MODIFY", "ADMIN API UPDATE PHONE")
"""The code says PHONE, as it always did: reports look for it."""
REMOVED = adminlog.Event("PHONEALIASES", "DELETE", "ADMIN API DELETE PHONE ALIAS")

ALIAS_ID = Required("alias_id", "The alias's id, with which an agent logs in.", Form(2, 20))
NAME, LOGINS = Form(2, 50), Form(2, 255)
NEW_ALIAS = (
    ALIAS_ID,
    Required("phone_logins", "The logins of its phones, with commas between.", LOGINS),
    Required("alias_name", "The alias's name.", Form(1, 50)),
)

MISSING = error(
    "missing_fields",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|{alias_id}|{alias_name}|{phone_logins}|",
    ": |{u}|{alias_id}|{alias_name}|{phone_logins}",
    status=400,
)
ALIAS_EXISTS = error(
    "phone_alias_exists",
    "PHONE ALIAS ALREADY EXISTS",
    " - {u}|{alias_id}",
    ": |{u}|{alias_id}",
    status=409,
)
PHONE_NOT_FOUND = error(
    "phone_not_found", "PHONE DOES NOT EXIST", " - {u}|{login}", ": |{u}|{login}", status=404
)
ALIAS_ADDED = success(
    "phone_alias_added", "PHONE ALIAS HAS BEEN ADDED", " - {u}|{alias_id}|{alias_name}|{phone_logins}"
)
ALIAS_NOT_FOUND = error(
    "phone_alias_not_found",
    "PHONE ALIAS DOES NOT EXIST",
    " - {u}|{alias_id}",
    ": |{u}|{alias_id}",
    status=404,
)
INVALID_NAME = error(
    "invalid_alias_name",
    "YOU MUST USE A VALID ALIAS NAME",
    " - {u}|{alias_name}",
    ": |{u}|{alias_name}",
    status=400,
)
NO_UPDATES = notice("no_updates", "NO UPDATES DEFINED", " - {u}|", ": |{u}|")
DELETE_DENIED = notice(
    "delete_denied",
    "USER DOES NOT HAVE PERMISSION TO DELETE PHONE ALIASES",
    " - {u}|0",
    ": |{u}|0",
    status=403,
)
ALIAS_UPDATED = success("phone_alias_updated", "PHONE ALIAS HAS BEEN UPDATED", " - {u}|{alias_id}|")
ALIAS_DELETED = success(
    "phone_alias_deleted", "PHONE ALIAS HAS BEEN DELETED", " - {u}|{alias_id}|", " - {u}|{alias_id}"
)


def phone_alias(t: Tables) -> ClauseElement:
    aliases = t["phones_alias"]
    return select(*aliases.c).where(aliases.c.alias_id == bindparam("alias_id"))


async def add_phone_alias(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, NEW_ALIAS):
        yield MISSING()
        return
    await call.work.lock("phones_alias")
    if await call.work.one(phone_alias, alias_id=call.arg("alias_id")) is not None:
        yield ALIAS_EXISTS()
        return
    unknown = await _unknown_login(call)
    if unknown is not None:
        yield PHONE_NOT_FOUND(login=unknown)
        return
    values = {
        "alias_id": call.arg("alias_id"),
        "alias_name": call.arg("alias_name"),
        "logins_list": call.arg("phone_logins"),
    }
    await call.work.insert("phones_alias", **values)
    await adminlog.record(call, ADDED, call.arg("alias_id"), _notes(call), after=values)
    yield ALIAS_ADDED()


async def _unknown_login(call: Call) -> str | None:
    """The first of the logins that no phone has."""
    for login in call.arg("phone_logins").split(","):
        if await call.work.one(phone_with_login, login=login) is None:
            return login
    return None


def _notes(call: Call) -> str:
    return f"phones: {call.arg('phone_logins')}"


async def update_phone_alias(call: Call) -> AsyncIterator[Answer]:
    if not _is_complete(call):
        yield MISSING()
        return
    alias = await call.work.one(phone_alias, alias_id=call.arg("alias_id"))
    if alias is None:
        yield ALIAS_NOT_FOUND()
        return
    if call.is_yes("delete_alias"):
        yield await _delete(call, alias)
        return
    changes = await _changes(call)
    if isinstance(changes, Said):
        yield changes
    elif not changes:
        yield NO_UPDATES()
    else:
        await call.work.update("phones_alias", {"alias_id": alias["alias_id"]}, **changes)
        notes = _notes(call)
        await adminlog.record(call, CHANGED, call.arg("alias_id"), notes, before=alias, after=changes)
        yield ALIAS_UPDATED()


def _is_complete(call: Call) -> bool:
    """Whether an alias is named and anything is to be done. Too long a list would be cut to another one."""
    logins = call.arg("phone_logins")
    asks = (
        len(logins) >= LOGINS.least or len(call.arg("alias_name")) >= NAME.least or call.arg("delete_alias")
    )
    return are_complete(call, (ALIAS_ID,)) and bool(asks) and len(logins) <= LOGINS.most


async def _changes(call: Call) -> dict[str, Any] | Said:
    changes = {}
    if call.arg("alias_name"):
        if not NAME.fits(call.arg("alias_name")):
            return INVALID_NAME()
        changes["alias_name"] = call.arg("alias_name")
    if call.arg("phone_logins"):
        unknown = await _unknown_login(call)
        if unknown is not None:
            return PHONE_NOT_FOUND(login=unknown)
        changes["logins_list"] = call.arg("phone_logins")
    return changes


async def _delete(call: Call, alias: Row) -> Said:
    if call.user["ast_delete_phones"] != "1":
        return DELETE_DENIED()
    await call.work.delete("phones_alias", alias_id=alias["alias_id"])
    await adminlog.record(call, REMOVED, call.arg("alias_id"), before=alias)
    return ALIAS_DELETED()


COMMANDS = (
    Command(
        "add_phone_alias",
        "Adds a phone alias: one login for several phones.",
        add_phone_alias,
        "USER DOES NOT HAVE PERMISSION TO ADD PHONE ALIASES",
        flags=FLAGS,
        params=params_of(NEW_ALIAS),
        lines=(MISSING, ALIAS_EXISTS, PHONE_NOT_FOUND, ALIAS_ADDED),
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "phones", "phones_alias"),
    ),
    Command(
        "update_phone_alias",
        "Changes or deletes a phone alias.",
        update_phone_alias,
        "USER DOES NOT HAVE PERMISSION TO UPDATE PHONE ALIASES",
        flags=FLAGS,
        params=(
            ALIAS_ID.param,
            Param("phone_logins", "The logins of its phones, with commas between.", least=2, most=255),
            Param("alias_name", "The alias's new name.", least=2, most=50),
            Param("delete_alias", "Y deletes the alias.", choices=YES_NO),
        ),
        lines=(
            MISSING,
            ALIAS_NOT_FOUND,
            INVALID_NAME,
            PHONE_NOT_FOUND,
            NO_UPDATES,
            DELETE_DENIED,
            ALIAS_UPDATED,
            ALIAS_DELETED,
        ),
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "phones", "phones_alias"),
    ),
)
