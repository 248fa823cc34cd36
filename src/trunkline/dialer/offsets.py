"""How far a phone number's place is from UTC: by postal code, time zone code, prefix or area code.

The tables hold the offset of winter and the rule of summer time, such as `SSM-FSN`: from the second Sunday
of March to the first Sunday of November. Rules are computed, so that no year is ever missing.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, bindparam, literal, select

from trunkline.dialer.command import Call
from trunkline.dialer.database import Row, Work
from trunkline.dialer.keeping import seldom_changed
from trunkline.dialer.kinds import kind_of
from trunkline.dialer.tables import Tables

USA_CANADA, MEXICO, AUSTRALIA = 1, 52, 61
HAS_AREA_CODES = (USA_CANADA, MEXICO)
SHORTEST_POSTAL_CODE = 5
SHORTEST_ZONE_CODE = 2
AMERICAN_RULE, EUROPEAN_RULE = "SSM-FSN", "LSM-LSO"

_COUNTRY = kind_of("smallint(5) unsigned")
_OFFSET = kind_of("decimal(4,2)")
_RULE = re.compile(r"([FSTL])S([FMASON])-([FSTL])S([FMASON])")
_ZIP_CODE = re.compile(r"[0-9]{5}")
_CANADIAN_CODE = re.compile(r"([A-Z][0-9][A-Z])[ -]?([0-9][A-Z0-9]{0,2})")
_SUNDAYS = {"F": 1, "S": 2, "T": 3}
_MONTHS = {"F": 2, "M": 3, "A": 4, "S": 9, "O": 10, "N": 11}
_CHANGES_AT_TWO_OF_SUMMER = (AMERICAN_RULE, "FSA-LSO")


@dataclass(frozen=True)
class Place:
    """What is known of where a number is."""

    phone_number: str
    phone_code: str = "1"
    postal_code: str = ""
    owner: str = ""
    state: str = ""

    @property
    def country(self) -> int:
        return country_number(self.phone_code)

    @property
    def areacode(self) -> str:
        return self.phone_number[:3]

    @property
    def prefix(self) -> str:
        return self.phone_number[3:6]


def by_postal_code(t: Tables) -> ClauseElement:
    codes = t["postal_codes"]
    return (
        select(codes.c.GMT_offset, codes.c.DST, codes.c.DST_range)
        .where(codes.c.country_code == bindparam("country"), codes.c.postal_code == bindparam("postal_code"))
        .limit(1)
    )


def by_start_of_postal_code(t: Tables) -> ClauseElement:
    codes = t["postal_codes"]
    return (
        select(codes.c.GMT_offset, codes.c.DST, codes.c.DST_range)
        .where(
            codes.c.country_code == bindparam("country"),
            codes.c.postal_code.like(bindparam("start"), escape="\\"),
        )
        .order_by(codes.c.postal_code)
        .limit(1)
    )


def by_known_start(t: Tables) -> ClauseElement:
    """The row of the longest of some beginnings of a code."""
    codes = t["postal_codes"]
    return (
        select(codes.c.GMT_offset, codes.c.DST, codes.c.DST_range)
        .where(
            codes.c.country_code == bindparam("country"),
            codes.c.postal_code.in_(bindparam("starts", expanding=True)),
        )
        .order_by(codes.c.postal_code.desc())
        .limit(1)
    )


@seldom_changed("phone_codes")
def by_zone_code(t: Tables) -> ClauseElement:
    """Where the places of a zone have different rules the greatest one counts."""
    codes = t["phone_codes"]
    return (
        select(codes.c.GMT_offset, codes.c.DST, codes.c.DST_range)
        .where(codes.c.country_code == bindparam("country"), codes.c.tz_code == bindparam("zone_code"))
        .order_by(codes.c.DST_range.desc())
        .limit(1)
    )


def by_prefix(t: Tables) -> ClauseElement:
    codes = t["nanpa_prefix_codes"]
    return (
        select(codes.c.GMT_offset, codes.c.DST, literal(AMERICAN_RULE).label("DST_range"))
        .where(codes.c.areacode == bindparam("areacode"), codes.c.prefix == bindparam("prefix"))
        .limit(1)
    )


@seldom_changed("phone_codes")
def by_area_code(t: Tables) -> ClauseElement:
    codes = t["phone_codes"]
    return (
        select(codes.c.GMT_offset, codes.c.DST, codes.c.DST_range, codes.c.state)
        .where(codes.c.country_code == bindparam("country"), codes.c.areacode == bindparam("areacode"))
        .limit(1)
    )


@seldom_changed("phone_codes")
def by_state(t: Tables) -> ClauseElement:
    codes = t["phone_codes"]
    return (
        select(codes.c.GMT_offset, codes.c.DST, codes.c.DST_range)
        .where(codes.c.country_code == bindparam("country"), codes.c.state == bindparam("state"))
        .limit(1)
    )


@seldom_changed("phone_codes")
def by_country(t: Tables) -> ClauseElement:
    codes = t["phone_codes"]
    return (
        select(codes.c.GMT_offset, codes.c.DST, codes.c.DST_range)
        .where(codes.c.country_code == bindparam("country"))
        .order_by(codes.c.areacode)
        .limit(1)
    )


def place_of(call: Call, state: str | None = None) -> Place:
    """The place that the parameters of a call describe; `state` stands in for the parameter."""
    return Place(
        call.arg("phone_number"),
        call.arg("phone_code") or "1",
        call.arg("postal_code"),
        call.arg("owner"),
        call.arg("state") if state is None else state,
    )


async def offset_of(call: Call, place: Place, methods: str, *, has_nanpa: bool = True) -> Decimal | None:
    """The offset at this moment, by the first method that finds one; None for an unknown country."""
    found = None
    if "POSTAL" in methods:
        found = await _of_postal_code(call.work, place)
    if found is None and "TZCODE" in methods and len(place.owner) >= SHORTEST_ZONE_CODE:
        found = await call.work.one(by_zone_code, country=place.country, zone_code=place.owner)
    if found is None and has_nanpa and "NANPA" in methods:
        found = await call.work.one(by_prefix, areacode=place.areacode, prefix=place.prefix)
    if found is None:
        found = await _of_phone_code(call.work, place)
    if found is None:
        return None
    return _now(found["GMT_offset"], found["DST"], found["DST_range"], call.epoch)


async def state_of(work: Work, place: Place) -> str:
    """The state of a number's area code, empty where it is unknown."""
    found = await work.one(by_area_code, country=place.country, areacode=place.areacode)
    return "" if found is None else str(found["state"] or "")


@lru_cache(1_000)
def short(offset: Decimal | str | None) -> str:
    """An offset without zeros at its end: -4.00 is -4, 5.50 is 5.5; empty for none."""
    if offset is None:
        return ""
    text = format(Decimal(offset).normalize(), "f")
    return "0" if text == "-0" else text


def local_time(epoch: int, offset: Decimal | None) -> datetime:
    """The clock of a place that is so far from UTC, without a zone."""
    return datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None) + timedelta(hours=float(offset or 0))


def is_summer(rule: str, epoch: int, offset: Decimal) -> bool:
    """Whether summer time is in force by this rule where `offset` is that of winter."""
    found = _RULE.fullmatch(rule)
    if found is None:
        return False
    now = local_time(epoch, Decimal(0) if rule == EUROPEAN_RULE else offset)
    first, last = (1, 1) if rule == EUROPEAN_RULE else (2, 1 if rule in _CHANGES_AT_TWO_OF_SUMMER else 2)
    start = _sunday(now.year, found[1], found[2]).replace(hour=first)
    end = _sunday(now.year, found[3], found[4]).replace(hour=last)
    return start <= now < end if start < end else now >= start or now < end


def starts_of_postal_code(code: str) -> tuple[str, ...]:
    """How rows may hold the beginning of a code: three digits of a ZIP code; of a Canadian one the whole with
    and without a blank, its district, its letter. Nothing for another code.
    """
    if _ZIP_CODE.match(code):
        return (code[:3],)
    found = _CANADIAN_CODE.match(code.upper())
    if found is None:
        return ()
    district, rest = found.groups()
    return (f"{district} {rest}", district + rest, district, district[:1])


def country_number(phone_code: str) -> int:
    """A phone code as the tables hold it; what is no number is 0."""
    return int(_COUNTRY.kept(phone_code) or 0)


def _sunday(year: int, which: str, month: str) -> datetime:
    first = datetime(year, _MONTHS[month], 1)
    if which == "L":
        after = (first + timedelta(days=31)).replace(day=1)
        return after - timedelta(days=after.isoweekday())
    return first + timedelta(days=7 - first.isoweekday() + 7 * (_SUNDAYS[which] - 1))


@lru_cache(1_000)
def _now(winter: Any, has_summer: Any, rule: Any, epoch: int) -> Decimal:
    """The offset in a second; many leads come in the same one."""
    offset = Decimal(str(_OFFSET.kept(winter or "0")))
    return offset + 1 if has_summer == "Y" and is_summer(str(rule or ""), epoch, offset) else offset


async def _of_postal_code(work: Work, place: Place) -> Row | None:
    code = place.postal_code
    if place.country != USA_CANADA or len(code) < SHORTEST_POSTAL_CODE:
        return None
    found = await work.one(by_postal_code, country=USA_CANADA, postal_code=code)
    if found is None:
        start = re.sub(r"([\\%_])", r"\\\1", code) + "%"
        found = await work.one(by_start_of_postal_code, country=USA_CANADA, start=start)
    if found is None and (starts := starts_of_postal_code(code)):
        found = await work.one(by_known_start, country=USA_CANADA, starts=starts)
    return found


async def _of_phone_code(work: Work, place: Place) -> Row | None:
    found = None
    if place.country in HAS_AREA_CODES:
        found = await work.one(by_area_code, country=place.country, areacode=place.areacode)
    elif place.country == AUSTRALIA:
        found = await work.one(by_state, country=place.country, state=place.state)
    return found or await work.one(by_country, country=place.country)
