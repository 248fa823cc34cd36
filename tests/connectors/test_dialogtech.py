"""The DialogTech connector: its declaration against the public page, what it sends, what it does again."""

import csv
import io
import itertools
from datetime import date, timedelta
from typing import Any

import pytest

from tests.connectors.dialogtech_reading import (
    JANUARY,
    KEYS,
    NOON,
    TODAY,
    reading_a_script,
    reading_dialogtech,
    report,
    report_named,
    sample,
)
from trunkline.center import accounts
from trunkline.connectors import connector, connector_names
from trunkline.connectors.dialogtech import CONNECTOR, address, budget_of, click_form
from trunkline.connectors.dialogtech.columns import FIELDS, SECONDS_OF, click_columns
from trunkline.declare import MINUTE, ColumnType, Limit, Method
from trunkline.errors import DataError, KeyRefused, ProviderError, RetryLater, SettingsError
from trunkline.fetch.http import HttpSettings
from trunkline.options import Kind, Values, resolve
from trunkline.sims.dialogtech import Fault

CLICKTO = report_named("clickto")
XML, CSV = sample("click_to_sample.xml"), sample("click_to_sample.csv")
COLUMNS = [
    *("caller_id", "name", "page", "ref", "click_description", "click_date_time", "number_connected"),
    *("call_duration", "referral_keywords", "referral_domain", "ip_address", "call_1_result"),
    "call_2_result",
]
EVERYTHING = {"start_date": "2026-05-20"}


# -- the declaration ---------------------------------------------------------------------------------


def test_the_connector_is_found_by_its_folder() -> None:
    assert "dialogtech" in connector_names()
    assert connector("dialogtech") is CONNECTOR
    assert (CLICKTO.label, [r.name for r in CONNECTOR.listed_reports]) == ("Click-to Report", ["clickto"])


def test_the_thirteen_columns_are_those_of_the_page_in_its_order() -> None:
    assert [column.name for column in FIELDS] == COLUMNS
    header = next(csv.reader(io.StringIO(CSV.decode())))
    assert [name.lower().replace(" ", "_").replace("/", "_") for name in header] == COLUMNS
    assert all(column.meaning for column in click_columns({}))
    types = {column.name: column.type for column in FIELDS}
    assert types.pop("call_duration") is ColumnType.NUMBER
    assert set(types.values()) == {ColumnType.TEXT}, "numbers with leading zeros are texts"


def test_days_are_replaced_and_nothing_else_is_offered() -> None:
    assert CLICKTO.methods({}) == (Method.PARTITION, Method.REPLACE)
    assert (CLICKTO.key, CLICKTO.cursor) == (("row_id",), "day")


@pytest.mark.parametrize(("unit", "factor"), [*SECONDS_OF.items(), (None, 60.0)])
def test_seconds_are_made_with_the_chosen_unit(unit: str | None, factor: float) -> None:
    chosen: Values = {} if unit is None else {"duration_unit": unit}
    seconds = next(c for c in CLICKTO.columns_of(chosen) if c.name == "call_duration_seconds")
    assert (seconds.field, seconds.factor) == ("call_duration", factor)


def test_the_keys_are_secrets_and_what_is_assumed_is_said() -> None:
    secret = [o.name for o in CONNECTOR.account if o.kind is Kind.SECRET]
    assert secret == ["access_key", "secret_access_key", "api_key"]
    assumed = {o.name: o.default for o in CONNECTOR.account if "assumption" in o.help}
    assert assumed == {"time_zone": "America/New_York", "duration_unit": "minutes"}


# -- the account -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"access_key": "a", "secret_access_key": "b"}, {"access_key": "a", "secret_access_key": "b"}),
        ({"api_key": "c"}, {"api_key": "c"}),
        ({"key_form": "single", "api_key": "c"}, {"api_key": "c"}),
    ],
)
def test_both_forms_of_keys_are_known(given: dict[str, str], fields: dict[str, str]) -> None:
    account = accounts.checked_values(CONNECTOR, given)
    assert CONNECTOR.form is not None
    assert dict(CONNECTOR.form(account)) == fields


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, {"access_key", "secret_access_key"}),
        ({"access_key": "a"}, {"secret_access_key"}),
        ({"key_form": "single"}, {"api_key"}),
        ({"access_key": "a", "secret_access_key": "b", "api_key": "c"}, {"api_key"}),
    ],
)
def test_half_a_pair_or_both_forms_are_told(given: dict[str, str], missing: set[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        accounts.checked_values(CONNECTOR, given)
    assert {problem.field for problem in caught.value.problems} == missing


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, "https://secure.dialogtech.com"),
        ({"base_url": "https://proxy.example/"}, "https://proxy.example"),
        ({"base_url": "https://proxy.example/ibp_api.php"}, "https://proxy.example"),
        ({"base_url": "http://127.0.0.1:9/api"}, "http://127.0.0.1:9/api"),
    ],
)
def test_the_address_may_name_the_script_or_leave_it_out(given: Values, found: str) -> None:
    assert address(given) == found


def test_plain_http_to_elsewhere_is_refused_and_a_query_too() -> None:
    for url in ("http://proxy.example", "https://proxy.example/ibp_api.php?access_key=x"):
        with pytest.raises(SettingsError):
            address({"base_url": url})


def test_keys_count_for_themselves_and_do_not_show() -> None:
    one: Values = {"access_key": "s3cret-one", "secret_access_key": "x"}
    two: Values = {"api_key": "s3cret-two"}
    assert budget_of(one) != budget_of(two)
    assert budget_of(one) != budget_of({**one, "base_url": "https://proxy.example"})
    assert "s3cret" not in budget_of(one) + budget_of(two)
    assert CONNECTOR.limits == (Limit(100, MINUTE, option="minute_limit"),)


async def test_keys_are_proved_by_one_cheap_request() -> None:
    async with reading_dialogtech() as reader:
        assert await accounts.test(reader.access, reader.around) == accounts.Verdict(accounts.VALID)
        [seen] = reader.sim.requests
        today = f"{TODAY:%Y%m%d}"
        assert (seen.params["start_date"], seen.params["end_date"]) == ([today], [today])


@pytest.mark.parametrize("statuses", [False, True], ids=["200", "401"])
@pytest.mark.parametrize(
    ("account", "label"),
    [
        ({**KEYS, "secret_access_key": "wr0ng"}, "Access Key and Secret Access Key"),
        ({**KEYS, "access_key": "wr0ng"}, "Access Key and Secret Access Key"),
        ({"api_key": "wr0ng"}, "API Key"),
    ],
)
async def test_wrong_keys_are_told_clearly(account: dict[str, str], label: str, statuses: bool) -> None:
    async with reading_dialogtech(error_statuses=statuses) as reader:
        reader.account = account
        verdict = await accounts.test(reader.access, reader.around)
        assert verdict.state == accounts.INVALID
        code = " (401)" if statuses else ""
        assert verdict.message == f'DialogTech refused the {label}{code} and says "INVALID ACCOUNT".'
        assert verdict.todo == f"Check Account 'main' > {label}."
        assert len(reader.sim.requests) == 1, "a wrong key is not tried again"


async def test_the_older_key_is_good_too() -> None:
    async with reading_dialogtech() as reader:
        reader.account = {"api_key": "oldtestkey"}
        assert (await accounts.test(reader.access, reader.around)).state == accounts.VALID


async def test_a_server_out_of_reach_proves_nothing() -> None:
    async with reading_dialogtech() as reader:
        reader.sim.faults.add(Fault("status", status=503, times=None))
        verdict = await accounts.test(reader.access, reader.around)
        assert (verdict.state, "503" in verdict.message) == (accounts.UNTESTED, True)


# -- what is sent ------------------------------------------------------------------------------------


def test_a_request_names_its_days_its_form_and_its_filters() -> None:
    base = {"action": "report.clickto", "start_date": "20170101", "end_date": "20170131"}
    assert dict(click_form({}, JANUARY)) == {**base, "format": "xml"}
    chosen = resolve(CLICKTO.options, {"format": "CSV", "click_id": "7", "ref": "a&b=ü", "days_back": "1"})
    assert dict(click_form(chosen, JANUARY)) == {**base, "format": "csv", "click_id": "7", "ref": "a&b=ü"}


async def test_keys_stand_in_the_posted_form_and_nowhere_else() -> None:
    async with reading_a_script() as (reader, server):
        await reader.read(days_back="3", ref="a&b=ü")
        [came] = server.came
        assert (came.method, came.address) == ("POST", "/ibp_api.php")
        assert came.form["ref"] == "a&b=ü"
        assert {name: came.form[name] for name in KEYS} == KEYS
        assert not any(key in came.address + str(came.headers) for key in KEYS.values())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_keys_are_not_led_to_another_address(status: int) -> None:
    async with reading_a_script() as (reader, server):
        server.answering = lambda _: report(b"", status=status, Location=f"{server.url}/elsewhere")
        with pytest.raises(ProviderError) as caught:
            await reader.read(days_back="3")
        assert len(server.came) == 1
        assert str(status) in str(caught.value)
        assert caught.value.todo == "Check the base URL of the account."


@pytest.mark.parametrize("days", [1, 7, 10])
async def test_a_range_is_asked_for_in_pieces_of_whole_days(days: int) -> None:
    async with reading_dialogtech() as reader:
        rows = await reader.read(**EVERYTHING, chunk_days=str(days))
        assert len(rows) == len(reader.sim.world)
        asked = sorted((s.params["start_date"][0], s.params["end_date"][0]) for s in reader.sim.requests)
        spans = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in asked]
        assert spans[0][0] == date(2026, 5, 20)
        assert spans[-1][1] == TODAY
        assert all((last - first).days + 1 <= days for first, last in spans)
        followers = itertools.pairwise(spans)
        assert all(after[0] == before[1] + timedelta(days=1) for before, after in followers)
        assert len(spans) == -(-27 // days)


@pytest.mark.parametrize("form", ["xml", "csv"])
async def test_filters_are_passed_on(form: str) -> None:
    async with reading_dialogtech(clicks=300) as reader:
        for name, value in (("click_id", "10003"), ("ref", "Zürich")):
            found = await reader.read(**EVERYTHING, **{name: value}, format=form)
            field = {"click_id": "click_id", "ref": "Ref"}[name]
            wanted = [row for row in reader.sim.world.rows() if row[field] == value]
            assert len(found) == len(wanted) > 5


async def test_other_parameters_than_the_pages_are_never_sent() -> None:
    async with reading_dialogtech(strict=True, error_statuses=True) as reader:
        await reader.read(**EVERYTHING, click_id="10001", ref="", format="csv", reread_days="2")
        assert {seen.status for seen in reader.sim.requests} == {200}


# -- what is done again ------------------------------------------------------------------------------


def xml() -> Any:
    return report(XML)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: report(XML[:900]),
        lambda: report(CSV[:300], "text/csv"),
        lambda: report(b""),
        lambda: report(b"<html><body>Down</body></html>", "text/html"),
        lambda: report(b"", status=503),
        lambda: report(b"x", status=500),
    ],
    ids=["xml", "csv", "blank", "page", "503", "500"],
)
async def test_an_answer_that_cannot_be_used_is_asked_for_again(bad: Any) -> None:
    async with reading_a_script() as (reader, server):
        server.says(bad, bad, xml)
        assert len(await reader.read(specific_date="2017-01-13")) == 2
        assert len(server.came) == 3
        assert reader.counters.retries == 2


async def test_it_is_asked_for_three_times_and_not_for_ever() -> None:
    async with reading_a_script() as (reader, server):
        server.says(lambda: report(XML[:900]))
        with pytest.raises(DataError, match="breaks off"):
            await reader.read(specific_date="2017-01-13")
        assert len(server.came) == 3


async def test_a_busy_server_is_waited_for_and_given_up_at_last() -> None:
    async with reading_dialogtech() as reader:
        reader.sim.faults.add(Fault("failed", text="System is busy, try again later", times=2))
        assert len(await reader.read(days_back="3"))
        assert reader.counters.waited_seconds > 0
        reader.sim.faults.add(Fault("failed", text="System is busy, try again later", times=None))
        reader.settings = HttpSettings(retries=4)
        before = len(reader.sim.requests)
        with pytest.raises(RetryLater, match="try again later"):
            await reader.read(days_back="3")
        assert len(reader.sim.requests) == before + 5


async def test_a_refusal_in_words_is_not_asked_for_again() -> None:
    async with reading_dialogtech() as reader:
        reader.sim.faults.add(Fault("failed", text="Unknown click_id", times=None))
        with pytest.raises(ProviderError, match="Unknown click_id"):
            await reader.read(days_back="3")
        assert len(reader.sim.requests) == 1


async def test_notes_of_an_answer_that_broke_off_do_not_count() -> None:
    async with reading_a_script() as (reader, server):
        server.says(lambda: report(XML[:-7]), xml)
        await reader.read(start_date="2017-01-13", end_date="2017-02-01", chunk_days="30")
        assert reader.counters.notes == []
        server.says(lambda: report(XML[:-7]), xml)
        await reader.read(specific_date="2017-01-13")
        assert len(reader.counters.notes) == 1


async def test_429_pauses_the_account_and_the_limit_is_kept() -> None:
    async with reading_dialogtech(per_minute=20) as reader:
        reader.account = {**KEYS, "minute_limit": 20}
        assert await reader.read(**EVERYTHING, chunk_days="1")
        assert {seen.status for seen in reader.sim.requests} == {200}
        times = [seen.at for seen in reader.sim.requests]
        assert all(sum(at <= t < at + timedelta(minutes=1) for t in times) <= 20 for at in times)
    async with reading_dialogtech() as reader:
        reader.sim.faults.add(Fault("status", status=429, retry_after="90", times=1))
        assert await reader.read(days_back="3")
        assert (reader.clock.now() - NOON).total_seconds() >= 89


async def test_a_connection_that_ends_in_the_middle_is_begun_again() -> None:
    async with reading_dialogtech() as reader:
        reader.sim.faults.add(Fault("disconnect", times=2))
        assert len(await reader.read(**EVERYTHING)) == len(reader.sim.world)


async def test_an_answer_beyond_the_limit_of_a_download_is_refused() -> None:
    async with reading_dialogtech() as reader:
        reader.settings = HttpSettings(max_file_bytes=10_000)
        reader.sim.faults.add(Fault("huge", size=50_000, times=None))
        with pytest.raises(DataError, match=r"larger than 0\.01 MB") as caught:
            await reader.read(days_back="3")
        assert "max_download_mb" in caught.value.todo
        assert len(reader.sim.requests) == 1


async def test_a_bomb_of_entities_is_refused() -> None:
    async with reading_dialogtech() as reader:
        reader.sim.faults.add(Fault("entities", times=None))
        with pytest.raises(DataError, match="declares entities"):
            await reader.read(days_back="3", format="csv")


async def test_no_secret_is_in_any_error() -> None:
    async with reading_a_script() as (reader, server):
        for body in (b"testsecret " * 5, b"<response><result>failed testkey testsecret</result></response>"):
            server.says(lambda body=body: report(body))  # type: ignore[misc]
            with pytest.raises((ProviderError, KeyRefused)) as caught:
                await reader.read(days_back="3")
            assert "testkey" not in str(caught.value) + caught.value.todo
            assert "testsecret" not in str(caught.value) + caught.value.todo


# -- rows --------------------------------------------------------------------------------------------


async def test_the_pages_sample_gives_exactly_its_rows_with_ids() -> None:
    async with reading_a_script() as (reader, server):
        found = []
        for body, type_ in ((XML, "text/xml"), (CSV, "text/csv")):
            server.says(lambda body=body, type_=type_: report(body, type_))  # type: ignore[misc]
            found.append(await reader.read(start_date="2017-01-01", end_date="2017-02-28", chunk_days="60"))
        assert found[0] == found[1]
        assert [row["click_date_time"] for row in found[0]] == ["Jan 13 2017 10:52 PM", "Feb 01 2017 3:57 PM"]
        assert [row["occurrence"] for row in found[0]] == ["1", "1"]
        assert reader.counters.notes == []


async def test_the_zone_of_the_account_is_that_of_its_reports() -> None:
    async with reading_a_script() as (reader, _):
        reader.account = {**KEYS, "time_zone": "America/Chicago", "duration_unit": "seconds"}
        [row, _other] = await reader.read(specific_date="2017-01-13")
        assert (row["time_zone"], row["duration_unit"]) == ("America/Chicago", "seconds")
        [row, _other] = await reader.read(specific_date="2017-01-13", time_zone="Europe/Paris")
        assert row["time_zone"] == "Europe/Paris"
