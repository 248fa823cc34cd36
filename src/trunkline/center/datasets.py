"""Datasets: a report of an account with its choices, and the table that its rows go to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from trunkline.center import accounts, occupancy, queries
from trunkline.center.menus import check_choices, unheard
from trunkline.center.names import checked_dataset_name, unknown
from trunkline.center.reading import completed_options
from trunkline.center.room import Center
from trunkline.center.tags import checked_tags
from trunkline.connectors import connector as connector_named
from trunkline.connectors import report as report_named
from trunkline.dates import local_day, zone_named
from trunkline.declare import Column, Connector, Method, Report
from trunkline.errors import Problem, SettingsError
from trunkline.fetch.asked import AskedDays, asked_days
from trunkline.fetch.source import Access
from trunkline.options import Kind, Option, Values, resolve

UNSAVED = 0
"""The id of what is not in the store."""


@dataclass(frozen=True)
class Dataset:
    """A dataset; one that is not saved yet has the id UNSAVED."""

    id: int
    name: str
    account: str
    connector: Connector
    report: Report
    options: Values
    method: Method
    description: str
    created_at: datetime
    last_run_id: str | None
    last_success_run_id: str | None
    owner_id: int | None = None
    """The user who made it; none: a command did."""
    tags: tuple[str, ...] = ()

    @property
    def is_saved(self) -> bool:
        return self.id != UNSAVED

    def columns(self) -> tuple[Column, ...]:
        """The columns the chosen fields bring."""
        return self.report.columns_of(self.options)


async def add(
    center: Center,
    name: str,
    account: str,
    report_name: str,
    given: Mapping[str, Any],
    *,
    method: str | None = None,
    description: str = "",
    tags: Sequence[str] = (),
    owner_id: int | None = None,
    say: Callable[[str], None] = unheard,
) -> Dataset:
    """Save a new dataset; a required menu with exactly one entry fills itself.

    `say` hears what could not be checked. Raises SettingsError with a Problem per wrong option.
    """
    checked_dataset_name(name)
    access = accounts.access(center, account)
    report = report_named(access.connector, report_name)
    options = await checked_options(center, access, report, given)
    chosen = checked_method(report, method, options)
    await check_choices(access, report, options, given.keys(), center.surroundings(), say)
    now = center.clock.now()
    record = {
        "name": name,
        "account_id": accounts.get(center, account).id,
        **record_of(report, options, chosen, description),
        "tags": list(checked_tags(tags)),
        "owner_id": owner_id,
        "created_at": now,
        "updated_at": now,
    }
    try:
        with center.store.begin() as tx:
            queries.insert_dataset(tx, record)
    except IntegrityError:
        raise _taken(name) from None
    return get(center, name)


async def unsaved(
    center: Center, account: str, report_name: str, given: Mapping[str, Any], method: str | None = None
) -> Dataset:
    """What these choices would make, for a look at it before it is saved. Raises as `add` does."""
    access = accounts.access(center, account)
    report = report_named(access.connector, report_name)
    options = await checked_options(center, access, report, given)
    chosen = checked_method(report, method, options)
    now = center.clock.now()
    return Dataset(UNSAVED, "", account, access.connector, report, options, chosen, "", now, None, None)


def record_of(report: Report, options: Values, method: Method, description: str) -> dict[str, Any]:
    """The columns that hold these checked choices."""
    return {
        "report": report.name,
        "options": _to_keep(report, options),
        "method": method.value,
        "description": description,
    }


@dataclass(frozen=True)
class EveryReport:
    """The names of the datasets that were made, and the flags of reports that must be told what to read."""

    names: tuple[str, ...]
    left_out: Mapping[str, tuple[str, ...]]


async def add_every_report(center: Center, account: str) -> EveryReport:
    """A dataset of each report of the account's connector, with nothing chosen."""
    taken = {d.name for d in all_of(center)}
    prefix = "".join(c if c.isalnum() else "_" for c in account.lower())
    names = []
    left_out = {}
    connector = accounts.access(center, account).connector
    for report in connector.listed_reports:
        needed = tuple(o.flag for o in report.options if _must_be_told(connector, o))
        if needed:
            left_out[report.name] = needed
            continue
        name = report.name if report.name not in taken else f"{prefix}_{report.name}"
        await add(center, name, account, report.name, {})
        names.append(name)
    return EveryReport(tuple(names), left_out)


def _must_be_told(connector: Connector, option: Option) -> bool:
    """Whether nobody but a person can say what a report's option is to be."""
    has_menu = option.choices_from is not None or option.name in connector.inherited
    return option.required and not option.when and option.default is None and not has_menu


async def edit(
    center: Center,
    name: str,
    changes: Mapping[str, Any],
    *,
    method: str | None = None,
    description: str | None = None,
    tags: Sequence[str] | None = None,
    account: str | None = None,
    say: Callable[[str], None] = unheard,
) -> Dataset:
    """Change options; an empty text takes one away. Dates given anew replace the old ones as a whole.

    `say` hears what could not be checked. Raises RetryLater while the dataset is being run.
    """
    dataset = get(center, name)
    occupancy.check_free(center, dataset.id, name)
    access = accounts.access(center, account or dataset.account)
    if access.connector.name != dataset.connector.name:
        raise SettingsError(f"{dataset.name} reads {dataset.connector.label}; account {account} is another.")
    kept = _without_replaced_dates(dataset, changes)
    merged = {k: v for k, v in {**kept, **changes}.items() if v not in (None, "")}
    options = await checked_options(center, access, dataset.report, merged)
    # Another account sees other companies and users: then what stays is looked at too.
    chosen = merged.keys() if access.name != dataset.account else changes.keys()
    await check_choices(access, dataset.report, options, chosen, center.surroundings(), say)
    record: dict[str, Any] = {
        "options": _to_keep(dataset.report, options),
        "account_id": accounts.get(center, access.name).id,
        "method": _kept_method(dataset, method, options).value,
    }
    if description is not None:
        record["description"] = description
    if tags is not None:
        record["tags"] = list(checked_tags(tags))
    with occupancy.held(center, dataset.id, name), center.store.begin() as tx:
        queries.update_dataset(tx, dataset.id, queries.touch(record, center.clock.now()))
    return get(center, name)


def _without_replaced_dates(dataset: Dataset, changes: Mapping[str, Any]) -> Values:
    dated = {o.name for o in dataset.report.dates.words.options} if dataset.report.dates else set()
    if dated.isdisjoint(changes):
        return dataset.options
    return {k: v for k, v in dataset.options.items() if k not in dated}


def remove(center: Center, name: str, drop: Callable[[Center, str], None] | None = None) -> None:
    """Forget a dataset; `drop` takes its table away first. Raises RetryLater while it is being run."""
    dataset = get(center, name)
    with occupancy.held(center, dataset.id, name):
        if drop is not None:
            drop(center, name)
        with center.store.begin() as tx:
            queries.delete_dataset(tx, dataset.id)


def exists(center: Center, name: str) -> bool:
    with center.store.read() as tx:
        return queries.dataset_named(tx, name) is not None


def get(center: Center, name: str) -> Dataset:
    with center.store.read() as tx:
        row = queries.dataset_named(tx, name)
        known = [] if row else [r["name"] for r in queries.all_datasets(tx)]
    if row is None:
        raise unknown("dataset", name, known)
    return from_row(row)


def tags_by_name(center: Center) -> dict[str, tuple[str, ...]]:
    """The names that are taken, with the tags of each."""
    with center.store.read() as tx:
        return {row["name"]: tuple(row["tags"] or ()) for row in queries.names_and_tags(tx)}


def all_of(center: Center, account: str | None = None) -> list[Dataset]:
    with center.store.read() as tx:
        return [from_row(row) for row in queries.all_datasets(tx, account)]


def choices_of(center: Center, account: str) -> list[Values]:
    """What the datasets of an account choose, each set of choices once, however many share it."""
    with center.store.read() as tx:
        rows = queries.dataset_choices(tx, account)
    reports = [report_named(connector_named(row["connector"]), row["report"]) for row in rows]
    return [resolve(report.options, row["options"]) for report, row in zip(reports, rows, strict=True)]


def checked_method(report: Report, method: str | None, options: Values) -> Method:
    """The update method, or the default for these options. Raises SettingsError for one it cannot do."""
    if method is None:
        return report.methods(options)[0]
    allowed = [m.value for m in report.methods(options)]
    if method.lower() in allowed:
        return Method(method.lower())
    text = f"Update method (--update) is {method!r}; {report.label} can do {', '.join(allowed)}."
    raise SettingsError(problems=[Problem("update", text)])


def _kept_method(dataset: Dataset, method: str | None, options: Values) -> Method:
    """The method given, else the dataset's own as long as the new options leave it that."""
    if method is None and dataset.method not in dataset.report.methods(options):
        return dataset.report.methods(options)[0]
    return checked_method(dataset.report, method or dataset.method.value, options)


async def checked_options(center: Center, access: Access, report: Report, given: Mapping[str, Any]) -> Values:
    """The report's options, typed, with the account's defaults and one-entry menus filled in."""
    options = await completed_options(access, report, given, center.surroundings())
    asked_days(report, options, today_of(center, options))
    return options


def zone_of(center: Center, options: Values) -> str:
    return str(options.get("time_zone") or center.settings.text("timezone"))


def today_of(center: Center, options: Values) -> date:
    return local_day(center.clock.now(), zone_named(zone_of(center, options)))


def asked(center: Center, dataset: Dataset) -> AskedDays | None:
    """The days the dataset's choice means today."""
    return asked_days(dataset.report, dataset.options, today_of(center, dataset.options))


def shown_options(dataset: Dataset) -> dict[str, Any]:
    """The options worth showing: those that differ from their defaults."""
    secret = {o.name for o in dataset.report.options if o.kind is Kind.SECRET}
    kept = _to_keep(dataset.report, dataset.options)
    return {name: value for name, value in kept.items() if name not in secret}


def _taken(name: str) -> SettingsError:
    return SettingsError(
        problems=[Problem("name", f"There is a dataset named {name!r} already.")],
        todo=f"Choose another name, or change it with `trunkline dataset edit {name}`.",
    )


def _plain(options: Values) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in options.items()}


def _to_keep(report: Report, options: Values) -> dict[str, Any]:
    """Defaults are not written down, so that a dataset follows them when they grow."""
    defaults = {o.name: o.default for o in report.options}
    return _plain({name: v for name, v in options.items() if v != defaults.get(name)})


def from_row(row: RowMapping) -> Dataset:
    connector = connector_named(row["connector"])
    report = report_named(connector, row["report"])
    return Dataset(
        id=row["id"],
        name=row["name"],
        account=row["account"],
        connector=connector,
        report=report,
        options=resolve(report.options, row["options"]),
        method=Method(row["method"]),
        description=row["description"] or "",
        created_at=row["created_at"],
        last_run_id=row["last_run_id"],
        last_success_run_id=row["last_success_run_id"],
        owner_id=row["owner_id"],
        tags=tuple(row["tags"] or ()),
    )
