"""What a call's events tell: results, causes, legs, and servers that tell less or in another order."""

from datetime import UTC, datetime, timedelta

import pytest

from trunkline.clock import SteppedClock
from trunkline.telephony.calls import Outcome, PlacedCall, Status, new_channel_id
from trunkline.telephony.results import Result, of_cause, of_dial_status, of_reason

NOW = datetime(2026, 6, 14, 12, 0, tzinfo=UTC)
CHANNEL = "1781438400.123456789"
FAR = CHANNEL + ";2"


class Heard:
    """A call, and the events that are told of it, a second after each other."""

    def __init__(self) -> None:
        self.clock = SteppedClock(NOW)
        self.index: dict[str, PlacedCall] = {}
        self.call = PlacedCall("a1", CHANNEL, self.index, self.clock)

    def tell(self, event: str, **headers: str) -> Outcome:
        self.clock.advance(1)
        named = {"event": event, **{name.lower().replace("_", "-"): v for name, v in headers.items()}}
        ids = ("actionid", "uniqueid", "destuniqueid", "localoneuniqueid")
        found = next((self.index[named[n]] for n in ids if named.get(n) in self.index), None)
        if found is not None:
            found.hear(named)
        return self.call.outcome

    def taken(self) -> None:
        self.call.taken({"response": "Success"})

    def answered(self, unique_id: str = CHANNEL) -> Outcome:
        return self.tell(
            "OriginateResponse",
            ActionID="a1",
            Response="Success",
            Reason="4",
            Uniqueid=unique_id,
            Channel="PJSIP/350-1",
        )

    def failed(self, reason: str) -> Outcome:
        return self.tell(
            "OriginateResponse", ActionID="a1", Response="Failure", Reason=reason, Uniqueid="<null>"
        )


@pytest.fixture
def heard() -> Heard:
    found = Heard()
    found.taken()
    return found


@pytest.mark.parametrize(
    ("reason", "result"),
    [("0", "CHANUNAVAIL"), ("1", "NOANSWER"), ("3", "NOANSWER"), ("5", "BUSY"), ("8", "CONGESTION")],
)
async def test_the_reason_alone_tells_a_result(heard: Heard, reason: str, result: str) -> None:
    outcome = heard.failed(reason)
    assert (outcome.status, outcome.result) == (Status.FAILED, Result(result))
    assert outcome.reason
    assert heard.index == {}


async def test_an_unknown_reason_is_told_as_it_is(heard: Heard) -> None:
    assert "'99'" in heard.failed("99").reason


async def test_the_cause_says_more_than_the_reason(heard: Heard) -> None:
    heard.tell("Hangup", Uniqueid=CHANNEL, Cause="17", Cause_txt="User busy")
    outcome = heard.failed("1")
    assert (outcome.result, outcome.cause) == (Result.BUSY, 17)
    assert outcome.reason == "it was not answered (User busy)"


async def test_the_end_of_a_dial_says_most(heard: Heard) -> None:
    heard.tell("DialEnd", Uniqueid=FAR, DestUniqueid="9.9", DialStatus="CONGESTION")
    heard.tell("Hangup", Uniqueid=CHANNEL, Cause="17")
    assert heard.failed("1").result is Result.CONGESTION


async def test_a_call_is_as_long_as_it_was_answered(heard: Heard) -> None:
    heard.tell("DialEnd", DestUniqueid=CHANNEL, DialStatus="ANSWER")
    heard.answered()
    heard.clock.advance(60)
    outcome = heard.tell("Hangup", Uniqueid=CHANNEL, Cause="16", Cause_txt="Normal Clearing")
    assert (outcome.status, outcome.seconds) == (Status.ENDED, 62)


async def test_a_hang_up_may_be_heard_before_the_answer(heard: Heard) -> None:
    heard.tell("Hangup", Uniqueid=CHANNEL, Cause="16")
    outcome = heard.answered()
    assert (outcome.status, outcome.result) == (Status.ENDED, Result.ANSWER)


async def test_a_verdict_may_be_heard_before_the_action_is_answered() -> None:
    heard = Heard()
    heard.failed("5")
    heard.taken()
    assert heard.call.outcome.result is Result.BUSY


async def test_a_server_that_gives_its_own_ids_is_followed(heard: Heard) -> None:
    """Before Asterisk 12 the asked id of a channel is not taken, and a Dial is one event in two parts."""
    heard.answered(unique_id="1781438401.7")
    heard.tell("Dial", SubEvent="Begin", UniqueID="1781438401.7", DestUniqueID="8", Dialstring="7275551212")
    heard.tell("Dial", SubEvent="End", UniqueID="1781438401.7", DialStatus="BUSY")
    outcome = heard.tell("Hangup", Uniqueid="1781438401.7", Cause="16")
    assert outcome.status is Status.ENDED
    assert [(leg.dialed, leg.result) for leg in outcome.legs] == [("7275551212", Result.BUSY)]
    assert outcome.unique_id == "1781438401.7"


async def test_legs_come_in_order_with_their_lengths(heard: Heard) -> None:
    heard.answered()
    for number, status in (("1", "NOANSWER"), ("2", "ANSWER")):
        heard.tell("DialBegin", Uniqueid=CHANNEL, DestUniqueid=f"d{number}", DialString=number)
        heard.tell("DialEnd", Uniqueid=CHANNEL, DestUniqueid=f"d{number}", DialStatus=status)
        if status != "ANSWER":
            heard.tell("Hangup", Uniqueid=f"d{number}", Cause="19")
    heard.clock.advance(30)
    heard.tell("Hangup", Uniqueid="d2", Cause="16")
    outcome = heard.tell("Hangup", Uniqueid=CHANNEL, Cause="16")
    assert [(leg.dialed, leg.result, leg.seconds) for leg in outcome.legs] == [
        ("1", Result.NOANSWER, None),
        ("2", Result.ANSWER, 31),
    ]
    assert heard.index == {}


async def test_what_a_leg_dials_is_no_leg(heard: Heard) -> None:
    heard.answered()
    heard.tell("DialBegin", Uniqueid=CHANNEL, DestUniqueid="d1", DialString="1")
    outcome = heard.tell("DialBegin", Uniqueid="d1", DestUniqueid="d2", DialString="2")
    assert [leg.dialed for leg in outcome.legs] == ["1"]


async def test_a_local_channel_that_makes_way_does_not_end_the_call(heard: Heard) -> None:
    heard.answered()
    heard.tell("DialBegin", Uniqueid=CHANNEL, DestUniqueid="d1", DialString="350")
    heard.tell("DialEnd", Uniqueid=CHANNEL, DestUniqueid="d1", DialStatus="ANSWER")
    heard.tell("LocalOptimizationEnd", LocalOneUniqueid=CHANNEL, Success="Yes")
    assert heard.tell("Hangup", Uniqueid=CHANNEL, Cause="16").status is Status.ANSWERED
    heard.clock.advance(100)
    outcome = heard.tell("Hangup", Uniqueid="d1", Cause="16")
    assert outcome.status is Status.ENDED
    assert outcome.seconds is not None
    assert outcome.seconds > 100


async def test_a_call_given_up_after_its_hang_up_has_the_causes_result(heard: Heard) -> None:
    heard.tell("Hangup", Uniqueid=CHANNEL, Cause="34", Cause_txt="Circuit/channel congestion")
    heard.call.give_up()
    assert (heard.call.outcome.status, heard.call.outcome.result) == (Status.FAILED, Result.CONGESTION)


async def test_nothing_changes_a_call_that_is_over(heard: Heard) -> None:
    over = heard.failed("5")
    heard.call.give_up()
    heard.call.lose("anything")
    heard.call.hear({"event": "Hangup", "uniqueid": CHANNEL, "cause": "16"})
    assert heard.call.outcome == over


async def test_events_with_odd_values_are_taken_calmly(heard: Heard) -> None:
    heard.tell("Newchannel", Uniqueid=CHANNEL)
    heard.tell("DialEnd", DestUniqueid=CHANNEL, DialStatus="")
    heard.tell("Hangup", Uniqueid=CHANNEL, Cause="x")
    heard.tell("Unheard", Uniqueid=CHANNEL)
    assert heard.tell("OriginateResponse", ActionID="a1").status is Status.FAILED


def test_words_and_numbers_tell_results() -> None:
    assert [of_cause(n) for n in (17, 34, 20, 19, 16, 31)] == [
        *(Result.BUSY, Result.CONGESTION, Result.CHANUNAVAIL),
        *(Result.NOANSWER, Result.NOANSWER, Result.NOANSWER),
    ]
    assert of_cause(None) is of_cause(0) is None
    assert [of_dial_status(word) for word in ("BUSY", "abort", "CONTINUE", "")] == [
        *(Result.BUSY, Result.CANCEL, None, None),
    ]
    assert of_reason("5")[0] is Result.BUSY


def test_ids_of_channels_look_like_asterisks_own_and_fit_its_tables() -> None:
    made = {new_channel_id(NOW + timedelta(seconds=n)) for n in range(1000)}
    assert len(made) == 1000
    assert all(len(one) == 20 and one.replace(".", "", 1).isdecimal() for one in made)
