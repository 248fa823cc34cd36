"""The hopper: leads that the dialer calls next. A lead may be kept out while it is too early or too late."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import audit
from trunkline.dialer.call_times import call_time, is_dialable
from trunkline.dialer.command import Call, Param, notice
from trunkline.dialer.database import Row
from trunkline.dialer.tables import Tables

FROM_API = "P"
OF_CAMPAIGN = "campaign"

ADDED = notice(
    "added_to_hopper",
    "ADDED TO HOPPER",
    " - {phone_number}|{u}|{lead_id}|{hopper_id}",
    " - {phone_number}|{lead_id}|{hopper_id}|{u}",
)
PARAMS = (
    Param("add_to_hopper", "Y puts the lead into the hopper.", choices=("Y", "N")),
    Param("hopper_priority", "-99 to 99, the highest is called first.", least=1, most=3),
    Param(
        "hopper_local_call_time_check",
        "Y keeps the lead out of the hopper outside of its local call time.",
        choices=("Y", "N"),
    ),
)


@dataclass(frozen=True)
class Waiting:
    """A lead on its way into the hopper."""

    lead_id: int
    list_id: int
    offset: Decimal | None
    state: str = ""
    vendor_lead_code: str = ""


def list_with_campaign(t: Tables) -> ClauseElement:
    lists, campaigns = t["lists"], t["campaigns"]
    return (
        select(
            lists.c.campaign_id,
            lists.c.local_call_time,
            campaigns.c.local_call_time.label("campaign_call_time"),
        )
        .select_from(lists.outerjoin(campaigns, campaigns.c.campaign_id == lists.c.campaign_id))
        .where(lists.c.list_id == bindparam("list_id"))
    )


async def enter_hopper(call: Call, lead: Waiting) -> int | None:
    """Put a lead into the hopper; its id there, None where its local time is asked for and forbids it."""
    found = await call.work.one(list_with_campaign, list_id=lead.list_id)
    if call.is_yes("hopper_local_call_time_check"):
        time = await call_time(call, _call_time_of(found))
        if not await is_dialable(call, time, lead.state, lead.offset):
            return None
    values = {
        "lead_id": lead.lead_id,
        "campaign_id": (found or {}).get("campaign_id") or "",
        "status": "READY",
        "user": "",
        "list_id": lead.list_id,
        "gmt_offset_now": lead.offset or 0,
        "state": lead.state,
        "priority": call.arg("hopper_priority") or 0,
        "source": FROM_API,
        "vendor_lead_code": lead.vendor_lead_code,
    }
    hopper_id = await call.work.insert("hopper", **values)
    audit.changed(call, "hopper", hopper_id, after=values)
    return hopper_id


def _call_time_of(found: Row | None) -> str:
    """The name of the list's call time, or of its campaign's; empty for an unknown list."""
    if found is None:
        return ""
    own = str(found["local_call_time"] or "")
    return own if own and own != OF_CAMPAIGN else str(found["campaign_call_time"] or "")
