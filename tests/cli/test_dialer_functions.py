"""`trunkline dialer functions`: all functions, or everything about one."""

import pytest

from tests.cli.conftest import Terminal
from trunkline.dialer.command import Command
from trunkline.dialer.commands import ALL, COMMANDS


async def test_json_holds_what_is_declared(terminal: Terminal) -> None:
    told = (await terminal.type("dialer", "functions", "--json")).json
    assert [one["function"] for one in told] == [command.name for command in ALL]
    for one in told:
        command: Command = COMMANDS[one["function"]]
        assert [p["name"] for p in one["parameters"]] == [p.name for p in command.params]
        own = [line["code"] for line in one["answers"] if line["code"] != "permission_denied"]
        assert own == [line.code for line in command.lines]
        shown = [[column["name"] for column in export["columns"]] for export in one["exports"]]
        assert shown == [[column.name for column in export.columns] for export in command.exports]
        assert [value["name"] for value in one["fields"]] == [value.name for value in command.fields]


async def test_json_of_one_has_its_lines_in_both_dialects(terminal: Terminal) -> None:
    told = (await terminal.type("dialer", "functions", "callid_info", "--json")).json
    missing = next(line for line in told["answers"] if line["code"] == "call_not_found")
    assert missing == {
        "result": "ERROR",
        "code": "call_not_found",
        "status": 404,
        "documented": "ERROR: callid_info CALL NOT FOUND - {user}|{call_id}|",
        "original": "ERROR: callid_info CALL NOT FOUND: {user}|",
    }
    detail = told["exports"][1]
    assert detail["when"] == "detail=YES"
    assert detail["original"][2:5] == ["call_date", "phone", "call_type"]
    assert detail["columns"][1] == {
        "name": "custtime",
        "holds": "whole number",
        "meaning": "How long the customer talked, in seconds.",
    }


@pytest.mark.parametrize("name", ["update_phone", "sounds_list", "agent_status", "version"])
async def test_people_see_parameters_lines_and_columns(terminal: Terminal, name: str) -> None:
    command = COMMANDS[name]
    out = (await terminal.type("dialer", "functions", name)).out
    told = [
        *(param.meaning for param in command.params),
        *(line.text for line in command.lines if line.named),
        *(column.meaning for export in command.exports for column in export.columns),
        *(value.meaning for value in command.fields),
    ]
    assert [text for text in told if text not in out] == []


async def test_a_name_that_is_none_gets_a_hint(terminal: Terminal) -> None:
    outcome = await terminal.type("dialer", "functions", "agentstatus")
    assert outcome.code == 2
    assert "there is no function 'agentstatus'. Did you mean agent_status?" in outcome.err
