"""Lines of the log, for people and for programs, without what nobody should read."""

import json
import logging

import pytest

from trunkline.logs import JsonLines, TextLines, masked


def record(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("trunkline.runs", logging.WARNING, __file__, 1, message, args, None)


def test_a_line_for_a_program_is_one_json_object() -> None:
    line = JsonLines().format(record('Run %s said "no"\nand went', 7))
    assert "\n" not in line
    told = json.loads(line)
    assert told["message"] == 'Run 7 said "no"\nand went'
    assert (told["level"], told["logger"]) == ("warning", "trunkline.runs")
    assert told["at"].endswith("+00:00")


def test_an_error_comes_with_its_trace() -> None:
    try:
        raise ValueError("password=hush")
    except ValueError as error:
        one = record("It failed.")
        one.exc_info = (type(error), error, error.__traceback__)
    told = json.loads(JsonLines().format(one))
    assert "ValueError" in told["error"]
    assert "hush" not in told["error"] + TextLines().format(one)


@pytest.mark.parametrize(
    "text",
    [
        "GET /a?api_key=HUSH&x=1",
        "postgresql://me:HUSH@db.example.com/x",
        "Authorization: Bearer HUSHHUSH",
        'Authorization: Token token="HUSH"',
        "'password': 'HUSH'",
        '{"access_token": "HUSH"}',
        "pass=HUSH&function=version",
        "client_secret=HUSH",
    ],
)
def test_what_stands_where_secrets_stand_is_masked(text: str) -> None:
    assert "HUSH" not in masked(text)


@pytest.mark.parametrize(
    "text", ["run 7 of calls passed 12 windows", "token 3 of 16 was taken", "http://127.0.0.1:8360/x"]
)
def test_plain_words_stay(text: str) -> None:
    assert masked(text) == text
