"""DialogTech on the command line, with the pretend one as a process of its own."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.center.conftest import NOON
from tests.cli.conftest import Terminal
from trunkline.clock import FrozenWallClock
from trunkline.sims.callrail import CallrailSim

SAMPLE = Path(__file__).parents[1] / "data" / "dialogtech" / "click_to_sample.csv"
JANUARY = ("--start-date", "2017-01-01", "--end-date", "2017-02-28")


@pytest.fixture
async def words(tmp_path: Path) -> AsyncIterator[list[str]]:
    """The words that `trunkline sim dialogtech` says to type, with its own keys and address."""
    command = [sys.executable, "-m", "trunkline", "sim", "dialogtech", "--fixture", str(SAMPLE), "--strict"]
    keys = ["--access-key", "acc3ss-key", "--secret-access-key", "s3cret-key"]
    process = await asyncio.create_subprocess_exec(*command, *keys, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode() for _ in range(3)]
    try:
        yield lines[2].split()[1:]
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "home", CallrailSim(clock=FrozenWallClock(NOON)))


async def test_the_pages_sample_comes_all_the_way(words: list[str], terminal: Terminal) -> None:
    added = await terminal.type(*words)
    assert (added.code, "the key works" in added.out) == (0, True), added.err
    made = ("--account", "pretend-dialogtech", "--report", "clickto", *JANUARY)
    assert (await terminal.type("dataset", "add", "clicks", *made)).code == 0
    run = await terminal.type("run", "clicks", "--json")
    assert (run.json["status"], run.json["rows_inserted"], run.json["warnings"]) == ("succeeded", 2, [])
    sql = (
        "select clicked_at, caller_id, call_duration_seconds, row_id from datasets.clicks order by clicked_at"
    )
    found = await terminal.type("query", sql)
    assert found.out.splitlines()[1:] == [
        '"2017-01-14T03:52:00Z","0001112222",540,"87ebef6770b358a141ced7649a4be8d6-1"',
        '"2017-02-01T20:57:00Z","0001112222",60,"02ffe1f2701738fb5497303bc2f94cb9-1"',
    ]
    preview = await terminal.type("dataset", "preview", "clicks", "--rows", "1", "--json")
    assert preview.json[0]["click_date_time"] == "Jan 13 2017 10:52 PM"


async def test_wrong_and_missing_keys_are_told_and_nothing_is_saved(
    words: list[str], terminal: Terminal
) -> None:
    at = words.index("--secret-access-key")
    wrong = await terminal.type(*words[: at + 1], "wr0ng-secret", *words[at + 2 :])
    assert wrong.code == 1
    both = "Access Key and Secret Access Key"
    assert f'DialogTech refused the {both} and says "INVALID ACCOUNT".' in wrong.err
    assert "Account 'pretend-dialogtech' was not saved." in wrong.err
    assert "wr0ng-secret" not in wrong.err + wrong.out
    half = await terminal.type(*words[:at], *words[at + 2 :])
    assert "Secret Access Key (--secret-access-key) is missing." in half.err
    listed = await terminal.type("account", "list", "--json")
    assert listed.json == []
    assert (await terminal.type(*words)).code == 0
    edited = await terminal.type(
        "account", "edit", "pretend-dialogtech", "--secret-access-key", "wr0ng-again"
    )
    assert (edited.code, f"refused the {both} and says" in edited.err) == (1, True), edited.err
    assert f"> {both}" in edited.err


async def test_rows_are_read_without_any_database(words: list[str], terminal: Terminal) -> None:
    account = words[words.index("--access-key") :]
    for form in ("xml", "csv"):
        read = await terminal.type("read", "dialogtech", "clickto", *account, *JANUARY, "--format", form)
        assert read.code == 0, read.err
        assert [line.count('"occurrence":"1"') for line in read.out.splitlines()] == [1, 1]
    assert not (terminal.home / "store.sqlite3").exists()


async def test_an_unknown_zone_of_the_pretend_one_is_told(terminal: Terminal) -> None:
    process = await terminal.start("sim", "dialogtech", "--zone", "Mars/Olympus")
    _, err = await process.communicate()
    assert process.returncode == 1
    assert b"'Mars/Olympus' is no time zone." in err


async def test_our_own_report_is_read_by_our_own_connector(terminal: Terminal) -> None:
    assert (await terminal.type("clickto", "import", str(SAMPLE))).code == 0
    key = (await terminal.type("clickto", "key", "add", "reader", "--json")).json
    process = await terminal.start("serve", "--port", "0", "--home", str(terminal.home))
    assert process.stdout is not None
    try:
        address = (await process.stdout.readline()).decode().split()[-1]
        keys = ("--access-key", key["access_key"], "--secret-access-key", key["secret_access_key"])
        account = ("--base-url", address, *keys)
        found = []
        for form in ("xml", "csv"):
            read = await terminal.type("read", "dialogtech", "clickto", *account, *JANUARY, "--format", form)
            assert read.code == 0, read.err
            found.append(read.out.splitlines())
        assert found[0] == found[1]
        assert ["87ebef67" in line for line in found[0]] == [True, False]
        wrong = ("--base-url", address, *keys[:-1], "wr0ng-secret")
        refused = await terminal.type("read", "dialogtech", "clickto", *wrong, *JANUARY)
        assert (refused.code, "refused the Access Key and Secret Access Key" in refused.err) == (1, True)
        assert "wr0ng-secret" not in refused.err
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
