"""What a report is asked: the days chosen, and the query for a window of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from trunkline.date_menus import DateWords, chosen_days
from trunkline.dates import DaySpan, instants, months_before, zone_named
from trunkline.declare import Dates, Report, Window
from trunkline.errors import Problem, SettingsError
from trunkline.fetch.paging import Query
from trunkline.options import Value, Values

EARLIEST_DAY = date(2000, 1, 1)
"""Where "everything" begins for a provider that names no end of its memory."""


Instants = tuple[int, int]
"""First millisecond of a stretch of time and first one after it, since 1970."""


@dataclass(frozen=True)
class AskedDays:
    """The span a dated report is asked for today, and what a person should know about it."""

    span: DaySpan
    ends_today: bool
    notes: tuple[str, ...] = ()


def asked_days(report: Report, values: Values, today: date) -> AskedDays | None:
    """The days that the chosen menus mean, kept within what the provider still has; None: undated.

    Raises SettingsError where nothing of the range is kept any more, or where it ends before it starts.
    """
    if report.dates is None:
        return None
    chosen = chosen_days(report.dates.words, values, today, report.dates.days_unless_chosen)
    oldest, gone = oldest_day(report.dates, today)
    if chosen.last < oldest:
        text = f"The range ends on {chosen.last}, and {gone}."
        raise SettingsError(
            problems=[Problem(_field_of_the_end(report.dates.words, values), text)],
            todo=f"Choose days from {oldest} on.",
        )
    notes = chosen.warnings
    if chosen.first and chosen.first < oldest:
        notes += (f"{gone.capitalize()}; reading starts there instead of at {chosen.first}.",)
    last = min(chosen.last, today)
    first = max(chosen.first or oldest, oldest)
    return AskedDays(DaySpan(min(first, last), last), chosen.ends_today, notes)


def oldest_day(dates: Dates, today: date) -> tuple[date, str]:
    """The first day that can be read, and what is with those before it, in words."""
    kept = dates.months_kept
    if not kept:
        return EARLIEST_DAY, f"no days before {EARLIEST_DAY} are read"
    oldest = months_before(today, kept) + timedelta(days=1)
    return oldest, f"records before {oldest} are no longer kept ({kept} months)"


def holds_today_alone(dates: Dates, values: Values) -> bool:
    """Whether the report is asked for what it says of today, and for no day by its date."""
    return dates.words.today_only is not None and values.get(dates.words.today_only.name) == "yes"


def _field_of_the_end(words: DateWords, values: Values) -> str:
    """The menu that set the last day."""
    ends = (words.specific_date, words.days_back, words.end_date, words.days_back_end)
    return next((o.name for o in ends if o.name in values), words.duration.name)


def query_for(report: Report, values: Values, window: Window, slice_: Instants | None = None) -> Query:
    """The request for one window: path with its ids, parameters of the chosen options, both dates, zone.

    A slice narrows the window to some of its milliseconds, where dates are instants.
    """
    params: dict[str, str | list[str]] = dict(report.params)
    for option in report.options:
        if option.param and option.name in values:
            params[option.param] = _param(option.param, values[option.name])
    if report.dates and window.span:
        params |= _day_params(report.dates, values, window.span, slice_)
    about = f"{report.label}, {window.span}" if window.span else report.label
    return Query(report, values, _path(report, values), params, about)


def _day_params(dates: Dates, values: Values, span: DaySpan, slice_: Instants | None) -> dict[str, str]:
    """The parameters of a span: its days, or the instants around them (one too many at the start)."""
    if dates.is_epoch_ms:
        first, after = slice_ or epoch_ms(span, values)
        return {dates.start: str(first - 1), dates.end: str(after)}
    days = {dates.start: span.first.isoformat(), dates.end: span.last.isoformat()}
    return days | ({dates.zone: str(values["time_zone"])} if dates.zone else {})


def epoch_ms(span: DaySpan, values: Values) -> Instants:
    """First millisecond of the span and first one after it, since 1970, by the zone of the values."""
    first, after = instants(span, zone_named(str(values["time_zone"])))
    return int(first.timestamp() * 1000), int(after.timestamp() * 1000)


def _param(name: str, value: Value) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return list(value) if name.endswith("[]") else ",".join(value)
    return str(value)


def _path(report: Report, values: Values) -> str:
    quoted: dict[str, Any] = {name: quote(str(value), safe="") for name, value in values.items()}
    try:
        return report.path_for(values).format_map(quoted)
    except KeyError as missing:
        name = str(missing.args[0])
        option = report.option(name)
        label = f"{option.label} ({option.flag})" if option else name
        raise SettingsError(problems=[Problem(name, f"{label} is missing.")]) from None
