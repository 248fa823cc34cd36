"""A report of an account, opened for reading."""

import asyncio
from datetime import date
from typing import Any

import pytest

from tests.fetch.provider import ACME, CALLER_IDS, KEY, NOON, Asked, Provider, Reading, Reply, reply
from trunkline.dates import DaySpan
from trunkline.declare import Limit, Report, Row
from trunkline.errors import NotAllowed, SettingsError
from trunkline.fetch.counters import Counters
from trunkline.fetch.source import MASKED, Access, Surroundings, menu, open_source, with_inherited
from trunkline.options import Values

JUNE = DaySpan(date(2026, 6, 1), date(2026, 6, 10))
VALUES: Values = {"account_id": "ACC1", "time_zone": "UTC"}


def access(provider: Provider, **more: Any) -> Access:
    return Access(ACME, {"api_key": KEY, "base_url": provider.address, **more}, "Main office")


def around(reading: Reading, window_rows: int = 20_000) -> Surroundings:
    return Surroundings(reading.clock, reading.log, reading.settings, window_rows)


def report(name: str) -> Report:
    found = ACME.report(name)
    assert found is not None
    return found


def some_calls(total: int) -> Any:
    def answer(asked: Asked) -> Reply:
        rows = [{"id": n} for n in range((asked.page - 1) * 10, min(asked.page * 10, total))]
        return reply({"calls": rows, "total_records": total, "total_pages": -(-total // 10)})

    return answer


async def read(
    provider: Provider,
    reading: Reading,
    of: Report,
    values: Values,
    span: DaySpan | None = None,
    **account: Any,
) -> list[Row]:
    opened = open_source(access(provider, **account), of, values, around(reading), reading.counters)
    async with opened as source:
        return [row async for rows in source.rows(span) for row in rows]


async def test_all_rows_of_all_windows_come(provider: Provider, reading: Reading) -> None:
    provider.answering = some_calls(35)
    rows = await read(provider, reading, report("calls"), VALUES, JUNE)
    assert [row["id"] for row in rows] == list(range(35))
    assert provider.asked[0].headers["Authorization"] == f'Token token="{KEY}"'


async def test_a_window_tells_its_days_and_what_to_expect(provider: Provider, reading: Reading) -> None:
    provider.answering = some_calls(35)
    async with open_source(access(provider), report("calls"), VALUES, around(reading)) as source:
        async for window in source.windows(JUNE):
            assert window.window.span == JUNE
            assert window.expected == 35
            assert sum([len(rows) async for rows in window.pages]) == 35


async def test_unused_tokens_go_back_when_the_source_is_closed(provider: Provider, reading: Reading) -> None:
    provider.answering = some_calls(5)
    await read(provider, reading, report("calls"), VALUES, JUNE)
    used = reading.log.used("acme:ACC1", ACME.limits[:1], NOON)
    assert [count for _, count in used] == [1]


async def test_the_accounts_own_number_overrides_a_limit() -> None:
    own = Access(ACME, {"api_key": KEY, "hourly_limit": 7})
    assert [limit.requests for limit in own.limits] == [7, 5]
    assert own.limits[0] == Limit(7, 3_600, option="hourly_limit")


async def test_a_limit_of_a_group_does_not_hold_back_other_reports(
    provider: Provider, reading: Reading
) -> None:
    """The limit of five texts a minute is not that of calls."""
    provider.answering = some_calls(95)
    await read(provider, reading, report("calls"), VALUES, JUNE)
    assert reading.clock.monotonic() == 0


async def test_values_missing_in_the_report_come_from_the_account(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = some_calls(5)
    values: Values = {"time_zone": "UTC"}
    await read(provider, reading, report("calls"), values, JUNE, account_id="ACC7")
    assert provider.asked[0].path == "/a/ACC7/calls.json"


def test_the_reports_own_value_wins_over_the_accounts() -> None:
    own = Access(ACME, {"account_id": "ACC7", "api_key": KEY})
    assert with_inherited(own, {"account_id": "ACC1"}) == {"account_id": "ACC1"}
    assert with_inherited(own, {}) == {"account_id": "ACC7"}, "and only what may be inherited"


async def test_a_missing_account_is_asked_for_and_nothing_is_sent(
    provider: Provider, reading: Reading
) -> None:
    with pytest.raises(SettingsError, match=r"Account ID \(--account-id\) is missing"):
        await read(provider, reading, report("companies"), {})
    assert provider.asked == []


async def test_a_key_that_travels_unencrypted_is_noted(reading: Reading) -> None:
    counters = Counters()
    unprotected = Access(ACME, {"api_key": KEY, "base_url": "http://acme.example"})
    async with open_source(unprotected, report("calls"), VALUES, around(reading), counters):
        pass
    assert counters.notes == [
        "The key travels unencrypted to http://acme.example (plain http was allowed for this account)."
    ]
    assert KEY not in counters.notes[0]


async def test_a_refusal_names_the_saved_account(provider: Provider, reading: Reading) -> None:
    provider.says(reply({"error": "No"}, 401))
    with pytest.raises(SettingsError) as caught:
        await read(provider, reading, report("calls"), VALUES, JUNE)
    assert caught.value.todo == "Check Account 'Main office' > API Key."


# -- reports asked once per row of another ---------------------------------------------------------


def companies_with_ids(asked: Asked) -> Reply:
    if asked.path.endswith("companies.json"):
        return reply({"companies": [{"id": c} for c in ("COM1", "COM2", "COM3", "COM2")], "total_pages": 1})
    company = asked.query["company_id"]
    row = {"id": f"id of {company}", "code": "4711"}
    return reply({"caller_ids": [row, {"id": "own", "company_id": "COM9"}, {"id": "x", "company_id": None}]})


def caller_id_requests(provider: Provider) -> list[str]:
    return [a.query["company_id"] for a in provider.asked if a.path.endswith("caller_ids.json")]


async def test_each_company_is_asked_once_and_stands_in_its_rows(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = companies_with_ids
    rows = await read(provider, reading, CALLER_IDS, {"account_id": "ACC1"})
    assert sorted(caller_id_requests(provider)) == ["COM1", "COM2", "COM3"]
    assert [(r["id"], r["company_id"]) for r in rows[:4]] == [
        ("id of COM1", "COM1"),
        ("own", "COM9"),
        ("x", "COM1"),
        ("id of COM2", "COM2"),
    ]


async def test_a_chosen_company_is_the_only_one_asked(provider: Provider, reading: Reading) -> None:
    provider.answering = companies_with_ids
    rows = await read(provider, reading, CALLER_IDS, {"account_id": "ACC1", "company_id": "COM2"})
    assert caller_id_requests(provider) == ["COM2"]
    assert rows[0]["company_id"] == "COM2"
    assert len(provider.asked) == 1


async def test_no_company_means_no_rows(provider: Provider, reading: Reading) -> None:
    provider.says(reply({"companies": []}))
    assert await read(provider, reading, CALLER_IDS, {"account_id": "ACC1"}) == []


async def test_a_company_that_is_refused_stops_the_others(provider: Provider, reading: Reading) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.query.get("company_id") == "COM1":
            return reply({}, 403)
        return Reply(hangs=True) if "company_id" in asked.query else companies_with_ids(asked)

    provider.answering = answer
    with pytest.raises(NotAllowed):
        await asyncio.wait_for(read(provider, reading, CALLER_IDS, {"account_id": "ACC1"}), 5)


@pytest.mark.parametrize(("values", "shown"), [({}, MASKED), ({"show_code": True}, "4711")])
async def test_secret_columns_are_masked_unless_asked_for(
    provider: Provider, reading: Reading, values: Values, shown: str
) -> None:
    provider.answering = companies_with_ids
    rows = await read(provider, reading, CALLER_IDS, {"account_id": "A", "company_id": "COM1", **values})
    assert rows[0]["code"] == shown
    assert rows[1].get("code") is None


# -- menus -----------------------------------------------------------------------------------------


async def test_a_menu_is_filled_with_ids_and_names(provider: Provider, reading: Reading) -> None:
    provider.says(reply({"companies": [{"id": "COM1", "name": "Acme East"}, {"id": "COM2", "name": ""}]}))
    entries = await menu(
        access(provider), {"account_id": "ACC1"}, "company_id", report("calls"), around(reading)
    )
    assert entries == [("COM1", "Acme East"), ("COM2", "COM2")]
    assert provider.asked[0].path == "/a/ACC1/companies.json"


async def test_an_option_without_a_menu_names_those_that_have_one(
    provider: Provider, reading: Reading
) -> None:
    with pytest.raises(SettingsError, match="start_date of Calls has no menu") as caught:
        await menu(access(provider), {}, "start_date", report("calls"), around(reading))
    assert caught.value.todo == "Those that have one: account_id, company_id."


# -- leaving early ---------------------------------------------------------------------------------


@pytest.mark.parametrize("walk", ["rows", "windows"])
async def test_who_has_seen_enough_leaves_nothing_running(
    provider: Provider, reading: Reading, walk: str
) -> None:
    def answer(asked: Asked) -> Reply:
        rows = [{"id": n} for n in range((asked.page - 1) * 10, asked.page * 10)]
        page = reply({"calls": rows, "total_records": 90, "total_pages": 9})
        return page if asked.page < 3 else Reply(hangs=True)

    provider.answering = answer
    async with open_source(access(provider), report("calls"), VALUES, around(reading)) as source:
        pages = 0
        if walk == "rows":
            async for _ in source.rows(JUNE):
                pages += 1
                if pages == 2:
                    break
        else:
            async for window in source.windows(JUNE):
                async for _ in window.pages:
                    pages += 1
                    if pages == 2:
                        break
                break
    assert not [t for t in asyncio.all_tasks() if "trunkline" in repr(t.get_coro())]
    sent = len(provider.asked)
    used = reading.log.used("acme:ACC1", ACME.limits[:1], NOON)[0][1]
    assert sent <= used <= sent + 4, "tokens of requests that were not sent went back"
