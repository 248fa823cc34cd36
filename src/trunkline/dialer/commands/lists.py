"""add_list, update_list: lists of leads, their reset and their end."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import adminlog, audit
from trunkline.dialer.command import Answer, Call, Command, Param, Passed, Said, error, notice, success
from trunkline.dialer.commands.list_endings import (
    DELETE_LEADS_DENIED,
    DELETE_LIST_DENIED,
    LEADS_DELETED,
    LEADS_RESET,
    LIST_DELETED,
    further,
    notes_of,
)
from trunkline.dialer.commands.list_fields import (
    ADDRESSES,
    FIELDS,
    LENGTH_OF_DAY,
    LIST_ID,
    NEVER,
    NEW_LIST,
    RESETS,
    address,
    campaign_in_sight,
    in_group_exists,
    is_day,
    script_exists,
)
from trunkline.dialer.commands.user_fields import OPTIONAL
from trunkline.dialer.database import Row
from trunkline.dialer.field_checks import YES_NO, Form, are_complete, changes_of, digits, params_of
from trunkline.dialer.filters import BLANK
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables

FLAGS = ("vdc_agent_api_access", "modify_lists")
CALLER_ID, MESSAGE, SHORTEST_ADDRESS = digits(6, 20), Form(2, 100), 6
ADDED = adminlog.Event("LISTS", "ADD", "ADMIN API ADD LIST")
CHANGED = adminlog.Event("LISTS", "MODIFY", "ADMIN API UPDATE LIST")

ADD_MISSING = error(
    "missing_fields",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|{list_id}|{list_name}|{campaign_id}",
    ": |{u}|{list_id}|{list_name}|{campaign_id}",
    status=400,
)
CAMPAIGN_NOT_FOUND = error(
    "campaign_not_found",
    "CAMPAIGN DOES NOT EXIST",
    " - {u}|{campaign_id}",
    ": |{u}|{campaign_id}",
    status=404,
)
LIST_EXISTS = error("list_exists", "LIST ALREADY EXISTS", " - {u}|{list_id}", ": |{u}|{list_id}", status=409)
SCRIPT_NOT_FOUND = error(
    "script_not_found", f"SCRIPT DOES NOT EXIST{OPTIONAL}", " - {u}|{script}", ": |{u}|{script}", status=400
)
IN_GROUP_NOT_FOUND = error(
    "in_group_not_found",
    f"IN-GROUP DOES NOT EXIST{OPTIONAL}",
    " - {u}|{drop_inbound_group}",
    ": |{u}|{drop_inbound_group}",
    status=400,
)
INVALID_RESET_TIME = error(
    "invalid_reset_time",
    f"RESET TIME IS NOT VALID{OPTIONAL}",
    " - {u}|{reset_time}",
    ": |{u}|{reset_time}",
    status=400,
)
INVALID_EXPIRATION = error(
    "invalid_expiration_date",
    f"EXPIRATION DATE IS NOT VALID{OPTIONAL}",
    " - {u}|{expiration_date}",
    status=400,
)
LIST_ADDED = success(
    "list_added",
    "LIST HAS BEEN ADDED",
    " - {u}|{list_id}|{campaign_id}",
    " - {u}|{list_id}|{list_name}|{campaign_id}",
)
UPDATE_MISSING = error(
    "missing_fields",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|{list_id}",
    ": |{u}|{list_id}|{list_name}|{campaign_id}",
    status=400,
)
NOT_ALLOWED_LIST = error("list_not_allowed", "NOT AN ALLOWED LIST ID", " - {list_id}", status=403)
LIST_NOT_FOUND = error(
    "list_not_found", "LIST DOES NOT EXIST", " - {u}|{list_id}", ": |{u}|{list_id}", status=404
)
SENT_TO_ADD = notice(
    "sent_to_add_list",
    "LIST DOES NOT EXIST, SENDING TO add_list FUNCTION",
    " - {u}|{list_id}",
    ": |{u}|{list_id}",
)
NO_UPDATES = notice("no_updates", "NO UPDATES DEFINED", " - {u}|", ": |{u}|")
LIST_UPDATED = success("list_updated", "LIST HAS BEEN UPDATED", " - {u}|{list_id}")


def list_with_id(t: Tables) -> ClauseElement:
    lists = t["lists"]
    return select(*lists.c).where(lists.c.list_id == bindparam("list_id"))


async def _list(call: Call) -> Row | None:
    return await call.work.one(list_with_id, list_id=int(call.arg("list_id")))


async def add_list(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, NEW_LIST):
        yield ADD_MISSING()
        return
    await call.work.lock("lists")
    refused = await _refused(call)
    if refused is not None:
        yield refused
        return
    values = _values(call)
    await call.work.insert("lists", **values)
    notes = f"{notes_of(call)}|{call.arg('campaign_id')}"
    await adminlog.record(call, ADDED, call.arg("list_id"), notes, after=values)
    yield LIST_ADDED()


async def _refused(call: Call) -> Said | None:
    """Why a list with these values cannot be added."""
    if not await campaign_in_sight(call, call.arg("campaign_id")):
        return CAMPAIGN_NOT_FOUND()
    if await _list(call) is not None:
        return LIST_EXISTS()
    if call.arg("script") and not await script_exists(call, call.arg("script")):
        return SCRIPT_NOT_FOUND()
    if call.arg("drop_inbound_group") and not await in_group_exists(call, call.arg("drop_inbound_group")):
        return IN_GROUP_NOT_FOUND()
    if call.arg("reset_time") and not RESETS.fits(call.arg("reset_time")):
        return INVALID_RESET_TIME()
    day = call.arg("expiration_date")
    return INVALID_EXPIRATION() if call.is_documented and day and not is_day(day) else None


def _values(call: Call) -> dict[str, Any]:
    """The new row. What is not given, or too short to be meant, keeps the column's default."""
    caller_id, message, day = call.arg("outbound_cid"), call.arg("am_message"), call.arg("expiration_date")
    given = {
        "reset_time": call.arg("reset_time"),
        "agent_script_override": call.arg("script"),
        "campaign_cid_override": caller_id if CALLER_ID.fits(caller_id) else "",
        "am_message_exten_override": message if MESSAGE.fits(message) else "",
        "drop_inbound_group_override": call.arg("drop_inbound_group"),
        "expiration_date": day if len(day) >= LENGTH_OF_DAY else NEVER,
        **{name: address(call.arg(name)) for name in ADDRESSES if len(call.arg(name)) >= SHORTEST_ADDRESS},
    }
    return {
        "list_id": int(call.arg("list_id")),
        "list_name": call.arg("list_name"),
        "campaign_id": call.arg("campaign_id"),
        "active": "Y" if call.arg("active") == "Y" else "N",
        **{name: value for name, value in given.items() if value},
    }


async def update_list(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, (LIST_ID,)):
        yield UPDATE_MISSING()
        return
    if call.allowed_lists is not None and int(call.arg("list_id")) not in call.allowed_lists:
        yield NOT_ALLOWED_LIST()
        return
    found = await _list(call)
    if found is None or not (await sight_of(call)).sees_campaign(str(found["campaign_id"] or "")):
        if not call.is_yes("insert_if_not_found"):
            yield LIST_NOT_FOUND()
            return
        yield SENT_TO_ADD()
        yield Passed("add_list")
        return
    changes = await changes_of(call, FIELDS, skipped=_skipped(call))
    if isinstance(changes, Said):
        yield changes
        return
    yield await _update(call, found, changes) if changes else NO_UPDATES()
    async for said in further(call, found):
        yield said


def _skipped(call: Call) -> tuple[str, ...]:
    """The original takes too short a date for none."""
    day = call.arg("expiration_date")
    is_none = not call.is_documented and day != BLANK and len(day) < LENGTH_OF_DAY
    return ("expiration_date",) if is_none else ()


async def _update(call: Call, found: Row, changes: dict[str, str]) -> Said:
    list_id, old = found["list_id"], found["campaign_id"]
    changes = {**changes, "list_changedate": call.time}
    await call.work.update("lists", {"list_id": list_id}, **changes)
    if changes.get("campaign_id", str(old)).casefold() != str(old).casefold():
        # The old campaign must not go on dialing these leads.
        count = await call.work.delete("hopper", list_id=list_id, campaign_id=old)
        before, after = audit.gone("leads in hopper", count)
        audit.changed(call, "hopper", old, before=before, after=after)
    await adminlog.record(call, CHANGED, call.arg("list_id"), notes_of(call), before=found, after=changes)
    return LIST_UPDATED()


COMMANDS = (
    Command(
        "add_list",
        "Adds a list.",
        add_list,
        "USER DOES NOT HAVE PERMISSION TO ADD LISTS",
        flags=FLAGS,
        params=(
            *params_of(NEW_LIST),
            Param("active", "Y lets the list be dialed; N if not given.", choices=YES_NO),
            Param("outbound_cid", "The number that calls show instead of the campaign's.", least=6, most=20),
            Param("script", "The script that agents see instead of the campaign's."),
            Param("am_message", "The message for answering machines.", least=2, most=100),
            Param("drop_inbound_group", "The in-group that takes dropped calls."),
            *(Param(name, "A web form that agents open.", least=6, most=100) for name in ADDRESSES),
            Param("reset_time", "When its leads are reset each day: times of four digits with - between."),
            Param("expiration_date", "The last day on which the list is dialed, YYYY-MM-DD."),
        ),
        lines=(
            ADD_MISSING,
            CAMPAIGN_NOT_FOUND,
            LIST_EXISTS,
            SCRIPT_NOT_FOUND,
            IN_GROUP_NOT_FOUND,
            INVALID_RESET_TIME,
            INVALID_EXPIRATION,
            LIST_ADDED,
        ),
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "scripts", "inbound_groups"),
    ),
    Command(
        "update_list",
        "Changes a list, resets or deletes its leads, deletes the list.",
        update_list,
        "USER DOES NOT HAVE PERMISSION TO UPDATE LISTS",
        flags=FLAGS,
        params=(
            LIST_ID.param,
            Param("insert_if_not_found", "Y adds the list when there is none.", choices=YES_NO),
            Param("reset_list", "Y lets its leads be called again.", choices=YES_NO),
            Param("delete_list", "Y deletes the list, its leads stay.", choices=YES_NO),
            Param("delete_leads", "Y deletes its leads.", choices=YES_NO),
            *params_of(FIELDS),
        ),
        lines=(
            UPDATE_MISSING,
            NOT_ALLOWED_LIST,
            LIST_NOT_FOUND,
            SENT_TO_ADD,
            *(field.refused for field in FIELDS if field.name not in ADDRESSES),
            NO_UPDATES,
            LIST_UPDATED,
            LEADS_RESET,
            LIST_DELETED,
            LEADS_DELETED,
            DELETE_LIST_DENIED,
            DELETE_LEADS_DENIED,
        ),
        denied_documented=" - {u}",
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "scripts", "inbound_groups", "hopper"),
    ),
)
