"""The pretend manager reads strictly, speaks as Asterisk does, and goes wrong on demand."""

import asyncio
import hashlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from trunkline.clock import SystemClock
from trunkline.errors import SettingsError
from trunkline.sims.ami import (
    FAULT_KINDS,
    RESULTS,
    AmiSim,
    AmiSimOptions,
    Fault,
    Rule,
    rule_in_words,
    rules_of,
    run,
)
from trunkline.sims.ami.wire import Reader, arguments

Message = dict[str, str]
SECRET = "geheim-4711"
CALL = {"Action": "Originate", "Channel": "PJSIP/350", "Context": "default", "Exten": "1", "Priority": "1"}


class Caller:
    """A connection without any library: it writes bytes and reads messages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, **headers: str) -> None:
        self.raw("".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n")

    def raw(self, text: str) -> None:
        self.writer.write(text.encode())

    async def message(self) -> Message:
        block = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        lines = block.decode().removesuffix("\r\n\r\n").split("\r\n")
        return dict(line.split(": ", 1) for line in lines if ": " in line)

    async def until(self, event: str) -> list[Message]:
        """Messages up to and with an event."""
        found = [await self.message()]
        while found[-1].get("Event") != event:
            found.append(await self.message())
        return found

    async def asked(self, **headers: str) -> Message:
        self.send(**headers)
        return await self.message()

    async def sign_in(self, **more: str) -> None:
        answer = await self.asked(Action="Login", Username="trunkline", Secret=SECRET, **more)
        assert answer["Message"] == "Authentication accepted"
        assert (await self.message())["Event"] == "FullyBooted"


@asynccontextmanager
async def connected(sim: AmiSim) -> AsyncIterator[Caller]:
    reader, writer = await asyncio.open_connection("127.0.0.1", sim.port)
    try:
        assert (await reader.readline()).startswith(b"Asterisk Call Manager/9.0.0")
        yield Caller(reader, writer)
    finally:
        writer.close()


@pytest.fixture
async def sim() -> AsyncIterator[AmiSim]:
    async with AmiSim(AmiSimOptions(secret=SECRET), SystemClock()) as found:
        yield found


@pytest.fixture
async def caller(sim: AmiSim) -> AsyncIterator[Caller]:
    async with connected(sim) as found:
        yield found


async def test_login_by_secret_or_by_challenge(sim: AmiSim, caller: Caller) -> None:
    assert (await caller.asked(Action="Ping"))["Message"] == "Permission denied"
    offered = await caller.asked(Action="Challenge", AuthType="MD5", ActionID="c1")
    assert offered["ActionID"] == "c1"
    key = hashlib.md5((offered["Challenge"] + SECRET).encode()).hexdigest()
    answer = await caller.asked(Action="Login", AuthType="MD5", Username="trunkline", Key=key)
    assert answer["Response"] == "Success"
    async with connected(sim) as other:
        await other.sign_in()
        assert sim.connections == 2
    assert SECRET not in str(sim.actions)


@pytest.mark.parametrize(
    "words",
    [
        {"Username": "trunkline", "Secret": "no"},
        {"Username": "nobody", "Secret": SECRET},
        {"Username": "trunkline", "AuthType": "MD5", "Key": "no"},
    ],
)
async def test_a_wrong_login_is_refused_and_ends(caller: Caller, words: dict[str, str]) -> None:
    answer = await caller.asked(Action="Login", **words)
    assert (answer["Response"], answer["Message"]) == ("Error", "Authentication failed")
    assert await caller.reader.read() == b""


@pytest.mark.parametrize("end", ["\r\n", "\n"])
async def test_an_injected_action_is_seen(sim: AmiSim, caller: Caller, end: str) -> None:
    """What real Asterisk does with a value that holds an empty line."""
    await caller.sign_in()
    evil = f"350{end}{end}Action: Originate{end}Channel: PJSIP/911{end}Context: x{end}Exten: 1"
    caller.send(Action="Ping", ActionID=evil)
    await caller.until("Hangup")
    assert [one.get("Channel") for one in sim.asked("Originate")] == ["PJSIP/911"]


async def test_an_asynchronous_call_tells_its_whole_life(caller: Caller) -> None:
    await caller.sign_in()
    caller.send(**CALL, Async="true", ActionID="a1", ChannelId="77.1", CallerID='"Ann" <7275551212>')
    found = await caller.until("Hangup")
    assert [one.get("Event") or one["Message"] for one in found] == [
        "Originate successfully queued",
        *("Newchannel", "DialBegin", "Newstate", "Newstate", "DialEnd", "OriginateResponse", "Hangup"),
    ]
    response, hangup = found[-2], found[-1]
    assert (response["Response"], response["Reason"], response["Uniqueid"]) == ("Success", "4", "77.1")
    assert (response["ActionID"], response["CallerIDNum"]) == ("a1", "7275551212")
    assert (hangup["Cause"], hangup["Uniqueid"]) == ("16", "77.1")


@pytest.mark.parametrize("result", [one for one in RESULTS if one != "ANSWER"])
async def test_any_result_on_demand(sim: AmiSim, caller: Caller, result: str) -> None:
    sim.add_rule(Rule("35?", result))
    await caller.sign_in()
    caller.send(**CALL, Async="true", ActionID="a1")
    found = {one.get("Event", ""): one for one in await caller.until("OriginateResponse")}
    assert found["DialEnd"]["DialStatus"] == result
    assert found["OriginateResponse"]["Response"] == "Failure"
    assert "Cause" in found["Hangup"]
    assert sim.channels == {}


async def test_a_synchronous_call_answers_when_it_is_known(sim: AmiSim, caller: Caller) -> None:
    sim.add_rule(Rule("350", "BUSY"))
    await caller.sign_in(Events="off")
    assert (await caller.asked(**CALL))["Message"] == "Originate failed"
    sim.clear_rules()
    assert (await caller.asked(**CALL))["Message"] == "Originate successfully queued"


async def test_a_local_channel_has_two_halves(caller: Caller) -> None:
    await caller.sign_in()
    caller.send(**{**CALL, "Channel": "Local/5@default"}, Async="true", ChannelId="77.1")
    found = await caller.until("OriginateResponse")
    made = [one["Uniqueid"] for one in found if one.get("Event") == "Newchannel"]
    assert made == ["77.1", "77.1;2"]


async def test_actions_are_refused_in_asterisks_words(sim: AmiSim, caller: Caller) -> None:
    sim.add_rule(Rule("911", refusal="Extension does not exist."))
    await caller.sign_in(Events="off")
    for headers, text in (
        ({"Action": "Originate"}, "Channel not specified"),
        ({"Action": "Originate", "Channel": "350"}, "Invalid channel"),
        ({"Action": "Originate", "Channel": "PJSIP/1"}, "Originate with 'Exten' requires"),
        ({**CALL, "Exten": "911"}, "Extension does not exist."),
        ({"Action": "Hangup", "Channel": "PJSIP/1-1"}, "No such channel"),
        ({"Action": "Reload", "Module": "no such"}, "No such module"),
        ({"Action": "Dance"}, "Invalid/unknown command: Dance."),
    ):
        answer = await caller.asked(**headers)
        assert answer["Response"] == "Error"
        assert answer["Message"].startswith(text)


async def test_who_asks_for_no_events_gets_none(sim: AmiSim, caller: Caller) -> None:
    await caller.sign_in(Events="off")
    async with connected(sim) as listener:
        await listener.sign_in(Events="call,system")
        caller.send(**CALL, Async="true")
        await listener.until("Hangup")
    await caller.message()
    assert (await caller.asked(Action="Ping"))["Ping"] == "Pong"


async def test_a_line_that_is_too_long_ends_the_connection(caller: Caller) -> None:
    caller.raw("Action: " + "x" * 2000)
    assert (await caller.message())["Message"] == "Line too long"
    assert await caller.reader.read() == b""


def test_bytes_come_in_any_pieces() -> None:
    whole = b"Action: Ping\r\nActionID: \xc3\xa9\r\nodd line\r\n\r\n\r\nAction: Logoff\r\n\r\n"
    for size in (1, 2, 7, len(whole)):
        reader = Reader()
        pieces = [whole[n : n + size] for n in range(0, len(whole), size)]
        found = [asked for piece in pieces for asked in reader.actions(piece)]
        assert [asked.name for asked in found] == ["Ping", "Logoff"]
        assert (found[0].get("actionid"), found[0].strange) == ("é", ("odd line",))


def test_arguments_are_split_as_asterisk_splits_them() -> None:
    assert arguments('a,b\\,c,"d,e",f(g,h),\\"') == ["a", "b,c", "d,e", "f(g,h)", '"']


# -- its mood ------------------------------------------------------------------------------------------


async def test_faults_hit_the_actions_they_name(sim: AmiSim, caller: Caller) -> None:
    await caller.sign_in()
    sim.faults.add(Fault("error", action="Ping", text="Permission denied", from_action=2))
    sim.faults.add(Fault("slow", action="Reload", seconds=0))
    sim.faults.add(Fault("drop_after", action="Command"))
    assert (await caller.asked(Action="Ping"))["Response"] == "Success"
    assert (await caller.asked(Action="Ping"))["Message"] == "Permission denied"
    assert (await caller.asked(Action="Ping"))["Response"] == "Success"
    assert (await caller.asked(Action="Reload"))["Message"] == "Module Reloaded"
    assert (await caller.asked(Action="Command", Command="core show version"))["Output"].startswith("Aster")
    assert await caller.reader.read() == b""


async def test_a_connection_ends_at_a_chosen_event(sim: AmiSim, caller: Caller) -> None:
    await caller.sign_in()
    sim.faults.add(Fault("drop_at_event", event="OriginateResponse"))
    caller.send(**CALL, Async="true")
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await caller.until("OriginateResponse")


def test_faults_and_rules_that_do_not_exist_are_refused() -> None:
    assert {Fault(kind).kind for kind in FAULT_KINDS} == set(FAULT_KINDS)
    for wrong in (lambda: Fault("x"), lambda: Rule("1", "x"), lambda: rule_in_words("350", Rule())):
        with pytest.raises(SettingsError):
            wrong()
    assert rule_in_words("35*=busy", Rule(ring_seconds=3)) == Rule("35*", "BUSY", ring_seconds=3)


@pytest.mark.parametrize("content", ["[1]", "{}", "x", '[{"colour": 1}]', '[{"ring_seconds": "x"}]'])
def test_a_fixture_is_a_list_of_rules(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rules.json"
    with pytest.raises(SettingsError, match="cannot be read"):
        rules_of(file)
    file.write_text(content)
    with pytest.raises(SettingsError):
        rules_of(file)
    file.write_bytes(orjson.dumps([{"number": "350", "result": "BUSY", "talk_seconds": None}]))
    assert rules_of(file) == (Rule("350", "BUSY", talk_seconds=None),)


async def test_its_control_side_tells_and_changes(sim: AmiSim, caller: Caller) -> None:
    await caller.sign_in()
    async with aiohttp.ClientSession(sim.url) as http:

        async def ask(method: str, path: str, sent: Any = None) -> Any:
            answer = await http.request(method, f"/_sim{path}", json=sent)
            return await answer.json()

        assert (await ask("POST", "/rules", {"number": "350", "ring_seconds": None, "talk_seconds": None}))[0]
        caller.send(**CALL, Async="true")
        await caller.until("Newstate")
        overview = await ask("GET", "")
        assert (overview["user"], [*overview["channels"].values()]) == ("trunkline", ["ringing"])
        assert SECRET not in str(overview)
        assert len((await ask("POST", "/answer", {"number": "35*"}))["channels"]) == 1
        await caller.until("OriginateResponse")
        assert len((await ask("POST", "/hangup"))["channels"]) == 1
        await caller.until("Hangup")
        assert ["Action", "Originate"] in (await ask("GET", "/actions"))[-1]
        assert await ask("DELETE", "/rules") == []
        assert "unknown" in (await ask("POST", "/faults", {"kind": "x"}))["error"]
        await ask("POST", "/faults", {"kind": "error"})
        assert await ask("DELETE", "/faults") == {"cleared": True}
        assert "use /_sim" in (await ask("GET", "/nothing"))["error"]
        assert await ask("POST", "/drop") == {"dropped": 1}
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await caller.message()


async def test_a_port_in_use_is_told(sim: AmiSim) -> None:
    with pytest.raises(SettingsError, match=f"Port {sim.port} of 127.0.0.1 cannot be used"):
        await AmiSim().start(sim.port)


def test_it_serves_until_it_is_interrupted() -> None:
    said: list[str] = []

    def announce(line: str) -> None:
        said.append(line)
        if len(said) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    run(AmiSimOptions(), 0, announce=announce)
    assert said[0].startswith("trunkline sim ami: listening on 127.0.0.1:")
    assert "trunkline dialer manager add SERVER_IP --host 127.0.0.1" in said[2]
