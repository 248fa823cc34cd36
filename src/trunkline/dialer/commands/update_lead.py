"""update_lead: finds leads and changes or deletes them, with their callbacks and own fields, or adds one."""

from collections.abc import AsyncIterator
from decimal import Decimal

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import (
    alt_phones,
    audit,
    callback_changes,
    custom_changes,
    custom_fields,
    duplicates,
    hopper,
    lead_changes,
    lead_search,
    new_lead,
)
from trunkline.dialer.command import Answer, Call, Command, Param, Said, error, notice, success
from trunkline.dialer.database import Row
from trunkline.dialer.lead_search import phone_told
from trunkline.dialer.new_lead import SHORTEST_LIST, list_number, may_use_list
from trunkline.dialer.offsets import offset_of, place_of, short
from trunkline.dialer.tables import Tables

ADDING = ("delete_lead", "callback", "custom_fields", "add_to_hopper")
"""Parameters that add or move rows beside the lead's own."""
LIST_PARAMETERS = ("list_id", "list_id_field", "entry_list_id", "force_entry_list_id")

NO_METHOD = error(
    "no_search_method",
    "NO VALID SEARCH METHOD",
    " - {u}|{search_method}|{lead_id}|{vendor_lead_code}|{phone_number}",
    status=400,
)
LEAD_LIST_NOT_ALLOWED = error("lead_list_not_allowed", "NOT AN ALLOWED LIST ID", " - {list_id}", status=403)
FOUND = notice(
    "leads_found",
    "LEADS FOUND IN THE SYSTEM",
    ": |{u}|{lead_id}|{vendor_lead_code}|{phone_number}|{list_id}|{entry_list_id}",
)
_NOT_FOUND_TEXT = "NO MATCHES FOUND IN THE SYSTEM"
_NOT_FOUND_DATA = "{u}|{lead_id}|{vendor_lead_code}|{phone_number}"
NOT_FOUND = error("no_matches", _NOT_FOUND_TEXT, f" - {_NOT_FOUND_DATA}", f": |{_NOT_FOUND_DATA}", status=404)
NONE_YET = notice("no_matches_yet", _NOT_FOUND_TEXT, f" - {_NOT_FOUND_DATA}", f": |{_NOT_FOUND_DATA}")
UPDATED = success(
    "lead_updated",
    "LEAD HAS BEEN UPDATED",
    " - {u}|{lead_id}",
    " - {u}|{lead_id}|{rows}",
    log="{phone_number}|{list_id}|{lead_id}|",
)
DELETED = success(
    "lead_deleted",
    "LEAD HAS BEEN DELETED",
    " - {phone_number}|{u}|{list_id}|{lead_id}|{gmt}",
    " - {u}|{lead_id}|1",
    original_text="LEAD HAS BEEN DELETED {callbacks_deleted}|{callbacks_archived}",
    log="{phone_number}|{list_id}|{lead_id}|",
)
INVALID_LEAD = error(
    "invalid_lead_data",
    "INVALID DATA FOR LEAD INSERTION",
    " - {u}|{phone_number}|{phone_code}|{list_id}",
    " - {u}|{phone_number}|{phone_code}|{list_id}|{insert_if_not_found}",
    status=400,
)
OUTSIDE_OF_TIME = notice(
    "not_added_to_hopper",
    "NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME",
    " - {phone_number}|{lead_id}|{gmt}|0|{u}",
    log="{phone_number}|{lead_id}|{gmt}|0|{state}",
)
LEAD_IS_GONE = notice(
    "hopper_lead_not_found",
    "NOT ADDED TO HOPPER, LEAD NOT FOUND",
    " - {phone_number}|{lead_id}|{u}",
)
IN_HOPPER = notice(
    "already_in_hopper",
    "NOT ADDED TO HOPPER, LEAD IS ALREADY IN THE HOPPER",
    " - {phone_number}|{lead_id}|{u}",
)


def hopper_entry(t: Tables) -> ClauseElement:
    entries = t["hopper"]
    return select(entries.c.hopper_id).where(entries.c.lead_id == bindparam("lead_id")).limit(1)


async def update_lead(call: Call) -> AsyncIterator[Answer]:
    method = lead_search.method_of(call)
    methods = lead_search.methods_usable(call, method)
    if not methods:
        yield NO_METHOD(search_method=method)
        return
    for name in LIST_PARAMETERS:
        if call.arg(name) and not may_use_list(call, call.arg(name)):
            yield new_lead.LIST_NOT_ALLOWED(list_id=call.arg(name))
            return
    leads = await _find(call, methods)
    if call.is_yes("no_update"):
        leads = [lead for lead in leads if may_use_list(call, lead["list_id"])]
    async for answer in _each(call, leads) if leads else _none_found(call):
        yield answer
    if leads and call.is_yes("add_to_hopper") and may_use_list(call, leads[0]["list_id"]):
        yield await _enter_hopper(call, leads[0])


async def _find(call: Call, methods: list[str]) -> list[Row]:
    """The leads found. They are this call's own until it ends, where more than their columns may change.

    Where one may be added because there is none, nobody else adds one with the same keys meanwhile.
    """
    if _may_insert(call):
        keys = {lead_search.KEYS[method] for method in methods} - {lead_search.KEYS[lead_search.BY_LEAD_ID]}
        await duplicates.lock_keys(call, keys)
    if all(call.arg(name) in ("", "N") for name in ADDING):
        return await lead_search.find_leads(call, methods)
    await call.work.lock()
    found = await lead_search.find_leads(call, methods, for_update=True)
    # A lead that was deleted while it was waited for has hidden the next one.
    return found or await lead_search.find_leads(call, methods, for_update=True)


def _may_insert(call: Call) -> bool:
    return call.is_yes("insert_if_not_found") and not call.is_yes("no_update")


async def _each(call: Call, leads: list[Row]) -> AsyncIterator[Answer]:
    changes = lead_changes.changes_of(call)
    for lead in leads:
        if call.is_yes("no_update"):
            yield _found(call, lead)
        elif not may_use_list(call, lead["list_id"]):
            yield LEAD_LIST_NOT_ALLOWED(list_id=lead["list_id"])
        else:
            change = _delete(call, lead) if call.is_yes("delete_lead") else _update(call, lead, changes)
            async for answer in change:
                yield answer


def _found(call: Call, lead: Row) -> Said:
    """The original tells the vendor's code and the number as they were given."""
    names = ("lead_id", "list_id", "entry_list_id")
    own = ("vendor_lead_code", "phone_number") if call.is_documented else ()
    return FOUND(**{name: lead[name] for name in (*names, *own)})


async def _update(call: Call, lead: Row, changes: dict[str, str]) -> AsyncIterator[Answer]:
    lead_id = int(lead["lead_id"])
    if changes:
        rows = await call.work.update("list", {"lead_id": lead_id}, **changes)
        audit.changed(call, "list", lead_id, before=lead, after=changes)
        yield UPDATED(lead_id=lead_id, list_id=lead["list_id"], rows=rows)
    if call.arg("callback") == callback_changes.REMOVE:
        yield await callback_changes.end_callback(call, lead_id)
    elif call.is_yes("callback"):
        list_id = list_number(call.arg("list_id_field")) or int(lead["list_id"])
        yield await callback_changes.set_callback(call, lead_id, list_id)
    if call.is_yes("custom_fields"):
        async for answer in custom_changes.update_custom_fields(call, lead):
            yield answer


async def _delete(call: Call, lead: Row) -> AsyncIterator[Answer]:
    deleted, archived = await callback_changes.remove_callbacks(call, lead["lead_id"])
    await call.work.delete("list", lead_id=lead["lead_id"])
    audit.changed(call, "list", lead["lead_id"], before=lead)
    yield DELETED(
        phone_number=phone_told(call, lead),
        list_id=lead["list_id"],
        lead_id=lead["lead_id"],
        gmt=short(lead["gmt_offset_now"]),
        callbacks_deleted=deleted,
        callbacks_archived=archived,
    )
    if call.is_yes("custom_fields"):
        said = await custom_changes.delete_custom_fields(call, lead)
        if said is not None:
            yield said


async def _none_found(call: Call) -> AsyncIterator[Answer]:
    """Only where a new lead is asked for, and not forbidden by no_update, it is added."""
    yield NONE_YET() if call.is_yes("insert_if_not_found") or call.is_yes("no_update") else NOT_FOUND()
    if _may_insert(call):
        async for answer in _insert(call):
            yield answer


async def _insert(call: Call) -> AsyncIterator[Answer]:
    list_text = call.arg("list_id_field") or call.arg("list_id")
    is_complete = lead_search.is_phone(call.arg("phone_number")) and call.arg("phone_code")
    if not is_complete or len(list_text) < SHORTEST_LIST:
        yield INVALID_LEAD(list_id=list_text)
        return
    if not may_use_list(call, list_text):
        yield new_lead.LIST_NOT_ALLOWED(list_id=list_text)
        return
    list_id, offset = list_number(list_text), await offset_of(call, place_of(call), "")
    lead_id = await new_lead.insert_lead(
        call,
        list_id,
        offset,
        lead_changes.value_of(call, "status") or new_lead.NEW,
        entry_list_id=0 if call.is_yes("custom_fields") else lead_changes.value_of(call, "entry_list_id"),
        **lead_changes.fields_of_new_lead(call),
    )
    yield new_lead.ADDED(list_id=list_text, lead_id=lead_id, gmt=short(offset))
    async for answer in alt_phones.add_alt_phones(call, lead_id):
        yield answer
    if call.is_yes("custom_fields"):
        table_list = custom_changes.forced_list(call)
        async for answer in custom_fields.add_custom_fields(call, lead_id, list_text, list_id, table_list):
            yield answer


async def _enter_hopper(call: Call, found: Row) -> Said:
    """Put the first lead found into the hopper, as it is after its changes."""
    told = {"phone_number": phone_told(call, found), "lead_id": found["lead_id"]}
    if await call.work.one(hopper_entry, lead_id=found["lead_id"]):
        return IN_HOPPER(**told)
    lead = await call.work.one(lead_search.lead_of_id, lead_id=found["lead_id"])
    if lead is None:
        return LEAD_IS_GONE(**told)
    offset = Decimal(str(lead["gmt_offset_now"] or 0))
    state, code = str(lead["state"] or ""), str(lead["vendor_lead_code"] or "")
    waiting = hopper.Waiting(lead["lead_id"], int(lead["list_id"]), offset, state, code)
    hopper_id = await hopper.enter_hopper(call, waiting)
    if hopper_id is None:
        gmt = short(offset) if call.is_documented else f"{offset:.2f}"
        return OUTSIDE_OF_TIME(**told, gmt=gmt, state=state)
    return hopper.ADDED(**told, hopper_id=hopper_id)


_SETTINGS = (
    *lead_search.PARAMS,
    Param("no_update", "Y changes nothing and only tells which leads are found.", choices=("Y", "N")),
    Param("insert_if_not_found", "Y adds a new lead where none is found.", choices=("Y", "N")),
    Param("phone_code", "The code of the number's country, for a new lead.", least=1, most=4),
    Param("delete_lead", "Y deletes the lead.", choices=("Y", "N")),
    *custom_changes.PARAMS,
    *callback_changes.PARAMS,
    *hopper.PARAMS,
    *lead_changes.PARAMS,
    alt_phones.PARAM,
)

COMMANDS = (
    Command(
        "update_lead",
        "Changes or deletes leads, or adds one where none is found.",
        update_lead,
        "USER DOES NOT HAVE PERMISSION TO UPDATE LEADS IN THE SYSTEM",
        flags=("vdc_agent_api_access", "modify_leads"),
        params=_SETTINGS,
        lines=(
            NO_METHOD,
            new_lead.LIST_NOT_ALLOWED,
            LEAD_LIST_NOT_ALLOWED,
            FOUND,
            NOT_FOUND,
            NONE_YET,
            UPDATED,
            DELETED,
            *custom_changes.LINES,
            *callback_changes.LINES,
            INVALID_LEAD,
            new_lead.ADDED,
            alt_phones.LOADED,
            *custom_fields.LINES,
            hopper.ADDED,
            OUTSIDE_OF_TIME,
            LEAD_IS_GONE,
            IN_HOPPER,
        ),
        writes=True,
        tables=(
            "call_times",
            "callbacks",
            "callbacks_archive",
            "hopper",
            "list_alt_phones",
            "lists_fields",
            "nanpa_prefix_codes",
            "phone_codes",
            "postal_codes",
            "state_call_times",
        ),
    ),
)
