"""`trunkline clickto call`, `calls` and `snippet`, and what blocks and keys are told of calls."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trunkline.cli import trunkline
from trunkline.sims.ami import AmiSim, AmiSimOptions, Rule

SERVER, VISITOR = "10.10.10.16", "+13125550123"


class Terminal:
    """Runs commands on one home folder, in a thread beside the pretend manager."""

    def __init__(self, home: Path, sim: AmiSim) -> None:
        self.home, self.sim = home, sim

    async def run(self, *words: str, **env: str) -> Result:
        args = [*words, "--home", str(self.home)]
        result: Result = await asyncio.to_thread(CliRunner().invoke, trunkline, args, env=env)
        assert "testsecret" not in f"{result.output}{result.exception}"
        return result


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    """A block 99 that calls 101, which is busy, and then 102."""
    async with AmiSim(AmiSimOptions(rules=(Rule("101", "BUSY"),))) as sim:
        here = Terminal(tmp_path / "home", sim)
        await here.run(
            *("clickto", "block", "add", "findme", "Desk", "--id", "99", "--numbers", "101,102"),
            *(
                "--server",
                SERVER,
                "--channel",
                "PJSIP/{number}@trunk",
                "--business-channel",
                "PJSIP/{number}",
            ),
        )
        access = ("--host", "127.0.0.1", "--port", str(sim.port), "--user", "trunkline", "--no-test")
        done = await here.run("dialer", "manager", "add", SERVER, *access, "--secret", "testsecret")
        assert done.exit_code == 0, done.output
        yield here


async def test_a_call_is_tried_and_listed(terminal: Terminal) -> None:
    called = await terminal.run("clickto", "call", "99", "--to", "312 555 0123", "--json")
    assert called.exit_code == 0, called.output
    assert [leg["result"] for leg in json.loads(called.stdout)["legs"]] == ["BUSY", "ANSWER", "ANSWER"]
    shown = await terminal.run("clickto", "call", "99", "--to", VISITOR)
    assert (shown.exit_code, "The call has ended." in shown.stdout, "BUSY" in shown.stdout) == (0, True, True)
    listed = await terminal.run("clickto", "calls", "--block", "99", "--limit", "1", "--json")
    (one,) = json.loads(listed.stdout)
    assert (one["number"], one["state"]) == (VISITOR, "ended")
    assert "visitor" in (await terminal.run("clickto", "calls")).stdout
    assert "No call yet" in (await terminal.run("clickto", "calls", "--block", "7")).stdout


async def test_a_call_that_nobody_answers_says_so(terminal: Terminal) -> None:
    terminal.sim.add_rule(Rule("102", "NOANSWER"))
    called = await terminal.run("clickto", "call", "99", "--to", VISITOR)
    told = "They were not brought together. The business was not reached: it rang and was not answered"
    assert (called.exit_code, told in called.stdout) == (1, True), called.stdout


async def test_a_visitor_who_does_not_answer_is_the_one_named(terminal: Terminal) -> None:
    terminal.sim.add_rule(Rule(VISITOR, "NOANSWER"))
    called = await terminal.run("clickto", "call", "99", "--to", VISITOR)
    told = "They were not brought together. The visitor was not reached: it was not answered."
    assert (called.exit_code, told in called.stdout) == (1, True), called.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("call", "7", "--to", VISITOR), "There is no block 7."),
        (("call", "99", "--to", "900 555 0123"), "it is a service number"),
        (("snippet", "99"), "The address at which browsers reach this server is not known."),
    ],
)
async def test_what_cannot_be_done_is_told(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    refused = await terminal.run("clickto", *words)
    assert refused.exit_code == 1
    assert told in str(refused.exception)
    assert terminal.sim.asked("Originate") == []


async def test_a_block_without_numbers_says_what_to_do(terminal: Terminal) -> None:
    await terminal.run("clickto", "block", "edit", "99", "--numbers", "")
    refused = await terminal.run("clickto", "call", "99", "--to", VISITOR)
    assert "it lacks numbers to call" in str(refused.exception)
    await terminal.run("clickto", "block", "edit", "99", "--server", "", "--channel", "", "--numbers", "101")
    told = "it lacks a server, whose manager dials, and a channel, such as PJSIP/{number}@trunk."
    assert told in str((await terminal.run("clickto", "call", "99", "--to", VISITOR)).exception)
    await terminal.run("clickto", "block", "edit", "99", "--numbers", "")
    told = "it lacks numbers to call, a server, whose manager dials, and a channel, such as"
    refused = await terminal.run("clickto", "call", "99", "--to", VISITOR)
    assert told in str(refused.exception)
    assert getattr(refused.exception, "todo", "") == "`trunkline clickto block edit 99`"


async def test_the_snippet_and_a_key_that_may_call(terminal: Terminal) -> None:
    public = {"TRUNKLINE_PUBLIC_URL": "https://phone.example.com/"}
    line = (await terminal.run("clickto", "snippet", "99", "--ref", 'a"<b', **public)).stdout
    assert line.startswith('<script src="https://phone.example.com/clickto.js" data-block="99"')
    assert 'data-ref="a&quot;&lt;b" defer></script>' in line
    made = await terminal.run("clickto", "key", "add", "web", "--may-call", "--json")
    assert json.loads(made.stdout)["may_call"] is True
    edited = await terminal.run(
        *(
            "clickto",
            "block",
            "edit",
            "99",
            "--origins",
            "https://www.example.com",
            "--countries",
            "us,de",
            "--json",
        )
    )
    kept = json.loads(edited.stdout)
    assert (kept["origins"], kept["countries"]) == (["https://www.example.com"], "US,DE")
