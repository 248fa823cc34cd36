"""The checks of `trunkline doctor`: each one line, with what to do where something is wrong."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from trunkline.center import accounts
from trunkline.center.room import Center, open_center
from trunkline.center.tables_of import is_made, warehouse_of
from trunkline.clock import local_text
from trunkline.dialer.asterisk.servers import Manager, Managers, pinged
from trunkline.dialer.audit import TABLE
from trunkline.dialer.audit_table import MAKE_IT
from trunkline.dialer.opening import dialer_place, missing_tables, switched_off
from trunkline.errors import RetryLater, TrunklineError, some_of
from trunkline.settings import Settings
from trunkline.warehouse.open import OpenTables

LOW_DISK_BYTES = 1_000_000_000
EARLIEST_BELIEVABLE = datetime(2026, 1, 1, tzinfo=UTC)
OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, how it stands, and what to do about it."""

    check: str
    state: str
    message: str
    todo: str = ""


def examine(
    settings: Settings, *, ask_providers: bool, open_tables: OpenTables | None = None
) -> Iterator[Finding]:
    """The findings one by one; a check that cannot be made is itself a finding."""
    yield _disk(settings)
    yield _folder(settings)
    yield _clock()
    try:
        with open_center(settings, open_tables=open_tables) as center:
            yield Finding("store", OK, f"{center.store.dialect}, at the newest version.")
            yield _guarded("key file", lambda: _key(center))
            yield _guarded("warehouse", lambda: _warehouse(center))
            yield _guarded("dialer", lambda: _dialer(settings))
            yield from _managers(center, ask_providers)
            for account in accounts.all_of(center):
                look = partial(_account, center, account, ask_providers)
                yield _guarded(f"account {account.name}", look)
    except TrunklineError as error:
        yield Finding("store", ERROR, str(error), error.todo)


def _guarded(check: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except TrunklineError as error:
        return Finding(check, ERROR, str(error), error.todo)


def _disk(settings: Settings) -> Finding:
    place = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free below {settings.home}."
    if free < LOW_DISK_BYTES:
        return Finding("disk", WARNING, text, "Make room: loads fail when the disk is full.")
    return Finding("disk", OK, text)


def _folder(settings: Settings) -> Finding:
    home = settings.home
    if not home.exists():
        return Finding("home folder", OK, f"{home} does not exist yet; the first command makes it.")
    if not os.access(home, os.W_OK):
        return Finding(
            "home folder", ERROR, f"{home} cannot be written.", "Give this user the right to write it."
        )
    if home.stat().st_mode & 0o077:
        return Finding("home folder", WARNING, f"Others can look into {home}.", f"chmod 700 {home}")
    return Finding("home folder", OK, f"{home} belongs to this user alone.")


def _clock() -> Finding:
    now = datetime.fromtimestamp(time.time(), UTC)
    if now < EARLIEST_BELIEVABLE:
        return Finding(
            "clock", ERROR, f"The clock says {now:%Y-%m-%d %H:%M} UTC.", "Set the machine's clock."
        )
    return Finding("clock", OK, f"{now:%Y-%m-%d %H:%M:%S} UTC.")


def _key(center: Center) -> Finding:
    for account in accounts.all_of(center):
        accounts.all_values(center, account.name)
    center.vault.encrypt({})
    return Finding("key file", OK, "Opens every stored secret.")


def _warehouse(center: Center) -> Finding:
    if not is_made(center):
        return Finding("warehouse", OK, "Not made yet; the first run makes it.")
    with warehouse_of(center, read_only=True) as warehouse:
        tables = warehouse.tables()
    rows = sum(t.rows or 0 for t in tables)
    return Finding("warehouse", OK, f"Tables: {len(tables)}, rows: {rows:,}.")


def _dialer(settings: Settings) -> Finding:
    """Our own tables came with the store's; those of a running dialer are looked at."""
    where = dialer_place(settings)
    if where.is_own:
        return Finding("dialer", OK, "Trunkline's own tables, in the store.")
    missing = missing_tables(where)
    off = switched_off(missing)
    if not off:
        words = f"{where.place.words}, tables {where.prefix}…: every function works."
        if TABLE in missing:
            return Finding("dialer", OK, f"{words} No audit of changes is kept.", MAKE_IT)
        return Finding("dialer", OK, words)
    lacking = sorted({table for tables in off.values() for table in tables})
    return Finding(
        "dialer",
        WARNING,
        f"Switched off: {some_of(list(off))}. {where.place.words} lacks {some_of(lacking)}.",
        "Bring the dialer's tables up to date if these functions are needed.",
    )


def _managers(center: Center, ask: bool) -> Iterator[Finding]:
    """Each manager of the dialer's servers. A silent one stops calls alone, so it is a warning."""
    try:
        found = Managers(center.store, center.vault, center.clock).all()
    except TrunklineError as error:
        yield Finding("managers", ERROR, str(error), error.todo)
        return
    for manager in found:
        yield _manager(center, manager, ask)


def _manager(center: Center, manager: Manager, ask: bool) -> Finding:
    name, access = f"manager {manager.server_ip}", manager.access
    if not ask:
        return Finding(name, OK, f"Not asked: {access.words}.")
    try:
        pong = asyncio.run(pinged(access, center.clock))
    except TrunklineError as error:
        return Finding(name, WARNING, str(error), error.todo)
    return Finding(name, OK, f"Answers in {pong.seconds * 1000:.1f} ms (AMI {pong.version}).")


def _account(center: Center, account: accounts.Account, ask: bool) -> Finding:
    name = f"account {account.name}"
    verdict = accounts.Verdict(account.state, account.state_message)
    if ask:
        spent: list[str] = []
        around = center.surroundings(partial(_refuse_to_wait, spent))
        verdict = asyncio.run(accounts.test(accounts.access(center, account.name), around))
        if spent:
            return Finding(name, WARNING, spent[0], f"trunkline account budget {account.name}")
        accounts.set_verdict(center, account.name, verdict)
    if verdict.state == accounts.VALID:
        return Finding(name, OK, "The sign-in works." if account.connected_at else "The key works.")
    if verdict.state == accounts.INVALID:
        again = (
            f"trunkline account connect {account.connector} {account.name}" if account.connected_at else ""
        )
        return Finding(name, ERROR, verdict.message, verdict.todo or again)
    todo = verdict.todo or f"trunkline account test {account.name}"
    return Finding(name, WARNING, verdict.message or "Not tested yet.", todo)


def _refuse_to_wait(spent: list[str], until: datetime | None, reason: str) -> None:
    """Whoever asks how things are wants to know it now: what would have to wait is told instead."""
    if until is not None:
        spent.append(f"Not asked: nothing may be sent until {local_text(until)} ({reason}).")
        raise RetryLater(spent[0])
