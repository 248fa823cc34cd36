"""update_log_entry: another status for one call of the log."""

import re
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ClauseElement, Select, bindparam, select

from trunkline.dialer import audit
from trunkline.dialer.command import Answer, Call, Command, Param, Said, error, success
from trunkline.dialer.database import Row, Statement
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables

STATUS_MOST = 7
LEAD_DIGITS = 10
_LEAD_ID = re.compile(rf"[0-9]{{{LEAD_DIGITS}}}\Z")

FOUND = "{u}|{group}|{call_id}|{status}"
CHANGE = f"{FOUND}|{{old_status}}|{{id}}"
INVALID = error(
    "invalid_parameters",
    "INVALID SEARCH PARAMETERS",
    " - {u}|{group}|{call_id}",
    f": {FOUND}",
    log=FOUND,
    status=400,
)
GROUP_NOT_FOUND = error(
    "group_not_found", "GROUP NOT FOUND", " - {u}|{group}|", ": {u}|{group}", log="{u}|{group}", status=404
)
NOT_FOUND = error(
    "records_not_found", "NO RECORDS FOUND", f" - {FOUND}|", f": {FOUND}", log=FOUND, status=404
)
NOT_UPDATED = error(
    "records_not_updated", "NO RECORDS UPDATED", f" - {CHANGE}", f": {CHANGE}", log=CHANGE, status=409
)
UPDATED = success("record_updated", "RECORD HAS BEEN UPDATED", f" - {{u}}|{CHANGE}|", log=f"{CHANGE}|")


def in_group(t: Tables) -> ClauseElement:
    groups = t["inbound_groups"]
    return select(groups.c.user_group).where(groups.c.group_id == bindparam("group"))


def campaign(t: Tables) -> ClauseElement:
    campaigns = t["campaigns"]
    return select(campaigns.c.campaign_id).where(campaigns.c.campaign_id == bindparam("group"))


def inbound_of_lead(t: Tables) -> ClauseElement:
    log = t["closer_log"]
    return _newest(log, log.c.closecallid, log.c.lead_id == bindparam("key"))


def inbound_of_call(t: Tables) -> ClauseElement:
    log = t["closer_log"]
    return _newest(log, log.c.closecallid, log.c.uniqueid == bindparam("key"))


def outbound_of_lead(t: Tables) -> ClauseElement:
    log = t["log"]
    return _newest(log, log.c.uniqueid, log.c.lead_id == bindparam("key"))


def outbound_of_call(t: Tables) -> ClauseElement:
    log = t["log"]
    return _newest(log, log.c.uniqueid, log.c.uniqueid == bindparam("key"))


def _newest(log: Any, id_: Any, is_wanted: Any) -> Select[Any]:
    return (
        select(id_.label("id"), log.c.status)
        .where(is_wanted, log.c.campaign_id == bindparam("group"))
        .order_by(log.c.call_date.desc(), id_.desc())
        .limit(1)
    )


LOGS: dict[str, tuple[str, Statement, Statement]] = {
    "closer_log": ("closecallid", inbound_of_lead, inbound_of_call),
    "log": ("uniqueid", outbound_of_lead, outbound_of_call),
}
"""By log: the key of its rows, and how a row is found by lead and by uniqueid."""


async def update_log_entry(call: Call) -> AsyncIterator[Answer]:
    refused = _refused(call)
    if refused is not None:
        yield refused
        return
    log = await _log_of_group(call)
    if log is None:
        yield GROUP_NOT_FOUND()
        return
    entry = await _entry(call, log)
    if entry is None:
        yield NOT_FOUND()
        return
    if not call.arg("status"):
        # An empty status is never stored.
        yield INVALID()
        return
    said = {"old_status": entry["status"], "id": entry["id"]}
    changed = await call.work.update(log, {LOGS[log][0]: entry["id"]}, status=call.arg("status"))
    audit.changed(call, log, entry["id"], before=entry, after={"status": call.arg("status")})
    yield UPDATED(**said) if changed else NOT_UPDATED(**said)


def _refused(call: Call) -> Said | None:
    is_missing = not (call.arg("group") and call.arg("call_id") and call.arg("status"))
    if len(call.arg("status")) > STATUS_MOST or (is_missing and call.is_documented):
        return INVALID()
    return None


async def _log_of_group(call: Call) -> str | None:
    """The log that the group's calls stand in; None for a group that is not there or out of sight."""
    name = call.arg("group")
    sight = await sight_of(call)
    found = await call.work.one(in_group, group=name)
    if found is not None:
        return "closer_log" if sight.sees_group(str(found["user_group"] or "")) else None
    if await call.work.one(campaign, group=name) is not None and sight.sees_campaign(name):
        return "log"
    return None


async def _entry(call: Call, log: str) -> Row | None:
    call_id, group = call.arg("call_id"), call.arg("group")
    _, of_lead, of_call = LOGS[log]
    if "." in call_id:
        return await call.work.one(of_call, key=call_id, group=group)
    lead = call_id[-LEAD_DIGITS:]
    if not _LEAD_ID.match(lead):
        return None
    return await call.work.one(of_lead, key=int(lead), group=group)


COMMANDS = (
    Command(
        "update_log_entry",
        "Gives one call of the log another status.",
        update_log_entry,
        "USER DOES NOT HAVE PERMISSION TO UPDATE LOGS",
        flags=("vdc_agent_api_access", "modify_leads"),
        params=(
            Param("group", "The in-group or campaign of the call.", required=True),
            Param("call_id", "The call id of 20 characters, or the uniqueid of the call.", required=True),
            Param("status", "The new status.", required=True, least=1, most=STATUS_MOST),
        ),
        lines=(INVALID, GROUP_NOT_FOUND, NOT_FOUND, NOT_UPDATED, UPDATED),
        writes=True,
        tables=("log", "closer_log", "inbound_groups"),
    ),
)
