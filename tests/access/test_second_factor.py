"""Codes of an app and recovery codes: each is taken once, near its time, and never without the secret."""

from pathlib import Path

import pyotp
import pytest

from tests.access.conftest import PASSWORD
from tests.store.databases import settings_at
from trunkline.access.roles import Role
from trunkline.access.second_factor import SecondFactors
from trunkline.access.users import User, Users
from trunkline.clock import SteppedClock
from trunkline.errors import SettingsError
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault


def code_at(secret: str, clock: SteppedClock, seconds: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + seconds)


def ready(store: Store, clock: SteppedClock, home: Path) -> tuple[SecondFactors, User]:
    ann = Users(store, clock).add("ann@example.com", "Ann", Role.OWNER, PASSWORD)
    return SecondFactors(store, clock, Vault(settings_at(home))), ann


async def test_a_code_is_taken_once(any_store: Store, wall: SteppedClock, tmp_path: Path) -> None:
    factors, ann = ready(any_store, wall, tmp_path)
    secret = factors.offer(ann).secret
    assert factors.offer(ann, secret).secret == secret
    assert factors.offer(ann, "not one of ours").secret != "not one of ours"
    with pytest.raises(SettingsError, match="not the code of now"):
        factors.turn_on(ann, secret, "123")
    first = code_at(secret, wall)
    factors.turn_on(ann, secret, first)
    assert Users(any_store, wall).get(ann.id).has_second_factor
    assert not factors.is_good(ann, first), "it turned the factor on, and is used up"
    assert not factors.is_good(ann, code_at(secret, wall, -30)), "an older one is no better"
    assert factors.is_good(ann, code_at(secret, wall, 30))
    await wall.sleep(60)
    fresh = code_at(secret, wall)
    assert factors.is_good(ann, f"{fresh[:3]} {fresh[3:]}")
    assert not factors.is_good(ann, code_at(secret, wall, 90)), "too far ahead"
    with pytest.raises(SettingsError, match="on already"):
        factors.turn_on(ann, secret, code_at(secret, wall))


async def test_recovery_codes(any_store: Store, wall: SteppedClock, tmp_path: Path) -> None:
    factors, ann = ready(any_store, wall, tmp_path)
    secret = factors.offer(ann).secret
    codes = factors.turn_on(ann, secret, code_at(secret, wall))
    assert len(set(codes)) == 10
    assert factors.is_good(ann, codes[3].upper().replace("-", " "))
    assert not factors.is_good(ann, codes[3])
    assert factors.left(ann) == 9
    assert not factors.is_good(ann, "")
    factors.turn_off(ann)
    assert not factors.is_good(ann, codes[4])
    assert not factors.is_good(ann, code_at(secret, wall, 30))
    assert not Users(any_store, wall).get(ann.id).has_second_factor
