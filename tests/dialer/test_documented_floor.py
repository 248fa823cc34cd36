"""The published page's lines of the floor: user groups, in-groups, one agent, agents at work."""

import pytest

from tests.dialer.lead_calls import ask, ask_original, change, insert
from trunkline.dialer.runner import Service

NO_FLAGS = {"user": "7001", "pass": "7001pw"}
LIMITED = {"user": "8002", "pass": "8002pw"}
STATUS_HEADER = (
    "status,call_id,lead_id,campaign_id,calls_today,full_name,user_group,user_level,pause_code,"
    "real_time_sub_status,phone_number,vendor_lead_code,session_id"
)
AGENTS_HEADER = (
    "user,campaign_id,session_id,status,lead_id,callerid,calls_today,full_name,user_group,user_level"
)

LINES: list[tuple[str, dict[str, str], str]] = [
    (
        "user_group_status",
        {"user_groups": "ADMIN", **NO_FLAGS},
        "ERROR: user_group_status USER DOES NOT HAVE PERMISSION TO GET USER GROUP INFO - 7001|0",
    ),
    ("user_group_status", {}, "ERROR: user_group_status INVALID SEARCH PARAMETERS - 6666||"),
    (
        "user_group_status",
        {"user_groups": "ADMIN|AGENTS", "header": "YES"},
        "usergroups|calls_waiting|agents_logged_in|agents_in_calls|agents_waiting|agents_paused"
        "|agents_in_dead_calls|agents_in_dispo\nADMIN AGENTS|3|13|7|3|1|1|1",
    ),
    (
        "in_group_status",
        {"in_groups": "SALESLINE", **NO_FLAGS},
        "ERROR: in_group_status USER DOES NOT HAVE PERMISSION TO GET IN-GROUP INFO - 7001|0",
    ),
    ("in_group_status", {}, "ERROR: in_group_status INVALID SEARCH PARAMETERS - 6666||"),
    (
        "in_group_status",
        {"user_groups": "SALESLINE|SUPPORT", "stage": "csv", "header": "YES"},
        "ingroups,total_calls,calls_waiting,agents_logged_in,agents_in_calls,agents_waiting,agents_paused,"
        "agents_in_dispo\nSALESLINE SUPPORT,3,2,6,2,2,1,1",
    ),
    (
        "agent_status",
        {"agent_user": "1000", **NO_FLAGS},
        "ERROR: agent_status USER DOES NOT HAVE PERMISSION TO GET AGENT INFO - 7001|0",
    ),
    ("agent_status", {}, "ERROR: agent_status INVALID SEARCH PARAMETERS - 6666||"),
    ("agent_status", {"agent_user": "1"}, "ERROR: agent_status INVALID SEARCH PARAMETERS - 6666|1|"),
    ("agent_status", {"agent_user": "nobody"}, "ERROR: agent_status AGENT NOT FOUND - 6666|nobody|"),
    ("agent_status", {"agent_user": "1028"}, "ERROR: agent_status AGENT NOT LOGGED IN - 6666|1028|"),
    (
        "agent_status",
        {"agent_user": "1000", "stage": "csv", "header": "YES"},
        f"{STATUS_HEADER}\n"
        "INCALL,M4050908070000012345,12345,TESTCAMP,1,Test Agent,AGENTS,3,LOGIN,,7275551212,123456,8600051",
    ),
    (
        "agent_status",
        {"agent_user": "6666"},
        "INCALL|M4181606420000000104|104|TESTBLND|1|Admin|ADMIN|9|BRK2|DEAD|3125551212|123457|8600052",
    ),
    (
        "agent_status",
        {"agent_user": "1001"},
        "PAUSED||105|TESTBLND|1|Agent One|AGENTS|1|LUNCH|PREVIEW|9545551212|123458|8600053",
    ),
    (
        "logged_in_agents",
        NO_FLAGS,
        "ERROR: logged_in_agents USER DOES NOT HAVE PERMISSION TO GET AGENT INFO - 7001|0",
    ),
    ("logged_in_agents", {"campaigns": "NOPE"}, "ERROR: logged_in_agents NO LOGGED IN AGENTS"),
    (
        "logged_in_agents",
        {"user_groups": "admin", "stage": "csv", "header": "YES"},
        f"{AGENTS_HEADER}\n6666,TESTBLND,8600052,INCALL,104,M4181606420000000104,1,Admin,ADMIN,9",
    ),
    (
        "logged_in_agents",
        {"user_groups": "ADMIN", "show_sub_status": "YES", "stage": "csv", "header": "YES"},
        f"{AGENTS_HEADER},pause_code,sub_status\n"
        "6666,TESTBLND,8600052,INCALL,104,M4181606420000000104,1,Admin,ADMIN,9,BRK2,DEAD",
    ),
]


@pytest.mark.parametrize(("function", "params", "line"), LINES)
async def test_a_line_of_the_page(service: Service, function: str, params: dict[str, str], line: str) -> None:
    assert await ask(service, function, **params) == line


async def test_in_groups_have_no_other_name_for_original_clients(service: Service) -> None:
    answer = await ask_original(service, "in_group_status", user_groups="SALESLINE|SUPPORT")
    assert answer == "ERROR: in_group_status INVALID SEARCH PARAMETERS: 6666|"


async def test_original_clients_get_eight_names_over_thirteen_values(service: Service) -> None:
    header, row = (
        await ask_original(service, "agent_status", agent_user="1000", stage="csv", header="YES")
    ).split("\n")
    assert header == "status,callerid,lead_id,campaign_id,calls_today,full_name,user_group,user_level"
    assert len(row.split(",")) == 13


async def test_an_agent_out_of_sight_is_as_one_that_is_not(service: Service) -> None:
    hidden = await ask(service, "agent_status", agent_user="6666", **LIMITED)
    assert hidden == "ERROR: agent_status AGENT NOT FOUND - 8002|6666|"
    assert (await ask(service, "agent_status", agent_user="1000", **LIMITED)).startswith("INCALL|")


async def test_a_limited_user_sees_only_its_campaigns_and_groups_at_work(service: Service) -> None:
    rows = (await ask(service, "logged_in_agents", **LIMITED)).splitlines()
    assert {row.split("|")[1] for row in rows} == {"TESTCAMP"}
    assert {row.split("|")[8] for row in rows} == {"AGENTS"}
    asked_for_all = await ask(service, "logged_in_agents", campaigns="TESTCAMP|TESTBLND", **LIMITED)
    assert asked_for_all.splitlines() == rows


async def test_a_limited_user_counts_only_what_it_sees(service: Service) -> None:
    groups = await ask(service, "user_group_status", user_groups="ADMIN|AGENTS", **LIMITED)
    assert groups == "ADMIN AGENTS|1|12|7|3|1|0|1"
    await change(service, "inbound_groups", {"group_id": "SUPPORT"}, user_group="ADMIN")
    support = await ask(service, "in_group_status", in_groups="SUPPORT", **LIMITED)
    assert support == "SUPPORT|0|0|0|0|0|0|0"


async def test_a_chat_is_dead_when_the_other_side_has_left(service: Service) -> None:
    assert "|DEAD|" not in await ask(service, "agent_status", agent_user="1010")
    line = {"chat_id": "1", "message": "Customer has left chat", "message_time": "2017-06-14 11:59:00"}
    await insert(service, "chat_log", {**line, "poster": "1", "chat_member_name": "Bob"})
    assert "|DEAD|" in await ask(service, "agent_status", agent_user="1010")


async def test_without_any_call_an_agent_in_a_call_without_id_is_dead(service: Service) -> None:
    await change(service, "live_agents", {"user": "1010"}, comments="")
    assert "|DEAD|" not in await ask(service, "agent_status", agent_user="1010")
    async with service.database.work() as work:
        for number in range(1, 7):
            await work.delete("auto_calls", auto_call_id=number)
    assert "|DEAD|" in await ask(service, "agent_status", agent_user="1010")
    assert "|DEAD|" not in await ask(service, "agent_status", agent_user="1011"), "e-mails never are"


async def test_a_call_shows_its_number_before_that_of_the_lead(service: Service) -> None:
    await change(service, "auto_calls", {"auto_call_id": 1}, phone_number="3120001111")
    assert "|3120001111|123456|" in await ask(service, "agent_status", agent_user="1000")
