"""Numbers of visitors, channels' addresses, origins, countries, referrers: what is taken, what is refused."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from trunkline.clickto.dialing import (
    address,
    checked_caller_id,
    checked_countries,
    checked_origins,
    checked_pattern,
    checked_server,
    is_allowed,
    origin_of,
)
from trunkline.clickto.numbers import callable_number, e164_of, reported, same_number
from trunkline.clickto.referrals import referral_of

COUNTRIES = ("DE", "FR", "GB", "IT", "US", *sorted(phonenumbers.SUPPORTED_REGIONS)[::12])
PEOPLE = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.VOIP)
SERVICES = (
    *(PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN),
    *(PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.TOLL_FREE, PhoneNumberType.VOICEMAIL),
)


@pytest.mark.parametrize(
    ("text", "countries", "number"),
    [
        ("312 555 0123", ("US",), "+13125550123"),
        (" (312) 555-0123 ", ("US", "CA"), "+13125550123"),
        ("1.312.555.0123", ("US",), "+13125550123"),
        ("+1/312/555-0123", ("DE", "US"), "+13125550123"),
        ("604 555 0123", ("US", "CA"), "+16045550123"),
        ("030 901820", ("DE",), "+4930901820"),
        ("+49 (0)30 901820", ("DE",), "+4930901820"),
        ("06 1234 5678", ("IT",), "+390612345678"),
    ],
)
def test_a_number_becomes_e164(text: str, countries: tuple[str, ...], number: str) -> None:
    assert callable_number(text, countries) == number


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is missing"),
        ("hello", "is no phone number"),
        ("+", "is no phone number"),
        ("1" * 41, "is no phone number"),
        ("12", "no number that there can be"),
        ("+999 123 456 789", "with \\+ and the country"),
        ("212 555 012", "look at its digits again"),
        ("+49 30 901820", "only those of US, CA"),
        ("+1 876 555 0123", "only those of US, CA"),
        ("+800 1234 5678", "only those of US, CA"),
        ("900 555 0123", "service number"),
        ("800 555 0199", "service number"),
    ],
)
def test_a_number_that_is_refused_says_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        callable_number(text, ("US", "CA"))


def test_in_a_country_people_may_be_called_and_services_not() -> None:
    """The examples of each kind, as the library has them, of some countries all over the alphabet."""
    seen: set[int] = set()
    for region in COUNTRIES:
        for kind in (*PEOPLE, *SERVICES):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None or phonenumbers.number_type(example) != kind:
                continue  # where one pattern is of several kinds, another one may win
            text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            if phonenumbers.region_code_for_number(example) != region:
                continue
            seen.add(kind)
            if kind in PEOPLE:
                assert callable_number(text, (region,)) == text
            else:
                with pytest.raises(ValueError, match="service number"):
                    callable_number(text, (region,))
    assert seen == {*PEOPLE, *SERVICES}


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("+13125550123", "3125550123", True),
        ("(312) 555-0123", "13125550123", True),
        ("101", "101", True),
        ("101", "1101", True),  # a caller is refused rather than put through to himself
        ("101", "102", False),
        ("", "", False),
        ("+493090182", "3090182", False),
    ],
)
def test_two_ways_of_writing_a_number(one: str, other: str, are_same: bool) -> None:
    assert same_number(one, other) is are_same
    assert same_number(other, one) is are_same


@pytest.mark.parametrize(
    ("pattern", "dialled"),
    [
        ("PJSIP/{number}@trunk", "PJSIP/+13125550123@trunk"),
        ("SIP/trunk/{digits}", "SIP/trunk/13125550123"),
        ("Local/9{digits}@from-inside/n", "Local/913125550123@from-inside/n"),
        (
            "PJSIP/trunk/sip:{number}@sip.example.com:5060",
            "PJSIP/trunk/sip:+13125550123@sip.example.com:5060",
        ),
        ("DAHDI/g1/{digits}", "DAHDI/g1/13125550123"),
    ],
)
def test_a_pattern_takes_the_number(pattern: str, dialled: str) -> None:
    assert address(checked_pattern(f" {pattern} "), "+13125550123") == dialled


@pytest.mark.parametrize(
    "pattern",
    [
        *("PJSIP/trunk", "{number}", "/{number}", "PJSIP/{number}&PJSIP/9", "PJSIP/{number},30", "PJSIP/{x}"),
        *(
            "PJSIP/{number} @trunk",
            "PJSIP/{number}@a\r\nAction: x",
            "PJSIP/${EXTEN}{number}",
            "PJSIP/{number};1",
        ),
        *("PJSIP/{number}{number}", "PJSIP/" + "x" * 150 + "{number}", "PJSIP/{number}|30", "PJSIP/{NUMBER}"),
        "PJSIP/{number};1",
    ],
)
def test_a_pattern_is_one_channel(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not a channel with"):
        checked_pattern(pattern)


@pytest.mark.parametrize("number", ["", "12", "1x", "+1312555\n0123", "++1312555", "1&2", "1" * 21, "١٢٣"])
def test_only_digits_take_the_place_of_a_number(number: str) -> None:
    with pytest.raises(ValueError, match="no number to dial"):
        address("PJSIP/{number}@trunk", number)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://www.example.com", ["https://www.example.com"]),
        (
            "https://WWW.Example.com:443/, http://a.example:8080",
            ["https://www.example.com", "http://a.example:8080"],
        ),
        (["http://[2001:DB8::1]:80"], ["http://[2001:db8::1]"]),
        ("*", ["*"]),
        ("", []),
        (["https://a.example", "https://a.example"], ["https://a.example"]),
    ],
)
def test_origins_are_kept_as_browsers_write_them(given: object, kept: list[str]) -> None:
    assert checked_origins(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        *(
            "www.example.com",
            "https://",
            "null",
            "https://a.example/x",
            "https://a.example?x",
            "ftp://a.example",
        ),
        *(
            "https://u@a.example",
            "https://*.example.com",
            "https://a.example:x",
            "https://a b",
            "https://a.example#x",
        ),
        *(5, [5], ",".join(f"https://a{n}.example" for n in range(51))),
    ],
)
def test_what_is_no_origin(given: object) -> None:
    with pytest.raises(ValueError, match=r"no origin|no list|at most"):
        checked_origins(given)


def test_an_origin_is_allowed_exactly() -> None:
    assert is_allowed("https://a.example", ("https://a.example",))
    assert is_allowed("", ("*",))
    assert not is_allowed("", ())
    assert not is_allowed("", ("https://a.example", ""))
    assert not is_allowed("https://A.example", ("https://a.example",))
    assert origin_of("https://a.example:443/x?y#z") == "https://a.example"
    assert origin_of("about:blank") == origin_of("https://u:p@a.example/") == ""


def test_countries_caller_ids_and_servers() -> None:
    assert (checked_countries("us, DE,us"), checked_countries([])) == ("US,DE", "")
    assert (checked_caller_id(" 101 "), checked_caller_id("")) == ("101", "")
    assert (checked_server("10.0.0.1"), checked_server("")) == ("10.0.0.1", "")
    for check, given in (
        (checked_countries, "USA"),
        (checked_countries, "XX"),
        (checked_countries, 5),
        (checked_caller_id, '"x" <101>'),
        (checked_caller_id, None),
        (checked_server, "pbx"),
    ):
        with pytest.raises(ValueError, match=r"no country|no number|no address|no text|no list"):
            check(given)


@pytest.mark.parametrize(
    ("referrer", "told"),
    [
        ("https://search.example/?q=desk+chairs&hl=en", ("desk chairs", "search.example")),
        ("https://search.example/?p=a%0d%0ab", ("a b", "search.example")),
        ("http://www.example.net/page", ("", "www.example.net")),
        ("", ("", "")),
        ("javascript:alert(1)?q=x", ("", "")),
        ("https://[oops", ("", "")),
        ("https://a.example/?" + "&".join(f"a{n}=1" for n in range(300)), ("", "")),
    ],
)
def test_what_a_referrer_tells(referrer: str, told: tuple[str, str]) -> None:
    assert referral_of(referrer) == told


def test_numbers_as_the_report_shows_them() -> None:
    shown = {
        "+13125550123": "3125550123",
        "13125550123": "3125550123",
        "3125550123": "3125550123",
        "+18765550123": "8765550123",
        "+442079460018": "+442079460018",
        "+49131255501": "+49131255501",
        "101": "101",
        "11234567890": "11234567890",
    }
    assert {number: reported(number) for number in shown} == shown
    visitors = ("+13125550123", "+18765550123", "+442079460018")
    assert tuple(e164_of(reported(number)) for number in visitors) == visitors
