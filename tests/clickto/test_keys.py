"""Keys of the report: shown once, kept as hashes, refused when wrong, unknown or revoked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from trunkline.clickto.blocks import Blocks
from trunkline.clickto.keys import Keys
from trunkline.clickto.tables import keys as table
from trunkline.clock import SteppedClock
from trunkline.errors import SettingsError
from trunkline.store.connection import Store

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOON)


def test_a_pair_proves_its_key_and_no_other_does(store: Store, clock: SteppedClock) -> None:
    keys = Keys(store, clock)
    made, secret = keys.add("web")
    other, other_secret = keys.add("other")
    assert keys.proven(made.access_key, secret) == made
    assert keys.proven_alone(secret) == made
    for access, wrong in (
        (made.access_key, other_secret),
        (other.access_key, secret),
        (made.access_key, ""),
        (made.access_key, secret + " "),
        (f"{made.access_key} ", secret),
        ("nobody", secret),
        ("", ""),
        ("x" * 5_000, secret),
        ("na\x00me", "\x00"),
        ("' or 1=1 --", "' or 1=1 --"),
        ("\udc80", "\udc80"),
    ):
        assert keys.proven(access, wrong) is None
    for wrong in ("", "x", made.access_key):
        assert keys.proven_alone(wrong) is None


def test_no_secret_is_kept(store: Store, clock: SteppedClock) -> None:
    made, secret = Keys(store, clock).add("web")
    with store.read() as tx:
        kept = tx.execute(select(table)).one()
    assert secret not in str(kept)
    assert secret not in str(made.to_json())
    assert secret not in repr(made)


def test_a_revoked_key_is_refused_and_stays_in_the_list(store: Store, clock: SteppedClock) -> None:
    keys = Keys(store, clock)
    made, secret = keys.add("web")
    keys.add("zzz")
    assert keys.revoke("web") is True
    assert keys.revoke("web") is True
    assert keys.revoke("nothing") is False
    assert keys.proven(made.access_key, secret) is None
    assert keys.proven_alone(secret) is None
    assert [(key.name, key.revoked_at) for key in keys.all()] == [("zzz", None), ("web", NOON)]
    with pytest.raises(SettingsError, match="already, or was one"):
        keys.add("web")


def test_use_is_remembered_once_a_minute(store: Store, clock: SteppedClock) -> None:
    keys = Keys(store, clock)
    made, secret = keys.add("web")
    assert made.used_at is None
    for seconds, seen in ((0, NOON), (59, NOON), (1, NOON + timedelta(minutes=1))):
        clock.advance(seconds)
        key = keys.proven(made.access_key, secret)
        assert key is not None
        keys.used(key)
        assert keys.all()[0].used_at == seen


def test_a_key_may_be_of_some_blocks_only(store: Store, clock: SteppedClock) -> None:
    blocks, keys = Blocks(store, clock), Keys(store, clock)
    for number in (7, 9):
        blocks.add({"kind": "call", "description": "x"}, number)
    made, secret = keys.add("some", [9, 7, 9])
    nothing, _ = keys.add("none", [])
    found = keys.proven(made.access_key, secret)
    assert found is not None
    assert (found.blocks, nothing.blocks) == ((7, 9), ())
    for unknown in (8, 0, -1, 2**70):
        with pytest.raises(SettingsError, match=f"There is no block {unknown}"):
            keys.add("wrong", [7, unknown])
    assert {key.name: key.blocks for key in keys.all()} == {"some": (7, 9), "none": ()}


def test_a_pair_can_be_taken_over(store: Store, clock: SteppedClock) -> None:
    keys = Keys(store, clock)
    keys.add("old", pair=("foo", "bar"))
    found = keys.proven("foo", "bar")
    assert found is not None
    assert found.name == "old"
    assert keys.proven("foo", "BAR") is None
    for pair in (("foo", "other"), ("other", "bar")):
        with pytest.raises(SettingsError, match="Another key has that"):
            keys.add("again", pair=pair)
    for pair in (("", "x"), ("a b", "x"), ("x", "é"), ("x" * 65, "x")):
        with pytest.raises(SettingsError, match="letters, digits and signs"):
            keys.add("wrong", pair=pair)


@pytest.mark.parametrize("name", ["", "  ", "x" * 191])
def test_a_key_needs_a_name_that_fits(light_store: Store, clock: SteppedClock, name: str) -> None:
    with pytest.raises(SettingsError, match="name"):
        Keys(light_store, clock).add(name)
