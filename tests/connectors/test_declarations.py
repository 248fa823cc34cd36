"""The CallRail declaration against its connector page and the public reference."""

from typing import Any

import pytest

from tests.test_date_menus import LABELS as DATE_MENUS
from trunkline.connectors import connector, connector_names
from trunkline.connectors import report as report_named
from trunkline.connectors.callrail import CONNECTOR
from trunkline.declare import ByNumber, ByPoints, ByTotal, ColumnType, Limit, Method, Report, Window
from trunkline.errors import SettingsError
from trunkline.fetch.asked import query_for
from trunkline.fetch.source import Access
from trunkline.options import Kind, Option, Values, json_schema, resolve

PAGE = {
    "conversations": ("All Conversations", "/a/{account_id}/text-messages.json", "conversations"),
    "calls": ("Calls", "/a/{account_id}/calls.json", "calls"),
    "companies": ("Companies", "/a/{account_id}/companies.json", "companies"),
    "form_submissions": ("Form Submissions", "/a/{account_id}/form_submissions.json", "form_submissions"),
    "notifications": ("Notifications", "/a/{account_id}/notifications.json", "notifications"),
    "caller_ids": ("Outbound Caller IDs", "/a/{account_id}/caller_ids.json", "caller_ids"),
    "summary": ("Summarizing Call Data", "/a/{account_id}/calls/summary.json", None),
    "timeseries": (
        "Summarizing Call Data by Time Series",
        "/a/{account_id}/calls/timeseries.json",
        None,
    ),
    "summary_emails": ("Summary Email Subscriptions", "/a/{account_id}/summary_emails", "summary_emails"),
    "tags": ("Tags", "/a/{account_id}/tags.json", "tags"),
    "trackers": ("Trackers", "/a/{account_id}/trackers.json", "trackers"),
    "users": ("Users", "/a/{account_id}/users.json", "users"),
}
DATED = ("conversations", "calls", "form_submissions", "summary", "timeseries")
DIRECTORIES = tuple(name for name in PAGE if name not in DATED)

CALL_FIELDS = (
    "answered business_phone_number customer_city customer_country customer_name customer_phone_number "
    "customer_state direction duration id recording recording_duration recording_player start_time "
    "tracking_phone_number voicemail"
)
MORE_CALL_FIELDS = (
    "agent_email call_highlights call_summary call_type campaign company_id company_name company_time_zone "
    "created_at custom device_type fbclid first_call formatted_call_type formatted_customer_location "
    "formatted_business_phone_number formatted_customer_name formatted_customer_name_or_phone_number "
    "formatted_customer_phone_number formatted_duration formatted_tracking_phone_number "
    "formatted_tracking_source formatted_value ga gclid good_lead_call_id good_lead_call_time "
    "keypad_entries keywords keywords_spotted landing_page_url last_requested_url lead_status medium "
    "milestones msclkid note person_id prior_calls referrer_domain referring_url sentiment session_uuid "
    "source source_name speaker_percent tags timeline_url total_calls tracker_id transcription "
    "utm_campaign utm_content utm_medium utm_source utm_term value voice_assist_message waveforms zip_code "
    "lead_score lead_explanation"
)
FIGURES = (
    "total_calls missed_calls answered_calls first_time_callers average_duration "
    "formatted_average_duration leads"
)
FIELDS = {
    "calls": (CALL_FIELDS, MORE_CALL_FIELDS),
    "companies": (
        "id name status time_zone created_at disabled_at dni_active script_url callscore_enabled "
        "lead_scoring_enabled swap_exclude_jquery swap_ppc_override swap_landing_override "
        "swap_cookie_duration swap_cookie_duration_unit callscribe_enabled keyword_spotting_enabled "
        "form_capture",
        "",
    ),
    "conversations": (
        "id company_id initial_tracker_id current_tracker_id customer_name customer_phone_number "
        "initial_tracking_number current_tracking_number last_message_at state company_time_zone "
        "formatted_customer_phone_number formatted_initial_tracking_number "
        "formatted_current_tracking_number formatted_customer_name recent_messages",
        "lead_status source",
    ),
    "form_submissions": (
        "id company_id person_id form_data form_url landing_page_url referrer referring_url submitted_at "
        "first_form customer_phone_number customer_name customer_email formatted_customer_phone_number "
        "formatted_customer_name source keywords campaign medium",
        "company_name lead_status value note tags utm_source utm_medium utm_campaign form_name "
        "timeline_url milestones",
    ),
    "notifications": (
        "id user_id email alert_type call_enabled company_id name send_desktop send_email send_push "
        "sms_enabled tracker_id agent_id agent_name company_name tracker_name",
        "",
    ),
    "caller_ids": ("id phone_number name company_id verified created_at validation_code", ""),
    "summary": ("grouped_by key start_date end_date time_zone", FIGURES),
    "timeseries": ("date day starts_at time_zone", FIGURES),
    "summary_emails": ("id scope frequency config user email filters", ""),
    "tags": ("id name tag_level color background_color company_id status created_at", ""),
    "trackers": (
        "id name type status destination_number tracking_numbers whisper_message sms_enabled "
        "sms_supported company call_flow source created_at disabled_at",
        "campaign_name swap_targets",
    ),
    "users": ("id email created_at role first_name last_name name accepted companies", ""),
}


def report(name: str) -> Report:
    return report_named(CONNECTOR, name)


def labels(name: str) -> list[str]:
    return [o.label for o in report(name).options]


def values(name: str, **given: Any) -> dict[str, Any]:
    return {"time_zone": "UTC", **resolve(report(name).options, {"account_id": "ACC1", **given})}


def option(name: str, option_name: str) -> Option:
    found = report(name).option(option_name)
    assert found is not None
    return found


def test_the_connector_is_found_by_its_folder() -> None:
    assert "callrail" in connector_names()
    assert connector("callrail") is CONNECTOR
    with pytest.raises(SettingsError) as caught:
        connector("calrail")
    assert caught.value.todo == "Did you mean callrail?"


def test_an_unknown_or_unlisted_report_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        report("call")
    assert caught.value.todo == "Did you mean calls?"
    with pytest.raises(SettingsError, match="has no report 'accounts'"):
        report("accounts")


# -- the connector page ----------------------------------------------------------------------------


def test_the_twelve_reports_stand_in_the_pages_order() -> None:
    assert [r.name for r in CONNECTOR.listed_reports] == list(PAGE)


@pytest.mark.parametrize("name", PAGE)
def test_a_report_has_the_pages_label_path_and_list(name: str) -> None:
    label, path, rows = PAGE[name]
    assert (report(name).label, report(name).path) == (label, path)
    named = report(name).rows
    assert named == rows if rows else callable(named)


@pytest.mark.parametrize("name", PAGE)
def test_every_report_starts_with_the_account_menu_filled_from_the_service(name: str) -> None:
    first = report(name).options[0]
    assert (first.label, first.required) == ("Account ID", True)
    assert first.choices_from is not None
    assert first.choices_from.report == "accounts"


@pytest.mark.parametrize(
    ("label", "names"),
    [
        (
            "Company ID",
            "conversations calls form_submissions caller_ids summary timeseries summary_emails tags "
            "trackers users",
        ),
        ("User ID", "notifications summary timeseries summary_emails"),
        ("Group By", "summary"),
        ("Fields", "conversations calls form_submissions summary timeseries trackers"),
        *((menu, " ".join(DATED)) for menu in DATE_MENUS),
    ],
)
def test_a_menu_is_there_for_the_reports_that_take_it_and_for_no_other(label: str, names: str) -> None:
    assert {name for name in PAGE if label in labels(name)} == set(names.split())


def test_the_credentials_are_one_key_that_is_kept_secret() -> None:
    key = CONNECTOR.account[0]
    assert (key.label, key.kind, key.required) == ("API Key", Kind.SECRET, True)
    assert [o.label for o in CONNECTOR.account if o.required] == ["API Key"]
    assert Access(CONNECTOR, {"api_key": "k", "base_url": "b"}).secrets == ("k",)


@pytest.mark.parametrize("name", PAGE)
def test_every_option_and_column_has_something_to_say(name: str) -> None:
    assert [o.name for o in report(name).options if not o.label or not o.help.endswith(".")] == []
    assert [c.name for c in report(name).columns if not c.meaning] == []
    assert report(name).help.endswith(".")
    assert len({o.name for o in report(name).options}) == len(report(name).options)
    assert set(json_schema(report(name).options)["properties"]) == {o.name for o in report(name).options}


# -- the reference ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGE)
def test_columns_are_the_fields_of_the_reference(name: str) -> None:
    default, more = FIELDS[name]
    columns = report(name).columns
    assert {c.source for c in columns if not c.selectable} == set(default.split())
    assert {c.source for c in columns if c.selectable} == set(more.split())
    assert len({c.name for c in columns}) == len(columns)


@pytest.mark.parametrize("name", [n for n in PAGE if FIELDS[n][1]])
def test_all_selectable_fields_are_asked_for_unless_chosen(name: str) -> None:
    window = Window()
    every = query_for(report(name), values(name), window).params["fields"]
    assert set(str(every).split(",")) == set(FIELDS[name][1].split())
    some = FIELDS[name][1].split()[:2]
    assert query_for(report(name), values(name, fields=some), window).params["fields"] == ",".join(some)


@pytest.mark.parametrize("name", PAGE)
def test_keys_and_cursors_are_columns(name: str) -> None:
    names = {c.name for c in report(name).columns}
    assert set(report(name).key) <= names
    assert {report(name).cursor} - {""} <= names


@pytest.mark.parametrize(
    ("name", "column", "kind"),
    [
        ("calls", "id", ColumnType.TEXT),
        ("calls", "start_time", ColumnType.INSTANT),
        ("calls", "duration", ColumnType.INTEGER),
        ("calls", "good_lead_call_id", ColumnType.TEXT),
        ("calls", "speaker_percent", ColumnType.JSON),
        ("calls", "keypad_entries", ColumnType.JSON),
        ("companies", "swap_cookie_duration", ColumnType.INTEGER),
        ("form_submissions", "form_data", ColumnType.JSON),
        ("conversations", "recent_messages", ColumnType.JSON),
        ("tags", "id", ColumnType.TEXT),
        ("caller_ids", "id", ColumnType.TEXT),
        ("notifications", "id", ColumnType.TEXT),
    ],
)
def test_columns_that_are_easily_mistyped_are_typed_as_the_service_answers(
    name: str, column: str, kind: ColumnType
) -> None:
    found = report(name).column(column)
    assert found is not None
    assert found.type is kind


def test_the_verification_code_is_the_only_secret_column() -> None:
    secret = [(r.name, c.name) for r in CONNECTOR.reports for c in r.columns if c.secret]
    assert secret == [("caller_ids", "validation_code")]


@pytest.mark.parametrize("name", DIRECTORIES)
def test_directories_replace_what_was_there(name: str) -> None:
    assert report(name).update is Method.REPLACE
    assert report(name).dates is None
    assert report(name).key == ("id",)


@pytest.mark.parametrize("name", ["conversations", "calls", "form_submissions"])
def test_records_are_merged_by_id_and_the_last_week_is_read_again(name: str) -> None:
    of = report(name)
    assert (of.update, of.key, of.overlap_days) == (Method.MERGE, ("id",), 7)
    assert isinstance(of.windows, ByTotal)
    assert (
        of.cursor
        == {
            "conversations": "last_message_at",
            "calls": "start_time",
            "form_submissions": "submitted_at",
        }[name]
    )


@pytest.mark.parametrize("name", DATED)
def test_dated_reports_take_both_ends_and_a_zone_and_keep_25_months(name: str) -> None:
    dates = report(name).dates
    assert dates is not None
    assert (dates.start, dates.end, dates.zone, dates.months_kept) == (
        "start_date",
        "end_date",
        "time_zone",
        25,
    )


def test_a_time_series_never_asks_for_more_than_200_points() -> None:
    windows = report("timeseries").windows
    assert isinstance(windows, ByPoints)
    assert windows.days == {"hour": 8, "day": 200}
    assert windows.days["hour"] * 25 <= 200
    assert {c.value for c in option("timeseries", "interval").choices} == {
        "hour",
        "day",
        "week",
        "month",
        "year",
    }


def test_pages_hold_250_rows_and_are_counted_under_the_references_names() -> None:
    pages = report("calls").pages
    assert pages == ByNumber("page", "per_page", 250, "total_pages", "total_records", in_flight=10)


def test_relative_paging_is_a_choice_for_calls_only() -> None:
    chosen = query_for(report("calls"), values("calls"), Window()).report.paging({"paging": "relative"})
    assert type(chosen).__name__ == "ByLink"
    assert [name for name in PAGE if report(name).option("paging")] == ["calls"]


def test_calls_are_sorted_by_the_parameter_the_service_knows() -> None:
    params = query_for(report("calls"), values("calls"), Window()).params
    assert (params["sort"], params["order"]) == ("start_time", "asc")
    assert "sorting" not in params


def test_a_user_is_an_agent_where_calls_are_summed_up() -> None:
    for name in ("summary", "timeseries"):
        assert query_for(report(name), values(name, user_id="USR1"), Window()).params["agent"] == "USR1"
    params = query_for(report("summary_emails"), values("summary_emails", user_id="USR1"), Window()).params
    assert params == {"user_id": "USR1"}


def test_call_figures_are_grouped_by_what_the_reference_names() -> None:
    groups = [c.value for c in option("summary", "group_by").choices]
    assert groups == ["source", "keywords", "campaign", "referrer", "landing_page", "company", "company_id"]


def test_caller_ids_are_asked_once_per_company() -> None:
    for_each = report("caller_ids").for_each
    assert for_each is not None
    assert (for_each.report, for_each.option, for_each.column) == ("companies", "company_id", "id")


# -- rows that need more than a list ---------------------------------------------------------------


def rows(name: str, answer: dict[str, Any], **chosen: Any) -> list[dict[str, Any]]:
    of = report(name).rows
    assert callable(of)
    return list(of(answer, chosen))


def test_a_summary_has_a_row_per_group_each_with_its_range() -> None:
    frame = {"start_date": "2026-06-01T00:00:00-0000", "end_date": "x", "time_zone": "UTC"}
    groups = [{"key": "Google", "total_calls": 3}, {"key": "Bing", "total_calls": 1}]
    found = rows("summary", {**frame, "grouped_by": "source", "grouped_results": groups})
    assert found == [{**frame, "grouped_by": "source", **group} for group in groups]


def test_a_summary_without_groups_is_one_row() -> None:
    found = rows("summary", {"total_results": {"total_calls": 4}})
    assert [(r["total_calls"], r["grouped_by"]) for r in found] == [(4, None)]
    assert rows("summary", {}) == []


def test_a_point_of_a_day_has_its_day_and_one_of_an_hour_its_instant() -> None:
    day = {"date": "2026-06-01", "key": "2026-06-01", "total_calls": 1}
    hour = {"date": "2026-06-01T09:00:00-04:00", "total_calls": 1}
    assert rows("timeseries", {"data": [day], "time_zone": "UTC"}) == [
        {"date": "2026-06-01", "total_calls": 1, "day": "2026-06-01", "starts_at": None, "time_zone": "UTC"}
    ]
    found = rows("timeseries", {"data": [hour]}, interval="hour")[0]
    assert (found["day"], found["starts_at"]) == ("2026-06-01", "2026-06-01T09:00:00-04:00")


def test_a_points_own_key_is_kept_where_it_says_something_else() -> None:
    assert rows("timeseries", {"data": [{"date": "2026-06-01", "key": "other"}]})[0]["key"] == "other"


# -- address, headers, budget ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "address"),
    [
        ({}, "https://api.callrail.com/v3"),
        ({"api_version": "v2"}, "https://api.callrail.com/v2"),
        ({"base_url": "https://proxy.example/"}, "https://proxy.example/v3"),
        ({"base_url": "https://proxy.example", "api_version": "v2"}, "https://proxy.example/v2"),
        ({"base_url": "https://proxy.example/v2/", "api_version": "v3"}, "https://proxy.example/v2"),
        ({"base_url": "http://127.0.0.1:8080/v3"}, "http://127.0.0.1:8080/v3"),
        ({"base_url": "http://pbx.example", "allow_plain_http": True}, "http://pbx.example/v3"),
    ],
)
def test_the_version_follows_the_choice_or_the_base_url(account: dict[str, Any], address: str) -> None:
    assert CONNECTOR.address(resolve(CONNECTOR.account, {"api_key": "k", **account})) == address


@pytest.mark.parametrize("base_url", ["http://pbx.example", "ftp://x", "https://user:pw@x.example"])
def test_a_base_url_the_key_must_not_go_to_is_refused(base_url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        CONNECTOR.address(resolve(CONNECTOR.account, {"api_key": "k", "base_url": base_url}))
    assert caught.value.problems[0].field == "base_url"


def test_requests_carry_the_key_as_the_reference_asks_and_say_who_asks() -> None:
    assert CONNECTOR.headers({"api_key": "k"}) == {
        "Authorization": 'Token token="k"',
        "Request-From": "trunkline",
    }


def test_requests_count_against_the_providers_account_whatever_it_is_saved_as() -> None:
    here = Access(CONNECTOR, {"api_key": "k1", "account_id": "ACC1"}, "Main office")
    there = Access(CONNECTOR, {"api_key": "k2", "account_id": "ACC1"}, "The same again")
    assert CONNECTOR.budget_of(here.values) == CONNECTOR.budget_of(there.values)
    assert "k1" not in CONNECTOR.budget_of(here.values)


@pytest.mark.parametrize("other", [{"account_id": "ACC2"}, {"base_url": "https://proxy.example"}])
def test_another_account_or_server_has_its_own_budget(other: dict[str, Any]) -> None:
    mine: Values = {"api_key": "k", "account_id": "ACC1"}
    assert CONNECTOR.budget_of(mine) != CONNECTOR.budget_of({**mine, **other})


def test_the_limits_are_a_thousand_an_hour_and_ten_thousand_a_day_unless_set() -> None:
    assert CONNECTOR.limits == (
        Limit(1_000, 3_600, option="hourly_limit"),
        Limit(10_000, 86_400, option="daily_limit"),
    )
    own = Access(CONNECTOR, resolve(CONNECTOR.account, {"api_key": "k", "hourly_limit": "50"}))
    assert [limit.requests for limit in own.limits] == [50, 10_000]
