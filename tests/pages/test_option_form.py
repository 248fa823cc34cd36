from collections.abc import Mapping
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData

from trunkline.connectors import connector, connector_names
from trunkline.options import Kind, Option, choices, resolve
from trunkline.pages.drawing import FOLDER
from trunkline.pages.option_form import effective, fields_of, given_in, said, texts_of

CALLS = next(r for r in connector("callrail").reports if r.name == "calls").options


def names(options: tuple[Option, ...], given: Mapping[str, Any]) -> list[str]:
    return [field.option.name for field in fields_of(options, given)]


def test_options_appear_with_the_menu_above_them() -> None:
    assert "report_date" not in names(CALLS, {})
    assert "report_date" in names(CALLS, {"duration": "single_date"})
    chosen = {"duration": "single_date", "report_date": "relative"}
    assert "days_back" in names(CALLS, chosen)


def test_what_stood_under_another_menu_does_not_count() -> None:
    given = {"duration": "date_range", "report_date": "relative", "days_back": "7"}
    assert "days_back" not in names(CALLS, given)
    assert said(CALLS, given) == {"duration": "date_range"}


def test_defaults_stand_until_something_else_is_said() -> None:
    option = Option("size", "Size", Kind.INT, default=5)
    assert effective((option,), {}) == {"size": "5"}
    assert effective((option,), {"size": ""}) == {}
    switch = Option("dry", "Dry", Kind.BOOL, default=True)
    assert effective((switch,), {}) == {"dry": "yes"}
    assert effective((switch,), {"dry": "no"}) == {"dry": "no"}


def test_a_secret_is_never_filled() -> None:
    option = Option("key", "Key", Kind.SECRET, required=True)
    (field,) = fields_of((option,), {"key": "abc"}, kept=("key",))
    assert field.value == ""
    assert not field.is_required


def test_a_form_gives_what_it_showed() -> None:
    options = (
        Option("key", "Key", Kind.SECRET),
        Option("dry", "Dry", Kind.BOOL),
        Option("fields", "Fields", Kind.FIELDS, choices=choices(a="A", b="B")),
        Option("name", "Name"),
        Option("unseen", "Unseen"),
    )
    sent = [("o.key", " x "), ("o.dry", "no"), ("o.dry", "yes"), ("o.fields", ""), ("o.fields", "b")]
    form = FormData([*sent, ("o.name", " n "), ("name", "another")])
    assert given_in(options, form) == {"key": " x ", "dry": "yes", "fields": ("b",), "name": "n"}


@pytest.mark.parametrize("name", connector_names())
def test_every_report_can_be_drawn_and_read_back(name: str) -> None:
    for report in connector(name).listed_reports:
        for field in fields_of(report.options, {}, has_menus=True):
            assert field.draws in (
                "text",
                "select",
                "radio",
                "bool",
                "int",
                "day",
                "back",
                "fields",
                "zone",
                "menu",
            )
        easy = tuple(o for o in report.options if not o.required)
        values = resolve(easy, {})
        assert resolve(easy, texts_of(easy, values)) == values


def drawn(
    options: tuple[Option, ...], given: Mapping[str, Any], problems: Mapping[str, str] | None = None
) -> str:
    templates = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    text = '{% from "parts/options.html" import option_fields %}{{ option_fields(fields, ["UTC"]) }}'
    return templates.from_string(text).render(fields=fields_of(options, given, problems))


def test_problems_and_help_are_tied_to_their_field() -> None:
    text = drawn((Option("size", "Size", Kind.INT, "How large."),), {"size": "<x>"}, {"size": "No number."})
    assert 'aria-describedby="o.size-problem o.size-help"' in text
    assert 'aria-invalid="true"' in text
    assert "&lt;x&gt;" in text


@pytest.mark.parametrize("name", connector_names())
def test_every_connector_can_be_drawn(name: str) -> None:
    found = connector(name)
    for options in (found.account, *(report.options for report in found.listed_reports)):
        text = drawn(options, {}, {o.name: "Wrong." for o in options})
        assert [f.name for f in fields_of(options, {}) if f'name="{f.name}"' not in text] == []
