"""What is special about reading Dialpad: paths, cursors, days and targets as sent, zones, the account."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.connectors.dialpad_reading import (
    ALWAYS,
    TARGETS,
    Reader,
    reading_dialpad,
    relative_range,
    report_named,
)
from trunkline.connectors.dialpad import CONNECTOR, address, budget_of
from trunkline.declare import HOUR, Limit
from trunkline.errors import DataError
from trunkline.options import Values
from trunkline.sims.dialpad import Fault

STATS = report_named("stats")


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    async with reading_dialpad() as found:
        yield found


# -- paths ------------------------------------------------------------------------------------------


async def test_one_chosen_office_is_asked_by_its_own_path(reader: Reader) -> None:
    office = reader.ids("offices")[1]
    rows = await reader.read("callcenters", office_id=office)
    assert rows
    assert {str(row["office_id"]) for row in rows} == {office}
    assert reader.paths == [f"/offices/{office}/callcenters"]


async def test_one_chosen_call_center_is_asked_by_its_own_path(reader: Reader) -> None:
    center = reader.ids("callcenters")[0]
    rows = await reader.read("operators", call_center_id=center)
    assert {str(row["call_center_id"]) for row in rows} == {center}
    assert reader.paths == [f"/callcenters/{center}/operators"]


async def test_operators_of_an_office_are_those_of_its_call_centers(reader: Reader) -> None:
    office = reader.ids("offices")[0]
    own = [str(r["id"]) for r in reader.sim.world.lists["callcenters"] if str(r["office_id"]) == office]
    assert own
    rows = await reader.read("operators", office_id=office)
    assert {str(row["call_center_id"]) for row in rows} == set(own)
    assert sorted(reader.paths) == sorted(
        [f"/offices/{office}/callcenters", *(f"/callcenters/{i}/operators" for i in own)]
    )


# -- cursors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty_cursor", [True, False])
async def test_lists_end_where_no_cursor_comes_or_an_empty_one(empty_cursor: bool) -> None:
    async with reading_dialpad(page_rows=7, empty_cursor=empty_cursor) as reader:
        users = await reader.read("users")
        assert [str(row["id"]) for row in users] == reader.ids("users")
        pages = -(-len(users) // 7)
        assert reader.paths == ["/users"] * pages
        assert [bool(sent.query.get("cursor")) for sent in reader.sim.sent] == [False] + [True] * (pages - 1)


async def test_a_cursor_that_comes_again_is_an_error() -> None:
    async with reading_dialpad(page_rows=7) as reader:
        reader.sim.faults.add(Fault("repeated_cursor", "/users", 2, None))
        with pytest.raises(DataError, match="sends the same next page again and again"):
            await reader.read("users")


async def test_no_page_size_is_ever_sent(reader: Reader) -> None:
    for report in CONNECTOR.reports:
        if report.name != "stats":
            await reader.read(report.name)
    assert not [sent for sent in reader.sim.sent if "limit" in sent.query]


# -- calls and stats --------------------------------------------------------------------------------


async def test_calls_are_asked_for_by_instants_and_hold_the_days_exactly(reader: Reader) -> None:
    midnight = int((reader.clock.now() - timedelta(hours=12)).timestamp() * 1000)
    day = 86_400_000
    edges = [midnight - 3 * day, midnight - 3 * day - 1, midnight - 2 * day, midnight - 2 * day - 1]
    ids = [reader.sim.world.add_calls(1, reader.clock.now() - timedelta(days=4)) for _ in edges]
    for (id_,), edge in zip(ids, edges, strict=True):
        change = {"date_started": str(edge), "date_connected": None, "date_ended": str(edge + 60_000)}
        assert reader.sim.world.change_call(id_, change)
    rows = await reader.read("calls", relative_date="3", time_zone="UTC")
    starts = [int(row["date_started"]) for row in rows]
    assert set(starts) >= {edges[0], edges[3]}
    assert all(midnight - 3 * day <= start < midnight - 2 * day for start in starts)
    assert reader.sim.sent[0].query == {
        "started_after": str(midnight - 3 * day - 1),
        "started_before": str(midnight - 2 * day),
    }


async def test_a_long_range_is_asked_for_in_pieces(reader: Reader) -> None:
    await reader.read("stats", **relative_range("90", "0"), time_zone="UTC")
    days = {(body.get("days_ago_start"), body.get("days_ago_end")) for body in reader.bodies}
    assert days == {(60, 90), (29, 59), (1, 28), (None, None)}
    assert [body for body in reader.bodies if "days_ago_start" not in body] == [
        {"stat_type": "calls", "export_type": "records", "timezone": "UTC", "is_today": True}
    ]
    assert all("is_today" not in body for body in reader.bodies if "days_ago_start" in body)


async def test_pieces_are_as_long_as_was_chosen(reader: Reader) -> None:
    await reader.read("stats", **relative_range("5", "1"), time_zone="UTC", chunk_days="2")
    days = [(body["days_ago_start"], body["days_ago_end"]) for body in reader.bodies]
    assert sorted(days) == [(1, 1), (2, 3), (4, 5)]


@pytest.mark.parametrize(("given", "sent"), TARGETS)
async def test_ids_are_sent_as_numbers_and_a_target_goes_before_an_office(
    reader: Reader, given: dict[str, str], sent: dict[str, Any]
) -> None:
    await reader.read("stats", **given, relative_date="1", time_zone="UTC")
    [body] = reader.bodies
    assert body == {**ALWAYS, "days_ago_start": 1, "days_ago_end": 1, **sent}
    assert {type(value) for name, value in body.items() if name.endswith("_id")} <= {int}


# -- zones ------------------------------------------------------------------------------------------


async def test_days_are_of_the_chosen_offices_zone_else_of_the_main_ones(reader: Reader) -> None:
    zones = ["America/St_Johns", "Asia/Kathmandu", "Europe/Paris"]
    for row, name in zip(reader.sim.world.lists["offices"], zones, strict=True):
        row |= {"timezone": name, "is_primary_office": name == "Asia/Kathmandu"}
    reader.sim.world.touch()
    offices = reader.ids("offices")

    async def zone(**given: Any) -> Any:
        return (await reader.options(STATS, **given)).get("time_zone")

    assert await zone(office_id=offices[2]) == "Europe/Paris"
    assert await zone() == "Asia/Kathmandu"
    assert await zone(office_id="1") == "Asia/Kathmandu"
    assert await zone(time_zone="America/New_York", office_id=offices[2]) == "America/New_York"
    await reader.read("stats", relative_date="1")
    assert reader.bodies[0]["timezone"] == "Asia/Kathmandu"


async def test_where_no_office_tells_a_zone_none_is_made_up(reader: Reader) -> None:
    for row in reader.sim.world.lists["offices"]:
        row.pop("timezone", None)
    reader.sim.world.touch()
    assert "time_zone" not in await reader.options(STATS)


async def test_no_office_is_asked_where_a_zone_is_chosen(reader: Reader) -> None:
    await reader.options(STATS, time_zone="America/New_York")
    assert reader.paths == []


# -- the account ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, "https://dialpad.com/api/v2"),
        ({"host": "sandbox"}, "https://sandbox.dialpad.com/api/v2"),
        ({"base_url": "http://127.0.0.1:9/"}, "http://127.0.0.1:9/api/v2"),
        ({"base_url": "https://proxy.example/api/v2"}, "https://proxy.example/api/v2"),
        ({"base_url": "https://proxy.example", "host": "sandbox"}, "https://proxy.example/api/v2"),
    ],
)
def test_the_address_may_leave_out_the_folder_of_the_api(given: Values, found: str) -> None:
    assert address(given) == found


def test_a_key_counts_for_itself_at_its_host_and_does_not_show() -> None:
    one: Values = {"api_key": "s3cret-one"}
    two: Values = {"api_key": "s3cret-two"}
    assert budget_of(one) != budget_of(two)
    assert budget_of(one) != budget_of({**one, "host": "sandbox"})
    assert "s3cret" not in budget_of(one)


def test_two_hundred_stats_requests_an_hour_are_the_limit() -> None:
    assert Limit(200, HOUR, group="stats", option="stats_limit") in CONNECTOR.limits
