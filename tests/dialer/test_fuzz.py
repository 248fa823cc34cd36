"""Any request gets an answer: nothing fails, nothing of the inside is told, nothing is written in part."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dialer.fuzz_checks import Answer, Floor, answered, check
from tests.dialer.fuzzed import SETTINGS, Request, encoded, requests
from trunkline.dialer.command import Dialect

EXAMPLES, SOAK_REQUESTS = 100, 20_000
MOST_REQUESTS = 4
"""Requests of an example; on average there are 2.5."""

examples = st.tuples(st.sampled_from(SETTINGS), st.lists(requests(), min_size=1, max_size=MOST_REQUESTS))
Example = tuple[dict[str, Any], list[Request]]


@pytest.fixture(scope="module")
def floor(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    found = Floor(start, tmp_path_factory.mktemp("fuzz") / "dialer.db")
    yield found
    asyncio.run(found.service.database.close())


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(example=examples)
def test_any_request_gets_an_answer(floor: Floor, example: Example) -> None:
    asyncio.run(floor.run(*example))


@pytest.mark.soak
def test_any_of_twenty_thousand_requests_gets_an_answer(floor: Floor) -> None:
    @settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(example=examples)
    def some(example: Example) -> None:
        asyncio.run(floor.run(*example))

    floor.asked = 0
    while floor.asked < SOAK_REQUESTS:
        some()
    print(f"{floor.asked} requests")


INJECTIONS: list[tuple[str, dict[str, str]]] = [
    ("agent_status", {"agent_user": "x' OR '1'='1"}),
    ("recording_lookup", {"agent_user": "' OR 1=1 -- ", "date": "2017-06-14"}),
    ("recording_lookup", {"date": "2017-06-14' OR '1'='1", "agent_user": "1000"}),
    ("did_log_export", {"phone_number": "7275551212", "date": "2017-06-14' OR '1'='1"}),
    ("agent_stats_export", {"agent_user": "' OR '1'='1", "datetime_start": "2017-06-14 00:00:00"}),
    ("update_log_entry", {"group": "TESTCAMP", "call_id": "1", "status": "X' WHERE 1=1 -- "}),
    (
        "update_lead",
        {"search_method": "VENDOR_LEAD_CODE", "vendor_lead_code": "' OR '1'='1", "city": "Owned"},
    ),
    ("phone_number_log", {"phone_number": "' OR '1'='1"}),
    ("callid_info", {"call_id": "' OR '1'='1' -- abcdefghij"}),
    ("lead_field_info", {"lead_id": "1 OR 1=1", "field_name": "vendor_lead_code"}),
]
"""Those that found or changed something on the original, by the parameters that are known for it."""


@pytest.mark.parametrize("use_non_latin", ["0", "1"])
@pytest.mark.parametrize(("function", "params"), INJECTIONS)
async def test_what_is_injected_finds_nothing(
    floor: Floor, function: str, params: dict[str, str], use_non_latin: str
) -> None:
    floor.restore()
    async with floor.service.database.work() as work:
        await work.update("system_settings", {}, use_non_latin=use_non_latin)
    login = [("source", "test"), ("user", "6666"), ("pass", "1234"), ("function", function)]
    query = encoded([*login, *params.items()])
    for dialect in (Dialect.DOCUMENTED, Dialect.ORIGINAL):
        request = Request(dialect, function, "6666", "GET", query, "", b"")
        before = floor.tables()
        answer = await answered(floor.service, request)
        assert answer.text.startswith(("ERROR: ", "NOTICE: ")), answer.text
        assert floor.tables()["list"] == before["list"]


@pytest.mark.parametrize("field", ["vendor_lead_code", "source_id", "comments", "favorite_color"])
@pytest.mark.parametrize("text", ["it's", 'say "hi"', "x') , (1, 'y", "\\", "100%_"])
async def test_a_quote_is_a_character_like_any_other(floor: Floor, field: str, text: str) -> None:
    floor.restore()
    params = {"phone_number": "7275559911", "list_id": "101", "custom_fields": "Y", field: text}
    login = [("source", "test"), ("user", "6666"), ("pass", "1234"), ("function", "add_lead")]
    query = encoded([*login, *params.items()])
    before = len(floor.tables()["list"])
    answer = await answered(
        floor.service, Request(Dialect.DOCUMENTED, "add_lead", "6666", "GET", query, "", b"")
    )
    assert answer.text.startswith("SUCCESS: add_lead LEAD HAS BEEN ADDED")
    leads = floor.tables()["list"]
    assert len(leads) == before + 1
    if field != "favorite_color":
        assert leads[max(leads)][field] == text[:20] if field == "vendor_lead_code" else text


def test_the_checks_find_what_they_are_there_for() -> None:
    request = Request(Dialect.DOCUMENTED, "add_lead", "6666", "GET", b"a=1", "", b"")
    lead = {"list": {"added": [{"lead_id": 1}], "removed": [], "changed": []}}
    user = {
        "users": {"added": [], "removed": [], "changed": [{"key": {}, "set": {"user_level": 9}, "now": {}}]}
    }
    seen = {
        "users": {"added": [], "removed": [], "changed": [{"key": {}, "set": {"last_ip": "x"}, "now": {}}]}
    }
    check(request, Answer(200, "ERROR: add_lead X - 1\n"), seen)
    check(request, Answer(200, "SUCCESS: add_lead X - 1\n"), lead)
    for answer, changes in (
        (Answer(503, "ERROR: THE DATABASE DOES NOT ANSWER\n"), {}),
        (Answer(200, "ERROR: add_lead X - 1\n"), lead),
        (Answer(200, "SUCCESS: add_lead X - 1\n"), user),
        (Answer(200, "SUCCESS: add_lead near 'x': syntax error\n"), {}),
        (Answer(200, "8002pw\n"), {}),
        (Answer(200, "Custom"), {"user_groups": lead["list"]}),
    ):
        with pytest.raises(AssertionError):
            check(request, answer, changes)
