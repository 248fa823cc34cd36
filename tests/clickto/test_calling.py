"""Calls placed: every result of each leg, numbers in turn, lost connections, and what is kept of all that."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.clickto.calling import CELL, DESK, SERVER, VISITOR, floor, rules
from tests.clickto.conftest import NEW_YORK
from trunkline.clickto.calls import UNHEARD_AFTER, Call, Calls, CallState, LegState, Party
from trunkline.clickto.limits import Limits, TooMany
from trunkline.clickto.plans import Asked, CannotCall
from trunkline.clickto.tables import calls as calls_table
from trunkline.clock import FrozenWallClock, SystemClock
from trunkline.errors import SettingsError
from trunkline.sims.ami import RESULTS, AmiSim, AmiSimOptions, Fault, Rule
from trunkline.store.connection import Store

NOT_ANSWERED = [result for result in RESULTS if result != "ANSWER"]


@pytest.fixture
async def sim() -> AsyncIterator[AmiSim]:
    async with AmiSim(AmiSimOptions()) as found:
        yield found


def told(call: Call) -> tuple[str, str, str]:
    return call.state, call.call_1_result, call.call_2_result


def legs(call: Call) -> list[tuple[str, str, str, str | None]]:
    return [(leg.party, leg.number, leg.state, leg.result) for leg in call.legs]


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not seen():
            await asyncio.sleep(0.01)


async def test_both_answer_and_talk(light_store: Store, sim: AmiSim) -> None:
    sim.add_rule(Rule(VISITOR, talk_seconds=None))
    async with floor(light_store, sim) as here:
        call = await here.calling.place(
            here.block,
            Asked(
                "(312) 555-0123",
                "https://www.example.com/prices",
                "spring",
                "https://www.example.net/search?q=good+desks",
                "192.0.2.7",
            ),
        )
        assert (call.state, call.caller_id) == (CallState.CALLING, VISITOR)
        assert await here.calling.first_leg(call) == "ANSWER"
        await until(lambda: here.calling.calls.one(call.call_id).state is CallState.TALKING)
        sim.channels_of(VISITOR)[0].is_gone.set()
        ended = await here.calling.ended(call)
        (row,) = here.reported()
    assert told(ended) == ("ended", "ANSWER", "ANSWER")
    assert legs(ended) == [
        ("business", DESK, "ended", "ANSWER"),
        ("visitor", VISITOR, "ended", "ANSWER"),
    ]
    assert all(leg.seconds is not None and leg.cause == 16 for leg in ended.legs)
    (sent,) = sim.asked("Originate")
    assert (sent.get("Channel"), sent.get("Application"), sent.get("Data"), sent.get("CallerID")) == (
        "PJSIP/101",
        "Dial",
        f"PJSIP/{VISITOR}@trunk,5",
        "<+13125551212>",
    )
    assert sent.get("ActionID") == ended.legs[0].action_id
    assert {name: row[name] for name in ("caller_id", "name", "page", "ref", "click_description")} == {
        "caller_id": "3125550123",
        "name": "Click to Call",
        "page": "https://www.example.com/prices",
        "ref": "spring",
        "click_description": "Front desk",
    }
    assert (row["referral_keywords"], row["referral_domain"]) == ("good desks", "www.example.net")
    assert (row["ip_address"], row["number_connected"], row["state"]) == ("192.0.2.7", DESK, "ended")


@pytest.mark.parametrize("result", NOT_ANSWERED)
async def test_a_business_that_does_not_answer(light_store: Store, sim: AmiSim, result: str) -> None:
    sim.add_rule(Rule(DESK, result))
    async with floor(light_store, sim) as here:
        call = await here.called()
        (row,) = here.reported()
    assert told(call) == ("failed", result, "")
    assert legs(call) == [("business", DESK, "failed", result)]
    assert call.reason == f"The business was not reached: {call.legs[0].reason}."
    assert (row["call_1_result"], row["call_2_result"], row["call_duration"]) == (result, "", "0")
    assert len(sim.asked("Originate")) == 1


@pytest.mark.parametrize("result", NOT_ANSWERED)
async def test_a_visitor_who_does_not_answer(light_store: Store, sim: AmiSim, result: str) -> None:
    sim.add_rule(Rule(VISITOR, result))
    async with floor(light_store, sim) as here:
        call = await here.called()
    assert told(call) == ("failed", "ANSWER", result)
    assert legs(call)[1] == ("visitor", VISITOR, "failed", result)
    assert call.reason == f"The visitor was not reached: {call.legs[1].reason}."
    words = {"NOANSWER": "it was not answered", "BUSY": "it is busy"}
    assert call.legs[1].reason == words.get(result, call.legs[1].reason) != ""
    assert call.talk_seconds == 0


async def test_a_visitor_rings_no_longer_than_the_setting_says(light_store: Store, sim: AmiSim) -> None:
    sim.add_rule(Rule(VISITOR, ring_seconds=None))
    async with floor(light_store, sim, rules(ring_seconds=1)) as here:
        call = await here.called()
    assert told(call) == ("failed", "ANSWER", "NOANSWER")


async def test_a_business_that_hangs_up_before_the_visitor_answers(light_store: Store, sim: AmiSim) -> None:
    sim.add_rule(Rule(VISITOR, ring_seconds=None))
    async with floor(light_store, sim) as here:
        call = await here.calling.place(here.block, Asked(VISITOR))
        await until(lambda: len(here.calling.calls.one(call.call_id).legs) == 2)
        await until(lambda: bool(sim.channels_of(VISITOR)))
        sim.channels_of(DESK)[0].is_gone.set()
        ended = await here.calling.ended(call)
    assert told(ended) == ("failed", "ANSWER", "CANCEL")


async def test_numbers_are_tried_in_turn_until_one_answers(light_store: Store, sim: AmiSim) -> None:
    for rule in (Rule(DESK, "BUSY"), Rule("102", "CHANUNAVAIL")):
        sim.add_rule(rule)
    async with floor(light_store, sim, kind="findme_list", numbers=[DESK, "102", CELL, "103"]) as here:
        call = await here.called()
        (row,) = here.reported()
    assert [one.get("Channel") for one in sim.asked("Originate")] == [
        "PJSIP/101",
        "PJSIP/102",
        f"PJSIP/{CELL}",
    ]
    assert legs(call) == [
        ("business", DESK, "failed", "BUSY"),
        ("business", "102", "failed", "CHANUNAVAIL"),
        ("business", CELL, "ended", "ANSWER"),
        ("visitor", VISITOR, "ended", "ANSWER"),
    ]
    assert [leg.place for leg in call.legs] == [1, 2, 3, 4]
    assert (row["number_connected"], row["name"]) == ("3125559876", "Click to FindMe List")


async def test_the_report_follows_a_call_in_progress(light_store: Store, sim: AmiSim) -> None:
    for rule in (Rule(DESK, "BUSY"), Rule(VISITOR, ring_seconds=None)):
        sim.add_rule(rule)
    async with floor(light_store, sim, kind="findme_list", numbers=[DESK, CELL]) as here:
        call = await here.calling.place(here.block, Asked(VISITOR))
        (row,) = here.reported()
        assert (row["number_connected"], row["state"]) == (DESK, "begun")
        assert await here.calling.first_leg(call) == "ANSWER"
        (row,) = here.reported()
        assert (row["number_connected"], row["state"]) == ("3125559876", "begun")
        assert here.calling.calls.one(call.call_id).state in (CallState.CALLING, CallState.CONNECTING)
        sim.drop_all()
        await here.calling.ended(call)


async def test_numbers_of_other_countries_are_reported_as_e164(light_store: Store, sim: AmiSim) -> None:
    own, theirs = "+442079460018", "+493012345678"
    async with floor(light_store, sim, numbers=[own], countries="GB,DE") as here:
        call = await here.called(theirs)
        (row,) = here.reported()
    assert (row["caller_id"], row["number_connected"], call.caller_id) == (theirs, own, theirs)


async def test_nobody_of_a_list_answers(light_store: Store, sim: AmiSim) -> None:
    for rule in (Rule(DESK, "BUSY"), Rule("102", "CONGESTION")):
        sim.add_rule(rule)
    async with floor(light_store, sim, kind="findme", numbers=[DESK, "102"]) as here:
        call = await here.called()
    assert (told(call), call.number_connected) == (("failed", "CONGESTION", ""), "102")


async def test_a_connection_lost_while_it_rings_ends_it_without_a_second_try(
    light_store: Store, sim: AmiSim
) -> None:
    sim.faults.add(Fault("drop_at_event", event="DialEnd"))
    async with floor(light_store, sim, kind="findme", numbers=[DESK, "102"]) as here:
        call = await here.called()
    assert told(call) == ("unknown", "CANCEL", "")
    assert legs(call) == [("business", DESK, "unknown", None)]
    assert call.legs[0].reason.startswith("unknown: ")
    assert len(sim.asked("Originate")) == 1


async def test_a_connection_lost_in_talk_keeps_what_was_known(light_store: Store, sim: AmiSim) -> None:
    sim.add_rule(Rule(VISITOR, talk_seconds=None))
    async with floor(light_store, sim) as here:
        call = await here.calling.place(here.block, Asked(VISITOR))
        await until(lambda: here.calling.calls.one(call.call_id).state is CallState.TALKING)
        sim.drop_all()
        ended = await here.calling.ended(call)
    assert told(ended) == ("unknown", "ANSWER", "ANSWER")
    assert [leg.state for leg in ended.legs] == [LegState.UNKNOWN, LegState.UNKNOWN]


async def test_a_manager_out_of_reach_or_unknown_dials_nothing(light_store: Store, sim: AmiSim) -> None:
    sim.faults.add(Fault("drop_before", action="Challenge", times=None))
    async with floor(light_store, sim) as here:
        call = await here.called()
    assert told(call) == ("failed", "CHANUNAVAIL", "")
    assert call.legs[0].state is LegState.NOT_DIALLED
    async with floor(light_store, sim, server="10.9.9.9") as here:
        call = await here.called()
    assert (told(call), call.legs[0].reason) == (
        ("failed", "CHANUNAVAIL", ""),
        "The server 10.9.9.9 has no manager.",
    )
    assert sim.asked("Originate") == []


async def test_a_process_that_stops_says_so(light_store: Store, sim: AmiSim) -> None:
    sim.add_rule(Rule(DESK, ring_seconds=None))
    async with floor(light_store, sim) as here:
        call = await here.calling.place(here.block, Asked(VISITOR))
        await until(lambda: bool(sim.channels_of(DESK)))
    found = Calls(light_store, SystemClock(), NEW_YORK).one(call.call_id)
    assert told(found) == ("unknown", "CANCEL", "")
    assert "the process that placed it was stopped" in found.legs[0].reason


@pytest.mark.parametrize(
    ("rule", "legs_left", "results"),
    [
        (Rule(DESK, ring_seconds=None), ["unknown"], ("CANCEL", "")),
        (Rule(VISITOR, ring_seconds=None), ["unknown", "unknown"], ("ANSWER", "CANCEL")),
        (Rule(VISITOR, talk_seconds=None), ["unknown", "unknown"], ("ANSWER", "ANSWER")),
    ],
)
async def test_what_a_dead_process_leaves_is_closed_by_the_next(
    light_store: Store, sim: AmiSim, rule: Rule, legs_left: list[str], results: tuple[str, str]
) -> None:
    sim.add_rule(rule)
    async with floor(light_store, sim) as here:
        call = await here.calling.place(here.block, Asked(VISITOR))
        wanted = CallState.TALKING if rule.talk_seconds is None else None
        await until(lambda: bool(sim.channels_of(rule.number)))
        await until(lambda: len(here.calling.calls.one(call.call_id).legs) == len(legs_left))
        await until(lambda: here.calling.calls.one(call.call_id).legs[-1].state is not LegState.WAITING)
        await until(lambda: wanted in (None, here.calling.calls.one(call.call_id).state))
        assert here.reported()[0]["state"] == "begun"
        later = FrozenWallClock(SystemClock().now() + UNHEARD_AFTER + timedelta(seconds=1))
        found = Calls(light_store, later, NEW_YORK).find(call.call_id)
        assert found is not None
        assert (found.state, found.call_1_result, found.call_2_result) == ("unknown", *results)
        assert [leg.state for leg in found.legs] == legs_left
        assert found.legs[0].reason == "unknown: the process that placed it ended"
        assert here.reported()[0]["state"] == "ended"


async def test_a_leg_that_was_given_up_is_not_dialled_late(light_store: Store, sim: AmiSim) -> None:
    sim.faults.add(Fault("slow", action="Challenge", seconds=0.5))
    async with floor(light_store, sim) as here:
        call = await here.calling.place(here.block, Asked(VISITOR))
        with light_store.begin() as tx:
            tx.execute(calls_table.update().values(heard_at=SystemClock().now() - 2 * UNHEARD_AFTER))
        here.calling.calls.sweep()
        ended = await here.calling.ended(call)
    assert (ended.state, ended.legs[0].state) == (CallState.UNKNOWN, LegState.NOT_DIALLED)
    assert sim.asked("Originate") == []


async def test_one_request_calls_once(store: Store, sim: AmiSim) -> None:
    async with floor(store, sim, rules(Limits(1, 1, 1))) as here:
        placed = await asyncio.gather(
            *(here.calling.place(here.block, Asked(VISITOR, once="m")) for _ in range(5))
        )
        await here.calling.ended(placed[0])
        again = await here.calling.place(here.block, Asked(VISITOR, once="m"))
        with pytest.raises(CannotCall, match="another call already"):
            await here.calling.place(here.block, Asked(CELL, once="m"))
    assert {call.call_id for call in (*placed, again)} == {placed[0].call_id}
    assert len(sim.asked("Originate")) == 1


async def test_calls_are_counted_for_address_block_and_number(store: Store, sim: AmiSim) -> None:
    sim.add_rule(Rule(DESK, "BUSY"))
    numbers = [f"+1312555{n:04}" for n in range(100, 110)]
    async with floor(store, sim, rules(Limits(2, 4, 1))) as here:
        for number, address in ((0, "a"), (1, "a"), (2, "b")):
            await here.called(numbers[number], counted_as=address)
        with pytest.raises(TooMany, match="from this address"):
            await here.called(numbers[3], counted_as="a")
        with pytest.raises(TooMany, match="to this number"):
            await here.called(numbers[2], counted_as="b")
        await here.called(numbers[4], address="a")
        with pytest.raises(TooMany, match="here") as refused:
            await here.called(numbers[5], counted_as="c")
        assert 0 < refused.value.wait_seconds <= 600
        assert len(here.reported()) == 4
    later = FrozenWallClock(SystemClock().now() + timedelta(minutes=10, seconds=1))
    async with floor(store, sim, rules(Limits(2, 4, 1)), clock=later) as here:
        assert (await here.called(numbers[0], counted_as="a")).call_1_result == "BUSY"


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"numbers": []}, "not_callable", "numbers to call"),
        ({"numbers": [], "kind": "voicemail"}, "not_callable", "a number that reaches its voicemail"),
        ({"server": ""}, "not_callable", "a server"),
        ({"channel": ""}, "not_callable", "a channel"),
    ],
)
async def test_a_block_that_lacks_something_says_what(
    light_store: Store, sim: AmiSim, fields: dict[str, Any], code: str, words: str
) -> None:
    async with floor(light_store, sim, **fields) as here:
        with pytest.raises(CannotCall, match=words) as refused:
            await here.called()
        assert (refused.value.code, here.reported()) == (code, [])


async def test_a_closed_block_calls_nobody(light_store: Store, sim: AmiSim) -> None:
    sunday = FrozenWallClock(datetime(2026, 6, 14, 16, 0, tzinfo=UTC))
    async with floor(light_store, sim, clock=sunday, hours="mon-fri 09:00-17:00") as here:
        with pytest.raises(CannotCall, match="not taken at this time"):
            await here.called()


async def test_a_visitor_is_not_called_by_the_number_that_is_called(light_store: Store, sim: AmiSim) -> None:
    async with floor(light_store, sim, numbers=["3125550123"]) as here:
        with pytest.raises(SettingsError, match="number"):
            await here.called(VISITOR)


async def test_a_call_of_every_database_is_kept_and_shown(store: Store, sim: AmiSim) -> None:
    async with floor(store, sim, origins=["https://www.example.com"]) as here:
        call = await here.called()
        assert told(call) == ("ended", "ANSWER", "ANSWER")
        (listed,) = here.calling.calls.some(10, here.block.id)
        assert (listed, here.calling.calls.some(10, 4711)) == (call, [])
        assert [leg.party for leg in listed.legs] == [Party.BUSINESS, Party.VISITOR]
        assert here.block.server == SERVER


async def test_no_call_is_placed_uncounted_when_many_begin_together(store: Store, sim: AmiSim) -> None:
    async with floor(store, sim, rules(Limits(0, 3, 0))) as here:
        asked = (Asked(f"+1312555{n:04}") for n in range(100, 108))
        placed = await asyncio.gather(
            *(here.calling.place(here.block, one) for one in asked), return_exceptions=True
        )
        calls = [one for one in placed if isinstance(one, Call)]
        for call in calls:
            await here.calling.ended(call)
        others = [one for one in placed if not isinstance(one, Call)]
        assert (len(calls), {type(one) for one in others}) == (3, {TooMany}), others
        assert len(here.reported()) == len(sim.asked("Originate")) == 3
