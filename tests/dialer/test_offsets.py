"""Time zones of numbers, summer time by rule, and call times, as check_phone_number tells them."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dialer.lead_calls import NANPA_ROWS, PHONE, ask, ask_original, change, insert
from tests.dialer.replay import ZONE, copied
from trunkline.clock import FrozenWallClock
from trunkline.dialer.offsets import is_summer, short
from trunkline.dialer.runner import Service

ALWAYS = {"local_call_time": "24hours"}


@pytest.mark.parametrize(
    ("rule", "offset", "first", "last"),
    [
        ("SSM-FSN", "-5", "2017-03-12 07:00", "2017-11-05 06:00"),
        ("SSM-FSN", "-8", "2026-03-08 10:00", "2026-11-01 09:00"),
        ("SSM-FSN", "-5", "2032-03-14 07:00", "2032-11-07 06:00"),
        ("FSA-LSO", "-6", "2021-04-04 08:00", "2021-10-31 07:00"),
        ("LSM-LSO", "0", "2017-03-26 01:00", "2017-10-29 01:00"),
        ("LSM-LSO", "1", "2024-03-31 01:00", "2024-10-27 01:00"),
    ],
)
def test_summer_of_the_north(rule: str, offset: str, first: str, last: str) -> None:
    start, end = _epoch(first), _epoch(last)
    told = [is_summer(rule, at, Decimal(offset)) for at in (start - 1, start, end - 1, end)]
    assert told == [False, True, True, False]


@pytest.mark.parametrize(
    ("rule", "offset", "last", "first"),
    [
        ("FSO-FSA", "10", "2017-04-01 16:00", "2017-09-30 16:00"),
        ("LSS-FSA", "12", "2017-04-01 14:00", "2017-09-23 14:00"),
        ("TSO-LSF", "-3", "2017-02-26 05:00", "2017-10-15 05:00"),
        ("LSO-LSM", "0", "2017-03-26 02:00", "2017-10-29 02:00"),
        ("FSO-LSM", "0", "2017-03-26 02:00", "2017-10-01 02:00"),
        ("FSO-TSM", "0", "2017-03-19 02:00", "2017-10-01 02:00"),
    ],
)
def test_summer_of_the_south(rule: str, offset: str, last: str, first: str) -> None:
    end, start = _epoch(last), _epoch(first)
    told = [is_summer(rule, at, Decimal(offset)) for at in (end - 1, end, start - 1, start)]
    assert told == [True, False, False, True]


@pytest.mark.parametrize("rule", ["", "N", "ZZZ-FSN", "SSM"])
def test_a_rule_that_is_none_has_no_summer(rule: str) -> None:
    assert not is_summer(rule, _epoch("2017-07-01 00:00"), Decimal(-5))


def test_offsets_are_told_short() -> None:
    told = [short(offset) for offset in (Decimal("-4.00"), Decimal("5.50"), Decimal("10.00"), "-0.00", None)]
    assert told == ["-4", "5.5", "10", "0", ""]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"phone_code": "44"}, "AREACODE: 1|1"),
        ({"phone_code": "91"}, "AREACODE: 1|5.5"),
        ({"phone_code": "61", "state": "QLD"}, "AREACODE: 1|10"),
        ({"phone_code": "61", "state": "NSW"}, "AREACODE: 1|10"),
        ({"phone_code": "64"}, "AREACODE: 1|12"),
        ({"phone_code": "52"}, "AREACODE: 1|-5"),
        ({"phone_code": "999"}, "AREACODE: 1|"),
        ({"phone_code": "9" * 30}, "AREACODE: 1|"),
        ({"phone_number": "7095551111"}, "AREACODE: 1|-2.5"),
        ({"tz_method": "POSTAL", "postal_code": "81009"}, "POSTAL: 1|-6"),
        ({"tz_method": "POSTAL", "postal_code": "8100"}, "POSTAL: 0|"),
        ({"tz_method": "POSTAL", "postal_code": "8100%"}, "POSTAL: 1|-4"),
        ({"tz_method": "TZCODE"}, "TZCODE: 0|"),
        ({"tz_method": "TZCODE", "owner": "MST"}, "TZCODE: 1|-6"),
        (
            {"tz_method": "TZCODE-POSTAL-AREACODE", "owner": "HST", "postal_code": "85001"},
            "AREACODE: 1|-4#POSTAL: 1|-7#TZCODE: 1|-10",
        ),
    ],
)
async def test_the_zone_of_a_number(service: Service, params: dict[str, str], told: str) -> None:
    answer = await ask(service, "check_phone_number", **{"phone_number": PHONE, **ALWAYS, **params})
    assert answer.rpartition("#PHONE: ")[0] == told


async def test_an_unknown_method_leaves_the_number(service: Service) -> None:
    params = {
        "phone_number": PHONE,
        "tz_method": "MOON",
        "postal_code": "33701",
        "state": "FL",
        "owner": "EST",
    }
    answer = await ask(service, "check_phone_number", **ALWAYS, **params)
    assert answer == f"PHONE: {PHONE}|1|33701|FL|EST|"


async def test_nanpa_where_it_is_loaded(service: Service) -> None:
    await insert(service, "nanpa_prefix_codes", *NANPA_ROWS)
    answer = await ask(service, "check_phone_number", phone_number="3125551212", tz_method="NANPA", **ALWAYS)
    assert answer == "NANPA: 1|-9#PHONE: 3125551212|1||||"


async def test_winter(start: Path, tmp_path: Path) -> None:
    database = copied(start, tmp_path / "dialer.db").database
    service = Service(database, FrozenWallClock(datetime(2017, 1, 15, 12, tzinfo=ZONE)), ZONE)
    assert (await ask(service, "check_phone_number", phone_number=PHONE, **ALWAYS)).startswith(
        "AREACODE: 1|-5#"
    )
    await database.close()


@pytest.mark.parametrize(("state", "dialable"), [("IL", 0), ("FL", 1), ("", 1)])
async def test_a_state_with_hours_of_its_own(service: Service, state: str, dialable: int) -> None:
    answer = await ask(
        service, "check_phone_number", phone_number=PHONE, local_call_time="statect", state=state
    )
    assert answer.startswith(f"AREACODE: {dialable}|-4#")


async def test_the_last_minute_of_a_call_time(service: Service) -> None:
    """At noon a time that ends at noon is over, and one that begins then has begun."""
    for start, stop, dialable in ((0, 1200, 0), (1200, 2400, 1)):
        await change(
            service, "call_times", {"call_time_id": "24hours"}, ct_default_start=start, ct_default_stop=stop
        )
        answer = await ask(service, "check_phone_number", phone_number=PHONE, **ALWAYS)
        assert answer.startswith(f"AREACODE: {dialable}|")


@pytest.mark.parametrize(
    ("params", "line"),
    [
        (
            {"user": "7000", "pass": "7000pw"},
            "USER DOES NOT HAVE PERMISSION TO CHECK PHONE NUMBERS - |7000|0|",
        ),
        ({"local_call_time": "badct"}, "THIS IS NOT A VALID CALL TIME - |6666|badct|"),
        ({"tz_method": "NANPA"}, "NANPA options disabled, NANPA prefix data not loaded - 0|6666"),
        ({"phone_number": "7275559999", "dnc_check": "Y"}, "PHONE NUMBER IN DNC - 7275559999|6666"),
    ],
)
async def test_a_check_that_ends_early(service: Service, params: dict[str, str], line: str) -> None:
    given = {"phone_number": PHONE, **ALWAYS, **params}
    assert await ask(service, "check_phone_number", **given) == f"ERROR: check_phone_number {line}"


async def test_checks_in_a_campaigns_list(service: Service) -> None:
    given = {"phone_number": "5565551212", "campaign_dnc_check": "AREACODE", "campaign_id": "TESTCAMP"}
    answer = await ask_original(service, "check_phone_number", **ALWAYS, **given)
    assert answer == "ERROR: check_phone_number PHONE NUMBER IN CAMPAIGN DNC - 5565551212|TESTCAMP|6666"


async def test_a_prefix_that_nanpa_does_not_have(service: Service) -> None:
    await insert(service, "nanpa_prefix_codes", *NANPA_ROWS)
    given = {"phone_number": "7275991212", "nanpa_ac_prefix_check": "Y"}
    answer = await ask(service, "check_phone_number", **ALWAYS, **given)
    assert answer == "ERROR: check_phone_number INVALID PHONE NUMBER NANPA AREACODE PREFIX - 7275991212|6666"


def _epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
