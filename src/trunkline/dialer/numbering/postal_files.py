"""Files of postal codes: those of GeoNames (US.txt, CA.txt; tabs, no header), or any with a header.

Only codes of the United States and Canada are looked up; their time is that of the beginning of the code.
"""

import re

from trunkline.dialer.numbering.rows import (
    TIME_NAMES,
    UNKNOWN_TIME,
    Import,
    LeftOut,
    Made,
    Misfit,
    Outcome,
    time_given,
)
from trunkline.dialer.numbering.shipped import POSTAL_CODES
from trunkline.dialer.numbering.text_files import Layout, Record
from trunkline.dialer.numbering.times import Time, time_of_postal_code, time_of_state
from trunkline.dialer.offsets import USA_CANADA

USA, CANADA = "USA", "CAN"
COUNTRIES = {
    **dict.fromkeys(("US", "USA", "UNITED STATES"), USA),
    **dict.fromkeys(("PR", "VI", "GU", "AS", "MP", "PRI", "VIR", "GUM", "ASM", "MNP"), USA),
    **dict.fromkeys(("CA", "CAN", "CANADA"), CANADA),
}
TERRITORIES = ("PR", "VI", "GU", "AS", "MP")
LONGEST_STATE = 4
_ZIP = re.compile(r"\d{5}(-\d{4})?")
_CANADIAN = re.compile(r"([A-Z]\d[A-Z])[ -]?(\d[A-Z]\d)?")

_GEONAMES = ("country", "postal_code", "", "", "state", *[""] * 7)
"""Country, code, place, three orders of administration by name and code, latitude, longitude, accuracy."""
LAYOUT = Layout(
    names={
        **dict.fromkeys(("postalcode", "postcode", "zip", "zipcode", "zip5", "fsa"), "postal_code"),
        **dict.fromkeys(
            ("state", "stateid", "stateabbr", "stateabbreviation", "province", "provinceabbr", "admincode1"),
            "state",
        ),
        **dict.fromkeys(("country", "countrycode"), "country"),
        **TIME_NAMES,
    },
    wanted=(("postal_code",),),
    headerless=_GEONAMES,
    example="postal_code,state,country",
)


def postal_code_of(record: Record) -> Outcome:
    """The row of a postal code. Raises Misfit."""
    country = COUNTRIES.get(record["country"].upper()) if record["country"] else _country_by_form(record)
    if country is None:
        return LeftOut("of other countries than the United States and Canada")
    code = _code(record["postal_code"].upper(), country)
    known = time_of_postal_code(code)
    state = _state(record, known["state"] if known else "")
    time = time_given(record) or (_time(known) if known else time_of_state(state))
    if time is None:
        return UNKNOWN_TIME
    row = {
        "postal_code": code,
        "state": state,
        "country": country,
        "country_code": str(USA_CANADA),
        **time.columns,
    }
    return Made(row)


def _country_by_form(record: Record) -> str:
    return CANADA if record["postal_code"][:1].isalpha() else USA


def _code(given: str, country: str) -> str:
    if country == USA:
        if not _ZIP.fullmatch(given):
            raise Misfit("postal_code", given, "a ZIP code of five digits, or five and four")
        return given
    found = _CANADIAN.fullmatch(given)
    if found is None:
        raise Misfit("postal_code", given, "a Canadian postal code such as K1A or K1A 0B1")
    return " ".join(part for part in found.groups() if part)


def _state(record: Record, known: str) -> str:
    """The state given; a territory that stands as a country is its own."""
    country, given = record["country"].upper(), record["state"].upper()
    if country in TERRITORIES:
        return country
    return given if 0 < len(given) <= LONGEST_STATE else known


def _time(row: dict[str, str]) -> Time:
    return Time(row["GMT_offset"], row["DST_range"])


CODES = Import(LAYOUT, POSTAL_CODES, ("postal_code",), postal_code_of)
