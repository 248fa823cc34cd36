"""What the functions answer in JSON is what OpenAPI says of it, in every state of the page's lines."""

from typing import Any

import orjson
import pytest
from openapi_schema_validator import OAS31Validator

from tests.dialer.asked import Asked, reply_to
from tests.dialer.document_requests import DOCUMENT
from tests.dialer.lead_calls import LOGIN
from tests.dialer.test_page_lines import ASKED
from trunkline.dialer.command import Command, Dialect
from trunkline.dialer.commands import ALL, COMMANDS
from trunkline.dialer.json_answers import reply_content, status_of
from trunkline.dialer.runner import Service
from trunkline.web.json_words import encoded
from trunkline.web.openapi import openapi

API = openapi()
MORE: dict[str, list[Asked]] = {
    "sounds_list": [Asked({"format": "tab", "stage": "name"})],
    "moh_list": [Asked()],
    "vm_list": [Asked()],
    "agent_stats_export": [
        Asked({"datetime_start": "2012-03-26 00:00:00", "datetime_end": "2012-03-26 23:59:59"})
    ],
    "agent_ingroup_info": [Asked({"agent_user": "1000"})],
    "check_phone_number": [
        Asked({"phone_number": "7275551111", "local_call_time": "24hours", "tz_method": "POSTAL-AREACODE"})
    ],
}
ALL_ASKED = [
    pytest.param(function, asked, id=f"{function}-{number}")
    for table in (ASKED, DOCUMENT, {f: dict(enumerate(asked)) for f, asked in MORE.items()})
    for function, lines in table.items()
    for number, asked in enumerate(lines.values())
    if not asked.function
]


async def answered(service: Service, function: str, asked: Asked) -> tuple[int, Any]:
    """Status and content of a JSON answer."""
    reply = await reply_to(service, function, asked, Dialect.JSON)
    params = {**LOGIN, "function": function, **asked.params}
    return status_of(reply), orjson.loads(encoded(reply_content(function, params, reply)))


def schema_of(function: str, status: int) -> dict[str, Any]:
    """The schema of an answer; KeyError where OpenAPI does not know the status."""
    responses = API["paths"][f"/api/v1/dialer/{function}"]["post"]["responses"]
    content: dict[str, Any] = responses[str(status)]["content"]["application/json"]["schema"]
    schemas = API["components"]["schemas"]
    needed = {name: schemas[name] for name in ("Answer", "Line", f"{function}_answer")}
    return {**content, "components": {"schemas": needed}}


@pytest.mark.parametrize(("function", "asked"), ALL_ASKED)
async def test_an_answer_is_what_the_description_says(service: Service, function: str, asked: Asked) -> None:
    status, content = await answered(service, function, asked)
    found = OAS31Validator(schema_of(function, status)).iter_errors(content)
    assert [f"{list(error.path)}: {error.message}" for error in found] == []


SHOWING = [command for command in ALL if command.exports or command.fields]


@pytest.mark.parametrize("command", SHOWING, ids=lambda command: command.name)
async def test_a_function_that_shows_something_shows_all_it_declares(
    service: Service, command: Command
) -> None:
    shown: set[tuple[str, ...]] = set()
    has_fields = False
    for name, asked in ((param.values[0], param.values[1]) for param in ALL_ASKED):
        assert isinstance(asked, Asked)
        if name != command.name or asked.state:
            continue
        _, content = await answered(service, command.name, asked)
        if content.get("rows"):
            shown.add(tuple(content["columns"]))
        has_fields = has_fields or set(content["fields"]) == {field.name for field in command.fields}
    assert shown == {tuple(column.name for column in export.columns) for export in command.exports}
    assert has_fields


async def test_numbers_are_numbers(service: Service) -> None:
    params = {"datetime_start": "2012-03-26 00:00:00", "datetime_end": "2012-03-26 23:59:59"}
    _, statistics = await answered(service, "agent_stats_export", Asked({**params, "time_format": "M"}))
    row = next(row for row in statistics["rows"] if row["user"] == "1029")
    assert (row["login_time"], row["pct_of_queue"], row["pause_pct"]) == (112, 25, 48.2)
    _, version = await answered(service, "version", Asked())
    assert (version["fields"]["tz"], version["fields"]["tznow"]) == (-5, -4)
    lead = {"lead_id": "1001", "field_name": "rank"}
    _, rank = await answered(service, "lead_field_info", Asked(lead))
    assert rank["fields"] == {"field_name": "rank", "value": 5}


def test_a_row_that_lacks_a_column_does_not_fit() -> None:
    """The schemas are strict: they would notice."""
    for command in (command for command in ALL if command.exports):
        names = [column.name for column in command.exports[0].columns]
        answer = {"function": command.name, "result": "SUCCESS", "code": "", "message": "", "lines": []}
        whole = {**answer, "fields": {}, "columns": names, "rows": [dict.fromkeys(names)]}
        schema = OAS31Validator(schema_of(command.name, 200))
        assert schema.is_valid(whole)
        assert not schema.is_valid({**whole, "rows": [dict.fromkeys(names[1:])]})
        assert not schema.is_valid({**whole, "rows": [dict.fromkeys([*names, "more"])]})
        assert not schema.is_valid({**whole, "more": 1})


def test_functions_stand_in_the_order_of_the_page() -> None:
    page = list(dict.fromkeys([*(f for f in ASKED if f in COMMANDS), *DOCUMENT]))
    assert [command.name for command in ALL] == page
