"""For each example line of the page the request that makes it said: the functions that show something."""

from tests.dialer.asked import Asked, Change, Table, denied, gone, now, there
from trunkline import __version__
from trunkline.dialer.command import WEB_ROOT
from trunkline.dialer.commands.system import BUILD

SERVER = "10.10.10.16"
AS_1255: dict[str, str] = {"user": "1255"}
USER_1255 = now("users", {"user": "6666"}, user="1255")
"""The API user under the other name that the page has for it."""
FIRST_SECOND = {"datetime_start": "2010-12-03 00:00:00", "datetime_end": "2010-12-03 00:00:01"}
DAY = {"agent_user": "1000", "date": "2010-12-03"}
DID = {"phone_number": "3125551212", "date": "2010-12-03"}
HEADER = {"header": "YES"}
CSV = {**HEADER, "stage": "csv"}
CALL = {"call_id": "M4050908070000012345"}
ENTRY = {"group": "TESTCAMP", "call_id": "M9131554060000426264", "status": "SALEX"}
NO_SOUNDS = Asked({}, (now("system_settings", {}, sounds_central_control_active="0"),))
NOBODY_AT_WORK = (gone("live_agents"), gone("live_inbound_agents"), gone("auto_calls"))


def at_work(number: int, status: str, group: str = "ADMIN", lead_id: int = 0) -> tuple[Change, ...]:
    """An agent at work, with its own user, that takes calls of SALESLINE."""
    user = f"w{number}"
    return (
        there("users", user=user, user_group=group, user_level=1, **{"pass": "x"}),
        there(
            "live_agents",
            user=user,
            server_ip=SERVER,
            conf_exten="8600051",
            status=status,
            lead_id=lead_id,
            campaign_id="TESTCAMP",
        ),
        there("live_inbound_agents", user=user, group_id="SALESLINE"),
    )


def floor_of_the_page() -> tuple[Change, ...]:
    """75 agents: 54 in calls, 20 paused, one at the end of a call; and 31 calls that nobody waits in."""
    statuses = ["INCALL"] * 54 + ["PAUSED"] * 20
    agents = [change for n, status in enumerate(statuses) for change in at_work(n, status)]
    calls = [
        there("auto_calls", server_ip=SERVER, lead_id=0, campaign_id="SALESLINE", status="CLOSER")
        for _ in range(31)
    ]
    return (*NOBODY_AT_WORK, *agents, *at_work(75, "PAUSED", lead_id=1001), *calls)


def worked(user: str, *rows: dict[str, int | None], logins: int) -> list[Change]:
    """Rows of an agent's log on one day, each pause after the end of the one before."""
    found: list[Change] = []
    epoch = 1_400_000_000
    for at, row in enumerate(rows):
        seconds = {f"{name}_sec": row.get(name, 0) for name in ("pause", "wait", "talk", "dispo", "dead")}
        found.append(
            there(
                "agent_log",
                user=user,
                server_ip=SERVER,
                event_time="2012-08-09 10:00:00",
                pause_epoch=epoch,
                lead_id=row.get("lead", 0),
                sub_status="LOGIN" if at < logins else "",
                **seconds,
            )
        )
        epoch += 100_000
    return found


STATISTICS = Asked(
    {"datetime_start": "2012-08-09 00:00:00", "datetime_end": "2012-08-10 23:59:59", **HEADER},
    (
        *worked(
            "1029", {"pause": 54, "wait": 32, "talk": 16, "dispo": 10, "lead": 1}, {}, {}, {}, {}, logins=3
        ),
        *worked(
            "6666",
            {"pause": 27, "wait": 32, "talk": 108, "dispo": 84, "lead": 1},
            {"lead": 1},
            {"lead": 1},
            {"lead": 1},
            {"lead": 1, "pause": None},
            logins=2,
        ),
    ),
)

SHOWN: Table = {
    "version": {
        "VERSION: 2.4-34|BUILD: 110424-0854|DATE: 2011-05-29 12:19:22|EPOCH: 1306685962|DST: 1|TZ: -5"
        "|TZNOW: -4|": (
            Asked(at="2011-05-29 12:19:22", other={0: f"VERSION: {__version__}", 1: f"BUILD: {BUILD}"})
        ),
    },
    "sounds_list": {
        "ERROR: audio store web directory does not exist: |6666|sounds_list|/srv/www/htdocs/1234|": Asked(
            {"format": "tab"}, (now("system_settings", {}, sounds_web_directory="1234"),), web_root=WEB_ROOT
        ),
        "ERROR: sounds_list CENTRAL SOUND CONTROL IS NOT ACTIVE": NO_SOUNDS,
    },
    "moh_list": {"ERROR: moh_list CENTRAL SOUND CONTROL IS NOT ACTIVE": NO_SOUNDS},
    "vm_list": {"ERROR: vm_list CENTRAL SOUND CONTROL IS NOT ACTIVE": NO_SOUNDS},
    "blind_monitor": {
        "SUCCESS: blind_monitor HAS BEEN LAUNCHED - 350a|010*010*010*017*350|8600051": Asked(
            {"phone_login": "350a", "session_id": "8600051", "server_ip": "10.10.10.17"},
            (there("conferences", conf_exten=8600051, server_ip="10.10.10.17"),),
        ),
        "ERROR: blind_monitor INVALID PHONE LOGIN - 350q": Asked(
            {"phone_login": "350q", "session_id": "8600051", "server_ip": "10.10.10.16"}
        ),
        "ERROR: blind_monitor INVALID SESSION ID - 8602051": Asked(
            {"phone_login": "350a", "session_id": "8602051", "server_ip": "10.10.10.16"}
        ),
        "ERROR: blind_monitor USER DOES NOT HAVE PERMISSION TO BLIND MONITOR - 6666|0": denied(
            "vdc_agent_api_access"
        ),
        "ERROR: NO FUNCTION SPECIFIED": Asked(function="blind_monitors"),
    },
    "agent_ingroup_info": {
        "ERROR: agent_ingroup_info USER DOES NOT HAVE PERMISSION TO GET AGENT INFO - 6666|0": denied(
            "vdc_agent_api_access"
        ),
        "ERROR: agent_ingroup_info INVALID USER ID - 1255|6666": Asked({"agent_user": "1255"}),
    },
    "recording_lookup": {
        "ERROR: recording_lookup USER DOES NOT HAVE PERMISSION TO GET RECORDING INFO - 6666|0": denied(
            "view_reports"
        ),
        "ERROR: recording_lookup INVALID SEARCH PARAMETERS - 6666|1000||2010-12-03|": Asked(
            {**DAY, "date": "2010-12-3"}, other={3: "2010-12-3"}
        ),
        "ERROR: recording_lookup NO RECORDINGS FOUND - 1255|6666||2010-12-03|": Asked(
            {**DAY, **AS_1255, "agent_user": "6666"}, (USER_1255,)
        ),
        "start_time|user|recording_id|lead_id|location": Asked({**DAY, **HEADER}),
        "2010-12-03 12:00:01|1000|534820|876409|http://yourdomain.dialer360.com/path/to/recording/"
        "20101203_120000_1234567890_1000-all.wav": Asked(
            DAY,
            (
                now(
                    "recording_log",
                    {"recording_id": 534820},
                    location="http://yourdomain.dialer360.com/path/to/recording/"
                    "20101203_120000_1234567890_1000-all.wav",
                ),
            ),
        ),
    },
    "did_log_export": {
        "ERROR: did_log_export USER DOES NOT HAVE PERMISSION TO GET DID INFO - 6666|0": denied(
            "view_reports"
        ),
        "ERROR: did_log_export INVALID SEARCH PARAMETERS - 6666|3125551212|2010-12-03": Asked(
            {**DID, "date": "2010-12-3"}, other={2: "2010-12-3"}
        ),
        "ERROR: did_log_export NO RECORDS FOUND - 1255|3125551212|2010-12-03": Asked(
            {**DID, **AS_1255}, (USER_1255, gone("did_log"))
        ),
        "did_number|call_date|caller_id_number|length_in_sec": Asked({**DID, **HEADER}),
        "3125551212|2010-12-03 12:00:01|7275551212|123": Asked(DID),
    },
    "phone_number_log": {
        "ERROR: phone_number_log USER DOES NOT HAVE PERMISSION TO GET CALL LOG INFO - 6666|0": denied(
            "view_reports"
        ),
        "ERROR: phone_number_log NO VALID PHONE NUMBERS DEFINED - 6666|312|2010-12-03": Asked(
            {"phone_number": "312", "date": "2010-12-03"}
        ),
        "ERROR: phone_number_log NO RECORDS FOUND - 1255|3125551212|2010-12-03": Asked(
            {**DID, **AS_1255}, (USER_1255, gone("log", phone_number="3125551212"))
        ),
        "phone_number|call_date|list_id|length_in_sec|lead_status|hangup_reason|call_status|source_id|user": (
            Asked({"phone_number": "9998887112", **HEADER})
        ),
        "9998887112|2017-01-06 08:11:01|82106|25|TD|AGENT|SALE|mail098|6666": Asked(
            {"phone_number": "9998887112,3125551212"},
            (
                now("log", {"uniqueid": "1483708261.12"}, status="SALE"),
                now("list", {"lead_id": 1010542}, status="TD"),
            ),
        ),
    },
    "agent_stats_export": {
        "ERROR: agent_stats_export USER DOES NOT HAVE PERMISSION TO GET AGENT INFO - 6666|0": denied(
            "view_reports"
        ),
        "ERROR: agent_stats_export INVALID SEARCH PARAMETERS"
        " - 6666||2010-12-03 00:00:00|2010-12-03 00:00:01": (
            Asked({**FIRST_SECOND, "datetime_end": "2010-12-03 00:00:1"}, other={3: "2010-12-03 00:00:1"})
        ),
        "ERROR: agent_stats_export NO RECORDS FOUND - 1255||2010-12-03 00:00:00|2010-12-03 00:00:01": Asked(
            {**FIRST_SECOND, **AS_1255}, (USER_1255,)
        ),
        "user|full_name|user_group|calls|login_time|total_talk_time|avg_talk_time|avg_wait_time|pct_of_queue"
        "|pause_time|sessions|avg_session|pauses|avg_pause_time|pause_pct|pauses_per_session"
        "|total_wait_time": (STATISTICS),
        # The page's own average does not follow from its total: 32 seconds in one call, and in five.
        "1029|test agent|ADMIN|1|0:01:52|0:00:16|0:00:16|0:00:18|16.7%|54|3|0:00:37|5|0:00:11"
        "|48.2%|2|0:00:32": (Asked(STATISTICS.params, STATISTICS.state, {7: "0:00:32"})),
        "6666|Admin|ADMIN|5|0:04:11|0:01:48|0:00:22|0:00:17|83.3%|27|2|0:02:06|4|0:00:07|10.8%|2|0:00:32": (
            Asked(STATISTICS.params, STATISTICS.state, {7: "0:00:06"})
        ),
    },
    "user_group_status": {
        "ERROR: user_group_status USER DOES NOT HAVE PERMISSION TO GET USER GROUP INFO - 6666|0": denied(
            "view_reports"
        ),
        "ERROR: user_group_status INVALID SEARCH PARAMETERS - 6666||": Asked(),
        "usergroups|calls_waiting|agents_logged_in|agents_in_calls|agents_waiting|agents_paused"
        "|agents_in_dead_calls|agents_in_dispo": Asked({"user_groups": "ADMIN|AGENT", **HEADER}),
        "ADMIN AGENT|0|1|0|1|0|0|0": Asked(
            {"user_groups": "ADMIN|AGENT"}, (*NOBODY_AT_WORK, *at_work(1, "READY"))
        ),
    },
    "in_group_status": {
        "ERROR: in_group_status USER DOES NOT HAVE PERMISSION TO GET IN-GROUP INFO - 6666|0": denied(
            "view_reports"
        ),
        "ERROR: in_group_status INVALID SEARCH PARAMETERS - 6666||": Asked(),
        "ingroups,total_calls,calls_waiting,agents_logged_in,agents_in_calls,agents_waiting,agents_paused"
        ",agents_in_dispo": Asked({"in_groups": "SALESLINE|SUPPORT", **CSV}),
        "SALESLINE SUPPORT,31,0,75,54,0,20,1": Asked(
            {"user_groups": "SALESLINE|SUPPORT", **CSV}, floor_of_the_page()
        ),
    },
    "agent_status": {
        "ERROR: agent_status USER DOES NOT HAVE PERMISSION TO GET AGENT INFO - 6666|0": denied(
            "view_reports"
        ),
        "ERROR: agent_status INVALID SEARCH PARAMETERS - 6666||": Asked(),
        "ERROR: agent_status AGENT NOT FOUND - 6666||": Asked({"agent_user": "nobody"}, other={1: "nobody"}),
        "ERROR: agent_status AGENT NOT LOGGED IN - 6666||": Asked({"agent_user": "1028"}, other={1: "1028"}),
        "status,call_id,lead_id,campaign_id,calls_today,full_name,user_group,user_level,pause_code"
        ",real_time_sub_status,phone_number,vendor_lead_code,session_id": Asked(
            {"agent_user": "1000", **CSV}
        ),
        "INCALL,M4050908070000012345,12345,TESTCAMP,1,Test Agent,AGENTS,3,LOGIN,,7275551212,123456,8600051": (
            Asked({"agent_user": "1000", **CSV})
        ),
        "INCALL|M4181606420000000104|104|TESTBLND|1|Admin|ADMIN|9|BRK2|DEAD|3125551212|123457|8600051": Asked(
            {"agent_user": "6666"}, (now("live_agents", {"user": "6666"}, conf_exten="8600051"),)
        ),
        "PAUSED||105|TESTBLND|1|Admin|ADMIN|9||PREVIEW|9545551212|123458|8600052": Asked(
            {"agent_user": "6666"},
            (
                gone("live_agents", user="6666"),
                now("live_agents", {"user": "1001"}, user="6666", conf_exten="8600052", agent_log_id=0),
            ),
        ),
    },
    "callid_info": {
        "ERROR: callid_info USER DOES NOT HAVE PERMISSION TO GET CALL INFO - 6666|0": denied("view_reports"),
        "ERROR: callid_info INVALID SEARCH PARAMETERS - 6666||": Asked(),
        "ERROR: callid_info CALL NOT FOUND - 6666||": Asked(
            {"call_id": "V0000000000000000000"}, other={1: "V0000000000000000000"}
        ),
        "ERROR: callid_info CALL LOG NOT FOUND - 6666||": Asked(
            {"call_id": "V5100911000000001003"}, other={1: "V5100911000000001003"}
        ),
        "call_id,custtime": Asked({**CALL, **CSV}),
        "M4050908070000012345,725": Asked({**CALL, **CSV}),
        "call_id,custtime,call_date,campaign_id,list_id,status,user,phone": Asked(
            {**CALL, **CSV, "detail": "YES"}
        ),
        "M4050908070000012345,725,2014-01-24 09:26:09,TESTCAMP,999,A,6666,3125551212": Asked(
            {**CALL, **CSV, "detail": "YES"}
        ),
    },
    "lead_field_info": {
        "ERROR: lead_field_info USER DOES NOT HAVE PERMISSION TO GET LEAD INFO - 6666|0": denied(
            "modify_leads"
        ),
        "ERROR: lead_field_info INVALID SEARCH PARAMETERS - 6666||": Asked(),
        "ERROR: lead_field_info LIST NOT FOUND - 6666||": Asked(
            {"lead_id": "1013", "field_name": "state"}, other={1: "1013", 2: "state"}
        ),
        "ERROR: lead_field_info LEAD NOT FOUND - 6666||": Asked(
            {"lead_id": "99", "field_name": "state"}, other={1: "99", 2: "state"}
        ),
        "ERROR: lead_field_info LEAD FIELD NOT FOUND - 6666||": Asked(
            {"lead_id": "1001", "field_name": "size"}, other={1: "1001", 2: "size"}
        ),
        "1234567890": Asked(
            {
                "field_name": "cc_value",
                "lead_id": "1139739",
                "custom_fields": "Y",
                "list_id": "999888999777",
            }
        ),
    },
    "update_log_entry": {
        "ERROR: update_log_entry USER DOES NOT HAVE PERMISSION TO UPDATE LOGS - 6666|0": denied(
            "modify_leads"
        ),
        "ERROR: update_log_entry INVALID SEARCH PARAMETERS - 6666||": Asked(),
        "ERROR: update_log_entry GROUP NOT FOUND - 6666||": Asked(
            {**ENTRY, "group": "NOPE"}, other={1: "NOPE"}
        ),
        "ERROR: update_log_entry NO RECORDS FOUND - 6666||||": Asked(
            {**ENTRY, "call_id": "1.1"}, other={1: "TESTCAMP", 2: "1.1", 3: "SALEX"}
        ),
        "ERROR: update_log_entry NO RECORDS UPDATED"
        " - 6666|TESTCAMP|M9131554060000426264|SALEX|SALEX|1347566056.399": Asked(
            ENTRY, (now("log", {"uniqueid": "1347566056.399"}, status="SALEX"),)
        ),
        "SUCCESS: update_log_entry RECORD HAS BEEN UPDATED"
        " - 6666|6666|TESTCAMP|M9131554060000426264|SALEX|WN|1347566056.399|": Asked(ENTRY),
    },
}
