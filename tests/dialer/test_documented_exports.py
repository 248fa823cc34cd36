"""The published page's lines of the exports: recordings, calls of a DID, calls of a number, agents' work."""

from typing import Any

import pytest

from tests.dialer.lead_calls import ask, ask_original, change, insert
from trunkline.dialer.runner import Service

DAY = {"agent_user": "1000", "date": "2010-12-03"}
DID = {"phone_number": "3125551212", "date": "2010-12-03"}
PERIOD = {"datetime_start": "2012-03-26 00:00:00", "datetime_end": "2012-03-26 23:59:59"}
NO_FLAGS = {"user": "7001", "pass": "7001pw"}
RECORDING = (
    "2010-12-03 12:00:01|1000|534820|876409|http://server/path/to/recording/"
    "20101203_120000_1234567890_1000-all.wav"
)
SECOND_RECORDING = "2010-12-03 13:00:01|1000|534821|1001|http://server/path/20101203_130000.wav"
RECORDING_HEADER = "start_time|user|recording_id|lead_id|location"
STATS_HEADER = (
    "user|full_name|user_group|calls|login_time|total_talk_time|avg_talk_time|avg_wait_time|pct_of_queue"
    "|pause_time|sessions|avg_session|pauses|avg_pause_time|pause_pct|pauses_per_session|total_wait_time"
)

LINES: list[tuple[str, dict[str, str], str]] = [
    (
        "recording_lookup",
        {**DAY, **NO_FLAGS},
        "ERROR: recording_lookup USER DOES NOT HAVE PERMISSION TO GET RECORDING INFO - 7001|0",
    ),
    (
        "recording_lookup",
        {"agent_user": "1000", "date": "2010-12"},
        "ERROR: recording_lookup INVALID SEARCH PARAMETERS - 6666|1000||2010-12|",
    ),
    (
        "recording_lookup",
        {"agent_user": "6666", "date": "2010-12-03"},
        "ERROR: recording_lookup NO RECORDINGS FOUND - 6666|6666||2010-12-03|",
    ),
    ("recording_lookup", {**DAY, "header": "YES"}, f"{RECORDING_HEADER}\n{RECORDING}\n{SECOND_RECORDING}"),
    (
        "did_log_export",
        {**DID, **NO_FLAGS},
        "ERROR: did_log_export USER DOES NOT HAVE PERMISSION TO GET DID INFO - 7001|0",
    ),
    (
        "did_log_export",
        {**DID, "date": "2010"},
        "ERROR: did_log_export INVALID SEARCH PARAMETERS - 6666|3125551212|2010",
    ),
    (
        "did_log_export",
        {**DID, "date": "2011-12-03"},
        "ERROR: did_log_export NO RECORDS FOUND - 6666|3125551212|2011-12-03",
    ),
    (
        "did_log_export",
        {**DID, "header": "YES"},
        "did_number|call_date|caller_id_number|length_in_sec\n"
        "3125551212|2010-12-03 12:00:01|7275551212|123\n"
        "3125551212|2010-12-03 14:30:00|7275551213|0\n"
        "3125551212|2010-12-03 16:00:00|7275551214|0",
    ),
    (
        "phone_number_log",
        {"phone_number": "9998887112", **NO_FLAGS},
        "ERROR: phone_number_log USER DOES NOT HAVE PERMISSION TO GET CALL LOG INFO - 7001|0",
    ),
    (
        "phone_number_log",
        {"phone_number": "312", "date": "2010-12-03"},
        "ERROR: phone_number_log NO VALID PHONE NUMBERS DEFINED - 6666|312|2010-12-03",
    ),
    (
        "phone_number_log",
        {"phone_number": "3120000000", "date": "2010-12-03"},
        "ERROR: phone_number_log NO RECORDS FOUND - 6666|3120000000|2010-12-03",
    ),
    (
        "phone_number_log",
        {"phone_number": "312,9998887112", "detail": "LAST", "type": "IN", "header": "YES"},
        "phone_number|call_date|list_id|length_in_sec|lead_status|hangup_reason|call_status|source_id|user\n"
        "9998887112|2017-03-01 10:00:00|999|33|SALE|AGENT|SALE|mail098|1000",
    ),
    (
        "agent_stats_export",
        {**PERIOD, **NO_FLAGS},
        "ERROR: agent_stats_export USER DOES NOT HAVE PERMISSION TO GET AGENT INFO - 7001|0",
    ),
    (
        "agent_stats_export",
        {"datetime_start": "2010-12-03 00:00:00", "datetime_end": "2010-12-03"},
        "ERROR: agent_stats_export INVALID SEARCH PARAMETERS - 6666||2010-12-03 00:00:00|2010-12-03",
    ),
    (
        "agent_stats_export",
        {"datetime_start": "2010-12-03 00:00:00", "datetime_end": "2010-12-03 00:00:01"},
        "ERROR: agent_stats_export NO RECORDS FOUND - 6666||2010-12-03 00:00:00|2010-12-03 00:00:01",
    ),
    (
        "agent_stats_export",
        {**PERIOD, "header": "YES"},
        f"{STATS_HEADER}\n"
        "1028|Callback Agent|AGENTS|0|0:00:33|0:00:00|0:00:00|0:00:00|0%|33|1|0:00:33|1|0:00:33|100%|1"
        "|0:00:00\n"
        "1029|test agent|ADMIN|1|0:01:52|0:00:16|0:00:16|0:00:28|25%|54|2|0:00:56|3|0:00:18|48.2%|2|0:00:28\n"
        "6666|Admin|ADMIN|3|0:02:59|0:01:48|0:00:36|0:00:06|75%|27|1|0:02:59|4|0:00:07|15.1%|4|0:00:17",
    ),
]


@pytest.mark.parametrize(("function", "params", "line"), LINES)
async def test_a_line_of_the_page(service: Service, function: str, params: dict[str, str], line: str) -> None:
    assert await ask(service, function, **params) == line


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"lead_id": "876409"}, RECORDING),
        ({"lead_id": "876409", "agent_user": "1000"}, RECORDING),
        ({"lead_id": "876409", "agent_user": "1001"}, ""),
        ({"lead_id": "876409", "uniqueid": "nobody.knows.it"}, RECORDING),
        ({"uniqueid": "1347566056.399"}, "2012-09-13 15:54:20|6666|534822|426264|"),
        ({"uniqueid": "1347566056"}, "2012-09-13 15:54:20|6666|534822|426264|"),
    ],
)
async def test_recordings_are_found_by_all_parts_given(
    service: Service, params: dict[str, str], found: str
) -> None:
    answer = await ask(service, "recording_lookup", **params)
    assert answer == found or (not found and "NO RECORDINGS FOUND" in answer)


@pytest.mark.parametrize(
    "params",
    [
        {"date": "2010-12-03"},
        {"agent_user": "1000"},
        {"uniqueid": "1347566056"[:8]},
        {"uniqueid": "nobody.knows.it", "date": "2010-12-03"},
        {"lead_id": "12345678901"},
    ],
)
async def test_too_little_to_look_for_recordings(service: Service, params: dict[str, str]) -> None:
    assert "INVALID SEARCH PARAMETERS" in await ask(service, "recording_lookup", **params)


async def test_a_recording_of_an_inbound_call_stands_under_its_number_too(service: Service) -> None:
    row: dict[str, Any] = {"start_time": "2017-06-01 10:00:00", "user": "1000", "vicidial_id": "3"}
    await insert(service, "recording_log", {**row, "lead_id": 234, "location": "http://server/a.wav"})
    await change(service, "closer_log", {"closecallid": 3}, uniqueid="1496325600.55")

    answer = await ask(service, "recording_lookup", uniqueid="1496325600.55")

    assert answer.endswith("|234|http://server/a.wav")


async def test_calls_of_several_numbers_stand_in_their_order_out_before_in(service: Service) -> None:
    numbers = "7275551001,12,9998887112"
    answer = await ask(service, "phone_number_log", phone_number=numbers, type="ALL", stage="csv")

    assert [line.split(",")[:2] for line in answer.splitlines()] == [
        ["7275551001", "2014-05-09 09:10:00"],
        ["9998887112", "2017-02-07 08:11:01"],
        ["9998887112", "2017-02-06 08:11:01"],
        ["9998887112", "2017-01-06 08:11:01"],
        ["9998887112", "2017-03-01 10:00:00"],
    ]


async def test_a_call_without_its_lead_shows_its_own_status_out_and_none_in(service: Service) -> None:
    call = {"phone_number": "5551234567", "lead_id": 555, "list_id": 101, "status": "NA", "user": "1000"}
    await insert(service, "log", {**call, "uniqueid": "1.1", "call_date": "2017-01-01 00:00:00"})
    await insert(service, "closer_log", {**call, "call_date": "2017-01-02 00:00:00"})

    answer = await ask(service, "phone_number_log", phone_number="5551234567", type="ALL")

    assert [line.split("|")[4] for line in answer.splitlines()] == ["NA", ""]


async def test_original_clients_get_a_notice_where_no_call_is_found(service: Service) -> None:
    answer = await ask_original(service, "phone_number_log", phone_number="3120000000,3120000001")
    assert answer == (
        "NOTICE: phone_number_log NO RECORDS FOUND FOR THIS PHONE NUMBER - 6666|3120000000,3120000001||"
    )


@pytest.mark.parametrize(
    ("form", "login", "talk"),
    [
        ("HF", "1:07:10", "1:06:40"),
        ("H", "1:07:10", "1:06:40"),
        ("M", "67:10", "66:40"),
        ("S", "4030", "4000"),
        ("X", "1:07:10", "1:06:40"),
    ],
)
async def test_times_of_the_statistics_in_each_form(
    service: Service, form: str, login: str, talk: str
) -> None:
    period = {"datetime_start": "2012-03-27+00:00:00", "datetime_end": "2012-03-27+23:59:59"}
    answer = await ask(service, "agent_stats_export", agent_user="1000", time_format=form, **period)
    values = answer.split("|")
    assert values[4:7] == [login, talk, talk]
    assert values[8:10] == ["100%", "5"]


async def test_statistics_of_one_agent_and_of_one_too_long_to_be_one(service: Service) -> None:
    of_one = await ask(service, "agent_stats_export", agent_user="1029", **PERIOD)
    of_all = await ask(service, "agent_stats_export", agent_user="1" * 21, **PERIOD)
    assert (len(of_one.splitlines()), len(of_all.splitlines())) == (1, 3)


async def test_original_clients_get_sixteen_names_over_seventeen_values(service: Service) -> None:
    header, first, *_ = (await ask_original(service, "agent_stats_export", header="YES", **PERIOD)).split(
        "\n"
    )
    assert header == STATS_HEADER.removesuffix("|total_wait_time")
    assert len(first.split("|")) == 17


@pytest.mark.parametrize("date", ["2010-12-99", "yesterday!", "éééééééééé", "'or 1=1 --"])
async def test_a_day_that_is_none_has_no_calls(service: Service, date: str) -> None:
    answer = await ask(service, "did_log_export", phone_number="3125551212", date=date)
    assert answer == f"ERROR: did_log_export NO RECORDS FOUND - 6666|3125551212|{date}"
