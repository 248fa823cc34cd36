"""The checks of `trunkline doctor`: each one line, with what to do where something is wrong."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from trunkline.center import accounts
from trunkline.center.alerts import channels
from trunkline.center.grant_endings import endings
from trunkline.center.room import Center, open_center
from trunkline.center.tables_of import is_made, warehouse_of
from trunkline.clock import local_text
from trunkline.dialer.asterisk.servers import Manager, Managers, pinged
from trunkline.dialer.audit import TABLE
from trunkline.dialer.audit_table import MAKE_IT
from trunkline.dialer.opening import dialer_place, missing_tables, switched_off
from trunkline.errors import RetryLater, TrunklineError, some_of
from trunkline.keeping import machine_checks, queries, rotation, run_checks
from trunkline.keeping.findings import ERROR, OK, WARNING, Finding, guarded
from trunkline.settings import Settings
from trunkline.store.connection import Store, open_store
from trunkline.store.migrations import current
from trunkline.store.places import place_of
from trunkline.store.revisions import HEAD
from trunkline.store.secrets import KEY_FILE
from trunkline.warehouse.copying import version_and_time
from trunkline.warehouse.open import OpenTables

ADD_ONE = "Add an account first: `trunkline account add CONNECTOR NAME`."


def examine(
    settings: Settings, *, ask_providers: bool, open_tables: OpenTables | None = None
) -> Iterator[Finding]:
    """The findings one by one; a check that cannot be made is itself a finding. Nothing is made."""
    yield machine_checks.disk(settings)
    yield machine_checks.clock()
    yield machine_checks.port()
    if not settings.home.exists():
        yield Finding("home folder", WARNING, f"There is no Trunkline home at {settings.home}.", ADD_ONE)
    else:
        yield machine_checks.home_folder(settings)
    if not _is_own_dialer(settings):
        yield guarded("dialer", lambda: _dialer(settings))
    file = place_of(settings).file
    if file is not None and not file.exists():
        if settings.home.exists():
            yield Finding("store", WARNING, f"There is no store in {settings.home} yet.", ADD_ONE)
        return
    try:
        yield from _databases(settings, ask_providers, open_tables)
    except TrunklineError as error:
        yield Finding("store", ERROR, str(error), error.todo)


def _databases(settings: Settings, ask_providers: bool, open_tables: OpenTables | None) -> Iterator[Finding]:
    store = open_store(settings, migrate=False)
    try:
        revision = current(store)
        yield from _store(store, revision)
    finally:
        store.close()
    if revision != HEAD:
        return  # the rest reads tables as this version has them
    with open_center(settings, open_tables=open_tables) as center:
        yield guarded("key file", lambda: _key(center))
        yield from _warehouse(center)
        if _is_own_dialer(settings):
            yield Finding("dialer", OK, "Trunkline's own tables, in the store.")
        yield from _managers(center, ask_providers)
        for account in accounts.all_of(center):
            look = partial(_account, center, account, ask_providers)
            yield guarded(f"account {account.name}", look)
        yield from _endings(center)
        yield from _channels(center)
        yield from run_checks.findings(center)


def _store(store: Store, revision: str | None) -> Iterator[Finding]:
    with store.read() as connection:
        version, theirs = connection.execute(queries.VERSION_AND_TIME[store.dialect]).one()
    if revision == HEAD:
        yield Finding("store", OK, f"{store.dialect} {version}, tables at the newest version ({HEAD}).")
    else:
        yield Finding(
            "store",
            WARNING,
            f"{store.dialect} {version}, tables of an older version ({revision or 'none'}; newest {HEAD}).",
            "Make a copy of it; the next command that uses it brings it up to date.",
        )
    if theirs is not None:
        aware = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
        yield machine_checks.clock_against("store", aware)


def _key(center: Center) -> Finding:
    """There, for its owner alone, and able to open every secret."""
    vault = center.vault
    if vault.is_missing:
        if not rotation.has_secrets(center.store):
            return Finding("key file", OK, "Not made yet; the first secret makes it.")
        text = f"{center.settings.home / KEY_FILE} is missing: stored secrets cannot be read."
        return Finding("key file", ERROR, text, "Put the former one back, or enter the secrets again.")
    keys = rotation.keys(center.store, center.settings)
    closed = rotation.unopened(center.store, vault)
    if closed:
        todo = f"Add the former key at the end of {KEY_FILE}, or enter those secrets again."
        return Finding("key file", ERROR, f"No key in force opens {closed} of the stored secrets.", todo)
    former = sum(key.secrets for key in keys[1:])
    if former:
        text = f"Opens every stored secret; {former} are under a former key."
        return Finding("key file", WARNING, text, "Finish the rotation: `trunkline key rotate`.")
    return Finding("key file", OK, "Opens every stored secret.")


def _warehouse(center: Center) -> Iterator[Finding]:
    if not is_made(center):
        yield Finding("warehouse", OK, "Not made yet; the first run makes it.")
        return
    times: list[datetime] = []
    yield guarded("warehouse", lambda: _tables(center, times))
    if center.settings.text("warehouse_url"):
        yield from (machine_checks.clock_against("warehouse", theirs) for theirs in times)


def _tables(center: Center, times: list[datetime]) -> Finding:
    with warehouse_of(center, read_only=True) as warehouse:
        tables = warehouse.tables()
        is_postgres = bool(center.settings.text("warehouse_url"))
        version, theirs = version_and_time(warehouse, "postgres" if is_postgres else "duckdb")
    times.append(theirs)
    rows = sum(t.rows or 0 for t in tables)
    kind = "PostgreSQL" if is_postgres else "DuckDB"
    return Finding("warehouse", OK, f"{kind} {version}. Tables: {len(tables)}, rows: {rows:,}.")


def _is_own_dialer(settings: Settings) -> bool:
    """Whether the dialer's tables are our own, which came with the store's; a wrong address is none."""
    try:
        return dialer_place(settings).is_own
    except TrunklineError:
        return False


def _dialer(settings: Settings) -> Finding:
    """The tables of a running dialer."""
    where = dialer_place(settings)
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


def _endings(center: Center) -> Iterator[Finding]:
    for ending in endings(center):
        text = f"It cannot be renewed and ends at {local_text(ending.ends_at)}."
        yield Finding(f"sign-in of {ending.account}", WARNING, text, ending.todo)


def _channels(center: Center) -> Iterator[Finding]:
    """Whoever is to hear of trouble and does not is told here."""
    for channel in channels.all_of(center):
        name, last = f"alert channel {channel.name}", channel.last
        if last is None:
            todo = f"trunkline alert channel test {channel.name}"
            yield Finding(name, WARNING, "Nothing was ever sent there.", todo)
        elif last.state == "sent":
            yield Finding(name, OK, "It took its last message.")
        else:
            todo = f"Mend it, then: `trunkline alert channel test {channel.name}`"
            yield Finding(
                name, WARNING, f"Its last message was not taken: {last.answer or 'no answer yet.'}", todo
            )


def _refuse_to_wait(spent: list[str], until: datetime | None, reason: str) -> None:
    """Whoever asks how things are wants to know it now: what would have to wait is told instead."""
    if until is not None:
        spent.append(f"Not asked: nothing may be sent until {local_text(until)} ({reason}).")
        raise RetryLater(spent[0])
