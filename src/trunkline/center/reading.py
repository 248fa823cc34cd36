"""Reading a report that is not saved: straight from the provider, without any database."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from trunkline.clock import Clock, process_clock
from trunkline.dates import DaySpan, local_day, zone_named
from trunkline.declare import Connector, Report, Row, ZoneFrom
from trunkline.errors import Problem, SettingsError
from trunkline.fetch.asked import asked_days
from trunkline.fetch.counters import OnWait
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.source import Access, Source, Surroundings, menu, open_source, with_inherited
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.fetch.spending import SpendLog
from trunkline.options import Option, Values, resolve
from trunkline.settings import Settings


def surroundings(
    settings: Settings, clock: Clock, spend_log: SpendLog, on_wait: OnWait | None = None
) -> Surroundings:
    """How this installation reads over HTTP."""
    http = HttpSettings(
        timeout_seconds=settings.decimal("http_timeout_seconds"),
        retries=settings.number("http_retries"),
        max_bytes=settings.number("max_answer_mb") * 1_000_000,
        max_file_bytes=settings.number("max_download_mb") * 1_000_000,
    )
    return Surroundings(clock, spend_log, http, settings.number("window_rows"), on_wait)


async def completed_options(
    access: Access, report: Report, given: Mapping[str, Any], around: Surroundings
) -> Values:
    """The report's options, typed; the account's defaults fill gaps, and so do menus of one entry.

    Raises SettingsError with a Problem per wrong or missing option.
    """
    declared = {o.name for o in report.options}
    inherited = {k: v for k, v in with_inherited(access, {}).items() if k in declared}
    filled: dict[str, Any] = {**inherited, **given}
    for option in report.options:
        if option.required and option.choices_from and not filled.get(option.name):
            filled[option.name] = await _only_entry(access, report, option.name, around, given)
    values = resolve(report.options, filled)
    problems = report.check(values) if report.check else ()
    if problems:
        raise SettingsError(problems=list(problems))
    if report.dates and report.dates.zone_from and "time_zone" not in values:
        zone = await zone_told(access, report.dates.zone_from, values, around)
        values |= {"time_zone": zone} if zone else {}
    return values


async def zone_told(access: Access, told_by: ZoneFrom, values: Values, around: Surroundings) -> str:
    """The zone of what was chosen, else of the main row; empty where the provider tells none."""
    report = access.connector.report(told_by.report)
    assert report is not None, f"{told_by.report} is declared"
    rows: list[Row] = []
    async with open_source(access, report, {}, around) as source:
        async for page in source.rows(None):
            rows += page
    chosen = {str(values[name]) for name in told_by.options if name in values}
    ranked = sorted(rows, key=lambda row: (str(row.get("id")) not in chosen, not row.get(told_by.main)))
    names = (str(row.get(told_by.column) or "") for row in ranked)
    return next((zone_named(name).key for name in names if name), "")


async def _only_entry(
    access: Access, report: Report, name: str, around: Surroundings, given: Mapping[str, Any]
) -> str:
    option = report.option(name)
    assert option is not None, f"{name} is declared"
    entries = await menu(access, {}, name, report, around)
    if len(entries) == 1:
        return entries[0][0]
    listed = "; ".join(f"{value} ({label})" for value, label in entries[:10])
    advice = [f"This key can see: {listed or 'none'}.", menu_command(access, report, option, given)]
    if access.name and name in access.connector.inherited:
        advice.append(f"All datasets take it from `trunkline account edit {access.name} {option.flag} ID`.")
    raise SettingsError(
        problems=[Problem(name, f"{option.label} ({option.flag}) is missing.")], todo=" ".join(advice).strip()
    )


def menu_command(access: Access, report: Report, option: Option, chosen: Mapping[str, Any]) -> str:
    """The sentence that names the command for an option's live menu; none for an account not saved.

    `chosen` are the values the menu may follow.
    """
    if not access.name or not report.listed:
        return ""
    words = [access.name, report.name, option.name]
    leading = report.option(option.choices_by[0]) if option.choices_by else None
    if leading:
        words += [leading.flag, str(chosen.get(leading.name) or f"{leading.name.upper()}")]
    return f"`trunkline account menu {' '.join(words)}` lists them."


@asynccontextmanager
async def open_unsaved(
    settings: Settings,
    connector: Connector,
    report: Report,
    given: Mapping[str, Any],
    *,
    say: Callable[[str], None],
    on_wait: OnWait | None = None,
) -> AsyncIterator[tuple[Source, DaySpan | None]]:
    """A source for a report with values given now, and the days that they mean; `say` hears which."""
    account_names = {o.name for o in connector.account}
    report_names = {o.name for o in report.options}
    account = resolve(connector.account, {k: v for k, v in given.items() if k in account_names})
    access = Access(connector, account)
    clock = process_clock()
    around = surroundings(settings, clock, MemorySpendLog(), on_wait)
    own = {k: v for k, v in given.items() if k in report_names}
    values = await completed_options(access, report, own, around)
    values.setdefault("time_zone", settings.text("timezone"))
    asked = asked_days(report, values, local_day(clock.now(), zone_named(str(values["time_zone"]))))
    if asked:
        say(f"{report.label}: {asked.span} ({values['time_zone']})")
        for note in asked.notes:
            say(note)
    async with open_source(access, report, values, around) as source:
        yield source, asked.span if asked else None
