"""The values of a list: what each may be when it is added and when it is changed."""

import re
from datetime import date
from urllib.parse import unquote

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.command import Call
from trunkline.dialer.commands.user_fields import OPTIONAL
from trunkline.dialer.field_checks import YES_NO, Form, Optional, Required, digits, refused
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables

NEVER = "2099-12-31"
"""The last day of a list that does not end."""
LENGTH_OF_DAY = 10
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RESETS = Form(4, 100, pattern=re.compile(r"[0-9]{4}(-[0-9]{4})*"))
ADDRESSES = ("web_form_address", "web_form_address_two", "web_form_address_three")
_ENCODED = "%3A%2F%2F"

LIST_ID = Required("list_id", "The list's number.", digits(2, 14))
NEW_LIST = (
    LIST_ID,
    Required("list_name", "The list's name.", Form(6, 30)),
    Required("campaign_id", "A campaign that you may see.", Form(1, 8), Form(2, 8)),
)


def campaign(t: Tables) -> ClauseElement:
    campaigns = t["campaigns"]
    return select(*campaigns.c).where(campaigns.c.campaign_id == bindparam("campaign_id"))


def script(t: Tables) -> ClauseElement:
    scripts = t["scripts"]
    return select(scripts.c.script_id).where(scripts.c.script_id == bindparam("script_id"))


def in_group(t: Tables) -> ClauseElement:
    groups = t["inbound_groups"]
    return select(groups.c.group_id).where(groups.c.group_id == bindparam("group_id"))


async def campaign_in_sight(call: Call, campaign_id: str) -> bool:
    if await call.work.one(campaign, campaign_id=campaign_id) is None:
        return False
    return (await sight_of(call)).sees_campaign(campaign_id)


async def script_exists(call: Call, script_id: str) -> bool:
    return await call.work.one(script, script_id=script_id) is not None


async def in_group_exists(call: Call, group_id: str) -> bool:
    return await call.work.one(in_group, group_id=group_id) is not None


def address(text: str) -> str:
    """A web address as it is meant: clients that encode twice leave it encoded once."""
    return unquote(text).replace("\0", "") if _ENCODED in text.upper() else text


def is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


async def _is_real_day(call: Call, text: str) -> bool:
    """Any ten characters pass in the original dialect, the documented one wants a day that exists."""
    return is_day(text) or not call.is_documented


FIELDS: tuple[Optional, ...] = (
    Optional(
        "campaign_id",
        "A campaign that you may see.",
        "campaign_id",
        Form(),
        refused("campaign_id", f"CAMPAIGN DOES NOT EXIST{OPTIONAL}"),
        rule=campaign_in_sight,
    ),
    Optional(
        "script",
        "The script that agents see instead of the campaign's.",
        "agent_script_override",
        Form(),
        refused("script", f"SCRIPT DOES NOT EXIST{OPTIONAL}"),
        blanked="",
        rule=script_exists,
    ),
    Optional(
        "drop_inbound_group",
        "The in-group that takes dropped calls instead of the campaign's.",
        "drop_inbound_group_override",
        Form(),
        refused("drop_inbound_group", f"IN-GROUP DOES NOT EXIST{OPTIONAL}"),
        blanked="",
        rule=in_group_exists,
    ),
    Optional(
        "list_name",
        "The list's name.",
        "list_name",
        Form(6, 30),
        refused("list_name", f"LIST NAME MUST BE FROM 6 TO 30 CHARACTERS{OPTIONAL}"),
    ),
    Optional(
        "active",
        "Y lets the list be dialed.",
        "active",
        Form(choices=YES_NO),
        refused("active", f"ACTIVE MUST BE Y OR N{OPTIONAL}"),
    ),
    Optional(
        "outbound_cid",
        "The number that calls show instead of the campaign's.",
        "campaign_cid_override",
        digits(6, 18),
        refused("outbound_cid", f"OUTBOUND CID MUST BE FROM 6 TO 18 DIGITS{OPTIONAL}"),
        blanked="",
    ),
    Optional(
        "am_message",
        "The message for answering machines instead of the campaign's.",
        "am_message_exten_override",
        Form(0, 100),
        refused("am_message", f"ANSWERING MACHINE MESSAGE MUST LESS THAN 101 DIGITS{OPTIONAL}"),
        blanked="",
    ),
    Optional(
        "reset_time",
        "When its leads are reset each day: times of four digits with - between.",
        "reset_time",
        RESETS,
        refused("reset_time", f"RESET TIME IS NOT VALID{OPTIONAL}"),
        blanked="",
    ),
    Optional(
        "expiration_date",
        "The last day on which the list is dialed, YYYY-MM-DD.",
        "expiration_date",
        Form(LENGTH_OF_DAY, LENGTH_OF_DAY),
        refused("expiration_date", f"EXPIRATION DATE IS NOT VALID{OPTIONAL}"),
        # A list without a last day is one with the last of all days: an empty one would end it.
        blanked=NEVER,
        rule=_is_real_day,
    ),
    *(
        Optional(
            name,
            "A web form that agents open instead of the campaign's.",
            name,
            Form(),
            refused(name, f"WEB FORM ADDRESS IS NOT VALID{OPTIONAL}"),
            blanked="",
            stored=address,
        )
        for name in ADDRESSES
    ),
)
