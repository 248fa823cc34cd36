"""What an update of a list does beside changing values: resets its leads, deletes them, or the list."""

from collections.abc import AsyncIterator

from sqlalchemy import ClauseElement, bindparam, func, select

from trunkline.dialer import adminlog, audit
from trunkline.dialer.command import Call, Said, notice
from trunkline.dialer.database import Row
from trunkline.dialer.tables import Tables

RESET = adminlog.Event("LISTS", "RESET", "ADMIN API RESET LIST")
REMOVED = adminlog.Event("LISTS", "DELETE", "ADMIN API DELETE LIST")
EMPTIED = adminlog.Event("LISTS", "DELETE", "ADMIN API DELETE LEADS")

LEADS_RESET = notice("leads_reset", "LEADS IN LIST HAVE BEEN RESET", " - {u}|{list_id}|{count}")
LIST_DELETED = notice("list_deleted", "LIST HAS BEEN DELETED", " - {u}|{list_id}|{count}")
LEADS_DELETED = notice("leads_deleted", "LEADS IN LIST HAVE BEEN DELETED", " - {u}|{list_id}|{count}")
DELETE_LIST_DENIED = notice(
    "delete_list_denied",
    "USER DOES NOT HAVE PERMISSION TO DELETE LISTS",
    " - {u}|0",
    ": |{u}|0",
    status=403,
)
DELETE_LEADS_DENIED = notice(
    "delete_leads_denied",
    "USER DOES NOT HAVE PERMISSION TO DELETE LEADS",
    " - {u}|0",
    ": |{u}|0",
    status=403,
)


def leads_of_list(t: Tables) -> ClauseElement:
    leads = t["list"]
    its_own = leads.c.list_id == bindparam("list_id")
    return select(leads.c.lead_id).where(its_own).order_by(leads.c.lead_id).limit(audit.MOST_IDS)


def called_leads(t: Tables) -> ClauseElement:
    """Those that a reset changes."""
    leads = t["list"]
    was_called = func.coalesce(leads.c.called_since_last_reset, "") != "N"
    its_own = leads.c.list_id == bindparam("list_id")
    return select(leads.c.lead_id).where(its_own, was_called).order_by(leads.c.lead_id).limit(audit.MOST_IDS)


def _ids(leads: list[Row]) -> list[int]:
    return [int(lead["lead_id"]) for lead in leads]


def notes_of(call: Call) -> str:
    return f"list: {call.arg('list_id')}"


async def further(call: Call, found: Row) -> AsyncIterator[Said]:
    """What an update does beside changing values, in this order."""
    list_id, may_delete = found["list_id"], call.user["delete_lists"] == "1"
    if call.is_yes("reset_list"):
        called = await call.work.all(called_leads, list_id=list_id)
        count = await call.work.update("list", {"list_id": list_id}, called_since_last_reset="N")
        before, after = audit.gone("leads called since the last reset", count, _ids(called))
        await adminlog.record(call, RESET, call.arg("list_id"), notes_of(call), before=before, after=after)
        yield LEADS_RESET(count=count)
    if call.is_yes("delete_list"):
        yield await _delete_list(call, found) if may_delete else DELETE_LIST_DENIED()
    if call.is_yes("delete_leads"):
        may_delete = may_delete and call.user["modify_leads"] == "1"
        yield await _delete_leads(call, list_id) if may_delete else DELETE_LEADS_DENIED()


async def _delete_list(call: Call, found: Row) -> Said:
    count = await call.work.delete("lists", list_id=found["list_id"])
    await adminlog.record(call, REMOVED, call.arg("list_id"), notes_of(call), before=found)
    return LIST_DELETED(count=count)


async def _delete_leads(call: Call, list_id: int) -> Said:
    leads = await call.work.all(leads_of_list, list_id=list_id)
    count = await call.work.delete("list", list_id=list_id)
    before, after = audit.gone("leads", count, _ids(leads))
    await adminlog.record(call, EMPTIED, call.arg("list_id"), notes_of(call), before=before, after=after)
    return LEADS_DELETED(count=count)
