"""Numbers that visitors give: which of them may be called, and how they are written."""

import re
from collections.abc import Sequence
from functools import lru_cache

from trunkline.clickto.texts import shown

LONGEST = 40
_FORM = re.compile(r"\+?[0-9(][0-9 ().\-/]*")
"""No letters, no extensions, no digits of other scripts: what a reader sees is what is dialled."""
_NORTH_AMERICAN = re.compile(r"\+?1([2-9][0-9]{9})")


def callable_number(text: str, countries: Sequence[str]) -> str:
    """The number as E.164. One without + is of the first country.

    Only lines of people may be called: fixed, mobile, and over the internet. Raises ValueError, which says
    what is wrong and what would be right.
    """
    given = text.strip()
    if not given:
        raise ValueError("it is missing")
    if len(given) > LONGEST or not _FORM.fullmatch(given):
        raise ValueError(f"{shown(given)} is no phone number: write digits, such as +1 312 555 1212")
    return _checked(given, tuple(countries))


@lru_cache(1_000)
def _checked(given: str, countries: tuple[str, ...]) -> str:
    import phonenumbers
    from phonenumbers import PhoneNumberType as Type

    try:
        number = phonenumbers.parse(given, countries[0])
    except phonenumbers.NumberParseException:
        raise ValueError(
            f"{shown(given)} is no phone number: write it with + and the country's code"
        ) from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"{shown(given)} is no number that there can be: look at its digits again")
    if phonenumbers.region_code_for_number(number) not in countries:
        raise ValueError(f"numbers of its country are not called, only those of {', '.join(countries)}")
    if phonenumbers.number_type(number) not in (
        *(Type.FIXED_LINE, Type.MOBILE, Type.FIXED_LINE_OR_MOBILE, Type.VOIP),
    ):
        raise ValueError("it is a service number; only fixed, mobile and internet lines are called")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def reported(number: str) -> str:
    """As the report shows it: of country code 1 its ten digits, as they come in history; else as it is."""
    found = _NORTH_AMERICAN.fullmatch(number)
    return found[1] if found else number


def e164_of(shown_number: str) -> str:
    """The E.164 of a visitor's number that `reported` has made."""
    return shown_number if shown_number.startswith("+") else f"+1{shown_number}"


def same_number(one: str, other: str) -> bool:
    """Whether two ways of writing mean one number; North America's may come with or without its 1."""
    first, second = (re.sub(r"[^0-9]", "", text) for text in (one, other))
    return bool(first) and second in (first, f"1{first}", first.removeprefix("1"))
