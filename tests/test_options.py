"""Options: typed values, implied menus, and a sentence per wrong field."""

from datetime import date
from typing import Any

import pytest

from trunkline.errors import SettingsError
from trunkline.options import (
    ChoicesFrom,
    Kind,
    Option,
    Value,
    choice_label,
    choices,
    json_schema,
    parse,
    resolve,
    shown,
)

NAME = Option("name", "Name")
KEY = Option("api_key", "API Key", Kind.SECRET, required=True)
COLOUR = Option("colour", "Colour", Kind.CHOICE, choices=choices(red="Bright Red", blue="Blue"))
COUNT = Option("count", "Count", Kind.INT, minimum=1)
LOUD = Option("loud", "Loud", Kind.BOOL, default=False)
PARTS = Option("parts", "Parts", Kind.FIELDS, choices=choices(note="Note", tags="Tags"))
DAY = Option("day", "Day", Kind.DATE)
BACK = Option("days_back", "Days Back", Kind.DAYS_BACK)
ZONE = Option("zone", "Zone", Kind.ZONE)

SHAPE = Option("shape", "Shape", Kind.CHOICE, choices=choices(round="Round", square="Square"))
SIZE = Option("size", "Size", Kind.CHOICE, choices=choices(s="Small", l="Large"), when={"shape": ("round",)})
WIDTH = Option("width", "Width", Kind.INT, when={"size": ("l", "s")}, required=True)
EDGE = Option("edge", "Edge", when={"shape": ("square",)}, default="sharp")
MENUS = (SHAPE, SIZE, WIDTH, EDGE)


def problems(options: tuple[Option, ...], given: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        resolve(options, given)
    return {p.field: p.message for p in caught.value.problems}


@pytest.mark.parametrize(
    ("option", "raw", "value"),
    [
        (NAME, "  Ann ", "Ann"),
        (NAME, 7, "7"),
        (KEY, " k3y \n", "k3y"),
        (COLOUR, "red", "red"),
        (COLOUR, "BRIGHT RED", "red"),
        (COLOUR, "Blue", "blue"),
        (COUNT, " 12 ", 12),
        (COUNT, 1, 1),
        (LOUD, "Yes", True),
        (LOUD, True, True),
        (LOUD, "off", False),
        (LOUD, 0, False),
        (PARTS, " tags , note,tags,", ("tags", "note")),
        (PARTS, ["note", "tags"], ("note", "tags")),
        (DAY, "2026-01-31", "2026-01-31"),
        (DAY, date(2026, 1, 31), "2026-01-31"),
        (DAY, "yesterday", "yesterday"),
        (BACK, 7, "7"),
        (BACK, "today-7", "today-7"),
        (ZONE, " Europe/Paris ", "Europe/Paris"),
    ],
)
def test_values_are_understood_in_the_spellings_of_people_and_of_json(
    option: Option, raw: object, value: Value
) -> None:
    parsed = parse(option, raw)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("option", "raw", "message"),
    [
        (COUNT, "many", "Count (--count) is 'many'; it must be a whole number."),
        (COUNT, 1.5, "Count (--count) is 1.5; it must be a whole number."),
        (COUNT, True, "Count (--count) is True; it must be a whole number."),
        (COUNT, 0, "Count (--count) is 0; it must be at least 1."),
        (LOUD, "perhaps", "Loud (--loud) is 'perhaps'; it must be yes or no."),
        (COLOUR, "green", "Colour (--colour) is 'green'; choose one of red, blue."),
        (PARTS, "not", "Parts (--parts) names 'not', which is not there. Did you mean note?"),
        (PARTS, "zzz", "Parts (--parts) names 'zzz', which is not there. Choose from note, tags."),
        (PARTS, 5, "Parts (--parts) is 5; it must be a list of names."),
        (NAME, ["a"], "Name (--name) must be one text, not list."),
        (NAME, {"a": 1}, "Name (--name) must be one text, not dict."),
        (NAME, True, "Name (--name) must be one text, not bool."),
        (
            BACK,
            "tomorrow",
            "Days Back (--days-back) is 'tomorrow'; write a number of days back (0 is today), "
            "or today, yesterday, today-7.",
        ),
        (
            ZONE,
            "Mars",
            "Zone (--zone): 'Mars' is no time zone. Write an IANA name such as America/New_York or "
            "Europe/Paris.",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_flag_and_what_would_be_right(
    option: Option, raw: object, message: str
) -> None:
    assert problems((option,), {option.name: raw}) == {option.name: message}


def test_a_day_that_does_not_exist_is_refused() -> None:
    assert "that day does not exist" in problems((DAY,), {"day": "2026-02-30"})["day"]


@pytest.mark.parametrize("raw", ["s3cret\nvalue", "s3cret\x00value", ["s3cretvalue"], {"k": "s3cretvalue"}])
def test_a_wrong_secret_is_refused_and_not_repeated(raw: object) -> None:
    message = problems((KEY,), {"api_key": raw})["api_key"]
    assert message.startswith("API Key (--api-key) ")
    assert "s3cret" not in message


@pytest.mark.parametrize("blank", [None, "", "   ", "\n"])
def test_a_blank_is_not_a_value(blank: object) -> None:
    assert problems((KEY,), {"api_key": blank}) == {"api_key": "API Key (--api-key) is missing."}
    assert resolve((NAME,), {"name": blank}) == {}


@pytest.mark.parametrize("blank", [None, "", (), [], ",", " , "])
def test_an_empty_list_of_fields_leaves_the_default(blank: object) -> None:
    fields = Option("fields", "Fields", Kind.FIELDS, default=("note",))
    assert resolve((fields,), {"fields": blank}) == {"fields": ("note",)}


def test_all_problems_are_told_at_once_and_each_field_once() -> None:
    found = problems((KEY, COUNT, COLOUR), {"count": "x", "colour": "green", "colur": "red"})
    assert set(found) == {"api_key", "count", "colour", "colur"}
    assert found["colur"] == "There is no option colur. Did you mean colour?"


def test_an_unknown_option_far_from_all_names_those_there_are() -> None:
    assert problems((COUNT, COLOUR), {"xyzzy": 1}) == {
        "xyzzy": "There is no option xyzzy. Known here: colour, count."
    }


def test_a_required_option_that_is_wrong_is_not_also_missing() -> None:
    needed = Option("count", "Count", Kind.INT, required=True)
    assert len(problems((needed,), {"count": "x"})) == 1
    with pytest.raises(SettingsError) as caught:
        resolve((needed,), {"count": "x"})
    assert len(caught.value.problems) == 1


# -- menus that stand under other menus ------------------------------------------------------------


def test_a_deep_choice_makes_the_choices_above_it() -> None:
    assert resolve(MENUS, {"width": 3}) == {"width": 3, "size": "l", "shape": "round"}


def test_a_default_applies_only_where_its_option_is_shown() -> None:
    assert resolve(MENUS, {"shape": "square"}) == {"shape": "square", "edge": "sharp"}
    assert resolve(MENUS, {}) == {}


def test_a_required_option_is_missed_only_where_it_is_shown() -> None:
    assert problems(MENUS, {"size": "s"}) == {"width": "Width (--width) is missing."}


def test_two_choices_that_exclude_each_other_are_explained() -> None:
    assert problems(MENUS, {"size": "s", "edge": "soft", "width": 1}) == {
        "edge": "Edge (--edge) needs Shape: Square, but Size (--size) makes it Round. Leave one of them out."
    }


def test_a_choice_against_a_chosen_menu_is_explained_without_blaming_another() -> None:
    message = problems(MENUS, {"shape": "square", "size": "s", "width": 1})["size"]
    assert message == "Size (--size) needs Shape: Round, but Shape is Square. Leave one of them out."


def test_the_form_shows_what_the_choices_so_far_allow() -> None:
    def names(values: dict[str, Any]) -> list[str]:
        return [o.name for o in shown(MENUS, values)]

    assert names({}) == ["shape"]
    assert names({"shape": "round"}) == ["shape", "size"]
    assert names({"shape": "round", "size": "l"}) == ["shape", "size", "width"]
    assert names({"shape": "square"}) == ["shape", "edge"]


# -- what follows from a declaration ---------------------------------------------------------------


def test_a_flag_is_the_name_with_dashes() -> None:
    assert BACK.flag == "--days-back"


def test_a_choice_is_told_by_its_label() -> None:
    assert choice_label(COLOUR, "red") == "Bright Red"
    assert choice_label(COLOUR, "green") == "green"


def test_the_schema_tells_types_choices_and_what_shows_an_option() -> None:
    menu = Option("company", "Company", help="Which one.", choices_from=ChoicesFrom("companies"))
    schema = json_schema((KEY, COLOUR, COUNT, LOUD, PARTS, SIZE, menu))
    properties = schema["properties"]
    assert schema["required"] == ["api_key"]
    assert schema["additionalProperties"] is False
    assert properties["api_key"] == {"title": "API Key", "type": "string", "writeOnly": True}
    assert properties["colour"] == {"title": "Colour", "type": "string", "enum": ["red", "blue"]}
    assert properties["count"] == {"title": "Count", "type": "integer", "minimum": 1}
    assert properties["loud"] == {"title": "Loud", "type": "boolean", "default": False}
    assert properties["parts"]["items"] == {"type": "string", "enum": ["note", "tags"]}
    assert "enum" not in properties["parts"]
    assert properties["size"]["x-when"] == {"shape": ["round"]}
    assert properties["company"]["x-choices-from"] == "companies"
    assert properties["company"]["description"] == "Which one."


def test_an_option_that_is_sometimes_hidden_is_not_required_by_the_schema() -> None:
    assert json_schema(MENUS)["required"] == []
