"""Every function asked by users who may see only some lists, campaigns or groups."""

import pytest

from tests.dialer.lead_calls import ask, change
from trunkline.dialer.commands import ALL
from trunkline.dialer.runner import Service

Params = dict[str, str]
REQUESTS: dict[str, Params] = {
    "version": {},
    **{name: {} for name in ("sounds_list", "moh_list", "vm_list", "logged_in_agents")},
    "blind_monitor": {"phone_login": "350a", "session_id": "8600051", "server_ip": "192.0.2.1"},
    "agent_ingroup_info": {"agent_user": "1000"},
    "recording_lookup": {"agent_user": "1000", "date": "2017-06-14"},
    "did_log_export": {"phone_number": "3125551212", "date": "2014-01-24"},
    "phone_number_log": {"phone_number": "3125551212"},
    "agent_stats_export": {"datetime_start": "2010-01-01+00:00:00", "datetime_end": "2030-01-01+00:00:00"},
    "user_group_status": {"user_groups": "AGENTS"},
    "in_group_status": {"in_groups": "SALESLINE"},
    "agent_status": {"agent_user": "1000"},
    "callid_info": {"call_id": "M4050908070000012345"},
    "lead_field_info": {"lead_id": "1001", "field_name": "first_name"},
    "update_log_entry": {"call_id": "1", "group": "TESTCAMP", "status": "SALE"},
    "add_lead": {"phone_number": "7275551111", "list_id": "101"},
    "update_lead": {"lead_id": "1001", "city": "Tampa"},
    "check_phone_number": {"phone_number": "7275551111", "local_call_time": "24hours"},
    "add_user": {
        "agent_user": "7777",
        "agent_pass": "77777",
        "agent_user_level": "1",
        "agent_full_name": "New One",
        "agent_user_group": "AGENTS",
    },
    "update_user": {"agent_user": "1000", "agent_full_name": "Other Name"},
    "add_group_alias": {"caller_id_number": "7275551212"},
    "add_phone": {"extension": "77", "server_ip": "192.0.2.1"},
    "update_phone": {"extension": "350a", "server_ip": "192.0.2.1"},
    "add_phone_alias": {"alias_id": "ALIAS", "phone_logins": "350a", "alias_name": "New"},
    "update_phone_alias": {"alias_id": "ALIAS", "alias_name": "Other"},
    "add_list": {"list_id": "7777", "list_name": "New list", "campaign_id": "TESTCAMP"},
    "update_list": {"list_id": "101", "list_name": "Other name"},
    "update_campaign": {"campaign_id": "TESTCAMP", "campaign_name": "Other name"},
    "server_refresh": {},
}
LISTS = {
    "add_lead": "ERROR: add_lead NOT AN ALLOWED LIST ID - 7275551111|101",
    "update_lead": "ERROR: update_lead NOT AN ALLOWED LIST ID - 101",
    "update_list": "ERROR: update_list NOT AN ALLOWED LIST ID - 101",
}
"""Functions that look at the lists of a user restricted to them, and their refusals."""
CAMPAIGNS = {
    "agent_ingroup_info": "ERROR: agent_ingroup_info INVALID USER ID - 1000|6666",
    "user_group_status": "AGENTS|0|12|7|3|1|0|1",
    "lead_field_info": "ERROR: lead_field_info LIST NOT FOUND - 6666|1001|first_name",
    "update_log_entry": "ERROR: update_log_entry GROUP NOT FOUND - 6666|TESTCAMP|",
    "logged_in_agents": "ERROR: logged_in_agents NO LOGGED IN AGENTS",
    "add_list": "ERROR: add_list CAMPAIGN DOES NOT EXIST - 6666|TESTCAMP",
    "update_list": "ERROR: update_list LIST DOES NOT EXIST - 6666|101",
    "update_campaign": "ERROR: update_campaign NOT AN ALLOWED CAMPAIGN ID - TESTCAMP",
}
"""Functions that look at the campaigns of a user's group; of calls waiting only some are in sight."""
GROUPS = {
    "user_group_status": "AGENTS|3|0|0|0|0|0|0",
    "agent_status": "ERROR: agent_status AGENT NOT FOUND - 6666|1000|",
    "logged_in_agents": "ERROR: logged_in_agents NO LOGGED IN AGENTS",
    "add_user": "ERROR: add_user USER GROUP DOES NOT EXIST - 6666|AGENTS",
    "update_user": "ERROR: update_user USER DOES NOT HAVE PERMISSION TO UPDATE THIS USER - 6666|1000",
}
"""Functions that look at the groups that a user's group may see; calls waiting are in everybody's sight."""

PAGES_OF_GROUPS = ("moh_list", "vm_list")
"""Pages on which what belongs to other groups is left out."""


async def limit(service: Service, *, lists: str = "0", **group: str) -> None:
    await change(service, "users", {"user": "6666"}, api_list_restrict=lists)
    if group:
        await change(service, "user_groups", {"user_group": "ADMIN"}, **group)


async def answers(service: Service, name: str, **limits: str) -> tuple[str, str]:
    """What a user gets who may see all, and then under limits; what a first request changes is no news."""
    await limit(service)
    first = await ask(service, name, **REQUESTS[name])
    if first.startswith("SUCCESS"):
        first = "SUCCESS"
    await limit(service, **limits)
    return first, await ask(service, name, **REQUESTS[name])


def test_every_function_is_asked() -> None:
    assert set(REQUESTS) == {command.name for command in ALL}


@pytest.mark.parametrize("name", REQUESTS)
async def test_lists_of_other_campaigns(service: Service, name: str) -> None:
    free, limited = await answers(service, name, lists="1", allowed_campaigns=" NOTHING -")
    wanted = LISTS.get(name) or CAMPAIGNS.get(name)
    assert limited == wanted if wanted else is_no_refusal(free, limited)


@pytest.mark.parametrize("name", REQUESTS)
async def test_campaigns_of_others(service: Service, name: str) -> None:
    free, limited = await answers(service, name, allowed_campaigns=" NOTHING -")
    assert limited == CAMPAIGNS[name] if name in CAMPAIGNS else is_no_refusal(free, limited)


@pytest.mark.parametrize("name", REQUESTS)
async def test_groups_of_others(service: Service, name: str) -> None:
    free, limited = await answers(service, name, admin_viewable_groups=" NOBODY ")
    if name in PAGES_OF_GROUPS:
        assert limited.count("<tr") < free.count("<tr")
        return
    assert limited == GROUPS[name] if name in GROUPS else is_no_refusal(free, limited)


def is_no_refusal(free: str, limited: str) -> bool:
    """Whether the limits changed nothing. What was added before is there the second time."""
    return limited == free or (
        free == "SUCCESS" and (limited.startswith("SUCCESS") or "ALREADY EXISTS" in limited)
    )


async def test_own_lists_are_no_foreign_ones(service: Service) -> None:
    await limit(service, lists="1", allowed_campaigns=" TESTCAMP -")
    for name in (*LISTS, "lead_field_info", "update_campaign", "agent_ingroup_info"):
        assert (await ask(service, name, **REQUESTS[name])).startswith("ERROR") is False, name
