"""add_lead: a new lead, after checks of its number, with further numbers, own fields, hopper and callback."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

from trunkline.dialer import alt_phones, callbacks, custom_fields, duplicates, hopper, new_lead, phone_checks
from trunkline.dialer.command import Answer, Call, Command, Param, Said, notice
from trunkline.dialer.new_lead import DEFAULT_LIST, SHORTEST_LIST, list_number, may_use_list
from trunkline.dialer.offsets import offset_of, place_of, short, state_of

NANPA_OFF = notice(
    "nanpa_not_loaded", phone_checks.NANPA_TEXT, phone_checks.NANPA_DATA, log=phone_checks.NANPA_LOG
)
PARTS = ("multi_alt_phones", "custom_fields", "add_to_hopper", "callback")
"""Parameters that ask for more than the lead's own row."""
OUTSIDE_OF_TIME = notice(
    "not_added_to_hopper",
    "NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME",
    " - {phone_number}|{u}|{lead_id}|{gmt}|0",
    " - {phone_number}|{lead_id}|{gmt}|0|{u}",
    log="{phone_number}|{lead_id}|{gmt}|0|",
)


@dataclass(frozen=True)
class Added:
    """The lead that was added, and what its further parts need of it."""

    lead_id: int
    list_text: str
    list_id: int
    offset: Decimal | None
    state: str


async def add_lead(call: Call) -> AsyncIterator[Answer]:
    if not may_use_list(call, call.arg("list_id")):
        yield new_lead.LIST_NOT_ALLOWED()
        return
    has_nanpa = True
    if phone_checks.wants_nanpa(call):
        count = await phone_checks.nanpa_count(call)
        has_nanpa = count >= phone_checks.FEWEST_PREFIXES
        if not has_nanpa:
            yield NANPA_OFF(count=count)
    list_text = list_of(call)
    refused = await phone_checks.refused(call, has_nanpa=has_nanpa)
    refused = refused or await duplicates.duplicate(call, list_text, list_number(list_text))
    if refused is not None:
        yield refused
        return
    lead = await _insert(call, list_text, has_nanpa)
    yield new_lead.ADDED(list_id=list_text, lead_id=lead.lead_id, gmt=short(lead.offset))
    if any(map(call.arg, PARTS)):
        async for answer in _add_parts(call, lead):
            yield answer


def list_of(call: Call) -> str:
    """The list that the lead goes into; an id that is too short is none."""
    given = call.arg("list_id")
    return given if len(given) >= SHORTEST_LIST else DEFAULT_LIST


async def _insert(call: Call, list_text: str, has_nanpa: bool) -> Added:
    state, list_id = await _state(call), list_number(list_text)
    offset = await offset_of(call, place_of(call, state), call.arg("tz_method"), has_nanpa=has_nanpa)
    lead_id = await new_lead.insert_lead(
        call,
        list_id,
        offset,
        new_lead.HELD_FOR_CALLBACK if call.is_yes("callback") else new_lead.NEW,
        state=state,
        gender=call.arg("gender") or "U",
        entry_list_id=0 if call.is_yes("custom_fields") else call.arg("entry_list_id") or 0,
    )
    return Added(lead_id, list_text, list_id, offset, state)


async def _state(call: Call) -> str:
    """The state given, or that of the area code where this is asked for."""
    if call.arg("state") or not call.is_yes("lookup_state"):
        return call.arg("state")
    return await state_of(call.work, place_of(call))


async def _add_parts(call: Call, lead: Added) -> AsyncIterator[Answer]:
    async for answer in alt_phones.add_alt_phones(call, lead.lead_id):
        yield answer
    if call.is_yes("custom_fields"):
        async for answer in custom_fields.add_custom_fields(call, lead.lead_id, lead.list_text, lead.list_id):
            yield answer
    if call.is_yes("add_to_hopper"):
        yield await _enter_hopper(call, lead)
    if call.is_yes("callback"):
        yield await callbacks.add_callback(call, lead.lead_id, lead.list_id)


async def _enter_hopper(call: Call, lead: Added) -> Said:
    waiting = hopper.Waiting(
        lead.lead_id, lead.list_id, lead.offset, lead.state, call.arg("vendor_lead_code")
    )
    hopper_id = await hopper.enter_hopper(call, waiting)
    if hopper_id is None:
        return OUTSIDE_OF_TIME(lead_id=lead.lead_id, gmt=short(lead.offset))
    return hopper.ADDED(lead_id=lead.lead_id, hopper_id=hopper_id)


_SETTINGS = (
    Param("phone_number", "The lead's number, all digits.", required=True, least=6, most=16),
    Param("phone_code", "The code of the number's country, 1 where none is given.", least=1, most=4),
    Param("list_id", "The list that the lead goes into, 999 where none is given.", least=3, most=12),
    Param("campaign_id", "The campaign of campaign_dnc_check and of the callback.", least=2, most=8),
    *phone_checks.PARAMS,
    *hopper.PARAMS,
    Param(
        "duplicate_check",
        "Refuses leads that are there already: any of "
        + ", ".join(check.word for check in duplicates.CHECKS)
        + ", with 90DAY only those of the last 90 days.",
    ),
    custom_fields.PARAM,
    Param(
        "tz_method",
        "How the time zone is found: by area code, or by POSTAL (postal_code), TZCODE (owner) or NANPA.",
        choices=("POSTAL", "TZCODE", "NANPA"),
    ),
    Param("lookup_state", "Y fills an empty state by the area code.", choices=("Y", "N")),
    Param("callback", "Y schedules a callback in the campaign of campaign_id.", choices=("Y", "N")),
    *callbacks.PARAMS,
)
_OTHERS = (
    Param("gmt_offset_now", "Not used: the offset is found by the number."),
    alt_phones.PARAM,
    Param(
        "entry_list_id",
        "The list whose own fields the lead has; not used together with custom_fields.",
        least=3,
        most=12,
    ),
)

COMMANDS = (
    Command(
        "add_lead",
        "Adds a lead.",
        add_lead,
        "USER DOES NOT HAVE PERMISSION TO ADD LEADS TO THE SYSTEM",
        flags=("vdc_agent_api_access", "modify_leads"),
        params=(*_SETTINGS, *new_lead.LEAD_PARAMS, *_OTHERS),
        lines=(
            new_lead.LIST_NOT_ALLOWED,
            NANPA_OFF,
            *phone_checks.LINES,
            *duplicates.LINES,
            new_lead.ADDED,
            alt_phones.LOADED,
            *custom_fields.LINES,
            hopper.ADDED,
            OUTSIDE_OF_TIME,
            *callbacks.LINES,
        ),
        writes=True,
        tables=(
            "call_times",
            "campaign_dnc",
            "dnc",
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
