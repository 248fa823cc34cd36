"""Rows of the beginnings of postal codes: three digits of a ZIP code, a letter or three of a Canadian one.

Nobody may pass on whole lists of postal codes without asking; how they begin is common knowledge. A few whole
codes stand beside, where islands far away share their beginning.
"""

from collections.abc import Iterator
from datetime import date

from scripts.numbering.area_codes import Row
from scripts.numbering.places import (
    ATLANTIC,
    CENTRAL,
    EASTERN,
    GUAM,
    MOUNTAIN,
    PACIFIC,
    SAMOA,
    STATES,
)
from scripts.numbering.zones import rule_of

COLUMNS = ("postal_code", "state", "GMT_offset", "DST", "DST_range", "country", "country_code")

ZIP_CODES = {
    "AK": "995-999",
    "AL": "350-352 354-369",
    "AR": "716-729",
    "AZ": "850-853 855-857 859-860 863-865",
    "CA": "900-908 910-928 930-961",
    "CO": "800-816",
    "CT": "060-069",
    "DC": "200 202-205 569",
    "DE": "197-199",
    "FL": "320-339 341-342 344 346-347 349",
    "GA": "300-319 398-399",
    "GU": "969",
    "HI": "967-968",
    "IA": "500-516 520-528",
    "ID": "832-838",
    "IL": "600-620 622-629",
    "IN": "460-479",
    "KS": "660-662 664-679",
    "KY": "400-418 420-427",
    "LA": "700-701 703-708 710-714",
    "MA": "010-027 055",
    "MD": "206-212 214-219",
    "ME": "039-049",
    "MI": "480-499",
    "MN": "550-551 553-567",
    "MO": "630-631 633-641 644-658",
    "MS": "386-397",
    "MT": "590-599",
    "NC": "270-289",
    "ND": "580-588",
    "NE": "680-681 683-693",
    "NH": "030-038",
    "NJ": "070-089",
    "NM": "870-871 873-875 877-884",
    "NV": "889-891 893-895 897-898",
    "NY": "005 100-149",
    "OH": "430-459",
    "OK": "730-731 734-741 743-749",
    "OR": "970-979",
    "PA": "150-196",
    "PR": "006-007 009",
    "RI": "028-029",
    "SC": "290-299",
    "SD": "570-577",
    "TN": "370-385",
    "TX": "733 750-770 772-799 885",
    "UT": "840-847",
    "VA": "201 220-246",
    "VI": "008",
    "VT": "050-054 056-059",
    "WA": "980-986 988-994",
    "WI": "530-532 534-535 537-549",
    "WV": "247-268",
    "WY": "820-831",
}

ZIP_ZONES = {
    CENTRAL: "324-325 420-424 463-464 476-477",
    EASTERN: "373-374 376-379",
    MOUNTAIN: "576-577 586 693 798-799 865 885 979",
    PACIFIC: "835 838",
}
"""Beginnings where most people have not the time of most of their state. Those of 865 are the Navajo's."""

WHOLE_ZIP_CODES = {
    "96799": ("AS", "ASM", SAMOA),
    **{f"969{n}": ("MP", "MNP", GUAM) for n in (50, 51, 52)},
    "96939": ("PW", "PLW", "Pacific/Palau"),
    "96940": ("PW", "PLW", "Pacific/Palau"),
    "96941": ("FM", "FSM", "Pacific/Pohnpei"),
    "96942": ("FM", "FSM", "Pacific/Chuuk"),
    "96943": ("FM", "FSM", "Pacific/Chuuk"),
    "96944": ("FM", "FSM", "Pacific/Kosrae"),
    "96960": ("MH", "MHL", "Pacific/Majuro"),
    "96970": ("MH", "MHL", "Pacific/Kwajalein"),
}
"""Islands of the Pacific that share the beginnings of Hawaii's and Guam's codes."""

CANADIAN_CODES = {
    "A": ("NL", "America/St_Johns"),
    **dict.fromkeys(("A0P", "A0R", "A2V"), ("NL", "America/Goose_Bay")),
    "B": ("NS", ATLANTIC),
    "C": ("PE", ATLANTIC),
    "E": ("NB", "America/Moncton"),
    **dict.fromkeys(("G", "H", "J"), ("QC", "America/Toronto")),
    "G4T": ("QC", ATLANTIC),
    **dict.fromkeys(("K", "L", "M", "N", "P"), ("ON", "America/Toronto")),
    **dict.fromkeys(("P0V", "P0W", "P0X", "P0Y", "P8N", "P8T", "P9A", "P9N"), ("ON", "America/Winnipeg")),
    "R": ("MB", "America/Winnipeg"),
    "S": ("SK", "America/Regina"),
    "T": ("AB", "America/Edmonton"),
    "V": ("BC", "America/Vancouver"),
    **dict.fromkeys(("V1A", "V1C"), ("BC", "America/Edmonton")),
    "X0A": ("NU", "America/Iqaluit"),
    "X0B": ("NU", "America/Cambridge_Bay"),
    "X0C": ("NU", "America/Rankin_Inlet"),
    **dict.fromkeys(("X0E", "X0G", "X1A"), ("NT", "America/Yellowknife")),
    "Y": ("YT", "America/Whitehorse"),
}
"""Letters of provinces, and the districts in them that have another time."""


def rows(since: date) -> Iterator[Row]:
    """All rows, in the order of the codes."""
    found = {code: _row(code, *place, since) for code, place in _places()}
    yield from (row for _, row in sorted(found.items()))


def _places() -> Iterator[tuple[str, tuple[str, str, str]]]:
    zones = {code: zone for zone, codes in ZIP_ZONES.items() for code in _spread(codes)}
    for state, codes in ZIP_CODES.items():
        for code in _spread(codes):
            zone = zones.get(code, STATES[state][1][0])
            assert zone in STATES[state][1], f"{code} of {state} is not in {zone}"
            yield code, (state, "USA", zone)
    yield from WHOLE_ZIP_CODES.items()
    for code, (province, zone) in CANADIAN_CODES.items():
        yield code, (province, "CAN", zone)


def _spread(codes: str) -> Iterator[str]:
    """The single codes of ranges such as `350-352 354-369`."""
    for part in codes.split():
        first, _, last = part.partition("-")
        yield from (f"{number:03}" for number in range(int(first), int(last or first) + 1))


def _row(code: str, state: str, country: str, zone: str, since: date) -> Row:
    rule = rule_of(zone, since).columns
    given = {"postal_code": code, "state": state, "country": country, "country_code": "1", **rule}
    return {name: given[name] for name in COLUMNS}
