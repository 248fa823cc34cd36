"""`dataset schedule` and `dataset retries`, as people and programs type them."""

import pytest

from tests.cli.conftest import Terminal

CRON = ("--cron", "30 1 * * *", "--zone", "America/New_York")


async def schedule(terminal: Terminal, *words: str) -> list[str]:
    """The next times that the command answers, and that its answer has nothing else beside the schedule."""
    answer = await terminal.type("dataset", "schedule", "calls", *words, "--json")
    assert answer.code == 0, answer.err
    assert set(answer.json) == {"schedule", "next"}
    return list(answer.json["next"])


async def test_each_kind_is_set_shown_and_taken_back(terminal: Terminal) -> None:
    await terminal.with_calls()
    assert await schedule(terminal) == []
    assert await schedule(terminal, *CRON) == [f"2026-06-{day}T01:30:00-04:00" for day in range(16, 21)]
    assert await schedule(terminal) == [f"2026-06-{day}T01:30:00-04:00" for day in range(16, 21)]
    assert (await schedule(terminal, "--daily", "06:00"))[0] == "2026-06-16T06:00:00-04:00"
    assert (await schedule(terminal, "--zone", "UTC"))[0] == "2026-06-16T06:00:00+00:00"
    weekly = await schedule(terminal, "--weekly", "mon,thu 06:00")
    assert [one[:10] for one in weekly[:3]] == ["2026-06-18", "2026-06-22", "2026-06-25"]
    monthly = await schedule(terminal, "--monthly", "31 06:00")
    assert [one[:10] for one in monthly[:2]] == ["2026-06-30", "2026-07-31"]
    every = await schedule(terminal, "--every", "15m", "--between", "08:00-18:00")
    assert len(every) == 5
    assert all("08:00:00" <= one[11:19] <= "18:00:00" for one in every)
    assert await schedule(terminal, "--pause") == []
    assert await schedule(terminal, "--resume") == every
    assert await schedule(terminal, "--manual") == []


async def test_people_read_times_shift_and_pause(terminal: Terminal) -> None:
    await terminal.with_calls()
    said = await terminal.type("dataset", "schedule", "calls", "--every", "1h", "--zone", "America/New_York")
    assert said.out.startswith("calls: every 1h (America/New_York).\nShifted by ")
    assert said.out.splitlines()[2] == "Next:"
    assert said.out.splitlines()[3].endswith(" EDT")
    paused = await terminal.type("dataset", "schedule", "calls", "--pause")
    assert f"Resume it: trunkline dataset schedule calls --resume --home {terminal.home}" in paused.out
    listed = await terminal.type("dataset", "list")
    assert "every 1h (America/New_York), paused" in listed.out


async def test_show_and_list_tell_schedule_next_time_and_policy(terminal: Terminal) -> None:
    await terminal.with_calls()
    fresh = (await terminal.type("dataset", "show", "calls", "--json")).json
    assert (fresh["schedule"]["kind"], fresh["next_due_at"]) == ("manual", None)
    await schedule(terminal, *CRON)
    kept = await terminal.type("dataset", "retries", "calls", "--count", "2", "--delay", "15m", "--json")
    assert kept.json["retries"]["delays_seconds"] == [900, 1800]
    assert (await terminal.type("dataset", "retries", "calls", "--count", "1", "--json")).json == {
        "retries": {"count": 1, "delay": "15m", "delays_seconds": [900], "text": "once, after 15m"}
    }
    shown = (await terminal.type("dataset", "show", "calls", "--json")).json
    [listed] = (await terminal.type("dataset", "list", "--json")).json
    for one in (shown, listed):
        assert one["schedule"]["text"] == "cron 30 1 * * * (America/New_York)"
        assert one["next_due_at"] == "2026-06-16T05:30:00Z"
        assert one["retries"]["count"] == 1
    people = (await terminal.type("dataset", "show", "calls")).out
    assert "Schedule:     cron 30 1 * * * (America/New_York)" in people
    assert "Retries:      once, after 15m" in people
    assert "Next run:     2026-06-16" in people
    assert "once, after 15m" in (await terminal.type("dataset", "retries", "calls")).out


async def test_a_dataset_can_be_made_with_a_schedule_or_is_not_made(terminal: Terminal) -> None:
    await terminal.with_calls()
    words = ("dataset", "add", "again", "--account", "main", "--report", "calls", "--days-back", "7")
    wrong = await terminal.type(*words, "--daily", "25:00")
    assert (wrong.code, "'25:00' is no time from 00:00 to 23:59" in wrong.err) == (1, True)
    assert "no dataset named 'again'" in (await terminal.type("dataset", "show", "again")).err
    made = await terminal.type(*words, "--daily", "06:00")
    assert "again: daily 06:00 (UTC)." in made.out
    edited = await terminal.type("dataset", "show", "again", "--json")
    assert edited.json["next_due_at"] == "2026-06-16T06:00:00Z"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("schedule", "calls", "--every", "15m", "--daily", "06:00"), 2, "--every and --daily were given"),
        (("schedule", "calls", "--pause", "--resume"), 2, "--pause and --resume were given"),
        (("schedule", "calls", "--manual", "--pause"), 2, "--manual and --pause were given"),
        (("schedule", "calls", "--between", "08:00-18:00"), 2, "--between was given without --every"),
        (("schedule", "calls", "--daily", "06:00", "--between", "08:00-18:00"), 2, "without --every"),
        (("schedule", "calls", "--pause", "--zone", "UTC"), 2, "--zone was given with --pause"),
        (("schedule", "calls", "--every", ""), 1, "Every (--every) is ''"),
        (("schedule", "calls", "--cron", "* * * *"), 1, "write 5 fields"),
        (("schedule", "calls", "--daily", "06:00", "--zone", "EST6"), 1, "'EST6' is no time zone"),
        (("schedule", "calls", "--zone", ""), 1, "is no time zone"),
        (("schedule", "calls", "--pause"), 1, "calls has no schedule that could be paused"),
        (("schedule", "cals", "--daily", "06:00"), 1, "Did you mean calls?"),
        (("retries", "calls", "--count", "11"), 1, "write a number from 0 (none) to 10"),
        (("retries", "calls", "--delay", ""), 1, "Delay (--delay) is ''"),
        (("retries", "calls", "--count", "three"), 2, "--count"),
    ],
)
async def test_a_slip_gets_one_clear_sentence(
    terminal: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    await terminal.with_calls()
    outcome = await terminal.type("dataset", *words)
    assert outcome.code == code
    assert said in outcome.err


async def test_programs_hear_which_field_is_wrong(terminal: Terminal) -> None:
    await terminal.with_calls()
    refused = await terminal.type("dataset", "schedule", "calls", "--cron", "61 * * * *", "--json")
    assert [p["field"] for p in refused.json["error"]["problems"]] == ["cron"]
