"""The floor tells one story: properties over seeds, hours, sizes, speeds and steps."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sims.floor.ledger import Ledger, Row
from tests.sims.floor.truths import check_closed, check_logs, check_now
from trunkline.sims.floor.agenda import Agenda
from trunkline.sims.floor.floor import Floor
from trunkline.sims.floor.known import epoch_of
from trunkline.sims.floor.leads import NUMBERS, home
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.roster import shifts_at

ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
FIRST = int(datetime(2025, 10, 20, tzinfo=UTC).timestamp())
BERLIN = FloorOptions(zone=ZoneInfo("Europe/Berlin"))
WEDNESDAY = int(datetime(2026, 6, 10, 8, 30, tzinfo=BERLIN.zone).timestamp())
quietly = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
floors = st.builds(
    FloorOptions,
    agents=st.integers(3, 25),
    seed=st.integers(0, 10**9),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
begins = st.integers(0, 40 * 24).map(lambda hour: FIRST + 3_600 * hour)
speeds = st.sampled_from((0.2, 1.0, 3.0, 25.0, 100.0))
steps = st.lists(st.integers(1, 900), min_size=3, max_size=25)


def moved(floor: Floor, steps: list[int]) -> Ledger:
    """The rows after these steps, the truths of the moment held after each."""
    ledger = Ledger()
    for step in steps:
        floor.advance(floor.now + step)
        ledger.follow(floor)
        check_now(ledger)
        check_figures(floor, ledger)
    return ledger


def check_figures(floor: Floor, ledger: Ledger) -> None:
    """The line shows what the tables hold."""
    figures = floor.figures()
    agents = Counter(agent["status"] for agent in ledger.rows("live_agents"))
    calls = Counter(call["status"] for call in ledger.rows("auto_calls"))
    assert figures.agents == agents.total()
    assert figures.in_call == agents["INCALL"] + agents["QUEUE"]
    assert figures.ready == agents["READY"] + agents["CLOSER"]
    assert figures.paused + figures.dispo == agents["PAUSED"]
    assert figures.waiting == calls["LIVE"]
    assert figures.ringing == calls["SENT"] + calls["RINGING"] + calls["IVR"]
    assert figures.hopper == sum(row["status"] == "READY" for row in ledger.rows("hopper"))


def working_day(options: FloorOptions = BERLIN, hours: int = 13) -> Ledger:
    floor = Floor(options, WEDNESDAY)
    return moved(floor, [600] * 6 * hours)


@pytest.fixture(scope="module")
def day() -> Ledger:
    """A working day, from half past eight to half past nine in the evening."""
    return working_day()


# -- one story ---------------------------------------------------------------------------------------


@quietly
@given(floors, begins, speeds, steps)
def test_every_moment_and_the_end_tell_one_story(
    options: FloorOptions, begins: int, speed: float, steps: list[int]
) -> None:
    floor = Floor(options, begins)
    floor.speed = speed
    ledger = moved(floor, steps)
    check_logs(ledger, options.zone)
    floor.close()
    ledger.follow(floor)
    check_closed(ledger)
    check_logs(ledger, options.zone)


@quietly
@given(floors, begins, speeds, steps)
def test_the_same_seed_makes_the_same_events_in_whatever_steps(
    options: FloorOptions, begins: int, speed: float, steps: list[int]
) -> None:
    stepped, at_once = Floor(options, begins), Floor(options, begins)
    stepped.speed = at_once.speed = speed
    rows, others = moved(stepped, steps), moved(at_once, [sum(steps)])
    assert stepped.figures() == at_once.figures()
    for table in ("log", "closer_log", "did_log", "log_extended", "list", "callbacks", "live_agents"):
        assert without_numbers(rows.tables.get(table, {})) == without_numbers(others.tables.get(table, {}))


NUMBERED = ("#", "lead_id", "agent_log_id", "caller_code", "callerid")
"""Columns that hold numbers the database gives, in the order of writing."""


def without_numbers(rows: dict[object, Row]) -> dict[object, Row]:
    return {
        key: {name: value for name, value in row.items() if name not in NUMBERED} for key, row in rows.items()
    }


def test_another_seed_makes_other_events() -> None:
    floors = [working_day(replace(BERLIN, seed=seed), hours=1) for seed in (1, 2)]
    one, other = ({row["phone_number"] for row in ledger.rows("closer_log")} for ledger in floors)
    assert one
    assert one != other


# -- a working day -----------------------------------------------------------------------------------


def test_a_day_has_everything_a_call_center_has(day: Ledger) -> None:
    check_logs(day, BERLIN.zone)
    statuses = Counter(row["status"] for table in ("log", "closer_log") for row in day.rows(table))
    assert {
        "SALE",
        "NI",
        "CALLBK",
        "DNC",
        "NA",
        "B",
        "AA",
        "DC",
        "DROP",
        "SOLVED",
        "TICKET",
    } <= statuses.keys()
    pauses = {row["sub_status"] for row in day.rows("agent_log")}
    assert {"LOGIN", "LOGOUT", "BREAK", "LUNCH", "ADMIN"} <= pauses
    assert {row["term_reason"] for row in day.rows("closer_log")} >= {"CALLER", "AGENT", "ABANDON"}
    assert {row["comments"] for row in day.rows("log")} == {"AUTO", "MANUAL"}
    assert {row["status"] for row in day.rows("callbacks")} >= {"ACTIVE", "INACTIVE"}
    assert any(row["dead_sec"] for row in day.rows("agent_log"))


def test_what_agents_do_is_like_a_working_day(day: Ledger) -> None:
    sums = {
        part: sum(row[f"{part}_sec"] for row in day.rows("agent_log"))
        for part in ("pause", "wait", "talk", "dispo")
    }
    share = {part: seconds / sum(sums.values()) for part, seconds in sums.items()}
    assert 0.3 < share["talk"] < 0.75
    assert 0.05 < share["pause"] < 0.25
    assert 0.02 < share["dispo"] < 0.2
    lost = sum(row["status"] == "DROP" for row in day.rows("closer_log")) / len(day.rows("closer_log"))
    assert 0.005 < lost < 0.2


def test_nobody_is_called_before_nine_or_after_nine(day: Ledger) -> None:
    hours = {row["call_date"][11:13] for row in day.rows("log") if row["comments"] == "AUTO"}
    assert hours == {f"{hour:02d}" for hour in range(9, 21)}


def test_who_does_not_want_to_be_called_is_not_called_again(day: Ledger) -> None:
    calls = sorted(day.rows("log"), key=lambda row: row["start_epoch"])
    refused: set[int] = set()
    for call in calls:
        assert call["lead_id"] not in refused
        if call["status"] == "DNC":
            refused.add(call["lead_id"])
    assert refused


def test_personal_callbacks_are_made_by_the_agent_who_promised(day: Ledger) -> None:
    manual = [row for row in day.rows("log") if row["comments"] == "MANUAL"]
    promised = {(row["lead_id"], row["user"]) for row in day.rows("callbacks") if row["status"] == "INACTIVE"}
    assert manual
    assert {(row["lead_id"], row["user"]) for row in manual} <= promised
    codes = {row["uniqueid"]: row["caller_code"] for row in day.rows("log_extended")}
    assert {codes[row["uniqueid"]][0] for row in manual} == {"M"}


def test_at_midnight_counts_begin_anew() -> None:
    floor = Floor(BERLIN, WEDNESDAY + 12 * 3_600)
    ledger = moved(floor, [3_600] * 3)
    assert max(agent["calls_today"] for agent in ledger.rows("live_agents")) > 0
    floor.advance(WEDNESDAY + 15 * 3_600 + 1_801)
    ledger.follow(floor)
    assert {agent["calls_today"] for agent in ledger.rows("live_agents")} <= {0, 1}
    assert floor.figures().calls_today <= 2


# -- size and speed ----------------------------------------------------------------------------------


def test_faster_floors_make_more_of_the_same_time() -> None:
    counts, lengths = [], []
    for speed in (1.0, 20.0):
        floor = Floor(BERLIN, WEDNESDAY + 7_200)
        floor.speed = speed
        calls = moved(floor, [300] * 6).rows("log")
        ended = [row["length_in_sec"] for row in calls if row["end_epoch"]]
        counts.append(len(calls))
        lengths.append(sum(ended) / len(ended))
    assert counts[1] > 5 * counts[0] > 0
    assert lengths[1] < lengths[0] / 5


@quietly
@given(floors, begins, steps, speeds, speeds)
def test_the_speed_may_change_at_any_time(
    options: FloorOptions, begins: int, steps: list[int], first: float, then: float
) -> None:
    floor, ledger = Floor(options, begins), Ledger()
    for number, step in enumerate(steps):
        floor.speed = (first, then)[number % 2]
        floor.advance(floor.now + step)
        ledger.follow(floor)
        check_now(ledger)
    check_logs(ledger, options.zone)


def test_what_has_begun_goes_on_at_the_new_speed() -> None:
    agenda = Agenda(1_000)
    done: list[object] = []
    for seconds in (30, 60, 300, 1, 60):
        agenda.after(seconds, done.append, seconds)
    agenda.at(1_200, done.append, "noon")
    agenda.speed = 10
    agenda.run(1_003)
    assert done == [1, 30]
    agenda.run(1_006)
    assert done == [1, 30, 60, 60]
    agenda.speed = 0.5
    agenda.run(1_486)
    assert done == [1, 30, 60, 60, "noon", 300]


@quietly
@given(floors, begins, st.integers(0, 86_400))
def test_somebody_is_always_at_work(options: FloorOptions, begins: int, seconds: int) -> None:
    assert list(shifts_at(options, begins + seconds))


@quietly
@given(floors, begins)
def test_nobody_works_twice_at_a_time(options: FloorOptions, begins: int) -> None:
    agents = [shift.agent for shift in shifts_at(options, begins)]
    assert len(agents) == len(set(agents))


def test_leads_have_numbers_of_their_own_that_ring_nowhere() -> None:
    phones = [home(number)[1] for number in range(NUMBERS)]
    assert len(set(phones)) == NUMBERS
    assert {(len(phone), phone[3:8]) for phone in phones} == {(10, "55501")}


def test_a_local_time_is_read_back() -> None:
    at = datetime(2026, 6, 10, 8, 30, tzinfo=BERLIN.zone)
    assert epoch_of("2026-06-10 08:30:00", BERLIN.zone) == int(at.timestamp())
    assert epoch_of("0000-00-00 00:00:00", BERLIN.zone) == epoch_of(None, BERLIN.zone) == 0
