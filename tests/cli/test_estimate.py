"""What looks ahead and what clears away: `run --estimate`, `dataset reset`, `prune`, `account budget`."""

from tests.cli.conftest import Terminal

WISH = ("--since", "2026-05-01", "--until", "2026-05-31")


async def test_an_estimate_runs_nothing(terminal: Terminal) -> None:
    await terminal.with_calls()
    told = await terminal.type("run", "calls", *WISH, "--estimate", "--json")
    assert told.code == 0
    found = told.json
    assert (found["dataset"], found["basis"], found["asked"]) == ("calls", "provider", 1)
    assert (found["days"]["first"], found["days"]["last"]) == ("2026-05-01", "2026-05-31")
    assert found["rows"] > 0
    assert found["requests"] == -(-found["rows"] // 250)
    assert found["hours"] < 0.1
    assert [use["requests"] for use in found["budget"]] == [1_000, 10_000]
    listed = await terminal.type("dataset", "history", "calls", "--json")
    assert listed.json["runs"] == []
    words = await terminal.type("run", "calls", *WISH, "--estimate")
    assert words.out.startswith("calls: 1 May 2026 to 31 May 2026 (31 days): about ")
    assert "the provider has counted the rows" in words.out


async def test_an_estimate_of_all_is_a_list(terminal: Terminal) -> None:
    await terminal.with_calls()
    assert [one["dataset"] for one in (await terminal.type("run", "--all", "--estimate", "--json")).json] == [
        "calls"
    ]


async def test_reset_asks_and_empties(terminal: Terminal) -> None:
    await terminal.with_calls()
    await terminal.type("run", "calls")
    unanswered = await terminal.type("dataset", "reset", "calls")
    assert (unanswered.code, "Pass --yes" in unanswered.err) == (1, True)
    terminal.env["TRUNKLINE_FROZEN_CLOCK"] = "2026-06-15T13:00:00+00:00"
    done = await terminal.type("dataset", "reset", "calls", "--yes")
    assert "Dataset calls is empty: 900 rows dropped." in done.out
    shown = (await terminal.type("dataset", "show", "calls", "--json")).json
    assert (shown["rows"], shown["last_run"]["status"]) == (None, "reset")
    assert (await terminal.type("run", "calls", "--json")).json["rows_inserted"] == 900


async def test_prune_says_what_it_did(terminal: Terminal) -> None:
    await terminal.with_calls()
    for day in ("2026-01-01", "2026-01-02"):
        terminal.env["TRUNKLINE_FROZEN_CLOCK"] = f"{day}T12:00:00+00:00"
        await terminal.type("dataset", "reset", "calls", "--yes")
    terminal.env["TRUNKLINE_FROZEN_CLOCK"] = "2026-06-15T12:00:00+00:00"
    assert (await terminal.type("prune", "--json")).json == {"forgotten": 1, "days": 90}
    assert (await terminal.type("prune", "--days", "1")).out == "0 runs forgotten, older than 1 day.\n"


async def test_the_budget_tells_when_it_resets(terminal: Terminal) -> None:
    await terminal.with_calls()
    await terminal.type("run", "calls")
    sent = len(terminal.sim.requests)
    hour, day = (await terminal.type("account", "budget", "main", "--json")).json
    assert len(terminal.sim.requests) == sent
    assert hour["used"] + hour["left"] == 1_000
    assert hour["resets_at"] < day["resets_at"]
    assert hour["more_at"] <= hour["resets_at"]
    assert "Resets at" in (await terminal.type("account", "budget", "main")).out
