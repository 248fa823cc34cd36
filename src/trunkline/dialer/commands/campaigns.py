"""update_campaign: how a campaign dials."""

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import adminlog, audit
from trunkline.dialer.command import Answer, Call, Command, Param, Said, error, notice, success
from trunkline.dialer.commands.list_fields import campaign
from trunkline.dialer.commands.user_fields import OPTIONAL
from trunkline.dialer.database import Row
from trunkline.dialer.field_checks import (
    YES_NO,
    Form,
    Optional,
    Required,
    are_complete,
    changes_of,
    digits,
    number_in,
    params_of,
    refusals_of,
)
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables

DIAL_METHODS = ("MANUAL", "RATIO", "INBOUND_MAN", "ADAPT_AVERAGE", "ADAPT_HARD_LIMIT", "ADAPT_TAPERED")
OVER_LIMIT = Decimal("0.001")
"""The original's line names the limit with so much on top."""
CHANGED = adminlog.Event("CAMPAIGNS", "MODIFY", "ADMIN API UPDATE CAMPAIGN")
HOPPER_EMPTIED = adminlog.Event("CAMPAIGNS", "RESET", "ADMIN API RESET HOPPER")
CAMPAIGN_ID = Required("campaign_id", "A campaign that you may see.", Form(2, 8))

MISSING = error(
    "missing_fields",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|{campaign_id}",
    ": |{u}|{campaign_id}|{campaign_name}|{campaign_id}",
    status=400,
)
NOT_ALLOWED_CAMPAIGN = error(
    "campaign_not_allowed", "NOT AN ALLOWED CAMPAIGN ID", " - {campaign_id}", status=403
)
CAMPAIGN_NOT_FOUND = error(
    "campaign_not_found",
    "CAMPAIGN DOES NOT EXIST",
    " - {u}|{campaign_id}",
    ": |{u}|{campaign_id}",
    status=404,
)
NO_UPDATES = notice("no_updates", "NO UPDATES DEFINED", " - {u}|", ": |{u}|")
CAMPAIGN_UPDATED = success("campaign_updated", "CAMPAIGN HAS BEEN UPDATED", " - {u}|{campaign_id}")
HOPPER_RESET = notice(
    "hopper_reset", "HOPPER HAS BEEN RESET", " - {u}|{campaign_id}|{count}", " - {u}|{campaign_id}|"
)


def leads_in_hopper(t: Tables) -> ClauseElement:
    hopper = t["hopper"]
    its_own = hopper.c.campaign_id == bindparam("campaign_id")
    return select(hopper.c.lead_id).where(its_own).order_by(hopper.c.lead_id).limit(audit.MOST_IDS)


def _dial_limit(call: Call) -> Decimal:
    return number_in(str(call.settings.get("auto_dial_limit") or "")) or Decimal(0)


async def _within_dial_limit(call: Call, value: str) -> bool:
    level = number_in(value)
    return level is not None and 0 <= level <= _dial_limit(call)


def _dial_limit_told(call: Call) -> Mapping[str, Any]:
    limit = _dial_limit(call)
    return {"limit": format(limit, "f"), "over": format(limit + OVER_LIMIT, "f")}


AUTO_DIAL_REFUSED = error(
    "invalid_auto_dial_level",
    f"AUTO DIAL LEVEL MUST BE FROM 0 TO {{limit}}{OPTIONAL}",
    " - {u}|{value}",
    ": |{u}|{value}",
    original_text=f"AUTO DIAL LEVEL MUST BE FROM 0 TO {{over}}{OPTIONAL}",
    status=400,
)


def _refused(name: str, text: str) -> Any:
    return error(f"invalid_{name}", f"{text}{OPTIONAL}", " - {u}|{value}", ": |{u}|{value}", status=400)


FIELDS: tuple[Optional, ...] = (
    Optional(
        "auto_dial_level",
        "Lines dialed for each agent, up to the system's limit.",
        "auto_dial_level",
        Form(),
        AUTO_DIAL_REFUSED,
        rule=_within_dial_limit,
        tells=_dial_limit_told,
    ),
    Optional(
        "dial_method",
        "How the campaign dials.",
        "dial_method",
        Form(choices=DIAL_METHODS),
        _refused("dial_method", "DIAL METHOD IS NOT VALID"),
    ),
    Optional(
        "adaptive_maximum_level",
        "The highest level that adaptive dialing takes.",
        "adaptive_maximum_level",
        # The page gives 3-20 digits too, copied from the line below it: the column holds six characters.
        Form(1, 5),
        _refused("adaptive_maximum_level", "ADAPT MAXIMUM DIAL LEVEL MUST BE FROM 1 TO 5 CHARACTERS"),
    ),
    Optional(
        "campaign_vdad_exten",
        "The extension that routes its calls to agents.",
        "campaign_vdad_exten",
        digits(3, 20),
        _refused("campaign_vdad_exten", "ROUTING EXTENSION MUST BE FROM 3 TO 20 CHARACTERS"),
    ),
    Optional(
        "hopper_level",
        "Leads kept ready to be dialed.",
        "hopper_level",
        Form(between=(1, 2000)),
        _refused("hopper_level", "HOPPER LEVEL MUST BE FROM 1 TO 2000"),
    ),
    Optional(
        "dial_timeout",
        "Seconds that a number rings.",
        "dial_timeout",
        Form(between=(1, 120)),
        _refused("dial_timeout", "DIAL TIMEOUT MUST BE FROM 1 TO 120"),
    ),
    Optional(
        "campaign_name",
        "The campaign's name.",
        "campaign_name",
        Form(6, 40),
        _refused("campaign_name", "CAMPAIGN NAME MUST BE FROM 6 TO 40 CHARACTERS"),
    ),
    Optional(
        "active",
        "N stops the campaign.",
        "active",
        Form(choices=YES_NO),
        _refused("active", "ACTIVE MUST BE Y OR N"),
    ),
)


async def update_campaign(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, (CAMPAIGN_ID,)):
        yield MISSING()
        return
    found = await call.work.one(campaign, campaign_id=call.arg("campaign_id"))
    if found is None or not (await sight_of(call)).sees_campaign(str(found["campaign_id"])):
        # Only the documented dialect tells a campaign out of sight from one that is not there.
        yield NOT_ALLOWED_CAMPAIGN() if found is not None and call.is_documented else CAMPAIGN_NOT_FOUND()
        return
    changes = await changes_of(call, FIELDS)
    if isinstance(changes, Said):
        yield changes
        return
    yield await _update(call, found, changes) if changes else NO_UPDATES()
    if call.is_yes("reset_hopper"):
        yield await _empty_hopper(call, found)


async def _update(call: Call, found: Row, changes: dict[str, str]) -> Said:
    where = {"campaign_id": found["campaign_id"]}
    changes = {**changes, "campaign_changedate": call.time}
    await call.work.update("campaigns", where, **changes)
    campaign_id = call.arg("campaign_id")
    notes = f"campaign: {campaign_id}"
    await adminlog.record(call, CHANGED, campaign_id, notes, before=found, after=changes)
    return CAMPAIGN_UPDATED()


async def _empty_hopper(call: Call, found: Row) -> Said:
    went = await call.work.all(leads_in_hopper, campaign_id=found["campaign_id"])
    count = await call.work.delete("hopper", campaign_id=found["campaign_id"])
    campaign_id = call.arg("campaign_id")
    before, after = audit.gone("leads in hopper", count, (row["lead_id"] for row in went))
    notes = f"campaign: {campaign_id}"
    await adminlog.record(call, HOPPER_EMPTIED, campaign_id, notes, before=before, after=after)
    return HOPPER_RESET(count=count)


COMMANDS = (
    Command(
        "update_campaign",
        "Changes how a campaign dials, or empties its hopper.",
        update_campaign,
        "USER DOES NOT HAVE PERMISSION TO UPDATE CAMPAIGNS",
        flags=("vdc_agent_api_access", "modify_campaigns"),
        params=(
            CAMPAIGN_ID.param,
            *params_of(FIELDS),
            Param("reset_hopper", "Y empties the campaign's hopper.", choices=YES_NO),
        ),
        lines=(
            MISSING,
            NOT_ALLOWED_CAMPAIGN,
            CAMPAIGN_NOT_FOUND,
            *refusals_of(FIELDS),
            NO_UPDATES,
            CAMPAIGN_UPDATED,
            HOPPER_RESET,
        ),
        denied_documented=" - {u}",
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "hopper"),
    ),
)
