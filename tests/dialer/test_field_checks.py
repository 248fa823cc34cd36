"""The forms of values, and what the functions do where the filters let everything pass."""

import re
from decimal import Decimal

import pytest

from tests.dialer.lead_calls import ask, change
from trunkline.dialer.adminlog import changes_text
from trunkline.dialer.audit import Change
from trunkline.dialer.commands.phone_fields import ZONES
from trunkline.dialer.field_checks import Form, digits, number_in
from trunkline.dialer.runner import Service

YES, NO = True, False


@pytest.mark.parametrize(
    ("form", "value", "fits"),
    [
        (Form(), "anything", YES),
        (Form(2, 4), "a", NO),
        (Form(2, 4), "abcd", YES),
        (Form(2, 4), "abcde", NO),
        (Form(choices=("Y", "N")), "y", NO),
        (Form(between=(-1, 9999)), "-1", YES),
        (Form(between=(-1, 9999)), "--1", NO),
        (Form(between=(-1, 9999)), "10000", NO),
        (Form(between=(-1, 9999)), "9" * 400, NO),
        (Form(between=(1, 10)), "1.5", NO),
        (Form(between=(1, 10)), "٣", NO),
        (digits(2, 4), "123", YES),
        (digits(2, 4), "12a", NO),
        (digits(2, 4), "٣٣", NO),
        (Form(4, 100, pattern=re.compile("a+")), "aaa", NO),
        (ZONES, "-5", YES),
        (ZONES, "-5.00", YES),
        (ZONES, "5.75", YES),
        (ZONES, "5.7", NO),
        (ZONES, "-", NO),
    ],
)
def test_a_form_fits(form: Form, value: str, fits: bool) -> None:
    assert form.fits(value) is fits


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.", Decimal(1)), (".5", Decimal("0.5")), ("", None), ("1.2.3", None), ("1e9", None)],
)
def test_a_text_is_a_number_as_a_whole(text: str, number: Decimal | None) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("function", "params"),
    [
        ("add_list", {"list_id": "éé", "list_name": "Test API list", "campaign_id": "TESTCAMP"}),
        ("update_list", {"list_id": "1'2"}),
        ("update_list", {"list_id": "1102", "outbound_cid": "seven77"}),
        ("add_group_alias", {"caller_id_number": "number"}),
        ("update_campaign", {"campaign_id": "TESTOUT", "auto_dial_level": "many"}),
    ],
)
async def test_without_filters_no_word_is_a_number(
    service: Service, function: str, params: dict[str, str]
) -> None:
    await change(service, "system_settings", {}, use_non_latin="1")
    assert (await ask(service, function, **params)).startswith(f"ERROR: {function} ")


def test_changes_are_told_without_passwords() -> None:
    before = {"user": "1000", "pass": "secret", "phone_pass": None, "active": "Y"}
    for old, new, text in (
        (before, {"pass": "other", "active": "Y"}, '{"pass":["***","***"]}'),
        (None, {"user": "1", "phone_pass": "x"}, '{"user":[null,"1"],"phone_pass":[null,"***"]}'),
        ({"pass": "secret"}, None, '{"pass":["***",null]}'),
        (before, {"active": "Y"}, ""),
    ):
        assert changes_text(Change("users", "1000", old, new)) == text
