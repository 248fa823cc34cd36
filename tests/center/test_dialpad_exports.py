"""Every kind of Dialpad export as a dataset: it lands, and a second run doubles nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.center.dialpad_office import DialpadOffice, dialpad_office
from trunkline.center.room import Center
from trunkline.center.runs import SUCCEEDED
from trunkline.clock import SteppedClock

STAT_TYPES = (
    *("calls", "csat", "dispositions", "onduty", "recordings", "screenshare", "texts", "voicemails"),
)
FIGURES = (
    {"stat_type": "calls"},
    {"stat_type": "calls", "group_by": "date"},
    {"stat_type": "calls", "group_by": "group"},
    {"stat_type": "texts"},
    {"stat_type": "onduty"},
)


def kinds() -> Iterator[dict[str, str]]:
    yield from ({"stat_type": stat_type, "export_type": "records"} for stat_type in STAT_TYPES)
    yield from ({**figures, "export_type": "stats"} for figures in FIGURES)


def wanted(office: DialpadOffice, kind: dict[str, str]) -> dict[str, str]:
    """The choices with whatever they need besides: a target, or an office."""
    if kind["stat_type"] in ("csat", "dispositions"):
        center = str(office.sim.world.lists["callcenters"][0]["id"])
        return {**kind, "target_type": "callcenter", "call_center_id": center}
    if kind.get("group_by") == "group":
        return {**kind, "office_id": str(office.sim.world.lists["offices"][0]["id"])}
    return kind


def plain(office: DialpadOffice) -> list[dict[str, Any]]:
    rows = office.rows("select * from datasets.stats")
    own = [{n: v for n, v in row.items() if n not in ("_run_id", "_loaded_at")} for row in rows]
    return sorted(own, key=str)


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: "-".join(kind.values()))
async def test_it_lands_and_a_second_run_doubles_nothing(
    center: Center, clock: SteppedClock, kind: dict[str, str]
) -> None:
    async with dialpad_office(center, clock, calls=900, days=12) as office:
        await office.dataset(**wanted(office, kind), date_range="relative", days_back_start="9")
        first = await office.run()
        assert (first.status, first.error, first.warnings) == (SUCCEEDED, "", [])
        rows = plain(office)
        assert len(rows) == first.rows_inserted > 0
        second = await office.run()
        assert (second.status, second.error) == (SUCCEEDED, "")
        assert plain(office) == rows


@pytest.mark.parametrize("stat_type", STAT_TYPES)
async def test_records_tell_their_local_day(center: Center, clock: SteppedClock, stat_type: str) -> None:
    async with dialpad_office(center, clock, calls=900, days=12) as office:
        kind = wanted(office, {"stat_type": stat_type, "export_type": "records"})
        await office.dataset(**kind, date_range="relative", days_back_start="9")
        assert (await office.run()).status == SUCCEEDED
        field = "date_started" if stat_type in ("calls", "dispositions") else "date"
        days = office.rows(
            f"select cast(day as varchar) as day, substr({field}, 1, 10) as own from datasets.stats"
        )
        assert days
        assert all(row["day"] == row["own"] for row in days)


async def test_every_local_time_of_calls_is_an_instant_too(center: Center, clock: SteppedClock) -> None:
    async with dialpad_office(center, clock, calls=300, days=12) as office:
        await office.dataset(date_range="relative", days_back_start="9")
        await office.run()
        rows = office.rows(
            "select call_id, started_at, ended_at, talk_duration, talk_duration_seconds from datasets.stats"
        )
        for row in rows:
            leg = office.sim.world.call(int(row["call_id"]))
            assert leg is not None
            assert round(row["started_at"].timestamp() * 1000) == leg.start
            assert round(row["ended_at"].timestamp() * 1000) == leg.end
            assert row["talk_duration_seconds"] == pytest.approx(row["talk_duration"] * 60)
