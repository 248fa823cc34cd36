"""Checks of a phone number before it becomes a lead: length, prefix, area code, and the do-not-call lists."""

from sqlalchemy import ClauseElement, bindparam, func, literal, select

from trunkline.dialer.command import Call, Param, Said, error
from trunkline.dialer.offsets import USA_CANADA
from trunkline.dialer.tables import Tables

SHORTEST, LONGEST = 6, 16
LENGTH_WITH_AREA_CODE = 10
FEWEST_PREFIXES = 10
WHOLE_AREA = "XXXXXXX"
"""In a do-not-call list it stands after an area code for all of its numbers."""

INVALID_LENGTH = error(
    "invalid_phone_length", "INVALID PHONE NUMBER LENGTH", " - {phone_number}|{u}", status=400
)
INVALID_PREFIX = error(
    "invalid_phone_prefix", "INVALID PHONE NUMBER PREFIX", " - {phone_number}|{u}", status=400
)
INVALID_AREACODE = error(
    "invalid_phone_areacode", "INVALID PHONE NUMBER AREACODE", " - {phone_number}|{u}", status=400
)
INVALID_NANPA = error(
    "invalid_phone_nanpa_prefix",
    "INVALID PHONE NUMBER NANPA AREACODE PREFIX",
    " - {phone_number}|{u}",
    status=400,
)
IN_DNC = error("phone_in_dnc", "PHONE NUMBER IN DNC", " - {phone_number}|{u}", status=409)
IN_CAMPAIGN_DNC = error(
    "phone_in_campaign_dnc",
    "PHONE NUMBER IN CAMPAIGN DNC",
    " - {phone_number}|{campaign_id}|{u}",
    status=409,
)
LINES = (INVALID_LENGTH, INVALID_PREFIX, INVALID_AREACODE, INVALID_NANPA, IN_DNC, IN_CAMPAIGN_DNC)

NANPA_TEXT = "NANPA options disabled, NANPA prefix data not loaded"
NANPA_DATA = " - {count}|{u}"
NANPA_LOG = "|"

_DNC_CHOICES = ("Y", "N", "AREACODE")
PARAMS = (
    Param(
        "dnc_check",
        "Y refuses numbers of the do-not-call list, AREACODE whole areas too.",
        choices=_DNC_CHOICES,
    ),
    Param(
        "campaign_dnc_check",
        "Y refuses numbers of the campaign's do-not-call list, AREACODE whole areas too.",
        choices=_DNC_CHOICES,
    ),
    Param("usacan_prefix_check", "Y refuses numbers whose fourth digit is 0 or 1.", choices=("Y", "N")),
    Param(
        "usacan_areacode_check",
        "Y refuses numbers without 10 digits or with an unknown area code.",
        choices=("Y", "N"),
    ),
    Param(
        "nanpa_ac_prefix_check",
        "Y refuses numbers whose area code and prefix are not in the NANPA data, where that is loaded.",
        choices=("Y", "N"),
    ),
)


def area_code_known(t: Tables) -> ClauseElement:
    codes = t["phone_codes"]
    return (
        select(codes.c.areacode)
        .where(codes.c.country_code == USA_CANADA, codes.c.areacode == bindparam("areacode"))
        .limit(1)
    )


def prefix_known(t: Tables) -> ClauseElement:
    codes = t["nanpa_prefix_codes"]
    return (
        select(codes.c.prefix)
        .where(codes.c.areacode == bindparam("areacode"), codes.c.prefix == bindparam("prefix"))
        .limit(1)
    )


def prefixes_loaded(t: Tables) -> ClauseElement:
    """Their number, no further than it matters."""
    some = select(literal(1)).select_from(t["nanpa_prefix_codes"]).limit(FEWEST_PREFIXES).subquery()
    return select(func.count().label("count")).select_from(some)


def dnc_entry(t: Tables) -> ClauseElement:
    entries = t["dnc"]
    return (
        select(entries.c.phone_number)
        .where(entries.c.phone_number.in_(bindparam("numbers", expanding=True)))
        .limit(1)
    )


def campaign_dnc_entry(t: Tables) -> ClauseElement:
    entries = t["campaign_dnc"]
    return (
        select(entries.c.phone_number)
        .where(
            entries.c.campaign_id == bindparam("campaign_id"),
            entries.c.phone_number.in_(bindparam("numbers", expanding=True)),
        )
        .limit(1)
    )


def other_campaign_dnc(t: Tables) -> ClauseElement:
    campaigns = t["campaigns"]
    return select(campaigns.c.use_other_campaign_dnc).where(
        campaigns.c.campaign_id == bindparam("campaign_id")
    )


def wants_nanpa(call: Call) -> bool:
    """Whether the call asks for anything that needs the NANPA prefixes."""
    return call.is_yes("nanpa_ac_prefix_check") or "NANPA" in call.arg("tz_method")


async def nanpa_count(call: Call) -> int:
    """How many NANPA prefixes are loaded, counted up to FEWEST_PREFIXES: fewer are of no use."""
    found = await call.work.one(prefixes_loaded)
    return int(found["count"]) if found else 0


async def refused(call: Call, *, has_nanpa: bool) -> Said | None:
    """The first check that the call's number does not pass."""
    number = call.arg("phone_number")
    if not SHORTEST <= len(number) <= LONGEST:
        return INVALID_LENGTH()
    if call.is_yes("usacan_prefix_check") and number[3] in "01":
        return INVALID_PREFIX()
    if call.is_yes("usacan_areacode_check") and not await _has_area_code(call, number):
        return INVALID_AREACODE()
    if has_nanpa and call.is_yes("nanpa_ac_prefix_check") and not await _has_prefix(call, number):
        return INVALID_NANPA()
    return await _not_to_call(call, number)


async def _has_area_code(call: Call, number: str) -> bool:
    if len(number) != LENGTH_WITH_AREA_CODE:
        return False
    return await call.work.one(area_code_known, areacode=number[:3]) is not None


async def _has_prefix(call: Call, number: str) -> bool:
    return await call.work.one(prefix_known, areacode=number[:3], prefix=number[3:6]) is not None


async def _not_to_call(call: Call, number: str) -> Said | None:
    numbers = _entries(call.arg("dnc_check"), number)
    if numbers and await call.work.one(dnc_entry, numbers=numbers):
        return IN_DNC()
    numbers = _entries(call.arg("campaign_dnc_check"), number)
    if not numbers or not call.arg("campaign_id"):
        return None
    campaign = await _campaign_of_dnc(call)
    if await call.work.one(campaign_dnc_entry, campaign_id=campaign, numbers=numbers):
        return IN_CAMPAIGN_DNC()
    return None


def _entries(check: str, number: str) -> tuple[str, ...]:
    """What a do-not-call list would hold for this number; nothing where it is not to be checked."""
    if check == "AREACODE":
        return (number, number[:3] + WHOLE_AREA)
    return (number,) if check == "Y" else ()


async def _campaign_of_dnc(call: Call) -> str:
    """The campaign whose list counts: campaigns may use that of another."""
    campaign = await call.work.one(other_campaign_dnc, campaign_id=call.arg("campaign_id"))
    return str((campaign or {}).get("use_other_campaign_dnc") or call.arg("campaign_id"))
