"""Scheduled callbacks: leads that are to be called again at a time, by anybody or by one user."""

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import audit
from trunkline.dialer.command import Call, Param, Said, notice
from trunkline.dialer.login import user_named
from trunkline.dialer.tables import Tables

NOW = "NOW"
ONE_USER, ANYONE = "USERONLY", "ANYONE"
DEFAULT_STATUS = "CALLBK"
ACTIVE = "ACTIVE"

ADDED = notice(
    "callback_added",
    "SCHEDULED CALLBACK ADDED",
    " - {lead_id}|{datetime}|{campaign_id}|{callback_user}|{type}|{status}",
    " - {lead_id}|{campaign_id}|{datetime}|{type}|{callback_user}|{status}",
)
USER_NOT_VALID = notice(
    "callback_user_not_valid",
    "SCHEDULED CALLBACK NOT ADDED, USER NOT VALID",
    " - {lead_id}|{campaign_id}|{callback_user}|",
    " - {lead_id}|{campaign_id}|{callback_user}|{type}",
)
CAMPAIGN_NOT_VALID = notice(
    "callback_campaign_not_valid",
    "SCHEDULED CALLBACK NOT ADDED, CAMPAIGN NOT VALID",
    " - {lead_id}|{campaign_id}",
)
LINES = (ADDED, USER_NOT_VALID, CAMPAIGN_NOT_VALID)
PARAMS = (
    Param("callback_status", "The status of the callback, CALLBK where none is given.", least=1, most=6),
    Param("callback_datetime", "When to call, as YYYY-MM-DD HH:MM:SS, or NOW.", least=3, most=19),
    Param("callback_type", "Who may call: one user or anyone.", choices=(ONE_USER, ANYONE)),
    Param("callback_user", "The user that a USERONLY callback is for.", most=20),
    Param("callback_comments", "What to know when calling back.", most=200),
)


def campaign_named(t: Tables) -> ClauseElement:
    campaigns = t["campaigns"]
    return select(campaigns.c.campaign_id).where(campaigns.c.campaign_id == bindparam("campaign_id"))


def time_given(call: Call) -> str:
    """The time of the callback: NOW is now."""
    given = call.arg("callback_datetime")
    return call.time if given == NOW else given


def type_given(call: Call) -> str:
    """Only the page has a default for it."""
    return call.arg("callback_type") or (ANYONE if call.is_documented else "")


async def add_callback(call: Call, lead_id: int, list_id: int) -> Said:
    """Schedule a callback for a lead as the call describes it, and say what came of it."""
    if await call.work.one(campaign_named, campaign_id=call.arg("campaign_id")) is None:
        return CAMPAIGN_NOT_VALID(lead_id=lead_id)
    kind, time = type_given(call), time_given(call)
    status = call.arg("callback_status") or DEFAULT_STATUS
    user = await user_given(call)
    if user is None:
        return USER_NOT_VALID(lead_id=lead_id, type=kind)
    values = {
        "lead_id": lead_id,
        "list_id": list_id,
        "campaign_id": call.arg("campaign_id"),
        "status": ACTIVE,
        "entry_time": call.time,
        "callback_time": time,
        "recipient": kind,
        "comments": call.arg("callback_comments"),
        "lead_status": status,
        **user,
    }
    audit.changed(call, "callbacks", await call.work.insert("callbacks", **values), after=values)
    return ADDED(lead_id=lead_id, datetime=time, callback_user=user["user"], type=kind, status=status)


async def user_given(call: Call) -> dict[str, str] | None:
    """The columns of whom the callback is for, empty for anybody; None for a user who does not exist."""
    if type_given(call) != ONE_USER:
        return {"user": "", "user_group": ""}
    found = await call.work.one(user_named, user=call.arg("callback_user"))
    if found is None:
        return None
    return {"user": call.arg("callback_user"), "user_group": str(found["user_group"] or "")}
