"""Where the page and today's clients know different limits or defaults, each dialect keeps to its own.

The page's slips are left out: lead_field_info's lead_id of 16 to 40 characters, and update_campaign's
adaptive_maximum_level of 3 to 20 digits, which its own line contradicts.
"""

from dataclasses import dataclass

import pytest

from tests.dialer.lead_calls import ask, ask_original, newest
from tests.dialer.page_requests_admin import NEW_PHONE, NEW_USER
from trunkline.dialer.runner import Service

PHONE = {"extension": "cc101", "server_ip": "10.10.10.17"}
FREE_PHONE = {**NEW_PHONE, "server_ip": "10.10.10.16", "phone_login": "new"}
LIST = {"list_id": "1101", "list_name": "Test API list"}
USER = {"agent_user": "7878"}
RECORDING = {"date": "2010-12-03"}
DID = {"date": "2010-12-03"}


@dataclass(frozen=True)
class Limit:
    """A parameter whose length the page gives otherwise than today's clients know it; 0: no upper one."""

    function: str
    name: str
    documented: tuple[int, int]
    original: tuple[int, int]
    others: dict[str, str]
    refused: str
    """A piece of the line that refuses the value."""
    digit: str = "1"

    @property
    def lengths(self) -> list[int]:
        """Those at which one of the dialects changes its mind."""
        ends = {end for least, most in (self.documented, self.original) for end in (least, most) if end}
        return sorted({length for end in ends for length in (end - 1, end, end + 1) if length > 0})


LIMITS = [
    Limit("recording_lookup", "agent_user", (2, 20), (3, 20), RECORDING, "INVALID SEARCH"),
    Limit("did_log_export", "phone_number", (2, 20), (1, 20), DID, "INVALID SEARCH"),
    Limit("callid_info", "call_id", (16, 40), (18, 39), {}, "INVALID SEARCH", "V"),
    Limit("add_user", "agent_pass", (1, 20), (2, 20), {**NEW_USER, "agent_user": "4711"}, "REQUIRED"),
    Limit("update_user", "voicemail_id", (1, 10), (2, 10), USER, "VALID VOICEMAIL"),
    Limit("update_user", "email", (1, 100), (5, 100), USER, "VALID EMAIL", "m"),
    Limit("add_phone", "dialplan_number", (1, 20), (2, 20), FREE_PHONE, "REQUIRED"),
    Limit("update_phone", "email", (1, 100), (4, 300), PHONE, "VALID EMAIL", "m"),
    Limit("update_phone", "phone_full_name", (1, 50), (2, 30), PHONE, "VALID PHONE NAME", "n"),
    Limit("update_phone", "registration_password", (1, 20), (2, 30), PHONE, "VALID REGISTRATION", "p"),
    Limit("update_phone", "phone_pass", (1, 20), (2, 30), PHONE, "VALID PHONE PASSWORD", "p"),
    Limit("update_phone", "voicemail_id", (1, 10), (2, 30), PHONE, "VALID VOICEMAIL"),
    Limit("update_phone", "dialplan_number", (1, 20), (3, 30), PHONE, "VALID DIALPLAN"),
    Limit("update_phone", "outbound_cid", (1, 20), (6, 18), PHONE, "OUTBOUND CID MUST"),
    Limit("add_list", "campaign_id", (2, 8), (1, 8), LIST, "REQUIRED", "T"),
]
CASES = [
    pytest.param(limit, length, id=f"{limit.function}, {limit.name} of {length}")
    for limit in LIMITS
    for length in limit.lengths
]


@pytest.mark.parametrize(("limit", "length"), CASES)
@pytest.mark.parametrize("is_documented", [True, False])
async def test_each_dialect_keeps_to_its_own_length(
    service: Service, limit: Limit, length: int, is_documented: bool
) -> None:
    params = {**limit.others, limit.name: limit.digit * length}
    answer = await (ask if is_documented else ask_original)(service, limit.function, **params)
    least, most = limit.documented if is_documented else limit.original
    assert (limit.refused in answer) is not (least <= length <= most)


@pytest.mark.parametrize(
    ("given", "documented", "original"),
    [("a", "7275550000", "7275550000"), ("ab", "7275550000", "ab"), ("abc", "abc", "abc")],
)
async def test_too_short_an_id_of_an_alias_is_none(
    service: Service, given: str, documented: str, original: str
) -> None:
    names = {"caller_id_number": "7275550000", "group_alias_id": given, "group_alias_name": given}
    assert (await ask(service, "add_group_alias", **names)).endswith(f"7275550000|{documented}|{documented}")
    names["caller_id_number"] = "7275550001"
    answer = await ask_original(service, "add_group_alias", **{**names, "group_alias_id": f"{given}2"})
    assert answer.split("|")[2] == original.replace("7275550000", "7275550001")


async def test_only_the_page_has_a_default_for_the_kind_of_a_callback(service: Service) -> None:
    params = {"phone_number": "7275551111", "callback": "Y", "campaign_id": "TESTCAMP"}
    await ask(service, "add_lead", **params)
    assert newest(service, "dialer360_callbacks", "callback_id")["recipient"] == "ANYONE"
    await ask_original(service, "add_lead", **params)
    assert newest(service, "dialer360_callbacks", "callback_id")["recipient"] == ""


async def test_only_the_page_refuses_a_date_that_is_none(service: Service) -> None:
    params = {**LIST, "campaign_id": "TESTCAMP", "expiration_date": "2018"}
    assert "EXPIRATION DATE IS NOT VALID" in await ask(service, "add_list", **params)
    assert (await ask_original(service, "add_list", **params)).startswith("SUCCESS")


async def test_only_the_page_names_its_in_groups_in_two_ways(service: Service) -> None:
    assert "|" in await ask(service, "in_group_status", user_groups="SALESLINE")
    assert "INVALID" in await ask_original(service, "in_group_status", user_groups="SALESLINE")


async def test_the_limit_of_the_dial_level_is_told_as_the_page_tells_it(service: Service) -> None:
    params = {"campaign_id": "TESTCAMP", "auto_dial_level": "18.0005"}
    assert "FROM 0 TO 18," in await ask(service, "update_campaign", **params)
    assert "FROM 0 TO 18.001," in await ask_original(
        service, "update_campaign", **{**params, "auto_dial_level": "19"}
    )


async def test_an_entry_of_the_log_without_its_group(service: Service) -> None:
    params = {"call_id": "M9131554060000426264", "status": "SALEX"}
    assert "INVALID SEARCH PARAMETERS" in await ask(service, "update_log_entry", **params)
    assert "GROUP NOT FOUND" in await ask_original(service, "update_log_entry", **params)
