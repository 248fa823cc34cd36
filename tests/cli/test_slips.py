"""Slips at the terminal: the real mistake is told, with what would be right."""

from pathlib import Path

import pytest

from tests.center.conftest import ACCOUNT_ID
from tests.cli.conftest import Terminal
from trunkline.center import accounts
from trunkline.center.room import open_center
from trunkline.settings import load_settings


def with_account(terminal: Terminal) -> None:
    values = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": terminal.sim.url}
    with open_center(load_settings(terminal.home, {})) as center:
        accounts.add(center, "callrail", "main", values, accounts.Verdict(accounts.UNTESTED))


@pytest.mark.parametrize(
    ("words", "code", "said", "todo"),
    [
        ("account add nope x --api-key k", 1, "There is no connector 'nope'.", "The connectors: "),
        ("account add --api-key k nope x", 1, "There is no connector 'nope'.", "The connectors: "),
        ("account add --api-key k", 2, "Missing argument 'CONNECTOR'.", ""),
        ("account edit nobody --api-key k", 1, "no account named 'nobody'", "Known: main."),
        ("dataset edit nope --days-back 3", 1, "no dataset named 'nope'", "dataset add --help"),
        ("dataset add d --days-back 3", 2, "Missing option '--account'.", ""),
        (
            "dataset add d --account main --report companies --days-back 60",
            1,
            "Days Back (--days-back) is '60', but Companies is read whole and has no dates.",
            "Reports of CallRail that have it: conversations, calls, form_submissions, summary, timeseries.",
        ),
        (
            "dataset add d --account main --report calls --group-by=source",
            1,
            "Group By (--group-by) is 'source', but Calls has no such option.",
            "Reports of CallRail that have it: summary.",
        ),
        (
            "dataset add d --account main --report calls --api-key topsecret",
            1,
            "API Key (--api-key) was given, which belongs to the account, not to a dataset of Calls.",
            "`trunkline account edit ACCOUNT --api-key …",
        ),
        (
            "account add callrail x --company-id COM1",
            1,
            "Company ID (--company-id) is 'COM1', which belongs to a dataset, not to an account.",
            "reports that have it: conversations, calls",
        ),
        ("dataset add d --account main --report calls --day-back 3", 2, "'--days-back'", ""),
        (
            "read callrail companies --days-back 3",
            1,
            "Days Back (--days-back) is '3', but Companies is read whole and has no dates.",
            "Reports of CallRail that have it: ",
        ),
    ],
)
async def test_the_real_mistake_is_told(
    terminal: Terminal, words: str, code: int, said: str, todo: str
) -> None:
    with_account(terminal)
    outcome = await terminal.type(*words.split())
    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err
    assert todo in outcome.err
    assert "topsecret" not in outcome.err


async def test_a_refused_account_is_told_as_one_that_is_not_there(terminal: Terminal) -> None:
    refused = await terminal.type(
        "account", "add", "callrail", "main", "--api-key", "bad", *terminal.access[2:]
    )
    assert refused.code == 1
    assert "Account 'main' was not saved." in refused.err
    assert "What to do: Check the API Key (--api-key)." in refused.err
    assert "Account 'main' >" not in refused.err


async def test_a_missing_choice_names_its_flag_and_the_command_of_its_menu(terminal: Terminal) -> None:
    access = terminal.access[:2] + terminal.access[4:]
    assert (await terminal.type("account", "add", "callrail", "main", *access)).code == 0
    added = await terminal.type("dataset", "add", "calls", "--account", "main", "--report", "calls")
    menu = await terminal.type("account", "menu", "main", "calls", "company-id")
    for outcome, report in ((added, "calls"), (menu, "companies")):
        assert outcome.code == 1
        assert "Account ID (--account-id) is missing." in outcome.err
        assert ACCOUNT_ID in outcome.err
        command = f"trunkline account menu main {report} account_id --home {terminal.home}"
        assert f"`{command}` lists them." in outcome.err
        listed = await terminal.type(*command.split()[1:-2], "--json")
        assert ACCOUNT_ID in [entry["value"] for entry in listed.json]


@pytest.mark.parametrize(
    "words",
    ["account list", "dataset list", "dataset show calls", "dataset edit calls --days-back 3", "run calls"],
)
async def test_what_only_reads_makes_no_home(terminal: Terminal, words: str) -> None:
    outcome = await terminal.type(*words.split())
    assert (outcome.code, outcome.out) == (1, "")
    assert f"There is no Trunkline home at {terminal.home} yet." in outcome.err
    assert f"`trunkline account add CONNECTOR NAME --home {terminal.home}`" in outcome.err
    assert not terminal.home.exists()


@pytest.mark.parametrize(
    ("home", "said"),
    [
        ("", "The home folder (--home) is empty."),
        ("/etc/passwd", "The home folder /etc/passwd will not do: it is no folder."),
        ("/proc/trunkline", "/proc/trunkline/store.sqlite3 cannot be opened for writing"),
    ],
)
async def test_a_home_that_cannot_be_one_gets_one_sentence(terminal: Terminal, home: str, said: str) -> None:
    terminal.home = Path(home)
    words = ("account", "add", "callrail", "main", "--no-test", *terminal.access)
    process = await terminal.start(*words, "--home", home)
    out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert said in err.decode()
    assert err.decode().count("Error: ") == 1
    assert "unforeseen" not in err.decode()


async def test_wrong_settings_are_listed_by_config_all_the_same(terminal: Terminal) -> None:
    terminal.env["TRUNKLINE_BOGUS"] = "1"
    listed = await terminal.type("account", "list")
    assert (listed.code, listed.out) == (1, "")
    assert "TRUNKLINE_BOGUS in the environment is no setting." in listed.err
    shown = await terminal.type("config")
    assert shown.code == 1
    assert "window_rows" in shown.out
    assert "TRUNKLINE_BOGUS in the environment is no setting." in shown.err
    assert "`trunkline config --home" in listed.err
    assert "trunkline config" not in shown.err, "it does not advise itself"
    told = await terminal.type("config", "--json")
    assert told.code == 1
    assert "window_rows" in [setting["name"] for setting in told.json["settings"]]
    assert [problem["field"] for problem in told.json["error"]["problems"]] == ["TRUNKLINE_BOGUS"]


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("account edit main", ("--rename", "--api-key", "--base-url")),
        ("account edit main --no-test", ("--rename", "--api-key")),
        ("dataset edit calls", ("--account", "--update", "--description", "--days-back")),
    ],
)
async def test_an_edit_without_anything_to_change_names_what_can_be_given(
    terminal: Terminal, words: str, flags: tuple[str, ...]
) -> None:
    await terminal.with_calls()
    outcome = await terminal.type(*words.split())
    assert (outcome.code, outcome.out) == (2, "")
    assert "Nothing was given to change. What can be given:" in outcome.err
    assert [flag for flag in flags if flag not in outcome.err] == []
    assert "changed." not in outcome.err


async def test_all_and_a_name_do_not_go_together(terminal: Terminal) -> None:
    outcome = await terminal.type("run", "--all", "calls", "users")
    assert outcome.code == 2
    assert "--all runs every dataset: leave out calls, users, or leave out --all." in outcome.err
    neither = await terminal.type("run", "--json")
    assert "Name the datasets to run, or give --all." in neither.err


async def test_the_next_step_can_be_pasted(terminal: Terminal) -> None:
    saved = await terminal.type("account", "add", "callrail", "main", *terminal.access)
    made = await terminal.type("dataset", "add", "companies", "--account", "main", "--report", "companies")
    following = made.out.splitlines()[-1].removeprefix("Next: trunkline ").split()
    assert f"--home {terminal.home}" in saved.out
    assert following[-2:] == ["--home", str(terminal.home)]
    assert (await terminal.type(*following[:-2])).code == 0
