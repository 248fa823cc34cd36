"""Building blocks: made, found, changed, removed, on all three databases."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.clickto.reports import bring_in, csv_file, row
from trunkline.clickto.blocks import HIGHEST_ID, Blocks, Kind
from trunkline.clickto.keys import Keys
from trunkline.clock import SteppedClock
from trunkline.errors import SettingsError
from trunkline.store.connection import Store

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)
GIVEN = {"kind": "call", "description": "On Call Number"}


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOON)


def test_a_block_is_as_it_was_made(store: Store, clock: SteppedClock) -> None:
    blocks = Blocks(store, clock)
    more = {"numbers": "+1 (555) 666-7777, 101", "owner": "Ann", "hours": "mon-fri 09:00-17:00"}
    made = blocks.add({**GIVEN, **more}, 4711)
    assert blocks.get(4711) == made
    assert (made.kind, made.numbers) == (Kind.CALL, ("+15556667777", "101"))
    assert (made.owner, made.hours, made.created_at) == ("Ann", "mon-fri 09:00-17:00", NOON)
    following = blocks.add({"kind": "FindMe-List", "description": "漢 😀"})
    assert (following.id, following.kind, following.numbers, following.hours) == (
        4712,
        Kind.FINDME_LIST,
        (),
        "",
    )
    assert [block.id for block in blocks.all()] == [4711, 4712]
    assert blocks.get(4712).description == "漢 😀"


def test_all_seven_kinds_can_be_made(light_store: Store, clock: SteppedClock) -> None:
    blocks = Blocks(light_store, clock)
    made = [blocks.add({"kind": kind, "description": kind}).kind for kind in Kind]
    assert made == list(Kind)
    assert len(made) == 7


def test_a_block_is_changed_field_by_field(store: Store, clock: SteppedClock) -> None:
    blocks = Blocks(store, clock)
    blocks.add({**GIVEN, "numbers": ["5556667777"]}, 1)
    clock.advance(60)
    changed = blocks.edit(1, {"description": "Night desk", "hours": "sat 10:00-12:00"})
    assert (changed.description, changed.numbers, changed.hours) == (
        "Night desk",
        ("5556667777",),
        "sat 10:00-12:00",
    )
    assert changed.updated_at > changed.created_at == NOON
    with pytest.raises(SettingsError, match="There is no block 2"):
        blocks.edit(2, {"owner": "x"})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "fax", "description": "x"}, "kind"),
        ({"kind": "call"}, "description"),
        ({"kind": "call", "description": " "}, "description"),
        ({"kind": "call", "description": "x" * 191}, "description"),
        ({"kind": "call", "description": 7}, "description"),
        ({**GIVEN, "numbers": "abc"}, "numbers"),
        ({**GIVEN, "numbers": "5556667777\r\nAction: Originate"}, "numbers"),
        ({**GIVEN, "numbers": [1]}, "numbers"),
        ({**GIVEN, "numbers": ["101"] * 51}, "numbers"),
        ({**GIVEN, "hours": "sometimes"}, "hours"),
        ({**GIVEN, "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(
    light_store: Store, clock: SteppedClock, given: dict[str, Any], field: str
) -> None:
    blocks = Blocks(light_store, clock)
    with pytest.raises(SettingsError) as caught:
        blocks.add(given)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert blocks.all() == []


def test_ids_are_chosen_once_and_in_range(store: Store, clock: SteppedClock) -> None:
    blocks = Blocks(store, clock)
    blocks.add(GIVEN, 7)
    with pytest.raises(SettingsError, match="There is a block 7 already"):
        blocks.add(GIVEN, 7)
    for wrong in (0, -1, HIGHEST_ID + 1):
        with pytest.raises(SettingsError, match="write a whole number from 1"):
            blocks.add(GIVEN, wrong)
    assert blocks.find(2**70) is None
    assert len(blocks.all()) == 1


def test_a_block_with_activity_stays_unless_that_goes_too(store: Store, clock: SteppedClock) -> None:
    blocks, keys = Blocks(store, clock), Keys(store, clock)
    blocks.add(GIVEN, 7)
    keys.add("only", [7])
    bring_in(store, csv_file([row(), row("Feb 01 2017 3:57 PM")]), 7)
    bring_in(store, csv_file([row("Mar 01 2017 1:00 AM")]))
    assert blocks.activity_of(7) == (2, "Feb 01 2017 3:57 PM")
    with pytest.raises(SettingsError, match="Block 7 has activity: 2 rows"):
        blocks.remove(7)
    assert (blocks.find(7) is not None, keys.all()[0].blocks) == (True, (7,))
    blocks.remove(7, with_activity=True)
    assert (blocks.find(7), blocks.activity_of(7)) == (None, (0, ""))
    assert keys.all()[0].blocks == ()  # and not: everything
    with pytest.raises(SettingsError, match="There is no block 7"):
        blocks.remove(7)
