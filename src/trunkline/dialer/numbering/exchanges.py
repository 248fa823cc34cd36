"""Files of central office codes, as public administrators give them out: area code, prefix, state, place.

Known: NANPA's assigned codes (State, NPA-NXX, OCN, Company, RateCenter, EffectiveDate, Use, …), the Canadian
administrator's (NPA, CO Code (NXX), Status, …, Exchange Area, Province, …), and any file with a header that
names area code and prefix.
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
    degrees_of,
    text_of,
    time_given,
)
from trunkline.dialer.numbering.text_files import Layout, Record
from trunkline.dialer.numbering.times import Area, Time, areas, time_of_state

BOTH, AREACODE, PREFIX = "NPA-NXX", "areacode", "prefix"
IN_USE = ("", "as", "is", "assigned", "in service", "active")
_COUNTRIES = {"USA": "US", "CAN": "CA"}
_BOTH = re.compile(r"(\d{3})[-. ]?(\d{3})")
_THREE = re.compile(r"\d{3}")

LAYOUT = Layout(
    names={
        **dict.fromkeys(("npanxx", "npanxxcode"), BOTH),
        **dict.fromkeys(("npa", "areacode", "area"), AREACODE),
        **dict.fromkeys(("nxx", "prefix", "cocode", "cocodenxx", "exchange"), PREFIX),
        **dict.fromkeys(("state", "province", "st", "stateprovince"), "state"),
        **dict.fromkeys(("city", "ratecenter", "ratecentre", "exchangearea", "rc"), "city"),
        **dict.fromkeys(("use", "status"), "use"),
        **dict.fromkeys(("postalcode", "zip", "zipcode"), "postal_code"),
        **dict.fromkeys(("latitude", "lat"), "latitude"),
        **dict.fromkeys(("longitude", "long", "lon", "lng"), "longitude"),
        **dict.fromkeys(("latatype", "ltype"), "lata_type"),
        "country": "country",
        **TIME_NAMES,
    },
    wanted=((BOTH,), (AREACODE, PREFIX)),
    example="areacode,prefix,state,city",
)


def exchange_of(record: Record) -> Outcome:
    """The row of an exchange. Raises Misfit."""
    areacode, prefix = _codes(record)
    if record["use"].lower() not in IN_USE:
        return LeftOut("of codes that are not assigned")
    area = areas().get(areacode)
    given = time_given(record)
    time = given or _time(area, record["state"].upper())
    if time is None or not time.is_american:
        return UNKNOWN_TIME
    state = record["state"].upper() or (area.state if area else "")
    row = {
        "areacode": areacode,
        "prefix": prefix,
        "GMT_offset": time.offset,
        "DST": time.columns["DST"],
        "latitude": degrees_of(record, "latitude", 90),
        "longitude": degrees_of(record, "longitude", 180),
        "city": text_of(record, "city", 50),
        "state": state if len(state) == 2 else "",
        "postal_code": text_of(record, "postal_code", 10),
        "country": _country(record, area),
        "lata_type": text_of(record, "lata_type", 1),
    }
    return Made(row, spans=given is None and area is not None and area.spans and time == area.time)


def _codes(record: Record) -> tuple[str, str]:
    if record[BOTH]:
        found = _BOTH.fullmatch(record[BOTH])
        if found is None:
            raise Misfit(BOTH, record[BOTH], "three digits, a dash and three digits")
        return found[1], found[2]
    for column in (AREACODE, PREFIX):
        if not _THREE.fullmatch(record[column]):
            raise Misfit(column, record[column], "three digits")
    return record[AREACODE], record[PREFIX]


def _time(area: Area | None, state: str) -> Time | None:
    """By area code; by state where that says more: the code spans several, or is not known."""
    of_state = time_of_state(state)
    if area is None:
        return of_state
    return of_state if of_state and area.spans and state != area.state else area.time


def _country(record: Record, area: Area | None) -> str:
    given = record["country"].upper()
    if len(given) == 2:
        return given
    return _COUNTRIES.get(given or (area.country if area else ""), "")


EXCHANGES = Import(LAYOUT, "nanpa_prefix_codes", ("areacode", "prefix"), exchange_of)
