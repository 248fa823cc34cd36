"""check_phone_number: whether a number is good and may be called now, by several ways to find its zone."""

from collections.abc import AsyncIterator
from typing import Any

from trunkline.dialer import phone_checks
from trunkline.dialer.call_times import call_time, is_dialable
from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Logged, Param, Plain, Result, error
from trunkline.dialer.database import Row
from trunkline.dialer.offsets import SHORTEST_POSTAL_CODE, offset_of, place_of, short

AREACODE, POSTAL, TZCODE, NANPA = "AREACODE", "POSTAL", "TZCODE", "NANPA"
METHODS = (AREACODE, POSTAL, TZCODE, NANPA)

INVALID_CALL_TIME = error(
    "invalid_call_time",
    "THIS IS NOT A VALID CALL TIME",
    " - |{u}|{local_call_time}|",
    ": |{u}|{local_call_time}|",
    log="0",
    status=400,
)
NANPA_OFF = error(
    "nanpa_not_loaded",
    phone_checks.NANPA_TEXT,
    phone_checks.NANPA_DATA,
    log=phone_checks.NANPA_LOG,
    status=409,
)
FIELDS = (
    Column("phone_number", "The number."),
    Column("phone_code", "The code of its country."),
    Column("postal_code", "The postal code given."),
    Column("state", "The state given."),
    Column("owner", "The code of the time zone given."),
    Column(
        "checks",
        "One for each way to find the time zone.",
        Holds.LIST,
        (
            Column("method", "AREACODE, POSTAL, TZCODE or NANPA."),
            Column("dialable", "Whether the number may be called now.", Holds.YES_NO),
            Column("gmt_offset", "Hours between the number's time and GMT.", Holds.NUMBER),
        ),
    ),
)


async def check_phone_number(call: Call) -> AsyncIterator[Answer]:
    time = await call_time(call, call.arg("local_call_time"))
    if time is None:
        yield INVALID_CALL_TIME()
        return
    if phone_checks.wants_nanpa(call):
        count = await phone_checks.nanpa_count(call)
        if count < phone_checks.FEWEST_PREFIXES:
            yield NANPA_OFF(count=count)
            return
    refused = await phone_checks.refused(call, has_nanpa=True)
    if refused is not None:
        yield refused
        return
    asked = call.arg("tz_method") or AREACODE
    checks = [await _checked(call, time, method) for method in METHODS if method in asked]
    yield _told(call, checks)


async def _checked(call: Call, time: Row, method: str) -> dict[str, Any]:
    """Whether the number may be called by this way to find its zone, and that zone."""
    lacks_code = len(call.arg("postal_code")) < SHORTEST_POSTAL_CODE
    if (method == POSTAL and lacks_code) or (method == TZCODE and not call.arg("owner")):
        return {"method": method, "dialable": False, "gmt_offset": ""}
    offset = await offset_of(call, place_of(call), method)
    dialable = await is_dialable(call, time, call.arg("state"), offset)
    return {"method": method, "dialable": dialable, "gmt_offset": short(offset)}


def _told(call: Call, checks: list[dict[str, Any]]) -> Plain:
    number = {"phone_number": call.arg("phone_number"), "phone_code": call.arg("phone_code") or "1"}
    number |= {name: call.arg(name) for name in ("postal_code", "state", "owner")}
    parts = [f"{check['method']}: {int(check['dialable'])}|{check['gmt_offset']}" for check in checks]
    text = "#".join([*parts, "PHONE: " + "".join(f"{value}|" for value in number.values())])
    return Plain(text + "\n", Logged(Result.NOTICE, text, ""), {**number, "checks": checks})


COMMANDS = (
    Command(
        "check_phone_number",
        "Tells whether a phone number is valid and may be called at this time.",
        check_phone_number,
        "USER DOES NOT HAVE PERMISSION TO CHECK PHONE NUMBERS",
        flags=("vdc_agent_api_access",),
        params=(
            Param("phone_number", "The number, all digits.", required=True, least=6, most=16),
            Param("local_call_time", "The call time that counts.", required=True),
            Param("phone_code", "The code of the number's country, 1 where none is given.", least=1, most=4),
            Param("postal_code", "The postal code, for POSTAL.", least=5, most=5),
            Param("state", "The state, for its own call times.", least=2, most=2),
            Param("owner", "The code of the time zone, for TZCODE.", least=1, most=6),
            Param("campaign_id", "The campaign of campaign_dnc_check.", least=2, most=8),
            *phone_checks.PARAMS,
            Param(
                "tz_method",
                "How the time zone is found: AREACODE where nothing is given; several are told together.",
                choices=METHODS,
            ),
        ),
        lines=(INVALID_CALL_TIME, NANPA_OFF, *phone_checks.LINES),
        fields=FIELDS,
        denied_documented=" - |{u}|0|",
        denied_original=": |{u}||",
        tables=("call_times", "nanpa_prefix_codes", "phone_codes", "postal_codes", "state_call_times"),
    ),
)
