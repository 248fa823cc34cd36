"""`trunkline alert`, as people type it."""

from tests.center.alerts.receivers import receiver
from tests.cli.conftest import Terminal
from trunkline.center.alerts.deciding import note_account
from trunkline.center.alerts.notices import Subject
from trunkline.center.room import open_center
from trunkline.settings import load_settings
from trunkline.sims.callrail import Fault

SECRET = "signing-secret-of-ours"


async def test_a_channel_is_made_tried_changed_and_removed(terminal: Terminal) -> None:
    async with receiver("/hook/hidden") as ops:
        given = ("--url", "-", "--secret", SECRET, "--kinds", "failed,late")
        added = await terminal.type("alert", "channel", "add", "webhook", "ops", *given, stdin=ops.url)
        assert (added.code, added.out.split("\n")[0]) == (
            0,
            f"Channel ops saved: Webhook to {ops.url.removesuffix('/hook/hidden')}.",
        )
        tested = await terminal.type("alert", "channel", "test", "ops")
        assert (tested.code, tested.out) == (0, "The test was sent. The answer: 200: ok\n")
        ops.status, ops.text = 410, "gone"
        tested = await terminal.type("alert", "channel", "test", "ops", "--json")
        assert (tested.code, tested.json["sent"]) == (1, False)
        assert tested.json["answer"].endswith("answered 410: gone")
        tested = await terminal.type("alert", "channel", "test", "ops")
        assert (tested.code, "What to do: Check the address (--url)" in tested.err) == (1, True)
        assert [p.json["event"] for p in ops.posted] == ["test"] * 3

        different = ("--kinds", "all", "--rename", "desk")
        changed = await terminal.type("alert", "channel", "edit", "ops", *different, "--json")
        assert (changed.json["name"], changed.json["kinds"]) == ("desk", "all")
        listed = await terminal.type("alert", "channel", "list", "--json")
        (one,) = listed.json
        assert (one["name"], one["kind"], one["secrets"]) == ("desk", "webhook", ["url", "secret"])
        assert one["last"]["event"] == "test"
        table = await terminal.type("alert", "channel", "list")
        for said in (added, tested, changed, listed, table):
            assert "hidden" not in said.out + said.err
            assert SECRET not in said.out + said.err
        assert (await terminal.type("alert", "channel", "remove", "desk", "--yes")).code == 0
        empty = await terminal.type("alert", "channel", "list")
        assert empty.out.startswith("No channel yet. Make one: trunkline alert channel add email")


async def test_a_signing_secret_that_nobody_gave_is_shown_once(terminal: Terminal) -> None:
    url = ("--url", "http://127.0.0.1:9/hook")
    made = await terminal.type("alert", "channel", "add", "webhook", "ops", *url, "--json")
    assert len(made.json["secret"]) > 30
    assert made.json["secret"] not in (await terminal.type("alert", "channel", "list", "--json")).out


async def test_plain_http_to_another_machine_is_warned_of(terminal: Terminal) -> None:
    url = ("--url", "http://10.0.0.7/hook", "--allow-plain-http", "yes")
    made = await terminal.type("alert", "channel", "add", "slack", "team", *url)
    assert (made.code, made.err) == (0, "Warning: messages travel unencrypted to http://10.0.0.7.\n")


async def test_what_is_mistyped_is_told(terminal: Terminal) -> None:
    terminal.make_home()
    slack = ("add", "slack", "me", "--url", "https://slack.example.com/x")
    for words, said in {
        ("add", "telegram", "me"): "There is no kind of channel 'telegram'.",
        ("add", "slack", "me"): "Incoming webhook (--url) is missing.",
        ("add", "slack", "me", "--url", "http://slack.example.com/x"): "plain http can be read",
        (*slack, "--kinds", "lat"): "names 'lat'",
        (*slack, "--datasets", "nix"): "names 'nix'",
        (
            "add",
            "slack",
            "me",
            "--url",
            "https://slack.example.com/x",
            "--kinds",
            ",",
        ): "--kinds names nothing",
        ("test", "me"): "There is no alert channel named 'me'.",
        ("edit", "me", "--kinds", "all"): "There is no alert channel named 'me'.",
    }.items():
        outcome = await terminal.type("alert", "channel", *words)
        assert outcome.code != 0
        assert said in outcome.err
    assert (await terminal.type("alert", "channel", "list", "--json")).json == []


async def test_incidents_are_listed(terminal: Terminal) -> None:
    await terminal.type("account", "add", "callrail", "main", *terminal.access)
    assert (await terminal.type("alert", "list")).out == "Nothing is wrong, and nothing was.\n"
    async with receiver() as ops:
        await terminal.type("alert", "channel", "add", "webhook", "ops", "--url", ops.url)
    with open_center(load_settings(terminal.home, {})) as center:
        note_account(center, Subject("account", 1, "main"), "invalid", "The key is refused.")
    (incident,) = (await terminal.type("alert", "list", "--json", "--open")).json
    assert (incident["kind"], incident["state"]) == ("account_invalid", "open")
    assert incident["subject"] == {"kind": "account", "name": "main"}
    assert [d["state"] for d in incident["deliveries"]] == ["waiting"]
    table = (await terminal.type("alert", "list")).out
    assert "Account main: The key is refused." in table
    assert "ops: waiting" in table
    assert (await terminal.type("account", "test", "main")).code == 0
    assert (await terminal.type("alert", "list", "--json", "--open")).json == []
    (incident,) = (await terminal.type("alert", "list", "--json")).json
    assert (incident["state"], len(incident["deliveries"])) == ("over", 2)


async def test_a_command_without_a_server_sends_what_it_caused(terminal: Terminal) -> None:
    await terminal.with_calls()
    async with receiver() as taking:
        await terminal.type("alert", "channel", "add", "webhook", "ours", "--url", taking.url)
        terminal.sim.faults.add(Fault("status", "calls.json", 1, None, status=403))
        assert "Note" not in (await terminal.type("run", "calls")).err
        assert [posted.json["incident"]["kind"] for posted in taking.posted] == ["failed"]
        terminal.sim.faults.clear()
        taking.status = 503
        told = await terminal.type("run", "calls")
        assert (told.code, taking.events) == (0, ["opened", "over"])
        assert (
            f"Note: an alert to ours waits: {taking.url.removesuffix('/hook')} answered 503: ok" in told.err
        )
        assert "The next run, or `trunkline serve` or `worker`, sends what waits again." in told.err


async def test_an_account_that_is_refused_is_told_by_the_command_that_hears_it(terminal: Terminal) -> None:
    await terminal.with_calls()
    async with receiver() as taking:
        await terminal.type("alert", "channel", "add", "webhook", "ours", "--url", taking.url)
        terminal.sim.faults.add(Fault("status", ".json", 1, None, status=401))
        assert (await terminal.type("account", "test", "main")).code == 1
        assert [posted.json["incident"]["kind"] for posted in taking.posted] == ["account_invalid"]
