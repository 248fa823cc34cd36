"""Callbacks of leads that exist: changed in the parts given, or added; archived when they end."""

from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import audit, callbacks
from trunkline.dialer.command import Call, Param, Said, notice
from trunkline.dialer.fitting import whole
from trunkline.dialer.login import user_named
from trunkline.dialer.new_lead import list_number
from trunkline.dialer.tables import Tables

REMOVE = "REMOVE"

UPDATED = notice(
    "callback_updated",
    "SCHEDULED CALLBACK UPDATED",
    " - {lead_id}|{datetime}|{campaign_id}|{callback_user}|{type}|{status}",
    " - {lead_id}|{campaign_id}|{datetime}|{type}|{callback_user}|{status}",
)
NOTHING_TO_UPDATE = notice(
    "callback_not_updated", "SCHEDULED CALLBACK NOT UPDATED, NO FIELDS SPECIFIED", " - {lead_id}|"
)
DELETED = notice(
    "callback_deleted",
    "SCHEDULED CALLBACK DELETED",
    " - {u}|{lead_id}|{deleted}|{archived}",
    log="{u}|{lead_id}|{deleted}|{archived}",
)
LINES = (UPDATED, NOTHING_TO_UPDATE, *callbacks.LINES, DELETED)
PARAMS = (
    Param(
        "callback",
        "Y schedules a callback or changes the one there is, REMOVE removes it.",
        choices=("Y", "N", REMOVE),
    ),
    Param("campaign_id", "The campaign of the callback.", least=2, most=8),
    *callbacks.PARAMS,
)


def callbacks_of_lead(t: Tables) -> ClauseElement:
    """The newest first."""
    entries = t["callbacks"]
    return (
        select(*entries.c)
        .where(entries.c.lead_id == bindparam("lead_id"))
        .order_by(entries.c.callback_id.desc())
    )


async def set_callback(call: Call, lead_id: int, list_id: int) -> Said:
    """Schedule a callback for a lead, or change its newest one, and say what came of it."""
    found = await call.work.one(callbacks_of_lead, lead_id=lead_id)
    if found is None:
        return await callbacks.add_callback(call, lead_id, list_id)
    changes = await _changes(call)
    if not changes:
        return NOTHING_TO_UPDATE(lead_id=lead_id)
    changes |= {"status": callbacks.ACTIVE, "entry_time": call.time}
    await call.work.update("callbacks", {"callback_id": found["callback_id"]}, **changes)
    audit.changed(call, "callbacks", found["callback_id"], before=found, after=changes)
    return UPDATED(
        lead_id=lead_id,
        datetime=callbacks.time_given(call),
        callback_user=changes.get("user", ""),
        type=call.arg("callback_type"),
        status=call.arg("callback_status"),
    )


async def remove_callbacks(call: Call, lead_id: int) -> tuple[int, int]:
    """Move a lead's callbacks into the archive: how many were deleted, and how many are archived."""
    rows = await call.work.all(callbacks_of_lead, lead_id=lead_id)
    for row in reversed(rows):
        await call.work.insert("callbacks_archive", **row)
        audit.changed(call, "callbacks", row["callback_id"], before=row)
    deleted = await call.work.delete("callbacks", lead_id=lead_id) if rows else 0
    return deleted, len(rows)


async def end_callback(call: Call, lead_id: int) -> Said:
    deleted, archived = await remove_callbacks(call, lead_id)
    return DELETED(lead_id=lead_id, deleted=deleted, archived=archived)


async def _changes(call: Call) -> dict[str, Any]:
    """The columns that the call gives for a callback; those of its user go together."""
    given: dict[str, Any] = {
        "campaign_id": call.arg("campaign_id"),
        "callback_time": callbacks.time_given(call),
        "recipient": call.arg("callback_type"),
        "comments": call.arg("callback_comments"),
        "lead_status": call.arg("callback_status"),
    }
    changes = {name: value for name, value in given.items() if value}
    if whole(call.arg("list_id_field")):
        changes["list_id"] = list_number(call.arg("list_id_field"))
    return changes | await _user_given(call)


async def _user_given(call: Call) -> dict[str, str]:
    """Whom the callback is for from now on; nothing where the call does not say."""
    kind, user = call.arg("callback_type"), call.arg("callback_user")
    if kind and kind != callbacks.ONE_USER:
        return {"user": "", "user_group": ""}
    if not user:
        return {}
    found = await call.work.one(user_named, user=user)
    return {"user": user, "user_group": str((found or {}).get("user_group") or "")}
