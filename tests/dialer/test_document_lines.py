"""The documented lines that the page was cut off before, or leaves out: each one is an answer.

`document_lines.json` has them by function; `<names>` stand for data.
"""

import json

import pytest

from tests.dialer.asked import Asked, answer_to, filled
from tests.dialer.document_requests import DOCUMENT
from tests.dialer.replay import DATA
from tests.dialer.test_page_lines import PAGE
from trunkline.dialer.commands import COMMANDS
from trunkline.dialer.runner import Service

LINES: dict[str, list[str]] = json.loads((DATA / "document_lines.json").read_text("utf-8"))
LINES_THERE = 118
ALL_ASKED = [
    pytest.param(function, line, asked, id=f"{function}: {line[:60]}")
    for function, lines in DOCUMENT.items()
    for line, asked in lines.items()
]


def test_each_line_is_asked_for_once() -> None:
    assert {f: sorted(lines) for f, lines in LINES.items()} == {f: sorted(d) for f, d in DOCUMENT.items()}
    assert sum(len(lines) for lines in LINES.values()) == LINES_THERE


def test_no_function_is_left_out() -> None:
    assert set(COMMANDS) <= {*LINES, *PAGE}


@pytest.mark.parametrize(("function", "line", "asked"), ALL_ASKED)
async def test_a_documented_line(service: Service, function: str, line: str, asked: Asked) -> None:
    assert filled(line, asked) in (await answer_to(service, function, asked)).split("\n")
