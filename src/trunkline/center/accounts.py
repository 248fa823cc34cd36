"""Saved accounts: credentials that many datasets use, tested when they are saved."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from trunkline.center import grants, queries
from trunkline.center.alerts.deciding import account_judged
from trunkline.center.names import checked_account_name, named_row
from trunkline.center.room import Center
from trunkline.connectors import connector as connector_named
from trunkline.declare import Connector
from trunkline.errors import NotAllowed, Problem, SettingsError, TrunklineError
from trunkline.fetch.credentials import check_way_in
from trunkline.fetch.source import Access, Surroundings, open_source
from trunkline.options import Kind, Option, Values, resolve, shown

VALID, INVALID, UNTESTED = "valid", "invalid", "untested"


@dataclass(frozen=True)
class Account:
    """A saved account. `values` holds no secret; `secret_names` tells which ones are kept."""

    id: int
    name: str
    connector: str
    values: Values
    secret_names: tuple[str, ...]
    state: str
    state_message: str
    checked_at: datetime | None
    created_at: datetime
    used_by: int
    connected_at: datetime | None = None
    """When somebody signed in for it, if anybody did."""
    owner_id: int | None = None
    """The user who made it; none: a command did."""

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "connector": self.connector,
            "state": self.state,
            "state_message": self.state_message,
            "checked_at": self.checked_at,
            "datasets": self.used_by,
            "options": self.values,
            "secrets": list(self.secret_names),
            "connected_at": self.connected_at,
        }


@dataclass(frozen=True)
class Verdict:
    """What testing an account showed: its state, and the sentence that says why."""

    state: str
    message: str = ""
    todo: str = ""
    lacks_rights: bool = False
    """The credentials are good, and may not read what they were tried with; other reports may work."""


def add(
    center: Center,
    connector_name: str,
    name: str,
    given: Mapping[str, Any],
    verdict: Verdict,
    owner_id: int | None = None,
) -> Account:
    """Save a new account. Raises SettingsError for a taken name or wrong values."""
    checked_account_name(name)
    connector = connector_named(connector_name)
    values = checked_values(connector, given)
    now = center.clock.now()
    record = {
        "name": name,
        "connector": connector.name,
        "owner_id": owner_id,
        **record_of(center, connector, values, verdict),
        "created_at": now,
        "updated_at": now,
    }
    try:
        with center.store.begin() as tx:
            queries.insert_account(tx, record)
    except IntegrityError:
        raise taken(name) from None
    return get(center, name)


def record_of(center: Center, connector: Connector, values: Values, verdict: Verdict) -> dict[str, Any]:
    """The columns that hold these checked values and this verdict."""
    return {**_split(center, connector, values), **_verdict_columns(verdict, center.clock.now())}


def changed_record(
    center: Center, connector: Connector, values: Values, changed: Collection[str]
) -> dict[str, Any]:
    """The columns of an account whose values have changed; not tested, unless that cannot matter."""
    if needs_test(connector, changed):
        return record_of(center, connector, values, Verdict(UNTESTED))
    return _split(center, connector, values)


def taken(name: str) -> SettingsError:
    return SettingsError(
        problems=[Problem("name", f"There is an account named {name!r} already.")],
        todo=f"Choose another name, or change it with `trunkline account edit {name}`.",
    )


def problem_of_name(center: Center, name: str) -> str:
    """Why a name will not do for a new account; empty where it will."""
    try:
        checked_account_name(name)
    except SettingsError as error:
        return f"{error.message} {error.todo}."
    return f"There is an account named {name!r} already." if exists(center, name) else ""


def exists(center: Center, name: str) -> bool:
    with center.store.read() as tx:
        return queries.account_named(tx, name) is not None


def edit(center: Center, name: str, changes: Mapping[str, Any], verdict: Verdict | None = None) -> Account:
    """Change values of an account; an empty text takes a value away.

    Without a verdict the account counts as not tested, unless the changes cannot matter to that.
    """
    account = get(center, name)
    connector = connector_named(account.connector)
    record = _split(center, connector, checked_values(connector, changed_values(center, name, changes)))
    now = center.clock.now()
    if verdict or needs_test(connector, changes):
        record |= _verdict_columns(verdict or Verdict(UNTESTED), now)
    with center.store.begin() as tx:
        queries.update_account(tx, account.id, queries.touch(record, now))
    if verdict:
        account_judged(center, account, verdict.state, verdict.message)
    return get(center, name)


def needs_test(connector: Connector, changes: Collection[str]) -> bool:
    """Whether changing these options can change what a test shows: limits cannot.

    Zones can only where the provider is greeted, and tells its own.
    """
    limits = {limit.option for limit in connector.limits}
    zones = {o.name for o in connector.account if o.kind is Kind.ZONE and connector.greeting is None}
    return not limits.union(zones).issuperset(changes)


def changed_values(center: Center, name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The account's values with the changes, without those that go with another choice than the new one.

    Old secrets that no key opens matter only if they stay.
    """
    account = get(center, name)
    declared = connector_named(account.connector).account
    changes = {**_implied(declared, account.values, changes), **changes}
    asked = shown(declared, {**account.values, **changes})
    replaced = all(changes.get(o.name) for o in asked if o.kind is Kind.SECRET and o.required)
    known: Mapping[str, Any]
    try:
        known = all_values(center, name)
    except SettingsError:
        if not replaced:
            raise
        known = account.values
    hidden = {option.name for option in declared} - {option.name for option in asked} - changes.keys()
    merged = {**known, **changes}.items()
    return {k: v for k, v in merged if v not in (None, "") and k not in hidden}


def _implied(
    declared: Sequence[Option], values: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The choices under which what is given now stands, where the account has made others."""
    return {
        menu: allowed[0]
        for option in declared
        if changes.get(option.name)
        for menu, allowed in option.when.items()
        if values.get(menu) not in allowed
    }


def rename(center: Center, name: str, new_name: str) -> Account:
    account = get(center, name)
    checked_account_name(new_name)
    try:
        with center.store.begin() as tx:
            queries.update_account(tx, account.id, queries.touch({"name": new_name}, center.clock.now()))
    except IntegrityError:
        raise taken(new_name) from None
    return get(center, new_name)


def remove(center: Center, name: str) -> str:
    """Forget an account and end its sign-in; what a person should know of that, if anything.

    Raises SettingsError while datasets use it.
    """
    account = get(center, name)
    say_goodbye = _farewell(center, account)
    try:
        with center.store.begin() as tx:
            users = [d["name"] for d in queries.all_datasets(tx, name)]
            if not users:
                queries.delete_account(tx, account.id)
    except IntegrityError:
        users = ["a dataset made just now"]
    if users:
        raise _in_use(name, users)
    return say_goodbye()


def check_unused(center: Center, name: str) -> None:
    """Raises SettingsError for an account that datasets use, or an unknown one."""
    get(center, name)
    with center.store.read() as tx:
        users = [d["name"] for d in queries.all_datasets(tx, name)]
    if users:
        raise _in_use(name, users)


def _in_use(name: str, users: list[str]) -> SettingsError:
    return SettingsError(
        f"Account {name!r} is used by {', '.join(users)}.",
        todo="Remove those datasets first (`trunkline dataset remove NAME`).",
    )


def farewell(center: Center, name: str) -> Callable[[], str]:
    """What ends the account's sign-in at the provider, to be called once the account is forgotten."""
    return _farewell(center, get(center, name))


def _farewell(center: Center, account: Account) -> Callable[[], str]:
    if account.connected_at is None:
        return lambda: ""
    try:
        grant = _grant(center, account, all_values(center, account.name))
    except SettingsError:  # no key opens what is kept: there is nothing to say goodbye with
        return lambda: ""
    return grant.farewell() if grant else lambda: ""


def _grant(center: Center, account: Account, values: Values) -> grants.AccountGrant | None:
    return grants.grant_of(center, account.id, connector_named(account.connector), values, account.name)


def get(center: Center, name: str) -> Account:
    """The account of that name. Raises SettingsError with the nearest name for an unknown one."""
    return _account(center, _row(center, name))


def _row(center: Center, name: str) -> RowMapping:
    return named_row(center, "account", name, queries.account_named, queries.all_accounts)


def all_of(center: Center) -> list[Account]:
    with center.store.read() as tx:
        return [_account(center, row) for row in queries.all_accounts(tx)]


def all_values(center: Center, name: str) -> Values:
    """Every value of an account, secrets included: for requests, never for showing."""
    row = _row(center, name)
    return {**_values(row["values"]), **center.vault.decrypt(row["secrets"])}


def access(center: Center, name: str) -> Access:
    return access_with(center, name, all_values(center, name))


def access_with(center: Center, name: str, values: Values) -> Access:
    """A saved account as it would be with these values, its sign-in included."""
    account = get(center, name)
    return Access(connector_named(account.connector), values, name, _grant(center, account, values))


def set_verdict(center: Center, name: str, verdict: Verdict) -> None:
    account = get(center, name)
    record = _verdict_columns(verdict, center.clock.now())
    with center.store.begin() as tx:
        queries.update_account(tx, account.id, record)
    account_judged(center, account, verdict.state, verdict.message)


def judge(center: Center, name: str, verdict: Verdict) -> None:
    """Set a verdict where it tells something new."""
    if get(center, name).state != VALID or verdict.state != VALID:
        set_verdict(center, name, verdict)


def proves_itself_as(center: Center, name: str, used: Access) -> bool:
    """Whether the account still has the credentials and the address that somebody has used."""
    now = access(center, name)
    connector = now.connector
    return now.secrets == used.secrets and connector.address(now.values) == connector.address(used.values)


async def test(access: Access, surroundings: Surroundings) -> Verdict:
    """Ask the provider for one small page with these credentials; an unreachable one proves nothing."""
    try:
        await _probe(access, surroundings)
    except NotAllowed as error:
        return Verdict(INVALID, str(error), _who_may(access, error.todo), lacks_rights=True)
    except SettingsError as error:
        return Verdict(INVALID, str(error), error.todo)
    except TrunklineError as error:
        return Verdict(UNTESTED, str(error), error.todo)
    return Verdict(VALID)


def _who_may(access: Access, todo: str) -> str:
    """What key would do, where the report that was tried says so; who signs in is told already."""
    connector = access.connector
    report = connector.report(connector.test)
    if report is None or not report.rights or access.grant is not None:
        return todo
    credential = next(o.label for o in connector.account if o.name == connector.credentials_option)
    return f"Give another as the {credential}: {report.rights[0].lower()}{report.rights[1:]}"


async def _probe(access: Access, surroundings: Surroundings) -> None:
    connector = access.connector
    report = connector.report(connector.test)
    assert report is not None, f"{connector.test} is declared"
    async with open_source(access, report, {}, surroundings) as source:
        rows = [row async for page in source.rows(None) for row in page]
    for option in connector.account:
        origin, value = option.choices_from, access.values.get(option.name)
        if origin is None or origin.report != report.name or value is None:
            continue
        seen = {str(row.get(field)) for row in rows for field in (origin.value, *origin.aliases)}
        if str(value) not in seen:
            names = ", ".join(str(row.get(origin.value)) for row in rows[:10]) or "none"
            raise SettingsError(
                f"{connector.label} has no {option.label} {value} that this key can see.",
                todo=f"Those it can see: {names}.",
            )


def checked_values(connector: Connector, given: Mapping[str, Any]) -> Values:
    """The account's values, typed; the address is checked too, before a key could go there."""
    values = resolve(connector.account, given)
    connector.address(values)
    check_way_in(connector, values)
    return values


def _split(center: Center, connector: Connector, values: Values) -> dict[str, Any]:
    secret = {o.name for o in connector.account if o.kind is Kind.SECRET}
    plain = {n: list(v) if isinstance(v, tuple) else v for n, v in values.items() if n not in secret}
    hidden = {n: str(v) for n, v in values.items() if n in secret}
    return {"values": plain, "secrets": center.vault.encrypt(hidden)}


def _verdict_columns(verdict: Verdict, now: datetime) -> dict[str, Any]:
    tested = now if verdict.state != UNTESTED else None
    return {"state": verdict.state, "state_message": verdict.message, "checked_at": tested}


def _values(raw: Mapping[str, Any]) -> Values:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}


def _kept_secrets(center: Center, text: str) -> Collection[str] | None:
    """Which secrets are kept; None where no key opens them, which listing accounts does not need."""
    try:
        return center.vault.decrypt(text)
    except SettingsError:
        return None


def _account(center: Center, row: RowMapping) -> Account:
    connector = connector_named(row["connector"])
    kept = _kept_secrets(center, row["secrets"])
    secrets = (o.name for o in connector.account if o.kind is Kind.SECRET)
    return Account(
        id=row["id"],
        name=row["name"],
        connector=row["connector"],
        values=_values(row["values"]),
        secret_names=tuple(name for name in secrets if row["secrets"] and (kept is None or name in kept)),
        state=row["state"],
        state_message=row["state_message"],
        checked_at=row["checked_at"],
        created_at=row["created_at"],
        used_by=row["used_by"],
        connected_at=row["connected_at"],
        owner_id=row["owner_id"],
    )
