"""Time zones as the dialer's tables hold them: the offset of winter, and a word for summer time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from trunkline.dialer.offsets import is_summer

WORDS = (
    *("SSM-FSN", "FSA-LSO", "LSM-LSO", "LSO-LSM", "FSO-LSM", "FSO-FSA", "FSO-TSM", "LSS-FSA", "TSO-LSF"),
)
"""The rules that dialers know."""
FURTHER_WORDS = ("FSS-FSA", "LSA-LSO")
"""Chile's and Egypt's, in the same alphabet: none of the others is right for them within a week."""
CLOSE_ENOUGH = 7 * 24
LONGEST_CODE = 4
DAYS = 365


@dataclass(frozen=True)
class Rule:
    """What a row says of its zone. `misses`: in how many hours of the year it is wrong."""

    offset: Decimal
    word: str
    code: str
    misses: int = 0

    @property
    def columns(self) -> dict[str, str]:
        shown = f"{self.offset:+f}" if self.offset > 0 else f"{self.offset:f}"
        return {
            "GMT_offset": shown,
            "DST": "Y" if self.word else "N",
            "DST_range": self.word,
            "tz_code": self.code,
        }


@cache
def zone(name: str) -> ZoneInfo:
    """From the package and not from the machine, so that all machines write the same."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def rule_of(name: str, since: date) -> Rule:
    """The rule of a zone in the year from `since` on."""
    start = datetime(since.year, since.month, since.day, tzinfo=UTC)
    held = _by_hour(lambda at: _offset(name, at), start)
    best = _best(held, start)
    winter = start + timedelta(hours=held.index(best.offset))
    return replace(best, code=_code(zone(name), winter))


def _offset(name: str, at: datetime) -> Decimal:
    seconds = at.astimezone(zone(name)).utcoffset()
    assert seconds is not None
    return (Decimal(int(seconds.total_seconds())) / 3600).quantize(Decimal("0.01")).normalize()


def _by_hour(told: Callable[[datetime], Decimal], start: datetime) -> tuple[Decimal, ...]:
    """What holds in each hour of a year. Within a day that begins and ends alike nothing changes."""
    found: list[Decimal] = []
    for day in range(DAYS):
        hours = [start + timedelta(days=day, hours=hour) for hour in range(25)]
        first, last = told(hours[0]), told(hours[24])
        found += [first] * 24 if first == last else [told(at) for at in hours[:24]]
    return tuple(found)


@cache
def _best(held: tuple[Decimal, ...], start: datetime) -> Rule:
    """The rule that is wrong in the fewest hours; without summer time where that is as good."""
    offsets = sorted(set(held))
    without = min((_compared(held, start, offset, "") for offset in offsets), key=_misses)
    if len(offsets) == 1:
        return without
    best = min((without, *(_compared(held, start, offsets[0], word) for word in WORDS)), key=_misses)
    if best.misses <= CLOSE_ENOUGH:
        return best
    return min((best, *(_compared(held, start, offsets[0], word) for word in FURTHER_WORDS)), key=_misses)


def _misses(rule: Rule) -> int:
    return rule.misses


def _compared(held: tuple[Decimal, ...], start: datetime, winter: Decimal, word: str) -> Rule:
    """A rule, and in how many hours of the year it is wrong."""
    told = _by_hour(lambda at: winter + is_summer(word, int(at.timestamp()), winter), start)
    return Rule(winter, word, "", sum(one != other for one, other in zip(told, held, strict=True)))


def _code(zone_info: ZoneInfo, at: datetime) -> str:
    """The abbreviation of winter, where it has one of letters."""
    name = at.astimezone(zone_info).tzname() or ""
    return name.upper() if name.isalpha() and len(name) <= LONGEST_CODE else ""


@cache
def zones_of_countries() -> dict[str, list[str]]:
    """The zones of each country, by its two letters."""
    found: dict[str, list[str]] = {}
    for line in _lines("zone.tab"):
        country, _, name, *_ = line.split("\t")
        found.setdefault(country, []).append(name)
    return found


@cache
def names_of_countries() -> dict[str, str]:
    return dict(line.split("\t", 1) for line in _lines("iso3166.tab"))


def _lines(name: str) -> list[str]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
