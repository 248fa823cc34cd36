"""The shipped tables of area codes and postal codes: complete, in form, and right about known places."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import phonenumbers
import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from scripts.numbering import area_codes, postal_codes
from scripts.numbering.zones import FURTHER_WORDS, WORDS, Rule, rule_of, zone
from trunkline.dialer.kinds import Kind
from trunkline.dialer.numbering.shipped import PHONE_CODES, POSTAL_CODES, TABLES, Row, shipped_rows, since_of
from trunkline.dialer.numbering.times import areas, time_of_postal_code, time_of_state
from trunkline.dialer.offsets import is_summer
from trunkline.dialer.tables import Tables

ROWS = shipped_rows(PHONE_CODES)
SINCE = since_of(PHONE_CODES)


def test_every_area_code_of_north_america_has_a_row() -> None:
    known = {prefix[1:4] for prefix in TIMEZONE_DATA if prefix.startswith("1") and len(prefix) >= 4}
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]:
        example = phonenumbers.example_number(region)
        assert example is not None
        known.add(str(example.national_number)[:3])
    for region in ("US", "CA"):
        known |= {
            code
            for code in (f"{n}" for n in range(200, 1000))
            if phonenumbers.is_valid_number_for_region(
                phonenumbers.parse(f"+1{code}5555555"),
                region,  # landlines of both have every exchange
            )
            and phonenumbers.number_type(phonenumbers.parse(f"+1{code}5555555"))
            == phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
        }
    assert known - set(areas()) == set()
    assert len(areas()) > 430


def test_every_country_has_a_row() -> None:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    countries = {str(code) for code, (first, *_) in regions.items() if first != area_codes.NOBODYS}
    assert {row["country_code"] for row in ROWS} == countries


def test_an_unknown_area_code_gets_what_most_would_guess() -> None:
    """The first row of a country, by area code, counts for codes that are not there."""
    first = {
        code: min((row for row in ROWS if row["country_code"] == code), key=_areacode)
        for code in ["1", "52", "61"]
    }
    told = {code: (row["areacode"], row["state"], row["GMT_offset"]) for code, row in first.items()}
    assert told["1"] == ("201", "NJ", "-5")
    assert told["52"][2] == "-6"
    assert told["61"] == ("2", "NSW", "+10")


def _areacode(row: Row) -> str:
    return row["areacode"]


@pytest.mark.parametrize("name", TABLES)
def test_rows_fit_their_columns(name: str) -> None:
    kinds = Tables().kinds(name)
    for row in shipped_rows(name):
        assert set(row) == set(kinds)
        for column, value in row.items():
            kind = kinds[column]
            assert str(kind.kept(value)) == value, (column, row)
            if kind.kind is Kind.WORD:
                assert value in kind.words
        assert re.fullmatch(r"0|[-+]?\d{1,2}(\.\d{1,2})?", row["GMT_offset"])
        assert (row["DST"] == "Y") == (row["DST_range"] != "")
        assert row["DST_range"] in ("", *WORDS, *FURTHER_WORDS)


def test_no_row_stands_twice() -> None:
    areas_told = [(row["country_code"], row["areacode"], row["state"]) for row in ROWS]
    codes = [row["postal_code"] for row in shipped_rows(POSTAL_CODES)]
    assert len(set(areas_told)) == len(areas_told)
    assert len(set(codes)) == len(codes)


def test_code_lists_of_a_country_have_one_time_for_each_abbreviation() -> None:
    """A zone code is looked up alone: its rows must tell one offset of winter."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in ROWS:
        if row["tz_code"]:
            found.setdefault((row["country_code"], row["tz_code"]), set()).add(row["GMT_offset"])
    assert {key: offsets for key, offsets in found.items() if len(offsets) > 1} == {}


SOME_ZONES = (
    *("America/New_York", "America/Chicago", "America/Phoenix", "America/St_Johns", "Europe/London"),
    *("Europe/Dublin", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Auckland", "Australia/Adelaide"),
    *("America/Sao_Paulo", "America/Tijuana", "America/Vancouver", "Pacific/Norfolk", "America/Nuuk"),
)


@pytest.mark.parametrize("name", SOME_ZONES)
def test_rules_tell_every_hour_of_their_year(name: str) -> None:
    rule = rule_of(name, SINCE)
    assert rule.misses == 0
    start = datetime(SINCE.year, SINCE.month, SINCE.day, tzinfo=UTC)
    for hours in range(0, 365 * 24, 7):
        at = start + timedelta(hours=hours)
        assert _told(rule, at) == at.astimezone(zone(name)).utcoffset(), at


def _told(rule: Rule, at: datetime) -> timedelta:
    offset = rule.offset + (1 if rule.word and is_summer(rule.word, int(at.timestamp()), rule.offset) else 0)
    return timedelta(seconds=float(offset * 3600))


@pytest.mark.parametrize(
    ("name", "days"),
    [("America/Santiago", 1), ("Africa/Cairo", 8), ("Asia/Jerusalem", 3), ("Asia/Beirut", 1)],
)
def test_rules_that_no_word_tells_are_wrong_on_few_days(name: str, days: int) -> None:
    rule = rule_of(name, SINCE)
    assert rule.word
    assert 0 < rule.misses <= days * 24


def test_states_have_the_zones_they_are_known_for() -> None:
    told = {state: time_of_state(state) for state in ("FL", "TX", "AZ", "HI", "NL", "PE", "NU", "YT", "PR")}
    found = {state: (time.offset, time.word) for state, time in told.items() if time}
    assert found["FL"] == ("-5", "SSM-FSN")
    assert found["TX"] == ("-6", "SSM-FSN")
    assert found["AZ"] == ("-7", "")
    assert found["HI"] == ("-10", "")
    assert found["NL"] == ("-3.5", "SSM-FSN")
    assert found["PE"] == ("-4", "SSM-FSN")
    assert found["NU"] == ("-5", "SSM-FSN")
    assert found["YT"] == ("-7", "")
    assert found["PR"] == ("-4", "")
    assert time_of_state("ZZ") is None


@pytest.mark.parametrize(
    ("code", "offset", "spans"),
    [
        ("907", "-9", True),
        ("208", "-7", True),
        ("850", "-6", True),
        ("448", "-6", False),
        ("915", "-7", False),
        ("689", "-5", False),
        ("928", "-7", True),
        ("807", "-5", True),
        ("867", "-6", True),
        ("709", "-3.5", True),
    ],
)
def test_area_codes_with_several_times_have_that_of_most_people(code: str, offset: str, spans: bool) -> None:
    assert (areas()[code].time.offset, areas()[code].spans) == (offset, spans)


@pytest.mark.parametrize(
    ("code", "state", "offset"),
    [
        ("33701", "FL", "-5"),
        ("32501", "FL", "-6"),
        ("37901", "TN", "-5"),
        ("37201", "TN", "-6"),
        ("79901", "TX", "-7"),
        ("86515", "AZ", "-7"),
        ("96799", "AS", "-11"),
        ("96801", "HI", "-10"),
        ("96910", "GU", "+10"),
        ("K1A 0B1", "ON", "-5"),
        ("X0B 0C0", "NU", "-7"),
    ],
)
def test_beginnings_of_postal_codes(code: str, state: str, offset: str) -> None:
    row = time_of_postal_code(code)
    assert row is not None
    assert (row["state"], row["GMT_offset"]) == (state, offset)


@pytest.mark.parametrize("code", ["09001", "34001", "D1A 1A1", "X9X", "ABCDE", ""])
def test_beginnings_that_are_nowhere(code: str) -> None:
    assert time_of_postal_code(code) is None


def test_zip_codes_stand_in_one_state_each() -> None:
    codes = [code for ranges in postal_codes.ZIP_CODES.values() for code in ranges.split()]
    assert len(set(codes)) == len(codes)
    told = [row["postal_code"] for row in shipped_rows(POSTAL_CODES) if len(row["postal_code"]) == 3]
    assert sum(code.isdigit() for code in told) > 900


def test_each_state_has_postal_codes_and_area_codes() -> None:
    states = {row["state"] for row in shipped_rows(POSTAL_CODES)}
    assert {area.state for area in areas().values() if area.state} - states == set()


def test_a_code_that_nobody_has_placed_stops_the_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert area_codes._of_state("448", "US", SINCE)["GMT_offset"] == "-6"
    monkeypatch.setattr(area_codes, "_named", lambda _: ())
    with pytest.raises(area_codes.Undecided, match="448"):
        area_codes._of_state("448", "US", SINCE)


def test_nothing_of_phonenumbers_is_loaded_to_look_numbers_up() -> None:
    loads = (
        "import sys, trunkline.dialer.numbering.importing, trunkline.dialer.numbering.times as t; t.areas()"
    )
    checks = "sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", f"{loads}; {checks}"], check=False).returncode == 0


def test_offsets_are_decimals() -> None:
    assert {Decimal(row["GMT_offset"]) for row in ROWS} >= {Decimal("-3.5"), Decimal("5.75"), Decimal(0)}
