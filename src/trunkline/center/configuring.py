"""Making accounts and datasets as a configuration file says: the difference first, then all or nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from trunkline.center import accounts, datasets, occupancy, queries, schedule_queries
from trunkline.center.configuration import Wanted, WantedAccount, WantedDataset
from trunkline.center.configuration_parts import PARTS
from trunkline.center.configuration_present import described
from trunkline.center.menus import check_choices, unheard
from trunkline.center.names import checked_account_name, checked_dataset_name
from trunkline.center.room import Center
from trunkline.connectors import connector as connector_named
from trunkline.connectors import report as report_named
from trunkline.declare import Report
from trunkline.errors import Problem, RetryLater, SettingsError
from trunkline.fetch.source import Access
from trunkline.options import Kind, Values, resolve

ADD, CHANGE, REMOVE = "add", "change", "remove"
NONE = "(none)"


@dataclass(frozen=True)
class Change:
    """One thing to be made, changed or forgotten. `differences` are lines without any secret."""

    kind: str
    name: str
    action: str
    differences: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Plan:
    """What would be done, in the order in which it would be. `seen` tells whether it still holds later."""

    changes: list[Change] = field(default_factory=list)
    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    account_of: dict[str, str] = field(default_factory=dict)
    seen: tuple[Any, ...] = ()

    def note(self, change: Change, record: dict[str, Any]) -> None:
        self.changes.append(change)
        self.records[change.kind, change.name] = record


async def plan(
    center: Center, wanted: Wanted, *, prune: bool = False, say: Callable[[str], None] = unheard
) -> Plan:
    """The difference between the file and what is there; nothing is changed yet.

    What the file does not name stays, unless it is to be pruned. Raises SettingsError with a Problem for
    each thing that will not do.
    """
    made = Plan(seen=_state(center))
    problems: list[Problem] = []
    access: dict[str, Access] = {}
    for account in wanted.accounts.values():
        with _collecting(f"accounts.{account.name}", problems):
            access[account.name] = _plan_account(center, account, made)
    failed = wanted.accounts.keys() - access.keys()
    for dataset in wanted.datasets.values():
        if dataset.account in failed:
            continue  # one sentence about the account is enough
        with _collecting(f"datasets.{dataset.name}", problems):
            of = access.get(dataset.account) or accounts.access(center, dataset.account)
            await _plan_dataset(center, dataset, of, made, say)
    if problems:
        raise SettingsError(problems=problems, todo="Nothing was changed.")
    if prune:
        _plan_removals(center, wanted, made)
    return made


def carry_out(center: Center, made: Plan) -> tuple[str, ...]:
    """Do all of it in one transaction; notes of what a person should know.

    Raises RetryLater, and changes nothing, while a dataset of it is being run or somebody has changed
    something since the plan was made.
    """
    now = center.clock.now()
    farewells = [accounts.farewell(center, c.name) for c in made.changes if _is(c, "account", REMOVE)]
    with ExitStack() as held:
        for change in made.changes:
            if change.kind == "dataset" and change.action != ADD:
                dataset = datasets.get(center, change.name)
                held.enter_context(occupancy.held(center, dataset.id, change.name))
        with center.store.begin() as tx:
            if _state_in(tx) != made.seen:
                raise RetryLater("Somebody has changed accounts or datasets meanwhile.", todo="Apply again.")
            for change in made.changes:
                _write(center, tx, change, made, now)
    return tuple(note for note in (farewell() for farewell in farewells) if note)


def _is(change: Change, kind: str, action: str) -> bool:
    return (change.kind, change.action) == (kind, action)


def _write(center: Center, tx: Any, change: Change, made: Plan, now: Any) -> None:
    record = made.records[change.kind, change.name]
    if change.kind == "account":
        _write_account(tx, change, record, now)
    else:
        _write_dataset(center, tx, change, record, made, now)


def _write_account(tx: Any, change: Change, record: dict[str, Any], now: Any) -> None:
    if change.action == ADD:
        queries.insert_account(tx, queries.touch({"name": change.name, "created_at": now, **record}, now))
        return
    row = queries.account_named(tx, change.name)
    assert row is not None, "held against the plan in this transaction"
    if change.action == REMOVE:
        queries.delete_account(tx, row["id"])
    else:
        queries.update_account(tx, row["id"], queries.touch(record, now))


def _write_dataset(
    center: Center, tx: Any, change: Change, record: dict[str, Any], made: Plan, now: Any
) -> None:
    row = queries.dataset_named(tx, change.name)
    if change.action == REMOVE:
        assert row is not None, "held against the plan in this transaction"
        queries.delete_dataset(tx, row["id"])
        return
    account = queries.account_named(tx, made.account_of[change.name])
    assert account is not None, "held against the plan in this transaction"
    record = {**record, "account_id": account["id"]}
    if row is None:
        queries.insert_dataset(tx, queries.touch({"name": change.name, "created_at": now, **record}, now))
        row = queries.dataset_named(tx, change.name)
        assert row is not None, "inserted just now"
    else:
        queries.update_dataset(tx, row["id"], queries.touch(record, now))
    for part in PARTS:
        part.write(center, tx, row["id"], made.parts[change.name].get(part.name))


def _plan_account(center: Center, wanted: WantedAccount, made: Plan) -> Access:
    checked_account_name(wanted.name)
    connector = connector_named(wanted.connector)
    secret = {o.name for o in connector.account if o.kind is Kind.SECRET}
    for name in wanted.options.keys() & secret:
        raise SettingsError(problems=[Problem(f"options.{name}", f"{name} is secret: it goes into secrets.")])
    for name in wanted.secrets.keys() - secret:
        raise SettingsError(
            problems=[Problem(f"secrets.{name}", f"{name} is no secret of {connector.label}.")]
        )
    if not accounts.exists(center, wanted.name):
        values = accounts.checked_values(connector, {**wanted.options, **wanted.secrets})
        record = accounts.record_of(center, connector, values, accounts.Verdict(accounts.UNTESTED))
        lines = (
            *_lines({}, _without(values, secret), "options"),
            *(f"secrets.{name}: set" for name in sorted(values.keys() & secret)),
        )
        made.note(Change("account", wanted.name, ADD, lines), {"connector": connector.name, **record})
        return Access(connector, values, wanted.name)
    if (there := accounts.get(center, wanted.name).connector) != connector.name:
        raise SettingsError(f"The account is one of {there}; it cannot become one of {connector.name}.")
    former = accounts.all_values(center, wanted.name)
    kept = {name: value for name, value in former.items() if name in secret}
    values = accounts.checked_values(connector, {**wanted.options, **kept, **wanted.secrets})
    changed = {name for name in {*values, *former} if values.get(name) != former.get(name)}
    if changed:
        lines = (
            *_lines(_without(former, secret), _without(values, secret), "options"),
            *(f"secrets.{name}: set anew" for name in sorted(changed & secret)),
        )
        record = accounts.changed_record(center, connector, values, changed)
        made.note(Change("account", wanted.name, CHANGE, lines), record)
    return accounts.access_with(center, wanted.name, values)


async def _plan_dataset(
    center: Center, wanted: WantedDataset, access: Access, made: Plan, say: Callable[[str], None]
) -> None:
    checked_dataset_name(wanted.name)
    report = report_named(access.connector, wanted.report)
    there = {d.name: d for d in datasets.all_of(center)}.get(wanted.name)
    former: dict[str, Any] = {}
    if there is not None:
        if (there.connector.name, there.report.name) != (access.connector.name, report.name):
            raise SettingsError(
                f"The dataset reads {there.report.name} of {there.connector.name}; its table has those."
            )
        former = described(center, there)
    given = {**_filled_by_itself(report, former.get("options", {}), wanted.options), **wanted.options}
    if there is not None and _as_kept(report, given) == former["options"] and access.name == there.account:
        options = there.options
    else:
        options = await datasets.checked_options(center, access, report, given)
        await check_choices(access, report, options, given.keys(), center.surroundings(), say)
    method = datasets.checked_method(report, wanted.update, options)
    record = datasets.record_of(report, options, method, wanted.description)
    now = {
        "account": wanted.account,
        "report": report.name,
        "update": method.value,
        "description": wanted.description,
        "options": record["options"],
        **{part.name: wanted.parts.get(part.name) for part in PARTS},
    }
    if now == former:
        return
    made.parts[wanted.name], made.account_of[wanted.name] = wanted.parts, wanted.account
    lines = tuple(_lines(former, now, ""))
    made.note(Change("dataset", wanted.name, ADD if there is None else CHANGE, lines), record)


def _as_kept(report: Report, given: Mapping[str, Any]) -> Any:
    """The options as they would be kept, with nobody asked; None where that alone will not do."""
    try:
        values = resolve(report.options, given)
    except SettingsError:
        return None
    return datasets.record_of(report, values, report.methods(values)[0], "")["options"]


def _filled_by_itself(report: Report, former: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider's menus and zone filled in when the dataset was made, if the file is silent."""
    names = {o.name for o in report.options if o.choices_from is not None or o.kind is Kind.ZONE}
    return {name: value for name, value in former.items() if name in names and name not in wanted}


def _plan_removals(center: Center, wanted: Wanted, made: Plan) -> None:
    """Datasets first: an account that is used cannot go."""
    for dataset in datasets.all_of(center):
        if dataset.name not in wanted.datasets:
            made.note(Change("dataset", dataset.name, REMOVE, ("its table is kept",)), {})
    for account in accounts.all_of(center):
        if account.name not in wanted.accounts:
            users = [d.name for d in wanted.datasets.values() if d.account == account.name]
            if users:
                text = f"datasets.{users[0]} uses the account {account.name}, which the file does not name."
                raise SettingsError(problems=[Problem(f"datasets.{users[0]}.account", text)])
            made.note(Change("account", account.name, REMOVE, ("with its credentials",)), {})


def _state(center: Center) -> tuple[Any, ...]:
    with center.store.read() as tx:
        return _state_in(tx)


def _state_in(tx: Any) -> tuple[Any, ...]:
    rows = (*queries.all_accounts(tx), *queries.all_datasets(tx))
    named = tuple((row["id"], row["name"], row["updated_at"]) for row in rows)
    timed = sorted((row["dataset_id"], row["version"]) for row in schedule_queries.all_schedules(tx))
    return (*named, *timed)


def _lines(former: Mapping[str, Any], now: Mapping[str, Any], place: str) -> Iterator[str]:
    for name in sorted({*former, *now}):
        old, new = former.get(name), now.get(name)
        if isinstance(old, Mapping) or isinstance(new, Mapping):
            yield from _lines(old or {}, new or {}, name)
        elif old != new and not (old in (None, "") and new in (None, "")):
            yield f"{place}{'.' if place else ''}{name}: {_text(old)} -> {_text(new)}"


def _text(value: Any) -> str:
    if value in (None, ""):
        return NONE
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _without(values: Values, names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


@contextmanager
def _collecting(place: str, problems: list[Problem]) -> Iterator[None]:
    """What is raised inside becomes Problems of one place of the file."""
    try:
        yield
    except SettingsError as error:
        found = error.problems or (Problem("", " ".join(filter(None, (str(error), error.todo)))),)
        for one in found:
            where = f"{place}.{one.field}" if one.field else place
            problems.append(Problem(where, f"{place}: {one.message}"))
