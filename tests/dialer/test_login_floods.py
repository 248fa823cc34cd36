"""Guesses: an address that is wrong too often waits, time tells no names, and floods crowd nobody out."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.dialer.lead_calls import LOGIN, ask, change
from tests.dialer.replay import NOW, ZONE
from trunkline.clock import FrozenWallClock
from trunkline.dialer import login_queue, passwords
from trunkline.dialer.command import Dialect
from trunkline.dialer.login_queue import LoginQueue
from trunkline.dialer.passwords import OURS, Passwords
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.errors import RetryLater

LEAD = {"lead_id": "1001", "field_name": "first_name"}
HASHED = {"pass_hash_enabled": "1", "pass_key": "abcdefghijklmnop", "pass_cost": 4}
HASH_OF_1234 = "uTpfxUqSKSbGH6FhoDfMWL1iFXhpekW"
LOCK = "ERROR: Too many login attempts, try again in 15 minutes: |{}|LOCK|"
WRONG = "ERROR: Login incorrect, please try again: |{}||BAD|"

NOBODY = {"user": "nosuchuser"}
LOGINS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "wrong password": ({}, {"pass": "12345"}),
    "unknown": ({}, NOBODY | {"pass": "12345"}),
    "inactive": ({"active": "N"}, {"pass": "12345"}),
    "inactive, right password": ({"active": "N"}, {}),
    "level too low": ({"user_level": 6}, {"pass": "12345"}),
    "level too low, right password": ({"user_level": 6}, {}),
    "locked": ({"failed_login_count": 10, "last_login_date": "2017-06-14 11:59:00"}, {"pass": "12345"}),
    "locked, right password": ({"failed_login_count": 10, "last_login_date": "2017-06-14 11:59:00"}, {}),
}
"""What is different of the user, and of the request."""


class Noted:
    """Wrong logins as they are told; from `waits` on the address has to wait."""

    def __init__(self, waits: int = 1_000) -> None:
        self.addresses: list[str] = []
        self.waits = waits

    def wait_seconds(self, address: str) -> int:
        return 60 if len(self.addresses) >= self.waits else 0

    def note(self, address: str) -> None:
        self.addresses.append(address)


def over(service: Service, wrong_logins: Any = None, *, is_own: bool = True) -> Service:
    """Another service on the same tables."""
    return Service(
        service.database,
        FrozenWallClock(NOW),
        ZONE,
        Passwords(is_own=is_own, hasher=service.passwords._hasher),
        wrong_logins=wrong_logins,
    )


async def login(service: Service, **params: str) -> str:
    return await ask(service, "lead_field_info", **LEAD, **params)


@pytest.mark.parametrize("name", LOGINS)
async def test_every_wrong_login_counts_for_its_address(service: Service, name: str) -> None:
    of_user, params = LOGINS[name]
    noted = Noted()
    if of_user:
        await change(service, "users", {"user": "6666"}, **of_user)
    text = await login(over(service, noted), **params)
    user = params.get("user", "6666")
    if name.startswith("locked"):
        assert (text, noted.addresses) == (LOCK.format(user), []), "a locked user's is no guess"
    else:
        assert (text, noted.addresses) == (WRONG.format(user), ["127.0.0.1"])


async def test_a_good_login_and_none_at_all_do_not_count(service: Service) -> None:
    noted = Noted()
    service = over(service, noted)
    assert await login(service) == "Custom"
    assert await login(service, user="", **{"pass": ""}) == WRONG.format("")
    assert noted.addresses == []


async def test_an_address_that_waits_hears_the_line_of_the_lock(service: Service) -> None:
    service = over(service, Noted(waits=0))
    for user, password in (("6666", "1234"), ("6666", "12345"), ("nosuchuser", "x"), ("", "")):
        assert await login(service, user=user, **{"pass": password}) == LOCK.format(user)
    reply = await service.answer({**LOGIN, "function": "nothing"}, Dialect.ORIGINAL, "127.0.0.1")
    assert reply.text == LOCK.format("6666") + "\n"
    assert (await ask(service, "version")).startswith("VERSION: ")


async def test_who_has_a_token_is_not_kept_out_by_guesses(service: Service) -> None:
    params = {**LOGIN, **LEAD, "pass": "", "function": "lead_field_info"}
    service = over(service, Noted(waits=0))
    reply = await service.answer(params, Dialect.JSON, "127.0.0.1", is_proven=True)
    assert reply.text == "Custom"


async def test_guesses_under_way_stop_when_the_address_has_to_wait(service: Service) -> None:
    noted = Noted(waits=5)
    service = over(service, noted)
    answers = await asyncio.gather(*(login(service, user=f"user{n}") for n in range(60)))
    told = Counter("LOCK" if "LOCK" in text else "BAD" for text in answers)
    assert told["BAD"] == len(noted.addresses)
    assert 5 <= told["BAD"] <= 5 + login_queue.AT_ONCE
    assert told["LOCK"] == 60 - told["BAD"]


class NeverAsked:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a good login asks for {name}")


async def test_a_good_login_costs_no_statement_for_it(service: Service) -> None:
    from trunkline.access.wrong_logins import WrongLogins

    store: Any = NeverAsked()
    counted = over(service, WrongLogins(store, FrozenWallClock(NOW), 100))
    uncounted = over(service)
    for one in (counted, uncounted):
        await login(one)
    assert await statements_of(counted, login) == await statements_of(uncounted, login)


async def statements_of(service: Service, asked: Callable[[Service], Any]) -> list[str]:
    """The kinds of the statements of the second such request."""
    database = service.database
    assert isinstance(database, SqliteDatabase)
    await asked(service)
    await asyncio.sleep(0)  # until it is committed
    seen: list[str] = []
    database.connection.set_trace_callback(lambda sql: seen.append(sql.split()[0]))
    try:
        await asked(service)
        await asyncio.sleep(0)
    finally:
        database.connection.set_trace_callback(None)
    return seen


FORMS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "our own, argon2id": ({}, {}, True),
    "our own, still plain": ({}, {"pass": "1234", "pass_hash": ""}, True),
    "our own, still the dialer's hash": (HASHED, {"pass": "", "pass_hash": HASH_OF_1234}, True),
    "our own, argon2id, hashes on": (HASHED, {}, True),
    "a dialer's, plain": ({}, {"pass": "1234", "pass_hash": ""}, False),
    "a dialer's, hashed": (HASHED, {"pass": "", "pass_hash": HASH_OF_1234}, False),
}
"""Of system_settings, of the user, and whether the tables are our own."""


@pytest.fixture
def work_done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes and comparisons made."""
    done: list[str] = []
    for name in ("dialers_hash", "_same"):
        monkeypatch.setattr(passwords, name, noting(getattr(passwords, name), name, done))
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", noting(verify, "argon2", done))
    return done


def noting(made: Callable[..., Any], name: str, done: list[str]) -> Callable[..., Any]:
    def noted(*args: Any, **values: Any) -> Any:
        done.append(name)
        return made(*args, **values)

    return noted


@pytest.mark.parametrize("form", FORMS)
async def test_a_wrong_login_is_the_same_work_whoever_it_is_for(
    service: Service, work_done: list[str], form: str
) -> None:
    of_settings, of_user, is_own = FORMS[form]
    if "argon2id" in form:
        assert await login(service) == "Custom"
    if of_user:
        await change(service, "users", {"user": "6666"}, **of_user)
    if of_settings:
        await change(service, "system_settings", {}, **of_settings)
    done: dict[str, Counter[str]] = {}
    for name, (different, params) in LOGINS.items():
        fresh = over(service, is_own=is_own)
        fresh.passwords._nobody  # noqa: B018 - made once for all logins
        clean = {"active": "Y", "user_level": 9, "failed_login_count": 0}
        await change(service, "users", {"user": "6666"}, **(clean | different))
        work_done.clear()
        text = await login(fresh, **params)
        assert ("BAD" in text) is not name.startswith("locked"), text
        done[name] = Counter(made for made in work_done if made != "_same")
    wanted = (["argon2"] if is_own else []) + (["dialers_hash"] if of_settings else [])
    assert done == {name: Counter(wanted) for name in LOGINS}


async def test_unknown_users_write_no_less_than_known_ones(service: Service) -> None:
    await login(service)
    wrong = await statements_of(service, lambda s: login(s, **{"pass": "12345"}))
    unknown = await statements_of(service, lambda s: login(s, **NOBODY))
    assert wrong == unknown


async def test_the_password_of_an_inactive_user_is_not_remembered(service: Service) -> None:
    await login(service)
    await change(service, "users", {"user": "6666"}, active="N")
    service = over(service)
    for _ in range(2):
        assert await login(service) == WRONG.format("6666")
    assert not service.passwords._good


async def test_an_inactive_user_keeps_its_plain_password(service: Service) -> None:
    await change(service, "users", {"user": "6666"}, active="N")
    assert await login(service) == WRONG.format("6666")
    await change(service, "users", {"user": "6666"}, active="Y")
    assert await login(service) == "Custom"
    async with service.database.work() as work:
        row = await work.one(lambda t: t["users"].select().where(t["users"].c.user == "6666"))
    assert row is not None
    assert str(row["pass_hash"]).startswith(OURS)


async def test_logins_not_seen_yet_come_a_few_at_a_time() -> None:
    queue, at_once, most = LoginQueue(), 0, 0
    done = asyncio.Event()

    async def comes(user: str) -> None:
        nonlocal at_once, most
        async with queue.turn(user, "x"):
            at_once += 1
            most = max(most, at_once)
            await done.wait()
            at_once -= 1

    waiting = [asyncio.create_task(comes(f"user{n}")) for n in range(20)]
    while at_once < login_queue.AT_ONCE:
        await asyncio.sleep(0)
    queue.learn("known", "x")
    async with queue.turn("known", "x"), queue.turn("", ""):
        assert at_once == login_queue.AT_ONCE
    done.set()
    await asyncio.gather(*waiting)
    assert most == login_queue.AT_ONCE


async def test_a_flood_of_them_is_told_to_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_queue, "MOST_WAITING", 10)
    queue, done = LoginQueue(), asyncio.Event()

    async def comes() -> None:
        async with queue.turn("user", "guess"):
            await done.wait()

    waiting = [asyncio.create_task(comes()) for _ in range(10 + login_queue.AT_ONCE)]
    while queue._waiting < 10:
        await asyncio.sleep(0)
    with pytest.raises(RetryLater, match="Too many logins at once"):
        await comes()
    done.set()
    await asyncio.gather(*waiting)
    await comes()


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_queue, "MOST_SEEN", 3)
    queue = LoginQueue()
    for n in range(10):
        queue.learn(f"user{n}", "x")
    assert len(queue._seen) == 3
    assert queue.turn("user0", "x").waits
    assert not queue.turn("user9", "x").waits


async def test_a_turn_ends_once_somebody_is_in() -> None:
    queue = LoginQueue()
    async with asyncio.timeout(5):
        for _ in range(2 * login_queue.AT_ONCE):
            turn = await queue.turn("user", "guess").__aenter__()
            turn.end()
            turn.end()
    assert queue._turns._value == login_queue.AT_ONCE
