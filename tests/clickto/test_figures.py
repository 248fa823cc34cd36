from datetime import UTC, date, datetime, timedelta

from tests.clickto.conftest import NEW_YORK
from trunkline.clickto.activity import Activity, Click, Ending
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.figures import Outcome, figures, last_days
from trunkline.clock import FrozenWallClock
from trunkline.store.connection import Store

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)


def test_days_and_outcomes_are_counted_and_clicks_come_newest_first(store: Store) -> None:
    blocks = Blocks(store, FrozenWallClock(NOW))
    for _ in range(3):
        blocks.add({"kind": "call", "description": "Desk", "numbers": ["101"]})
    for days_ago, second in ((0, "ANSWER"), (0, "BUSY"), (1, "ANSWER"), (40, "ANSWER")):
        activity = Activity(store, FrozenWallClock(NOW - timedelta(days=days_ago)), NEW_YORK)
        activity.end(
            activity.begin(Click(1, "Desk", f"+13125550{days_ago:03}")), Ending("ANSWER", second, 30)
        )
    yesterday, today = figures(store, last_days(TODAY, 2))
    assert (yesterday.total, today.total, today.talk_seconds) == (1, 2, 60)
    assert today.clicks[Outcome.TALKED] == today.clicks[Outcome.NO_VISITOR] == 1
    assert sum(one.total for one in figures(store, last_days(TODAY, 30, 2))) == 0
    assert len(figures(store, last_days(TODAY, 30))) == 30
    activity = Activity(store, FrozenWallClock(NOW), NEW_YORK)
    first, place = activity.newest(last_days(TODAY, 30), 2)
    assert [row["call_2_result"] for row in first] == ["BUSY", "ANSWER"]
    second_page, last = activity.newest(last_days(TODAY, 30), 2, place)
    assert ([row["local_time"][:10] for row in second_page], last) == (["2026-11-19"], None)
    assert [block.id for block in blocks.some(1, 1)] == [2]
