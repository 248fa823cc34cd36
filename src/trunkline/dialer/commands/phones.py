"""add_phone, update_phone: the phones of the floor, and the word to their server that its files are old."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import adminlog, audit
from trunkline.dialer.command import Answer, Call, Command, Param, Said, error, notice, success
from trunkline.dialer.commands.phone_fields import EXTENSION, FIELDS, NEW_PHONE, SERVER, ZONES
from trunkline.dialer.commands.user_fields import phone_with_login
from trunkline.dialer.database import Row
from trunkline.dialer.field_checks import YES_NO, are_complete, changes_of, params_of, refusals_of
from trunkline.dialer.sight import EVERYBODYS, sight_of
from trunkline.dialer.tables import Tables

FLAGS = ("vdc_agent_api_access", "ast_admin_access")
DEFAULT_CONTEXT = "default"
ADDED = adminlog.Event("PHONES", "ADD", "ADMIN API ADD PHONE")
CHANGED = adminlog.Event("PHONES", "MODIFY", "ADMIN API UPDATE PHONE")
REMOVED = adminlog.Event("PHONES", "DELETE", "ADMIN API DELETE PHONE")
_ALL = (
    "{extension}|{dialplan_number}|{voicemail_id}|{phone_login}|{phone_pass}|{server_ip}|{protocol}"
    "|{registration_password}|{phone_full_name}|{local_gmt}|{outbound_cid}"
)

ADD_MISSING = error(
    "missing_fields", "YOU MUST USE ALL REQUIRED FIELDS", f" - {{u}}|{_ALL}|", f": |{{u}}|{_ALL}", status=400
)
SERVER_NOT_FOUND = error(
    "server_not_found", "SERVER DOES NOT EXIST", " - {u}|{server_ip}", ": |{u}|{server_ip}", status=404
)
PHONE_EXISTS = error(
    "phone_exists",
    "PHONE ALREADY EXISTS ON THIS SERVER",
    " - {u}|{server_ip}|{extension}",
    ": |{u}|{server_ip}|{extension}",
    status=409,
)
LOGIN_EXISTS = error(
    "phone_login_exists",
    "PHONE LOGIN ALREADY EXISTS",
    " - {u}|{phone_login}",
    ": |{u}|{phone_login}",
    status=409,
)
INVALID_ZONE = error(
    "invalid_local_gmt",
    "YOU MUST USE A VALID TIMEZONE",
    " - {u}|{local_gmt}",
    ": |{u}|{local_gmt}",
    status=400,
)
PHONE_ADDED = success(
    "phone_added", "PHONE HAS BEEN ADDED", " - {u}|{extension}|{server_ip}|{protocol}|{dialplan_number}"
)
UPDATE_MISSING = error(
    "missing_fields",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|{extension}|{server_ip}",
    ": |{u}|{extension}|{server_ip}",
    status=400,
)
PHONE_NOT_FOUND = error(
    "phone_not_found",
    "PHONE DOES NOT EXIST ON THIS SERVER",
    " - {u}|{server_ip}|{extension}",
    ": |{u}|{server_ip}|{extension}",
    status=404,
)
NOTHING_DEFINED = error("no_updates", "NO UPDATES DEFINED", " - {u}|0", status=400)
"""The documented line: an error."""
NO_UPDATES = notice("no_updates", "NO UPDATES DEFINED", " - {u}|", ": |{u}|")
"""The original's line: a notice."""
PHONE_UPDATED = success(
    "phone_updated",
    "PHONE HAS BEEN UPDATED",
    " - {u}|{extension}|{server_ip}|{row_protocol}|{row_number}",
    " - {u}|{extension}|{server_ip}|",
)
PHONE_DELETED = success("phone_deleted", "PHONE HAS BEEN DELETED", " - {u}|{extension}|{server_ip}|")
DELETE_DENIED = notice(
    "delete_denied",
    "USER DOES NOT HAVE PERMISSION TO DELETE PHONES",
    " - {u}|{extension}",
    ": |{u}|0",
    status=403,
)


def server(t: Tables) -> ClauseElement:
    servers = t["servers"]
    return select(servers.c.server_ip).where(servers.c.server_ip == bindparam("server_ip")).limit(1)


def phone(t: Tables) -> ClauseElement:
    phones = t["phones"]
    return select(*phones.c).where(
        phones.c.extension == bindparam("extension"), phones.c.server_ip == bindparam("server_ip")
    )


async def _phone(call: Call) -> Row | None:
    return await call.work.one(phone, extension=call.arg("extension"), server_ip=call.arg("server_ip"))


async def add_phone(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, NEW_PHONE):
        yield ADD_MISSING()
        return
    await call.work.lock("phones")
    if await call.work.one(server, server_ip=call.arg("server_ip")) is None:
        yield SERVER_NOT_FOUND()
    elif await _phone(call) is not None:
        yield PHONE_EXISTS()
    elif await call.work.one(phone_with_login, login=call.arg("phone_login")) is not None:
        yield LOGIN_EXISTS()
    elif not ZONES.fits(call.arg("local_gmt")):
        yield INVALID_ZONE()
    else:
        await _insert(call)
        yield PHONE_ADDED()


async def _insert(call: Call) -> None:
    values = {
        "extension": call.arg("extension"),
        "dialplan_number": call.arg("dialplan_number"),
        "voicemail_id": call.arg("voicemail_id"),
        "server_ip": call.arg("server_ip"),
        "login": call.arg("phone_login"),
        "pass": call.arg("phone_pass"),
        "status": "ACTIVE",
        "active": "Y",
        "fullname": call.arg("phone_full_name"),
        "protocol": call.arg("protocol"),
        "local_gmt": call.arg("local_gmt"),
        "outbound_cid": call.arg("outbound_cid"),
        "email": call.arg("email"),
        "template_id": "",
        "conf_secret": call.arg("registration_password"),
        "phone_context": call.arg("phone_context") or DEFAULT_CONTEXT,
        "user_group": call.arg("admin_user_group") or EVERYBODYS,
    }
    await call.work.insert("phones", **values)
    await _told_server(call)
    await adminlog.record(call, ADDED, call.arg("extension"), _notes(call), after=values)


async def _told_server(call: Call) -> None:
    """The server writes its configuration anew when it sees this."""
    server_ip, now = call.arg("server_ip"), {"rebuild_conf_files": "Y"}
    if await call.work.update("servers", {"server_ip": server_ip}, **now):
        audit.changed(call, "servers", server_ip, before={"rebuild_conf_files": "N"}, after=now)


def _notes(call: Call) -> str:
    return f"phone: {call.arg('extension')}|{call.arg('server_ip')}"


async def update_phone(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, (EXTENSION, SERVER)):
        yield UPDATE_MISSING()
        return
    if await call.work.one(server, server_ip=call.arg("server_ip")) is None:
        yield SERVER_NOT_FOUND()
        return
    found = await _phone(call)
    if found is None or not (await sight_of(call)).sees_group(str(found["user_group"] or "")):
        yield PHONE_NOT_FOUND()
        return
    if call.is_yes("delete_phone"):
        yield await _delete(call, found)
        return
    changes = await changes_of(call, FIELDS)
    if isinstance(changes, Said):
        yield changes
    elif not changes:
        yield NOTHING_DEFINED() if call.is_documented else NO_UPDATES()
    else:
        yield await _update(call, found, changes)


def _place(found: Row) -> dict[str, Any]:
    return {"extension": found["extension"], "server_ip": found["server_ip"]}


async def _update(call: Call, found: Row, changes: dict[str, str]) -> Said:
    # An update empties the directory too; nobody reads it any more, but floors are compared by it.
    changes = {**changes, "install_directory": ""}
    await call.work.update("phones", _place(found), **changes)
    await _told_server(call)
    extension, now = call.arg("extension"), {**found, **changes}
    await adminlog.record(call, CHANGED, extension, _notes(call), before=found, after=changes)
    return PHONE_UPDATED(row_protocol=now["protocol"], row_number=now["dialplan_number"])


async def _delete(call: Call, found: Row) -> Said:
    if call.user["ast_delete_phones"] != "1":
        return DELETE_DENIED()
    await call.work.delete("phones", **_place(found))
    await _told_server(call)
    await adminlog.record(call, REMOVED, call.arg("extension"), _notes(call), before=found)
    return PHONE_DELETED()


COMMANDS = (
    Command(
        "add_phone",
        "Adds a phone.",
        add_phone,
        "USER DOES NOT HAVE PERMISSION TO ADD PHONES",
        flags=FLAGS,
        params=(
            *params_of(NEW_PHONE),
            Param(
                "phone_context", "The context of its calls in the dial plan; default if not given.", most=20
            ),
            Param("email", "Where the phone's voicemail is sent.", least=1, most=100),
            Param("admin_user_group", "The user group that may see it; every group if not given.", most=20),
        ),
        lines=(ADD_MISSING, SERVER_NOT_FOUND, PHONE_EXISTS, LOGIN_EXISTS, INVALID_ZONE, PHONE_ADDED),
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "phones"),
    ),
    Command(
        "update_phone",
        "Changes or deletes a phone.",
        update_phone,
        "USER DOES NOT HAVE PERMISSION TO UPDATE PHONES",
        flags=FLAGS,
        params=(
            EXTENSION.param,
            SERVER.param,
            Param("delete_phone", "Y deletes the phone.", choices=YES_NO),
            *params_of(FIELDS),
        ),
        lines=(
            UPDATE_MISSING,
            SERVER_NOT_FOUND,
            PHONE_NOT_FOUND,
            *refusals_of(FIELDS),
            NOTHING_DEFINED,
            NO_UPDATES,
            PHONE_UPDATED,
            PHONE_DELETED,
            DELETE_DENIED,
        ),
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "phones"),
    ),
)
