"""Logins: counting, the lock, address lists, and passwords in each of their forms."""

import asyncio
from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher

from tests.dialer.lead_calls import ask, change
from tests.dialer.replay import NOW, ZONE
from trunkline.clock import FrozenWallClock
from trunkline.dialer.database import Row
from trunkline.dialer.login import user_named
from trunkline.dialer.passwords import OURS, Passwords, dialers_hash, our_hasher
from trunkline.dialer.runner import Service
from trunkline.dialer.weak_bcrypt import bcrypt_text, weak_bcrypt

WRONG = "ERROR: Login incorrect, please try again: |6666||BAD|"
LOCKED = "ERROR: Too many login attempts, try again in 15 minutes: |6666|LOCK|"
KEY = "abcdefghijklmnop"
HASH_OF_1234 = "uTpfxUqSKSbGH6FhoDfMWL1iFXhpekW"
LEAD = {"lead_id": "1001", "field_name": "first_name"}
HASHED = {"pass_hash_enabled": "1", "pass_key": KEY, "pass_cost": 4}


async def user(service: Service, name: str = "6666") -> Row:
    async with service.database.work() as work:
        found = await work.one(user_named, user=name)
    assert found is not None
    return found


async def login(service: Service, password: str = "1234", **params: str) -> str:
    return await ask(service, "lead_field_info", **LEAD, **{"pass": password}, **params)


def others(service: Service) -> Service:
    """The same tables as those of a dialer that reads them too."""
    return Service(service.database, FrozenWallClock(NOW), ZONE, Passwords(is_own=False))


async def test_ten_failures_lock_and_the_right_password_does_not_help(service: Service) -> None:
    for n in range(1, 11):
        assert await login(service, "bad") == WRONG
        assert (await user(service))["failed_login_count"] == n
    assert (await user(service))["last_login_date"] == "2017-06-14 12:00:00"
    assert await login(service) == LOCKED
    assert await login(service, "bad") == LOCKED
    assert (await user(service))["failed_login_count"] == 10


async def test_after_the_lock_counting_begins_anew(service: Service) -> None:
    old = {"failed_login_count": 10, "last_login_date": "2017-06-14 11:44:59"}
    await change(service, "users", {"user": "6666"}, **old)
    assert await login(service, "bad") == WRONG
    assert (await user(service))["failed_login_count"] == 1
    assert await login(service) == "Custom"
    assert (await user(service))["failed_login_count"] == 0


async def test_a_lock_without_a_time_does_not_hold(service: Service) -> None:
    await change(service, "users", {"user": "6666"}, failed_login_count=12, last_login_date=None)
    assert await login(service) == "Custom"


async def test_guesses_at_the_same_time_are_all_counted(service: Service) -> None:
    await change(service, "system_settings", {}, **HASHED)
    await change(service, "users", {"user": "6666"}, **{"pass": "", "pass_hash": HASH_OF_1234})
    answers = await asyncio.gather(*(login(service, f"guess{n}") for n in range(15)))
    assert answers.count(WRONG) == 10
    assert answers.count(LOCKED) == 5
    assert (await user(service))["failed_login_count"] == 10


async def test_a_good_login_is_kept_with_time_and_address(service: Service) -> None:
    await change(service, "users", {"user": "6666"}, failed_login_count=3)
    assert await login(service) == "Custom"
    row = await user(service)
    assert (row["failed_login_count"], row["last_ip"]) == (0, "127.0.0.1")
    assert row["last_login_date"] == "2017-06-14 12:00:00"


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.x"])
async def test_a_blocking_list_holds_addresses_and_whole_classes(service: Service, entry: str) -> None:
    await change(service, "ip_list_entries", {}, ip_address=entry)
    await change(service, "system_settings", {}, allow_ip_lists="1", system_ip_blacklist="LOCALS")
    assert await login(service) == "ERROR: Your IP Address is not allowed: 127.0.0.1: ||IPBLOCK|"


async def test_an_allowing_list_lets_in(service: Service) -> None:
    await change(service, "system_settings", {}, allow_ip_lists="1")
    await change(service, "user_groups", {"user_group": "ADMIN"}, api_ip_list="LOCALS")
    assert await login(service) == "Custom"


async def test_a_plain_password_of_our_own_becomes_argon2id(service: Service) -> None:
    assert await login(service) == "Custom"
    row = await user(service)
    assert row["pass"] == ""
    assert str(row["pass_hash"]).startswith(OURS)
    assert await login(service) == "Custom"
    assert await login(service, "12345") == WRONG
    assert await user(service) | {"failed_login_count": 0} == row


async def test_a_user_without_any_hash_gets_one(service: Service) -> None:
    await change(service, "users", {"user": "6666"}, pass_hash=None)
    assert await login(service) == "Custom"
    assert str((await user(service))["pass_hash"]).startswith(OURS)


async def test_the_dialers_hash_is_read_and_becomes_ours(service: Service) -> None:
    await change(service, "system_settings", {}, **HASHED)
    await change(service, "users", {"user": "6666"}, **{"pass": "", "pass_hash": HASH_OF_1234})
    assert await login(service, "1235") == WRONG
    assert await login(service) == "Custom"
    assert str((await user(service))["pass_hash"]).startswith(OURS)
    assert await login(service) == "Custom"


@pytest.mark.parametrize("hashed", [{}, HASHED])
async def test_a_dialers_own_table_keeps_its_form(service: Service, hashed: dict[str, Any]) -> None:
    if hashed:
        await change(service, "system_settings", {}, **hashed)
        await change(service, "users", {"user": "6666"}, **{"pass": "", "pass_hash": HASH_OF_1234})
    before = await user(service)
    service = others(service)
    assert await login(service) == "Custom"
    after = await user(service)
    assert (after["pass"], after["pass_hash"]) == (before["pass"], before["pass_hash"])


async def test_with_hashes_on_a_plain_password_no_longer_counts(service: Service) -> None:
    await change(service, "system_settings", {}, **HASHED)
    assert await login(others(service)) == WRONG


async def test_a_password_changed_during_the_check_is_void(service: Service) -> None:
    await login(service)
    hash_of_new = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("new")
    service.passwords = Passwords(is_own=True)
    asked = asyncio.create_task(login(service))
    await asyncio.sleep(0)
    await change(service, "users", {"user": "6666"}, pass_hash=hash_of_new)
    assert await asked == WRONG
    assert (await user(service))["pass_hash"] == hash_of_new


async def test_a_remembered_password_is_forgotten_with_its_hash(service: Service) -> None:
    assert await login(service) == "Custom"
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    await change(service, "users", {"user": "6666"}, pass_hash=quick.hash("other"))
    assert await login(service) == WRONG


@pytest.mark.parametrize("key", ["", "short", KEY + "x"])
async def test_settings_without_a_whole_salt_let_nobody_in(service: Service, key: str) -> None:
    await change(service, "system_settings", {}, **(HASHED | {"pass_key": key}))
    await change(service, "users", {"user": "6666"}, **{"pass": "", "pass_hash": HASH_OF_1234})
    assert await login(service) == WRONG


@pytest.mark.parametrize("password", ["1234", "", "a" * 15, "a" * 16, "a" * 72, "ä€"])
def test_bcrypt_below_the_librarys_least_is_the_same_function(password: str) -> None:
    salt = f"$2a$04${bcrypt_text(KEY.encode())}".encode()
    wanted = bcrypt.hashpw(password.encode(), salt).decode()[-31:]
    assert weak_bcrypt(password.encode(), KEY.encode(), 4) == wanted


@pytest.mark.parametrize("cost", [2, 3, 4, 5])
async def test_the_dialers_hash_is_read_at_every_cost(cost: int) -> None:
    settings = HASHED | {"pass_cost": cost}
    row = {"user": "1", "pass": "", "pass_hash": dialers_hash(settings, "1234")}
    assert await Passwords().match(row, settings, "1234")
    assert not await Passwords().match(row, settings, "1235")


def test_our_hash_fits_the_column() -> None:
    assert len(our_hasher().hash("x" * 100)) <= 100


def test_a_password_is_kept_as_its_table_has_it() -> None:
    assert Passwords().kept({}, "abc") == {"pass": "abc"}
    assert Passwords().kept(HASHED, "1234") == {"pass": "", "pass_hash": HASH_OF_1234}
    ours = Passwords(is_own=True).kept(HASHED, "1234")
    assert ours["pass"] == ""
    assert str(ours["pass_hash"]).startswith(OURS)


async def test_first_logins_at_the_same_time_all_come_in(service: Service) -> None:
    """Each hashes the plain password anew, and only one of the hashes is kept."""
    assert (await user(service))["pass"] == "1234"
    assert await asyncio.gather(*(login(service) for _ in range(6))) == ["Custom"] * 6
    assert (await user(service))["pass"] == ""
    assert await login(service) == "Custom"
    assert (await user(service))["failed_login_count"] == 0


async def test_a_password_that_is_changed_while_the_old_one_is_checked_counts(service: Service) -> None:
    first = asyncio.create_task(login(service))
    new = Passwords(is_own=True).kept({}, "other")
    await asyncio.sleep(0)
    await change(service, "users", {"user": "6666"}, **new)
    assert await first == WRONG
    assert await login(service, "other") == "Custom"
