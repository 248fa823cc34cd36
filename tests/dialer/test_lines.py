"""Every line that a function declares is said in some test, and no function says another."""

from pathlib import Path

import pytest

from tests.dialer.said import MODULES, SAID
from trunkline.dialer.commands import ALL, COMMANDS
from trunkline.dialer.runner import (
    CHOOSER_NOT_ALLOWED,
    INVALID_SOURCE,
    NO_FUNCTION,
    NOT_ALLOWED,
    SWITCHED_OFF,
)

OF_EVERY_FUNCTION = {NOT_ALLOWED, CHOOSER_NOT_ALLOWED, INVALID_SOURCE, NO_FUNCTION, SWITCHED_OFF}
ALL_MODULES = {path.stem for path in Path(__file__).parent.glob("test_*.py")}


@pytest.mark.parametrize("function", COMMANDS)
def test_every_declared_line_is_said(function: str, request: pytest.FixtureRequest) -> None:
    if request.config.option.keyword or not ALL_MODULES <= MODULES:
        pytest.skip("the other tests of the API have not run")
    said = {line for name, line in SAID if name == function}
    unsaid = [line for line in COMMANDS[function].lines if line not in said]
    assert [f"{line.code}: {line.text}{line.documented}" for line in unsaid] == []


def test_every_said_line_is_declared() -> None:
    declared = {(c.name, line) for c in ALL for line in (*c.lines, c.permission_line)}
    undeclared = {(name, line) for name, line in SAID - declared if line not in OF_EVERY_FUNCTION}
    assert sorted(f"{name}: {line.text}" for name, line in undeclared) == []
