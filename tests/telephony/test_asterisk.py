"""One server by its manager: signing in, calls and their results, dropped connections, what is never sent."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.telephony.lines import PHONE, QUICK, SECRET, access_to, talking
from trunkline.clock import SystemClock
from trunkline.errors import KeyRefused, ProviderError, RetryLater, SettingsError
from trunkline.sims.ami import RESULTS, AmiSimOptions, Fault, Rule
from trunkline.telephony.access import ManagerAccess
from trunkline.telephony.asterisk import Asterisk
from trunkline.telephony.calls import Origination, Status
from trunkline.telephony.results import Result

HOLDING = AmiSimOptions(secret=SECRET, otherwise=Rule(ring_seconds=None, talk_seconds=None))


async def test_it_signs_in_by_challenge_and_never_sends_the_secret() -> None:
    async with talking() as (sim, asterisk):
        pong = await asterisk.ping()
        assert pong.version == "9.0.0"
        assert [one.name for one in sim.actions] == ["Challenge", "Login", "Ping"]
        assert sim.asked("Login")[0].get("Secret") == ""
        assert sim.connections == 1


async def test_a_wrong_secret_is_told_and_not_tried_again_at_once() -> None:
    async with talking() as (sim, _):
        asterisk = Asterisk(access_to(sim, secret="wrong-4712"), SystemClock(), QUICK)
        for _ in range(3):
            with pytest.raises(KeyRefused, match="refuses the user trunkline") as refused:
                await asterisk.ping()
            assert "wrong-4712" not in f"{refused.value} {refused.value.todo}"
        assert len(sim.asked("Login")) == 1


@pytest.mark.parametrize("result", [word for word in RESULTS if word not in ("ANSWER", "CANCEL")])
async def test_a_call_that_is_not_answered_tells_why(result: str) -> None:
    rules = (Rule("350", result),)
    async with talking(AmiSimOptions(secret=SECRET, rules=rules)) as (_, asterisk):
        call = await asterisk.originate(PHONE)
        outcome = await call.ended()
        assert (outcome.status, outcome.result) == (Status.FAILED, Result(result))
        assert outcome.seconds is None
        assert outcome.reason
        assert outcome.cause


async def test_an_answered_call_is_followed_to_its_end() -> None:
    async with talking(HOLDING) as (sim, asterisk):
        call = await asterisk.originate(PHONE)
        assert call.outcome.status is Status.QUEUED
        sim.channels_of("350")[0].is_up.set()
        answered = await call.answered()
        assert (answered.status, answered.result) == (Status.ANSWERED, Result.ANSWER)
        assert answered.answered_at is not None
        assert answered.channel.startswith("PJSIP/350-")
        sim.channels_of("350")[0].is_gone.set()
        ended = await call.ended()
        assert (ended.status, ended.result, ended.cause) == (Status.ENDED, Result.ANSWER, 16)
        assert ended.seconds is not None
        assert ended.seconds >= 0


async def test_what_is_sent_is_what_was_asked() -> None:
    async with talking() as (sim, asterisk):
        given = {"X_ID": 'a,b="c\\', "__DEEP": "", "CALLERID(name)": "Ann"}
        call = await asterisk.originate(replace(PHONE, variables=given, ring_seconds=12.5, account="sales"))
        await call.ended()
        sent = sim.asked("Originate")[0]
        assert dict(sent.headers) | {"Variable": ""} == {
            "Action": "Originate",
            "ActionID": call.action_id,
            "ChannelId": call.channel_id,
            "Channel": "PJSIP/350",
            "Context": "default",
            "Exten": "8600051",
            "Priority": "1",
            "CallerID": '"BM1" <7275551212>',
            "Account": "sales",
            "Timeout": "12500",
            "Async": "true",
            "Variable": "",
        }
        assert sent.variables() == given


async def test_both_legs_of_a_call_have_their_results() -> None:
    rules = (Rule("7275551212", "BUSY"), Rule("7275551213", talk_seconds=30), Rule("350", talk_seconds=5))
    async with talking(AmiSimOptions(secret=SECRET, rules=rules), is_stepped=True) as (_, asterisk):
        for number, result in (("7275551212", Result.BUSY), ("7275551213", Result.ANSWER)):
            dial = Origination("PJSIP/350", application="Dial", data=f"PJSIP/{number}@trunk,30")
            outcome = await (await asterisk.originate(dial)).ended()
            assert (outcome.status, outcome.result) == (Status.ENDED, Result.ANSWER)
            (leg,) = outcome.legs
            assert (leg.dialed, leg.result) == (f"{number}@trunk", result)
            assert (leg.seconds is not None) == (result is Result.ANSWER)
            assert leg.ended_at is not None


async def test_a_ringing_call_can_be_cancelled() -> None:
    async with talking(HOLDING) as (sim, asterisk):
        call = await asterisk.originate(PHONE)
        assert await asterisk.hang_up(call)
        outcome = await call.ended()
        assert (outcome.status, outcome.result) == (Status.FAILED, Result.CANCEL)
        assert not await asterisk.hang_up(call)
        assert len(sim.asked("Hangup")) == 1


async def test_the_second_leg_is_cancelled_when_the_first_hangs_up() -> None:
    rules = (Rule("7275551212", ring_seconds=None),)
    async with talking(AmiSimOptions(secret=SECRET, rules=rules)) as (sim, asterisk):
        call = await asterisk.originate(
            Origination("PJSIP/350", application="Dial", data="PJSIP/7275551212@trunk")
        )
        while not call.outcome.legs:
            await call._changed.wait()
        sim.channels_of("350")[0].is_gone.set()
        outcome = await call.ended()
        assert [leg.result for leg in outcome.legs] == [Result.CANCEL]


async def test_nobody_answers_within_the_time_it_rings() -> None:
    async with talking(HOLDING, is_stepped=True) as (_, asterisk):
        outcome = await (await asterisk.originate(replace(PHONE, ring_seconds=3))).ended()
        assert (outcome.status, outcome.result) == (Status.FAILED, Result.NOANSWER)


async def test_a_refused_call_says_what_asterisk_says() -> None:
    rules = (Rule("8600051", refusal="Extension does not exist."),)
    async with talking(AmiSimOptions(secret=SECRET, rules=rules)) as (_, asterisk):
        call = await asterisk.originate(PHONE)
        assert call.outcome.status is Status.FAILED
        assert call.outcome.reason == "Asterisk refuses the call: Extension does not exist."
        assert call.outcome.result is None


async def test_find_me_tries_numbers_in_turn() -> None:
    rules = (Rule("1", "BUSY"), Rule("2", "NOANSWER"))
    async with talking(AmiSimOptions(secret=SECRET, rules=rules)) as (sim, asterisk):
        found = None
        for number in ("1", "2", "3", "4"):
            call = await asterisk.originate(replace(PHONE, channel=f"PJSIP/{number}"))
            if (await call.answered()).result is Result.ANSWER:
                found = number
                break
        assert found == "3"
        assert len(sim.asked("Originate")) == 3


# -- connections end -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_a_call_whose_fate_is_unknown_is_never_sent_again(kind: str) -> None:
    async with talking(HOLDING) as (sim, asterisk):
        sim.faults.add(Fault(kind, action="Originate"))
        call = await asterisk.originate(PHONE)
        outcome = await call.ended()
        assert outcome.status is Status.UNKNOWN
        assert outcome.reason.startswith("whether the call was made is not known: the connection was lost")
        assert (await asterisk.ping()).version
        assert len(sim.asked("Originate")) == 1
        assert len(sim.asked("Login")) == 2


async def test_a_call_that_gets_no_answer_is_of_unknown_fate() -> None:
    async with talking(HOLDING, replace(QUICK, answer_seconds=0.05)) as (sim, asterisk):
        sim.faults.add(Fault("silent", action="Originate"))
        outcome = (await asterisk.originate(PHONE)).outcome
        assert outcome.status is Status.UNKNOWN
        assert "no answer within 0.05 seconds" in outcome.reason


async def test_a_call_without_a_verdict_is_given_up() -> None:
    async with talking(HOLDING, replace(QUICK, verdict_seconds=-29.95)) as (sim, asterisk):
        call = await asterisk.originate(PHONE)
        outcome = await call.ended()
        assert outcome.status is Status.UNKNOWN
        assert outcome.reason.endswith("no verdict came in time")
        assert len(sim.asked("Originate")) == 1


async def test_an_answered_call_that_is_no_longer_heard_stays_answered() -> None:
    async with talking(HOLDING) as (sim, asterisk):
        call = await asterisk.originate(PHONE)
        sim.channels_of("350")[0].is_up.set()
        await call.answered()
        sim.drop_all()
        outcome = await call.ended()
        assert (outcome.status, outcome.result) == (Status.UNKNOWN, Result.ANSWER)
        assert "its end was not heard" in outcome.reason
        assert outcome.answered_at is not None


async def test_a_dropped_connection_is_opened_again() -> None:
    async with talking() as (sim, asterisk):
        await asterisk.ping()
        assert asterisk._link is not None
        sim.drop_all()
        await asterisk._link._wire.lost
        await asterisk.reload("res_musiconhold")
        assert len(sim.asked("Login")) == 2
        assert sim.asked("Reload")[0].get("Module") == "res_musiconhold"


async def test_a_dead_connection_is_noticed_before_a_call_is_sent_into_it() -> None:
    patience = replace(QUICK, trusted_seconds=-1, connect_seconds=0.2)
    async with talking(patience=patience) as (sim, asterisk):
        await asterisk.connect()
        sim.faults.add(Fault("silent", action="Ping"))
        outcome = await (await asterisk.originate(PHONE)).ended()
        assert outcome.status is Status.ENDED
        assert len(sim.asked("Login")) == 2
        assert len(sim.asked("Originate")) == 1


async def test_silence_is_broken_by_a_ping_and_a_dead_connection_closed() -> None:
    patience = replace(QUICK, ping_every_seconds=0.01, connect_seconds=0.2)
    async with talking(HOLDING, patience) as (sim, asterisk):
        call = await asterisk.originate(PHONE)
        sim.faults.add(Fault("silent", action="Ping", times=None))
        outcome = await call.ended()
        assert "it does not answer" in outcome.reason


async def test_garbage_between_messages_does_no_harm() -> None:
    async with talking() as (sim, asterisk):
        sim.faults.add(Fault("garbage", times=None))
        odd = "Response: Success\r\nMessage: a\r\nMessage: b\r\n\r\nEvent: A\r\nEvent: B\r\n\r\n"
        sim.faults.add(Fault("garbage", text=odd, times=None))
        outcome = await (await asterisk.originate(PHONE)).ended()
        assert outcome.status is Status.ENDED


async def test_what_is_no_manager_is_told() -> None:
    async with talking() as (sim, asterisk):
        sim.faults.add(Fault("not_ami"))
        with pytest.raises(ProviderError, match="is no Asterisk manager"):
            await asterisk.ping()


async def test_a_server_that_does_not_answer_is_told() -> None:
    async with talking() as (sim, asterisk):
        await sim.stop()
        with pytest.raises(RetryLater, match=f"The manager at 127.0.0.1:{sim.port} cannot be reached"):
            await asterisk.ping()


async def test_a_server_that_only_listens_is_told() -> None:
    is_gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk")
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        is_gone.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    access = ManagerAccess("127.0.0.1", "u", "s", port=port)
    asterisk = Asterisk(access, SystemClock(), replace(QUICK, connect_seconds=0.05))
    with pytest.raises(RetryLater, match=r"no answer within 0.05 seconds"):
        await asterisk.ping()
    await is_gone.wait()
    server.close()


async def test_a_refusal_to_an_action_is_told() -> None:
    async with talking() as (sim, asterisk):
        sim.faults.add(Fault("error", action="Reload", text="Permission denied"))
        with pytest.raises(ProviderError, match="Asterisk refuses Reload: Permission denied"):
            await asterisk.reload()
        assert await asterisk.reload() == "Module Reloaded"


async def test_a_reload_without_an_answer_is_not_repeated() -> None:
    async with talking() as (sim, asterisk):
        sim.faults.add(Fault("drop_before", action="Reload"))
        with pytest.raises(RetryLater, match="Whether it was done is not known"):
            await asterisk.reload()
        assert len(sim.asked("Reload")) == 1


async def test_a_command_gives_its_output() -> None:
    async with talking() as (_, asterisk):
        assert "Asterisk 20" in await asterisk.command("core show version")
        with pytest.raises(ProviderError):
            await asterisk.command("rm everything")


# -- what is never sent --------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["\r\n\r\nAction: Ping\r\n", "\n", "\r", "\x00", "\x7f", "\x85", "\u2028"])
@pytest.mark.parametrize("name", ["channel", "context", "extension", "caller_id", "account"])
async def test_a_value_with_a_control_character_is_refused_before_anything_is_sent(
    bad: str, name: str
) -> None:
    async with talking() as (sim, asterisk):
        with pytest.raises(SettingsError, match="control characters must not be sent"):
            await asterisk.originate(replace(PHONE, **{name: f"PJSIP/1{bad}x"}))  # type: ignore[arg-type]
        assert sim.actions == []


async def test_no_way_to_inject_an_action() -> None:
    evil = "x\r\n\r\nAction: Originate\r\nChannel: PJSIP/911"
    async with talking() as (sim, asterisk):
        for sending in (
            asterisk.originate(replace(PHONE, variables={"X": evil})),
            asterisk.originate(replace(PHONE, variables={evil: "x"})),
            asterisk.originate(PHONE, action_id=evil),
            asterisk.originate(Origination("PJSIP/1", application="Dial", data=evil)),
            asterisk.reload(evil),
            asterisk.command(evil),
        ):
            with pytest.raises(SettingsError):
                await sending
        assert sim.asked("Originate") == []


async def test_what_comes_right_before_sending_can_still_stop_it() -> None:
    async def stop() -> None:
        raise RetryLater("too late")

    async with talking() as (sim, asterisk):
        with pytest.raises(RetryLater, match="too late"):
            await asterisk.originate(PHONE, sending=stop)
        assert sim.asked("Originate") == []


async def test_no_secret_in_logs_or_texts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with talking() as (sim, asterisk):
        sim.faults.add(Fault("garbage", times=None))
        sim.faults.add(Fault("drop_before", action="Ping"))
        with pytest.raises(RetryLater):
            await asterisk.ping()
        await asterisk.ping()
        assert SECRET not in f"{caplog.text}{asterisk.access!r}{asterisk.access.words}"
        assert SECRET not in str(sim.actions)


async def test_many_calls_at_once_keep_their_outcomes_apart() -> None:
    rules = tuple(Rule(str(n), RESULTS[n % 3]) for n in range(60))
    async with talking(AmiSimOptions(secret=SECRET, rules=rules)) as (sim, asterisk):
        calls = await asyncio.gather(
            *(asterisk.originate(replace(PHONE, channel=f"PJSIP/{n}")) for n in range(60))
        )
        outcomes = await asyncio.gather(*(call.ended() for call in calls))
        assert [outcome.result for outcome in outcomes] == [Result(RESULTS[n % 3]) for n in range(60)]
        assert asterisk._calls == {}
        assert sim.connections == 1
