"""Every example line of the published page is an answer of the documented dialect, or cannot be one.

`page_lines.json` has the page's lines by function, in its order. Each is asked for in a state of its own,
and comes out as it stands there; data that no answer can hold is named beside its request (`Asked.other`).
"""

import json
from collections import Counter

import pytest

from tests.dialer.asked import Asked, Table, answer_to, now, parts_of, wanted
from tests.dialer.page_requests import SHOWN
from tests.dialer.page_requests_admin import ADMIN
from tests.dialer.page_requests_leads import LEADS
from tests.dialer.replay import DATA
from trunkline.dialer.command import Command, Line
from trunkline.dialer.commands import COMMANDS
from trunkline.dialer.login import LEAST_LEVEL
from trunkline.dialer.runner import NOT_ALLOWED, Service

PAGE: dict[str, list[str]] = json.loads((DATA / "page_lines.json").read_text("utf-8"))
EVERY = "every function"
LINES_ON_THE_PAGE = 169
COUNTS = {
    EVERY: 1,
    "version": 1,
    "sounds_list": 3,
    "moh_list": 2,
    "vm_list": 2,
    "blind_monitor": 5,
    "agent_ingroup_info": 2,
    "recording_lookup": 5,
    "did_log_export": 5,
    "phone_number_log": 5,
    "agent_stats_export": 6,
    "user_group_status": 4,
    "in_group_status": 4,
    "agent_status": 8,
    "callid_info": 8,
    "lead_field_info": 6,
    "update_log_entry": 6,
    "add_lead": 29,
    "update_lead": 26,
    "add_user": 6,
    "update_user": 27,
    "add_group_alias": 4,
    "add_phone": 4,
}
ASKED: Table = {**SHOWN, **LEADS, **ADMIN}

SLIPS: dict[tuple[str, str], str] = {
    (EVERY, "RROR:</strong> auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - 6666|add_lead"): (
        "A piece of the page's markup stands where the first letter was; ERROR: is meant."
    ),
    ("update_lead", "(user|lead_id|vendorleadcode|phone |list_id|entry_list_id)"): (
        "Names the values of the line before it; nothing answers so."
    ),
    ("update_lead", "NOTICE: update_lead NOT ADDED TO HOPPER - 7275551111|6666|193715|1677922"): (
        "Tells of an insert that failed. Here one that fails undoes the whole request, which answers "
        "that the database has failed."
    ),
}
"""Lines that are said by nothing that is declared, each with the reason."""
UNREACHABLE: dict[tuple[str, str], str] = dict.fromkeys(
    (
        ("sounds_list", "ERROR: sounds_list USER DOES NOT HAVE PERMISSION TO VIEW SOUNDS LIST"),
        ("moh_list", "ERROR: moh_list USER DOES NOT HAVE PERMISSION TO VIEW SOUNDS LIST"),
        ("vm_list", "ERROR: vm_list USER DOES NOT HAVE PERMISSION TO VIEW VOICEMAIL BOXES LIST"),
    ),
    "The login lets in nobody below the level that the function wants, and it wants nothing else.",
)
"""Lines that are declared and that no user can meet, with the reason."""

ALL_ASKED = [
    pytest.param(function, line, asked, id=f"{function}: {line[:60]}")
    for function, lines in ASKED.items()
    for line, asked in lines.items()
]


def test_the_page_is_complete() -> None:
    assert {function: len(lines) for function, lines in PAGE.items()} == COUNTS
    assert sum(COUNTS.values()) == LINES_ON_THE_PAGE


def test_each_line_is_asked_for_or_cannot_be_said() -> None:
    page = Counter((function, line) for function, lines in PAGE.items() for line in lines)
    made = Counter((function, line) for function, lines in ASKED.items() for line in lines)
    assert page == made + Counter([*SLIPS, *UNREACHABLE])


@pytest.mark.parametrize(("function", "line", "asked"), ALL_ASKED)
async def test_a_line_of_the_page(service: Service, function: str, line: str, asked: Asked) -> None:
    assert wanted(line, asked.other) in (await answer_to(service, function, asked)).split("\n")


@pytest.mark.parametrize(("function", "line", "asked"), ALL_ASKED)
def test_only_data_is_other_and_really_is(function: str, line: str, asked: Asked) -> None:
    data = parts_of(line)[2]
    assert [at for at, value in asked.other.items() if data[at] == value] == []


async def test_the_line_with_a_slip_is_meant_so(service: Service) -> None:
    (line,) = PAGE[EVERY]
    may_call_another = now("users", {"user": "6666"}, api_allowed_functions=" version ")
    text = await answer_to(service, "add_lead", Asked(state=(may_call_another,)))
    assert text == f"ERROR: {line.removeprefix('RROR:</strong> ')}"


@pytest.mark.parametrize(("function", "line"), SLIPS)
def test_what_cannot_be_said_is_declared_nowhere(function: str, line: str) -> None:
    names = list(COMMANDS) if function == EVERY else [function]
    assert [name for name in names for one in _lines(COMMANDS[name]) if _is_of(line, name, one)] == []


@pytest.mark.parametrize(("function", "line"), UNREACHABLE)
def test_what_nobody_can_meet_is_declared_and_asks_for_no_more_than_the_login(
    function: str, line: str
) -> None:
    command = COMMANDS[function]
    assert _is_of(line, function, command.permission_line)
    assert (command.level, command.flags) == (LEAST_LEVEL, ())


def _lines(command: Command) -> tuple[Line, ...]:
    return (*command.lines, command.permission_line, NOT_ALLOWED)


def _is_of(literal: str, function: str, line: Line) -> bool:
    """Whether a line of the page has the kind, the text and the number of data of a declared one."""
    name = f"{function} " if line.named else ""
    kind, text, data, _ = parts_of(literal)
    declared = parts_of(f"{line.result}: {name}{line.text}{line.documented}")
    return (kind, text, len(data)) == (declared[0], declared[1], len(declared[2]))
