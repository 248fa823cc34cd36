"""`trunkline dialer manager` and `trunkline dialer actions`, over a pretend manager."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from trunkline.cli import trunkline
from trunkline.clock import SystemClock
from trunkline.dialer.asterisk.actions import Action, Actions, State
from trunkline.dialer.setting_up import load_into
from trunkline.errors import KeyRefused, RetryLater, SettingsError, TrunklineError
from trunkline.settings import load_settings
from trunkline.sims.ami import AmiSim, AmiSimOptions
from trunkline.store.connection import open_store

SECRET, SERVER = "geheim-4711", "10.10.10.16"


@dataclass
class Terminal:
    """Runs commands on one home folder, in a thread beside the pretend manager."""

    home: Path
    sim: AmiSim

    @property
    def access(self) -> tuple[str, ...]:
        return ("--host", "127.0.0.1", "--port", str(self.sim.port), "--user", "trunkline")

    async def run(self, *words: str, stdin: str = f"{SECRET}\n") -> Result:
        args = ["dialer", *words, "--home", str(self.home)]
        result: Result = await asyncio.to_thread(CliRunner().invoke, trunkline, args, input=stdin)
        told = f"{result.output}{result.exception}"
        assert SECRET not in told
        assert "wrong-4712" not in told
        return result

    async def shown(self, *words: str, stdin: str = f"{SECRET}\n") -> Any:
        """The JSON that a command prints."""
        result = await self.run(*words, "--json", stdin=stdin)
        assert result.exit_code == 0, result.exception
        return json.loads(result.stdout)

    async def refused(self, kind: type[TrunklineError], *words: str, stdin: str = f"{SECRET}\n") -> str:
        """What a command says that fails."""
        error = (await self.run(*words, stdin=stdin)).exception
        assert isinstance(error, kind), error
        return f"{error} {error.todo}"


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with AmiSim(AmiSimOptions(secret=SECRET)) as sim:
        yield Terminal(tmp_path / "home", sim)


async def test_a_manager_is_added_shown_tested_and_removed(terminal: Terminal) -> None:
    assert "No manager yet" in (await terminal.run("manager", "list")).output
    added = await terminal.shown("manager", "add", SERVER, *terminal.access)
    assert (added["server_ip"], added["port"], added["tested"]) == (SERVER, terminal.sim.port, True)
    (listed,) = await terminal.shown("manager", "list")
    assert listed == {name: value for name, value in added.items() if name != "tested"}
    assert SERVER in (await terminal.run("manager", "list")).output
    assert (await terminal.shown("manager", "test", SERVER))["version"] == "9.0.0"
    assert "answers in" in (await terminal.run("manager", "test", SERVER)).output
    assert "has a manager already" in await terminal.refused(
        SettingsError, "manager", "add", SERVER, *terminal.access
    )
    assert await terminal.shown("manager", "remove", SERVER, "--yes") == {
        "server_ip": SERVER,
        "removed": True,
    }
    assert "has no manager here" in await terminal.refused(SettingsError, "manager", "test", SERVER)
    assert "has no manager here" in await terminal.refused(SettingsError, "manager", "remove", SERVER)


async def test_a_manager_that_refuses_is_not_saved(terminal: Terminal) -> None:
    words = ("manager", "add", SERVER, *terminal.access)
    assert "refuses the user trunkline" in await terminal.refused(KeyRefused, *words, stdin="wrong-4712\n")
    await terminal.sim.stop()
    assert "cannot be reached" in await terminal.refused(RetryLater, *words)
    assert await terminal.shown("manager", "list") == []
    assert not (await terminal.shown(*words, "--no-test"))["tested"]


async def test_removing_asks(terminal: Terminal) -> None:
    await terminal.shown("manager", "add", SERVER, *terminal.access)
    assert "was not answered" in await terminal.refused(SettingsError, "manager", "remove", SERVER, stdin="")
    assert len(await terminal.shown("manager", "list")) == 1


async def test_plain_text_to_another_machine_is_warned_of(terminal: Terminal) -> None:
    words = ("manager", "add", "192.0.2.1", "--user", "u", "--no-test")
    result = await terminal.run(*words)
    assert "the manager at 192.0.2.1:5038 can be read on the way" in result.stderr
    await terminal.run("manager", "remove", "192.0.2.1", "--yes")
    assert "can be read" not in (await terminal.run(*words, "--tls")).stderr


async def test_an_address_of_no_server_is_warned_of_and_saved(terminal: Terminal) -> None:
    words = ("manager", "add", "10.10.10.99", *terminal.access)
    result = await terminal.run(*words)
    assert "no server of the dialer has the address 10.10.10.99" in result.stderr
    assert "saved" in result.stdout
    settings = load_settings(terminal.home, {})
    await load_into(settings, {"tables": {"servers": [{"server_id": "main", "server_ip": "10.10.10.99"}]}})
    await terminal.run("manager", "remove", "10.10.10.99", "--yes")
    assert (await terminal.run(*words)).stderr == ""


async def test_a_dialer_that_cannot_be_asked_keeps_no_manager_from_being_saved(terminal: Terminal) -> None:
    words = ["dialer", "manager", "add", SERVER, *terminal.access, "--home", str(terminal.home)]
    env = {"TRUNKLINE_DIALER_URL": "mysql://me@127.0.0.1:1/asterisk"}
    result = await asyncio.to_thread(CliRunner().invoke, trunkline, words, input=f"{SECRET}\n", env=env)
    assert (result.exit_code, f"the address {SERVER} is not known: " in result.stderr) == (0, True)
    assert len(await terminal.shown("manager", "list")) == 1


async def test_doctor_asks_every_manager(terminal: Terminal) -> None:
    async def told(*more: str) -> tuple[int, dict[str, Any]]:
        words = ["doctor", "--json", *more, "--home", str(terminal.home)]
        result = await asyncio.to_thread(CliRunner().invoke, trunkline, words)
        assert SECRET not in result.output
        found = (one for one in json.loads(result.stdout) if one["name"] == f"manager {SERVER}")
        return result.exit_code, next(found, {})

    await terminal.shown("manager", "add", SERVER, *terminal.access)
    code, finding = await told("--online")
    assert (code, finding["state"]) == (0, "ok")
    assert finding["text"].startswith("Answers in ")
    assert finding["text"].endswith(" ms (AMI 9.0.0).")
    await terminal.sim.stop()
    asked = len(terminal.sim.actions)
    code, finding = await told()
    assert (code, finding["state"], finding["text"][:11]) == (0, "ok", "Not asked: ")
    assert len(terminal.sim.actions) == asked
    code, finding = await told("--online")
    assert (code, finding["state"]) == (0, "warning")
    assert "cannot be reached" in finding["text"]
    assert finding["todo"]


async def test_wrong_values_are_all_told_at_once(terminal: Terminal) -> None:
    words = ("manager", "add", "nowhere", "--user", "a\tb", "--host", " x")
    told = await terminal.refused(SettingsError, *words)
    for text in ("'nowhere' is no address", "The host must be one line", "The user must be one line"):
        assert text in told
    assert terminal.sim.actions == []


async def test_certificates_that_are_none_are_told(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing\n")
    words = ("manager", "add", SERVER, *terminal.access, "--tls", "--ca-file", str(file))
    assert "certificates" in await terminal.refused(SettingsError, *words)
    file.write_bytes(b"\xff")
    assert "cannot be read" in await terminal.refused(SettingsError, *words)


async def test_actions_are_listed_newest_first_and_shown_one_by_one(terminal: Terminal) -> None:
    assert "Nothing was asked of Asterisk yet" in (await terminal.run("actions")).output
    store, clock = open_store(load_settings(terminal.home, {})), SystemClock()
    kept = Actions(store, clock)
    for n in range(3):
        kept.begin(Action(f"a{n}", "Originate", "blind_monitor", "6666", SERVER, clock.now(), man_id=n))
    kept.change("a2", {"state": State.FAILED, "result": "BUSY", "reason": "it is busy"})
    store.close()
    found = await terminal.shown("actions", "--last", "2")
    assert [(one["action_id"], one["state"]) for one in found] == [("a2", "failed"), ("a1", "waiting")]
    assert "it is busy" in (await terminal.run("actions")).output
    assert (await terminal.shown("actions", "a2"))["result"] == "BUSY"
    assert "it is busy" in (await terminal.run("actions", "a2")).output
    assert "There is no action 'a9'" in await terminal.refused(SettingsError, "actions", "a9")
