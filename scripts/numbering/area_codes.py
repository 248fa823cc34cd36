"""Rows of area codes: those of North America and Mexico, Australia's states, one row a country elsewhere."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from scripts.numbering.places import (
    AUSTRALIAN_STATES,
    MAIN_ZONES,
    MEXICAN_CODES,
    MEXICAN_MAIN,
    MEXICAN_STATES,
    MEXICAN_ZONES,
    OTHER_NAMES,
    PROVINCES,
    SPANNING,
    SPANNING_WIDELY,
    STATES,
    UNLISTED_COUNTRIES,
)
from scripts.numbering.zones import Rule, names_of_countries, rule_of, zones_of_countries

NORTH_AMERICA, MEXICO, AUSTRALIA = 1, 52, 61
COLUMNS = (
    *("country_code", "country", "areacode", "state", "GMT_offset", "DST", "DST_range"),
    *("geographic_description", "tz_code"),
)
TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
NOBODYS = "001"
LONGEST_DESCRIPTION = 100

Row = dict[str, str]


class Undecided(ValueError):
    """A code whose place or zone the packages do not tell, and nobody has declared."""


@cache
def three_letters() -> dict[str, str]:
    text = Path(__file__).with_name("countries.txt").read_text("utf-8")
    words = " ".join(line for line in text.splitlines() if not line.startswith("#")).split()
    return dict(zip(words[::2], words[1::2], strict=True))


def rows(since: date) -> Iterator[Row]:
    """All rows, in the order in which they are shipped."""
    for code in sorted(COUNTRY_CODE_TO_REGION_CODE):
        region = COUNTRY_CODE_TO_REGION_CODE[code][0]
        match code:
            case _ if region == NOBODYS:
                continue
            case int(n) if n == NORTH_AMERICA:
                yield from _north_american(since)
            case int(n) if n == MEXICO:
                yield from _mexican(since)
            case int(n) if n == AUSTRALIA:
                yield from _australian(since)
            case _:
                yield _row(code, region, "", "", _name(region), rule_of(_main_zone(region), since))


def area_codes(region: str, digits: int = 10) -> list[str]:
    """The codes of three digits at the beginning of a region's numbers of landlines."""
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    assert metadata.fixed_line is not None
    pattern = re.compile(metadata.fixed_line.national_number_pattern or "")
    leading = re.compile(metadata.leading_digits or "")
    ends = [f"{n:03}{digit * (digits - 6)}" for digit in "50" for n in range(200, 1000)]
    codes = (f"{n:03}" for n in range(200, 1000))
    return [c for c in codes if leading.match(c) and any(pattern.fullmatch(c + end) for end in ends)]


def _north_american(since: date) -> Iterator[Row]:
    found = {
        code: region for region in COUNTRY_CODE_TO_REGION_CODE[NORTH_AMERICA] for code in area_codes(region)
    }
    for code, region in sorted(found.items()):
        if region in ("US", "CA", *TERRITORIES):
            yield _of_state(code, region, since)
        else:
            rule = rule_of(_main_zone(region), since)
            yield _row(NORTH_AMERICA, region, code, "", _name(region), rule)


def _of_state(code: str, region: str, since: date) -> Row:
    states = PROVINCES if region == "CA" else STATES
    state = region if region in TERRITORIES else _state(code, states)
    name, zones = states[state]
    rules = {zone: rule_of(zone, since) for zone in zones}
    chosen, others = _zone_of(code, zones, rules, since)
    description = name
    if others:
        told = {_told(rule, rules[chosen]) for rule in others}
        description += f" (partly {', '.join(sorted(told))})"
    country = "CA" if region == "CA" else "US"
    return _row(NORTH_AMERICA, country, code, state, description, rules[chosen])


def _told(rule: Rule, beside: Rule) -> str:
    """Another zone's code; where it is the same one that they do not keep summer time there, or do."""
    if rule.code != beside.code:
        return rule.code
    return f"{rule.code} with summer time" if rule.word else f"{rule.code} all year"


def _state(code: str, states: dict[str, tuple[str, tuple[str, ...]]]) -> str:
    """The state that most of a code's known exchanges are in."""
    by_name = {name: state for state, (name, _) in states.items()} | OTHER_NAMES
    named: Counter[str] = Counter()
    for prefix, names in _named(f"1{code}"):
        last = names.rpartition(",")[2].strip()
        state = last if last in states else by_name.get(last)
        if state in states:
            named[str(state)] += 1_000 if len(prefix) == 4 else 1
    if not named:
        raise Undecided(f"Of area code {code} no state is known.")
    return named.most_common(1)[0][0]


def _zone_of(code: str, zones: tuple[str, ...], rules: dict[str, Rule], since: date) -> tuple[str, set[Rule]]:
    """The zone of the state that most exchanges of a code are in, and the rules of other places of it."""
    counted = Counter(rule_of(name, since) for name in _zones_of_exchanges(f"1{code}"))
    by_rule = {rules[zone]: zone for zone in reversed(zones)}
    known = [by_rule[rule] for rule, _ in counted.most_common() if rule in by_rule]
    is_one = len(set(rules.values())) == 1
    chosen = _declared(code, zones, rules, since) or (zones[0] if is_one else None)
    if chosen is None and (not known or _is_even(counted)):
        shares = {rule.code: count for rule, count in counted.items()}
        raise Undecided(f"Area code {code} may be in any of {', '.join(zones)}: {shares}.")
    chosen = chosen or known[0]
    everywhere = {rule_of(name, since) for name in _zones_of_places(f"1{code}")} | set(counted)
    spans = len(zones) > 1 and rules[chosen] in everywhere
    return chosen, everywhere - {rules[chosen]} if spans or code in SPANNING_WIDELY else set()


def _declared(code: str, zones: tuple[str, ...], rules: dict[str, Rule], since: date) -> str | None:
    """The state's zone that was declared for a code, by any of its names."""
    if code not in SPANNING:
        return None
    wanted = rule_of(SPANNING[code], since)
    return next(zone for zone in zones if rules[zone] == wanted)


def _is_even(counted: Counter[Rule]) -> bool:
    first, *others = (count for _, count in counted.most_common(2))
    return bool(others) and others[0] * 3 > first * 2


def _zones_of_exchanges(prefix: str) -> list[str]:
    """The zone of each exchange that is known by name; that of the code as a whole where none is."""
    exchanges = (exchange for exchange, _ in _named(prefix) if len(exchange) >= 7)
    return [zone for exchange in exchanges for zone in _zones_at(exchange)] or list(_zones_at(prefix))


def _zones_of_places(prefix: str) -> Iterator[str]:
    """All zones that phonenumbers knows of anywhere in a code, apart from what it says of the whole."""
    for longer, zones in TIMEZONE_DATA.items():
        if longer.startswith(prefix) and len(longer) > len(prefix):
            yield from zones
    whole = TIMEZONE_DATA.get(prefix, ())
    yield from whole if len(whole) > 1 else ()


def _zones_at(number: str) -> tuple[str, ...]:
    """What is known of the longest beginning; what is known of several zones does not help."""
    known = (TIMEZONE_DATA.get(number[:length]) for length in range(len(number), 3, -1))
    zones = next((found for found in known if found), ())
    return zones if len(zones) == 1 else ()


@cache
def _english() -> dict[str, list[tuple[str, str]]]:
    """Names of places by the first four digits of their numbers."""
    found: dict[str, list[tuple[str, str]]] = {}
    for prefix, names in GEOCODE_DATA.items():
        if "en" in names:
            found.setdefault(prefix[:4], []).append((prefix, names["en"]))
    return found


def _named(prefix: str) -> Iterable[tuple[str, str]]:
    return _english().get(prefix, ())


def _mexican(since: date) -> Iterator[Row]:
    for code in area_codes("MX"):
        state, zone = MEXICAN_CODES.get(code, ("", ""))
        name = _mexican_name(code)
        state = state or _mexican_state(name)
        zone = zone or MEXICAN_ZONES.get(state, MEXICAN_MAIN)
        yield _row(MEXICO, "MX", code, state, name or _name("MX"), rule_of(zone, since))


def _mexican_name(code: str) -> str:
    names = (GEOCODE_DATA.get(f"52{code[:length]}", {}).get("en") for length in (3, 2))
    return next((name for name in names if name), "")


def _mexican_state(name: str) -> str:
    """The state by its name or abbreviation; the first one where a code belongs to several."""
    place, _, last = name.rpartition(",")
    words = (last.strip(), *(part.strip() for part in (place or last).split("/")))
    codes = {*MEXICAN_STATES.values()}
    return next((MEXICAN_STATES.get(w) or w for w in words if w in MEXICAN_STATES or w in codes), "")


def _australian(since: date) -> Iterator[Row]:
    for areacode, state, name, zone in AUSTRALIAN_STATES:
        yield _row(AUSTRALIA, "AU", areacode, state, name, rule_of(zone, since))


def _main_zone(region: str) -> str:
    if region in MAIN_ZONES:
        return MAIN_ZONES[region]
    zones = zones_of_countries().get(region, [])
    if not zones:
        raise Undecided(f"Of {region} no zone is known.")
    return zones[0]


def _name(region: str) -> str:
    return UNLISTED_COUNTRIES.get(region) or names_of_countries()[region]


def _row(country_code: int, region: str, areacode: str, state: str, description: str, rule: Rule) -> Row:
    given = {
        "country_code": str(country_code),
        "country": three_letters()[region],
        "areacode": areacode,
        "state": state,
        "geographic_description": description[:LONGEST_DESCRIPTION],
        **rule.columns,
    }
    return {name: given[name] for name in COLUMNS}
