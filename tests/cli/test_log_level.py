"""The setting log_level: what commands tell of their work, and what they keep to themselves."""

import re

import pytest

from tests.cli.conftest import Terminal
from trunkline.sims.callrail import Fault

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} (DEBUG|INFO|WARNING) (trunkline\.\w+): (.*)$", re.M
)


async def lines_of_a_run(terminal: Terminal, level: str) -> list[tuple[str, str, str]]:
    await terminal.with_calls("--days-back", "3")
    terminal.sim.faults.add(Fault("status", "calls.json", 1, 1, status=503))
    terminal.env["TRUNKLINE_LOG_LEVEL"] = level
    done = await terminal.type("run", "calls", "--json")
    assert done.json["status"] == "succeeded"
    return LINE.findall(done.err)


@pytest.mark.parametrize(
    ("level", "told"),
    [("debug", {"DEBUG", "INFO"}), ("info", {"INFO"}), ("warning", set()), ("error", set())],
)
async def test_a_run_tells_as_much_as_it_is_asked_for(terminal: Terminal, level: str, told: set[str]) -> None:
    lines = await lines_of_a_run(terminal, level)
    assert {one for one, _, _ in lines} == told
    texts = [text for _, _, text in lines]
    if "INFO" in told:
        assert any(re.fullmatch(r"Run \w+ of calls has begun\.", text) for text in texts)
        assert any("of calls has ended: succeeded," in text for text in texts)
        assert any("503" in text and "Again in" in text for text in texts)
    if "DEBUG" in told:
        assert any(text.startswith("GET ") and text.endswith(": 200") for text in texts)
