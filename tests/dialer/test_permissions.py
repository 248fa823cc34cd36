"""Who may call what: every function against every way to be refused, in both dialects."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.dialer.lead_calls import ask, ask_original, change
from trunkline.dialer.command import Command, Dialect
from trunkline.dialer.commands import ALL, COMMANDS
from trunkline.dialer.runner import Service

API, REPORTS, LEADS = "vdc_agent_api_access", "view_reports", "modify_leads"
PHONES, LISTS, USERS = "ast_admin_access", "modify_lists", "modify_users"
RIGHTS: dict[str, tuple[int, tuple[str, ...]]] = {
    "version": (0, ()),
    **dict.fromkeys(("sounds_list", "moh_list", "vm_list"), (7, ())),
    **dict.fromkeys(("blind_monitor", "agent_ingroup_info"), (7, (API,))),
    **dict.fromkeys(("recording_lookup", "did_log_export", "phone_number_log"), (7, (API, REPORTS))),
    **dict.fromkeys(("agent_stats_export", "user_group_status", "in_group_status"), (7, (API, REPORTS))),
    **dict.fromkeys(("agent_status", "callid_info", "logged_in_agents"), (7, (API, REPORTS))),
    "lead_field_info": (7, (API, LEADS)),
    **dict.fromkeys(("update_log_entry", "add_lead", "update_lead"), (8, (API, LEADS))),
    "check_phone_number": (8, (API,)),
    **dict.fromkeys(("add_user", "update_user"), (8, (API, USERS))),
    **dict.fromkeys(("add_phone", "update_phone", "add_phone_alias"), (8, (API, PHONES))),
    **dict.fromkeys(("update_phone_alias", "add_group_alias", "server_refresh"), (8, (API, PHONES))),
    **dict.fromkeys(("add_list", "update_list"), (8, (API, LISTS))),
    "update_campaign": (8, (API, "modify_campaigns")),
}
"""Level and flags as the page and the original have them, told apart from the declarations on purpose."""

WRONG = "ERROR: Login incorrect, please try again: |6666||BAD|"
LOCKED = "ERROR: Too many login attempts, try again in 15 minutes: |6666|LOCK|"
BLOCKED = "ERROR: Your IP Address is not allowed: 127.0.0.1: ||IPBLOCK|"
DENIED, NOT_ALLOWED, PASSES = "denied", "not allowed", "passes"


@dataclass(frozen=True)
class Case:
    """What is different of the user or the request, and what comes of it."""

    name: str
    outcome: str
    user: dict[str, Any] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    blocks_addresses: bool = False


def cases_of(command: Command) -> list[Case]:
    level = {7: DENIED if command.level > 7 else PASSES, 8: PASSES, 9: PASSES}
    return [
        Case(
            "no login", "ERROR: Login incorrect, please try again: |||BAD|", params={"user": "", "pass": ""}
        ),
        Case("wrong password", WRONG, params={"pass": "12345"}),
        Case("password in another case", WRONG, {"pass": "abcd"}, {"pass": "ABCD"}),
        Case("inactive", WRONG, {"active": "N"}),
        Case("locked", LOCKED, {"failed_login_count": 10, "last_login_date": "2017-06-14 11:59:00"}),
        Case("lock is over", PASSES, {"failed_login_count": 10, "last_login_date": "2017-06-14 11:45:00"}),
        *(Case(f"level {n}", WRONG, {"user_level": n}) for n in (1, 6)),
        *(Case(f"level {n}", outcome, {"user_level": n}) for n, outcome in level.items()),
        *(Case(f"no {flag}", DENIED, {flag: "0"}) for flag in command.flags),
        Case("another function", NOT_ALLOWED, {"api_allowed_functions": f" {command.name}x version "}),
        Case("this function", PASSES, {"api_allowed_functions": f" version {command.name} "}),
        Case("wrong address", BLOCKED, blocks_addresses=True),
        Case("any address", PASSES, {"ignore_ip_list": "1"}, blocks_addresses=True),
    ]


def wanted_line(command: Command, outcome: str, dialect: Dialect) -> str:
    is_original = dialect is Dialect.ORIGINAL
    if outcome == NOT_ALLOWED:
        data = f": |6666|{command.name}|" if is_original else f" - 6666|{command.name}"
        return f"ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION{data}"
    if outcome == DENIED:
        data = command.denied_original if is_original else command.denied_documented
        return f"ERROR: {command.name} {command.denied}{data.replace('{u}', '6666')}"
    return outcome


WITH_LOGIN = [command for command in ALL if command.name != "version"]
TABLE = [pytest.param(c, case, id=f"{c.name}, {case.name}") for c in WITH_LOGIN for case in cases_of(c)]


@pytest.mark.parametrize(("command", "case"), TABLE)
async def test_a_function_is_for_whom_it_is_for(service: Service, command: Command, case: Case) -> None:
    if case.blocks_addresses:
        await change(service, "system_settings", {}, allow_ip_lists="1")
        await change(service, "user_groups", {"user_group": "ADMIN"}, api_ip_list="OTHERS")
    for dialect, asked in ((Dialect.DOCUMENTED, ask), (Dialect.ORIGINAL, ask_original)):
        if case.user:
            await change(service, "users", {"user": "6666"}, **case.user)
        text = await asked(service, command.name, **case.params)
        if case.outcome == PASSES:
            assert "Login incorrect" not in text
            assert command.denied not in text
            assert "PERMISSION TO USE THIS FUNCTION" not in text
        else:
            assert text == wanted_line(command, case.outcome, dialect)


@pytest.mark.parametrize("case", cases_of(COMMANDS["version"]), ids=lambda case: case.name)
async def test_version_is_for_everybody(service: Service, case: Case) -> None:
    if case.user:
        await change(service, "users", {"user": "6666"}, **case.user)
    assert (await ask(service, "version", **case.params)).startswith("VERSION: ")


def test_functions_have_the_rights_they_always_had() -> None:
    assert {command.name: (command.level, command.flags) for command in ALL} == RIGHTS


@pytest.mark.parametrize("command", WITH_LOGIN, ids=lambda command: command.name)
async def test_a_function_wants_to_know_the_source(service: Service, command: Command) -> None:
    text = await ask(service, command.name, source="x")
    refused = "ERROR: Invalid Source - x\nERROR: Invalid Source: |x|"
    assert (text == refused) is not command.is_chooser


@pytest.mark.parametrize("function", ["blind_monitor", "agent_ingroup_info"])
async def test_one_source_needs_no_access_to_the_api(service: Service, function: str) -> None:
    await change(service, "users", {"user": "6666"}, vdc_agent_api_access="0")
    assert "PERMISSION" in await ask(service, function)
    assert "PERMISSION" not in await ask(service, function, source="queuemetrics")


@pytest.mark.parametrize("function", ["add_lead", "update_lead", "update_list", "lead_field_info"])
async def test_a_user_with_lists_of_its_own_needs_its_group(service: Service, function: str) -> None:
    text = await ask(service, function, **{"user": "8004", "pass": "8004pw"})
    missing = "ERROR: user_group DOES NOT EXIST: |8004|NOGROUP|"
    assert (text == missing) is (function != "lead_field_info")
