"""blind_monitor, agent_ingroup_info and server_refresh: the page's dialect, and what was not recorded."""

import pytest

from tests.dialer.lead_calls import ask, ask_original, change, newest
from trunkline.dialer.runner import Service

SESSION = {"phone_login": "350a", "session_id": "8600051", "server_ip": "10.10.10.16"}
LIMITED = {"user": "8002", "pass": "8002pw"}


async def test_the_page_names_phone_server_and_session(service: Service) -> None:
    text = await ask(service, "blind_monitor", **SESSION, stage="MONITOR")
    assert text == "SUCCESS: blind_monitor HAS BEEN LAUNCHED - 350a|010*010*010*016*350|8600051"


@pytest.mark.parametrize("session_id", ["8602051", "", "9" * 30])
async def test_a_session_must_exist(service: Service, session_id: str) -> None:
    text = await ask(service, "blind_monitor", **(SESSION | {"session_id": session_id}))
    assert text == f"ERROR: blind_monitor INVALID SESSION ID - {session_id}"


async def test_a_phone_must_exist(service: Service) -> None:
    text = await ask(service, "blind_monitor", **(SESSION | {"phone_login": "350q"}))
    assert text == "ERROR: blind_monitor INVALID PHONE LOGIN - 350q"


@pytest.mark.parametrize(
    ("stage", "may_whisper", "dialed", "mark", "kind"),
    [
        ("", "1", "08600051", "BM", "LISTEN"),
        ("xMONITORx", "1", "08600051", "BM", "LISTEN"),
        ("BARGE", "0", "8600051", "BB", "BARGE"),
        ("HIJACK", "0", "8600051", "BB", "HIJACK"),
        ("WHISPER", "1", "473782188600051", "BW", "WHISPER"),
        ("WHISPER", "0", "08600051", "BM", "LISTEN"),
        ("DROPTABLE", "1", "08600051", "BM", "LISTEN"),
    ],
)
async def test_the_stage_chooses_how_to_listen(
    service: Service, stage: str, may_whisper: str, dialed: str, mark: str, kind: str
) -> None:
    await change(service, "system_settings", {}, agent_whisper_enabled=may_whisper)
    text = await ask_original(service, "blind_monitor", **SESSION, stage=stage)
    assert text.endswith(f" - 350a|010*010*010*016*{dialed}|350|8600051|1|6666")
    code = f"{mark}149745600000006666"
    assert newest(service, "dialer360_manager", "man_id")["callerid"] == code
    entry = newest(service, "dialer360_rt_monitor_log", "caller_code")
    assert (entry["caller_code"], entry["monitor_type"], entry["agent_user"]) == (code, kind, "1000")


async def test_the_call_is_made_by_the_server_of_the_phone(service: Service) -> None:
    await ask(service, "blind_monitor", **(SESSION | {"phone_login": "cc101"}))
    call = newest(service, "dialer360_manager", "man_id")
    assert (call["server_ip"], call["cmd_line_d"]) == ("10.10.10.17", "Exten: 101")
    assert call["cmd_line_b"] == "Channel: Local/010*010*010*016*08600051@default"


async def test_a_session_without_an_agent_is_monitored_too(service: Service) -> None:
    await ask(service, "blind_monitor", **(SESSION | {"session_id": "8600053", "server_ip": "10.10.10.17"}))
    entry = newest(service, "dialer360_rt_monitor_log", "caller_code")
    assert entry["agent_session"] == "8600053"


@pytest.mark.parametrize("agent", ["1255", "x", "", "1000' or '1'='1", "1" * 21])
async def test_an_agent_must_be_at_work(service: Service, agent: str) -> None:
    text = await ask(service, "agent_ingroup_info", agent_user=agent)
    assert text == f"ERROR: agent_ingroup_info INVALID USER ID - {agent}|6666"


async def test_an_agent_out_of_sight_is_none(service: Service) -> None:
    await change(service, "live_agents", {"user": "1000"}, campaign_id="TESTOUT")
    text = await ask(service, "agent_ingroup_info", agent_user="1000", **LIMITED)
    assert text == "ERROR: agent_ingroup_info INVALID USER ID - 1000|8002"


async def test_the_text_is_the_same_in_both_dialects(service: Service) -> None:
    text = await ask(service, "agent_ingroup_info", agent_user="1000", stage="text")
    assert text.startswith("SUCCESS:  - 1000|text\nSELECTED INGROUPS:  SALESLINE SUPPORT -\n")
    assert text == await ask_original(service, "agent_ingroup_info", agent_user="1000", stage="text")


async def test_the_change_view_offers_the_campaigns_groups(service: Service) -> None:
    text = await ask(service, "agent_ingroup_info", agent_user="1004", stage="change")
    assert '<option value="SALESLINE" selected>' in text
    assert '<option value="SUPPORT">' in text
    assert '<option value="-"' not in text
    assert 'name="blended">' in text


@pytest.mark.parametrize(
    "campaign", [{"campaign_allow_inbound": "N"}, {"dial_method": "MANUAL"}, {"closer_campaigns": " -"}]
)
async def test_a_campaign_without_inbound_calls_offers_none(
    service: Service, campaign: dict[str, str]
) -> None:
    await change(service, "campaigns", {"campaign_id": "TESTCAMP"}, **campaign)
    assert '<option value="S' not in await ask(
        service, "agent_ingroup_info", agent_user="1000", stage="change"
    )


async def test_who_may_not_change_sees_the_info(service: Service) -> None:
    info = await ask(service, "agent_ingroup_info", agent_user="1000")
    login = {"user": "8000", "pass": "8000pw"}
    assert await ask(service, "agent_ingroup_info", agent_user="1000", stage="change", **login) == info
    assert "<form" not in info
    assert newest(service, "dialer360_api_log", "api_id")["data"] == "1000|info"


async def test_the_view_escapes_what_it_shows(service: Service) -> None:
    evil = "<b>x</b>"
    await change(service, "live_agents", {"user": "1000"}, closer_campaigns=evil)
    await change(service, "inbound_groups", {"group_id": "SALESLINE"}, group_name=evil)
    for stage in ("info", "change"):
        assert evil not in await ask(service, "agent_ingroup_info", agent_user="1000", stage=stage)


async def test_a_refresh_counts_the_servers_it_changed(service: Service) -> None:
    done = "SUCCESS: server_refresh SERVER REFRESH HAS BEEN TRIGGERED - 6666|"
    assert await ask(service, "server_refresh", stage="REFRESH") == f"{done}3"
    assert await ask(service, "server_refresh", stage="xREFRESHx") == f"{done}0"
    assert newest(service, "dialer360_admin_log", "admin_log_id")["event_notes"] == "servers: 0"


async def test_a_refresh_must_be_confirmed(service: Service) -> None:
    missing = "ERROR: server_refresh YOU MUST USE ALL REQUIRED FIELDS - 6666|"
    assert await ask(service, "server_refresh", stage="refresh") == missing
