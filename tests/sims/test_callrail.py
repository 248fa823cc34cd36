"""The pretend CallRail keeps to what is known of the real one: who may ask, paging, dates, rows, counts."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from tests.sims.callrail_caller import EVERYTHING, Caller, Json, calling, ids
from trunkline.sims.callrail import DATA_ACCOUNT, EMPTY_ACCOUNT
from trunkline.sims.callrail import CallrailSimOptions as Options
from trunkline.sims.callrail.calls import CALL_FIELDS

SAMPLES = Path(__file__).parents[1] / "data" / "callrail"


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


# -- who may ask, and for what ---------------------------------------------------------------------


@pytest.mark.parametrize("token", ['token="testkey"', "token=testkey"])
async def test_both_forms_of_the_token_are_known(token: str) -> None:
    async with calling(token=token) as caller:
        for version in ("v2", "v3"):
            rows = (await caller.get(f"/{version}/a.json"))["accounts"]
            assert ids(rows) == [DATA_ACCOUNT, EMPTY_ACCOUNT]
            assert "numeric_id" not in rows[0]


@pytest.mark.parametrize("token", ["", 'token="wrong"'])
async def test_no_key_or_a_wrong_one_is_401(token: str) -> None:
    async with calling(token=token) as caller:
        assert await caller.error("/v3/a.json") == (401, "HTTP Token: Access denied.")


async def test_accounts_are_found_by_their_number_too(caller: Caller) -> None:
    number = (await caller.get("/v3/a.json", fields="numeric_id"))["accounts"][0]["numeric_id"]
    assert (await caller.get(f"/v2/a/{number}/companies.json"))["total_records"] == 6
    assert await caller.error("/v3/a/ACCnone/calls.json") == (404, "Account ACCnone not found")
    assert (await caller.error("nothing.json"))[0] == 404


async def test_the_second_account_is_empty(caller: Caller) -> None:
    for path, key in (
        ("calls.json", "calls"),
        ("companies.json", "companies"),
        ("summary_emails", "summary_emails"),
    ):
        answer = await caller.get(f"/v3/a/{EMPTY_ACCOUNT}/{path}")
        assert (answer[key], answer["total_records"]) == ([], 0)
    summary = await caller.get(f"/v3/a/{EMPTY_ACCOUNT}/calls/summary.json", group_by="source")
    assert (summary["total_results"], summary["grouped_results"]) == ({"total_calls": 0}, [])


async def test_strict_names_the_undocumented_parameter_and_wants_dates() -> None:
    async with calling(Options(strict=True)) as caller:
        status, text = await caller.error("calls.json", sorting="start_time", start_date="2026-06-01")
        assert status == 400
        assert "sorting" in text
        assert (await caller.error("calls.json"))[0] == 400
        first = await caller.get("calls.json", relative_pagination="true", **EVERYTHING | {"per_page": "5"})
        assert (await caller.get(first["next_page"]))["has_next_page"]


async def test_without_strict_unknown_parameters_are_ignored(caller: Caller) -> None:
    assert await caller.get("calls.json", sorting="id", filtering="x") == await caller.get("calls.json")


# -- paging ----------------------------------------------------------------------------------------


async def test_numbered_pages_hold_every_call_once(caller: Caller) -> None:
    first = await caller.get("calls.json", **EVERYTHING)
    assert {name: first[name] for name in ("page", "per_page", "total_pages", "total_records")} == {
        "page": 1,
        "per_page": 250,
        "total_pages": 2,
        "total_records": 500,
    }
    assert ids(await caller.pages("calls.json", "calls", **EVERYTHING)) == caller.sim.world.call_ids()


async def test_relative_pages_hold_every_call_once_and_no_totals(caller: Caller) -> None:
    rows: list[Json] = []
    answer = await caller.get("calls.json", relative_pagination="true", **EVERYTHING | {"per_page": "60"})
    while True:
        rows += answer["calls"]
        assert set(answer) == {"next_page", "has_next_page", "calls"}
        if not answer["has_next_page"]:
            break
        assert "/calls?" in answer["next_page"]
        answer = await caller.get(answer["next_page"])
    assert ids(rows) == caller.sim.world.call_ids()
    third = await caller.get(
        "calls.json", relative_pagination="true", offset="2", **EVERYTHING | {"per_page": "60"}
    )
    assert ids(third["calls"]) == ids(rows[120:180])


async def test_a_page_is_100_rows_and_never_more_than_250(caller: Caller) -> None:
    window = EVERYTHING | {"per_page": "9999"}
    assert len((await caller.get("calls.json", **window))["calls"]) == 250
    del window["per_page"]
    assert len((await caller.get("calls.json", **window))["calls"]) == 100


async def test_the_link_header_leads_to_the_next_page(caller: Caller) -> None:
    _, _, headers = await caller.answer("tags.json", per_page="10")
    following = headers["Link"].split(">")[0].lstrip("<")
    assert len((await caller.get(following))["tags"]) == 5


async def test_totals_and_link_can_be_left_out() -> None:
    async with calling(Options(total_pages=False, link_header=False)) as caller:
        _, body, headers = await caller.answer("tags.json", per_page="10")
        assert "total_pages" not in body
        assert "Link" not in headers


# -- dates -----------------------------------------------------------------------------------------


async def test_without_dates_only_the_last_seven_days_come(caller: Caller) -> None:
    rows = await caller.pages("calls.json", "calls", per_page="250")
    asked = {"start_date": "2026-06-11", "end_date": "2026-06-17"}
    assert ids(rows) == ids(await caller.pages("calls.json", "calls", per_page="250", **asked))
    assert 0 < len(rows) < 500


async def test_both_ends_are_included_in_the_zone_of_the_request(caller: Caller) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    for second, hour in ((0, 0), (59, 23)):
        caller.sim.world.add_calls(1, datetime(2026, 6, 3, hour, second, second, tzinfo=zone))
    caller.sim.world.add_calls(1, datetime(2026, 6, 4, tzinfo=zone))
    rows = await caller.pages(
        "calls.json", "calls", start_date="2026-06-03", end_date="2026-06-03", time_zone="Asia/Tokyo"
    )
    assert rows[0]["start_time"] == "2026-06-03T23:59:59.000+09:00"
    assert rows[-1]["start_time"] == "2026-06-03T00:00:00.000+09:00"
    minutes = {"start_date": "2026-06-03T00:00", "end_date": "2026-06-04T00:00", "time_zone": "Asia/Tokyo"}
    assert len(await caller.pages("calls.json", "calls", **minutes)) == len(rows) + 1


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("today", "2026-06-17", "2026-06-17"),
        ("yesterday", "2026-06-16", "2026-06-16"),
        ("last_30_days", "2026-05-19", "2026-06-17"),
        ("this_month", "2026-06-01", "2026-06-17"),
        ("last_month", "2026-05-01", "2026-05-31"),
        ("this_year", "2026-01-01", "2026-06-17"),
        ("last_year", "2025-01-01", "2025-12-31"),
    ],
)
async def test_words_name_the_days(caller: Caller, word: str, start: str, end: str) -> None:
    answer = await caller.get("calls/summary.json", date_range=word)
    assert (answer["start_date"][:10], answer["end_date"][:10]) == (start, end)


async def test_beyond_25_months_is_an_error(caller: Caller) -> None:
    assert (await caller.answer("calls.json", start_date="2024-05-17", end_date="2026-06-17"))[0] == 200
    for asked in ({"start_date": "2024-05-16"}, {"date_range": "all_time"}):
        status, text = await caller.error("calls.json", **asked)
        assert status == 400
        assert "revise" in text


@pytest.mark.parametrize(
    "asked", [{"time_zone": "Mars/Base"}, {"start_date": "June"}, {"date_range": "ever"}]
)
async def test_unreadable_dates_and_zones_are_400(caller: Caller, asked: dict[str, str]) -> None:
    assert (await caller.error("form_submissions.json", **asked))[0] == 400


# -- the rows --------------------------------------------------------------------------------------

SHAPES = [
    ("companies.json", "companies", "companies"),
    ("users.json", "users", "users"),
    ("tags.json", "tags", "tags"),
    ("notifications.json", "notifications", "notifications"),
    ("summary_emails", "summary_emails", "summary_emails"),
    ("text-messages.json", "conversations", "text_messages_conversations"),
    ("calls.json", "calls", "calls"),
]


@pytest.mark.parametrize(("path", "key", "sample"), SHAPES)
async def test_rows_have_the_fields_of_the_reference(
    caller: Caller, path: str, key: str, sample: str
) -> None:
    documented = orjson.loads((SAMPLES / f"{sample}.json").read_bytes())[key][0]
    rows = (await caller.get(path, per_page="250"))[key]
    assert set(documented) <= set(rows[0])
    assert len(set(map(str, ids(rows)))) == len(rows)


async def test_fields_add_to_the_default_ones(caller: Caller) -> None:
    plain = (await caller.get("calls.json"))["calls"][0]
    more = (await caller.get("calls.json", fields="tags,milestones,nonsense"))["calls"][0]
    assert set(more) - set(plain) == {"tags", "milestones"}
    sample = orjson.loads((SAMPLES / "call_single_with_milestones_keywords.json").read_bytes())
    assert set(more["milestones"]["first_touch"]) == set(sample["milestones"]["first_touch"])
    trackers = (await caller.get("trackers.json", fields="swap_targets"))["trackers"]
    assert {"swap_targets"} == set(trackers[0]) - set((await caller.get("trackers.json"))["trackers"][0])


async def test_the_odd_types_of_the_service_are_there(caller: Caller) -> None:
    rows = await caller.pages("calls.json", "calls", fields=",".join(CALL_FIELDS), **EVERYTHING)
    assert {type(row["recording_duration"]) for row in rows} == {str, type(None)}
    assert {type(row["speaker_percent"]) for row in rows} == {dict, type(None)}
    assert {type(row["call_summary"]) for row in rows} == {str, type(None)}
    assert all(type(row["duration"]) is int for row in rows)
    assert "abandonded" in {row["call_type"] for row in rows}
    assert "--" in {row["formatted_value"] for row in rows}
    summarised = next(row for row in rows if row["call_summary"])
    single = await caller.get(f"calls/{summarised['id']}.json", fields="call_summary")
    assert single["call_summary"] == [summarised["call_summary"]]
    companies = (await caller.get("companies.json"))["companies"]
    assert None in {row["swap_cookie_duration"] for row in companies}
    assert {row["status"] for row in companies} == {"active", "disabled"}
    assert {type(row["id"]) for row in (await caller.get("tags.json"))["tags"]} == {int}


async def test_calls_keep_office_hours(caller: Caller) -> None:
    rows = await caller.pages("calls.json", "calls", **EVERYTHING)
    starts = [datetime.fromisoformat(row["start_time"]) for row in rows]
    assert sum(8 <= start.hour < 18 and start.weekday() < 6 for start in starts) > 0.8 * len(starts)


async def test_numbers_are_fictional_and_addresses_lead_nowhere(caller: Caller) -> None:
    calls = await caller.pages("calls.json", "calls", **EVERYTHING)
    assert all(row["customer_phone_number"][5:10] == "55501" for row in calls)
    trackers = (await caller.get("trackers.json"))["trackers"]
    assert all(number[5:10] == "55501" for row in trackers for number in row["tracking_numbers"])
    users = (await caller.get("users.json"))["users"]
    assert all(row["email"].endswith("@example.com") for row in users)


FILTERS: list[tuple[str, str, Callable[[Json], bool]]] = [
    ("direction", "outbound", lambda row: row["direction"] == "outbound"),
    ("call_type", "voicemail", lambda row: row["call_type"] == "voicemail"),
    ("answer_status", "missed", lambda row: not row["answered"] and not row["voicemail"]),
    ("device", "mobile", lambda row: row["device_type"] == "mobile"),
    ("lead_status", "good_lead", lambda row: row["lead_status"] == "good_lead"),
    ("tags[]", "Urgent", lambda row: "Urgent" in row["tags"]),
    ("search", "google ads", lambda row: row["source"] == "Google Ads"),
]


@pytest.mark.parametrize(("name", "value", "is_right"), FILTERS)
async def test_filters_keep_exactly_the_matching_calls(
    caller: Caller, name: str, value: str, is_right: Callable[[Json], bool]
) -> None:
    fields = "call_type,device_type,lead_status,tags,source"
    everything = await caller.pages("calls.json", "calls", fields=fields, **EVERYTHING)
    found = await caller.pages("calls.json", "calls", fields=fields, **EVERYTHING, **{name: value})
    assert found == [row for row in everything if is_right(row)]
    assert found


async def test_sorting_by_a_field_both_ways(caller: Caller) -> None:
    for order in ("asc", "desc"):
        rows = await caller.pages("calls.json", "calls", sort="duration", order=order, **EVERYTHING)
        lengths = [row["duration"] for row in rows]
        assert lengths == sorted(lengths, reverse=order == "desc")
        assert len(set(ids(rows))) == 500
    ascending = await caller.pages("calls.json", "calls", sort="start_time", order="asc", **EVERYTHING)
    assert ids(ascending) == caller.sim.world.call_ids()[::-1]


async def test_directories_are_filtered(caller: Caller) -> None:
    company = (await caller.get("companies.json", search="burger"))["companies"][0]
    trackers = (await caller.get("trackers.json", company_id=company["id"]))["trackers"]
    assert {row["company"]["id"] for row in trackers} == {company["id"]}
    kinds = {row["type"] for row in (await caller.get("trackers.json"))["trackers"]}
    assert kinds == {"source", "session"}
    assert {r["tag_level"] for r in (await caller.get("tags.json", tag_level="account"))["tags"]} == {
        "account"
    }
    assert (await caller.error("tags.json", tag_level="account", company_id=company["id"]))[0] == 400
    user = (await caller.get("users.json", search="alex"))["users"][0]
    mine = (await caller.get("notifications.json", user_id=user["id"]))["notifications"]
    assert mine == (await caller.get("notifications.json", email=user["email"]))["notifications"]
    account_level = (await caller.get("summary_emails", company_id=""))["summary_emails"]
    assert {row["scope"]["type"] for row in account_level} == {"Account"}


@pytest.mark.parametrize("listing", ["calls", "text-messages", "form_submissions", "caller_ids", "trackers"])
async def test_an_unknown_company_has_no_rows_and_an_unknown_account_is_not_found(
    caller: Caller, listing: str
) -> None:
    dates = {"start_date": "2026-01-01", "end_date": "2026-06-14"}
    asked = {"company_id": "COMnone", **(dates if listing not in ("caller_ids", "trackers") else {})}
    answer = await caller.get(f"{listing}.json", **asked)
    assert answer["total_records"] == 0
    assert [rows for rows in answer.values() if isinstance(rows, list)] == [[]]
    assert (await caller.error(f"/v3/a/ACCnone/{listing}.json", **asked))[0] == 404


async def test_caller_ids_want_a_company_and_take_its_number(caller: Caller) -> None:
    assert await caller.error("caller_ids.json") == (400, "company_id is required")
    companies = (await caller.get("companies.json"))["companies"]
    found = [(await caller.get("caller_ids.json", company_id=c["id"]))["caller_ids"] for c in companies]
    assert sorted(map(len, found)) == [0, 0, 0, 2, 2, 3]
    sample = orjson.loads((SAMPLES / "caller_ids.json").read_bytes())["caller_ids"][0]
    assert all(set(row) == set(sample) for rows in found for row in rows)
    number = next(n for n, of in caller.sim.world.numbers.items() if of == companies[1]["id"])
    assert (await caller.get("caller_ids.json", company_id=number))["caller_ids"] == found[1]


async def test_single_rows_and_recordings(caller: Caller) -> None:
    rows = (await caller.get("calls.json"))["calls"]
    recorded = next(row for row in rows if row["recording"])
    assert await caller.get(f"calls/{recorded['id']}.json") == recorded
    number = recorded["recording"].split("/")[-2]
    assert await caller.get(f"/v2/a/{DATA_ACCOUNT}/calls/{number}.json") == recorded
    assert list(await caller.get(f"calls/{number}/recording.json")) == ["url"]
    assert (await caller.error("calls/CALnone.json"))[0] == 404
    thread = (await caller.get("text-messages.json"))["conversations"][0]
    assert (await caller.get(f"text-messages/{thread['id']}.json"))["messages"]


# -- counting --------------------------------------------------------------------------------------

SUMS = ("total_calls", "missed_calls", "answered_calls", "first_time_callers", "leads")
COUNTS = ",".join((*SUMS, "average_duration", "formatted_average_duration"))


@pytest.mark.parametrize(
    "group", ["source", "keywords", "campaign", "referrer", "landing_page", "company", "company_id"]
)
async def test_groups_add_up_to_the_total(caller: Caller, group: str) -> None:
    dates = {"start_date": "2026-04-01", "end_date": "2026-06-17"}
    answer = await caller.get("calls/summary.json", group_by=group, fields=COUNTS, time_zone="UTC", **dates)
    assert answer["start_date"] == "2026-04-01T00:00:00-0000"
    assert answer["end_date"] == "2026-06-17T23:59:59-0000"
    assert (answer["grouped_by"], answer["time_zone"]) == (group, "UTC")
    for name in SUMS:
        assert sum(row[name] for row in answer["grouped_results"]) == answer["total_results"][name] > 0
    assert answer["total_results"]["total_calls"] == 500
    assert "grouped_results" not in await caller.get("calls/summary.json", **dates)


async def test_counting_can_be_filtered(caller: Caller) -> None:
    rows = await caller.pages("calls.json", "calls", **EVERYTHING)
    user = (await caller.get("users.json"))["users"][0]
    asked = {"agent": user["id"], "min_duration": "60", "start_date": "2026-04-01", "end_date": "2026-06-17"}
    answer = await caller.get("calls/summary.json", **asked)
    expected = [row for row in rows if row["agent_email"] == user["email"] and row["duration"] >= 60]
    assert answer["total_results"]["total_calls"] == len(expected) > 0
    company = (await caller.get("companies.json"))["companies"][0]["id"]
    assert (await caller.error("calls/summary.json", group_by="company", company_id=company))[0] == 400


async def test_a_time_series_has_every_day_and_at_most_200_points(caller: Caller) -> None:
    span = {"start_date": "2025-11-30", "end_date": "2026-06-17"}
    answer = await caller.get("calls/timeseries.json", fields=COUNTS, **span)
    days = [date(2025, 11, 30) + timedelta(n) for n in range(200)]
    assert [row["date"] for row in answer["data"]] == [day.isoformat() for day in days]
    assert all(row["key"] == row["date"] for row in answer["data"])
    assert answer["data"][0]["total_calls"] == 0
    assert answer["data"][0]["formatted_average_duration"] == "0s"
    for name in SUMS:
        assert sum(row[name] for row in answer["data"]) == answer["total_results"][name]
    status, text = await caller.error("calls/timeseries.json", **span | {"start_date": "2025-11-29"})
    assert (status, "200" in text) == (400, True)


@pytest.mark.parametrize(
    ("interval", "first", "points"),
    [("week", "2026-03-02", 15), ("month", "2026-03-01", 4), ("year", "2026-01-01", 1)],
)
async def test_longer_intervals(caller: Caller, interval: str, first: str, points: int) -> None:
    span = {"start_date": "2026-03-04", "end_date": "2026-06-10"}
    answer = await caller.get("calls/timeseries.json", interval=interval, **span)
    assert (answer["data"][0]["date"], len(answer["data"])) == (first, points)


async def test_hours_follow_a_clock_change(caller: Caller) -> None:
    day = {"start_date": "2026-03-08", "end_date": "2026-03-08", "interval": "hour"}
    hours = [row["date"] for row in (await caller.get("calls/timeseries.json", **day))["data"]]
    assert len(hours) == 23
    assert (hours[1], hours[2]) == ("2026-03-08T01:00:00-0500", "2026-03-08T03:00:00-0400")
