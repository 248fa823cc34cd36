"""The Details pane: the report, its options as they appear, the days they mean, and what is told of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from trunkline.center import datasets
from trunkline.center.reading import zone_told
from trunkline.dates import local_day, zone_named
from trunkline.declare import Report
from trunkline.errors import SettingsError
from trunkline.fetch.asked import AskedDays, asked_days
from trunkline.fetch.source import Access, with_inherited
from trunkline.options import Values, resolve
from trunkline.pages.new_dataset.draft import Draft
from trunkline.pages.new_dataset.provider import known, menu_entries, menu_words, remembered
from trunkline.pages.option_form import Field, effective, fields_of, problems_of, said, texts_of
from trunkline.pages.remembered import Answer
from trunkline.pages.visit import Visit


@dataclass(frozen=True)
class Days:
    """The days of a choice, as a sentence; without a zone while the provider has not told its own."""

    text: str = ""
    zone: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """What the pane shows."""

    access: Access
    report: Report | None
    fields: list[Field] = field(default_factory=list)
    days: Days = Days()
    typed: frozenset[str] = frozenset()
    """Menus whose ids are typed instead of chosen."""


def details_of(
    visit: Visit, access: Access, draft: Draft, problems: Mapping[str, str] | None = None
) -> Details:
    """The pane with the choices of a draft; `problems` besides those that can be seen at once."""
    report = draft.declared_report()
    if report is None:
        return Details(access, None)
    given = given_with_account(access, report, draft)
    wrong, days = looked_at(visit, access, report, given)
    typed = frozenset(name.removeprefix("typed.") for name in visit.form if name.startswith("typed."))
    fields = [
        _with_entries(visit, access, report, one, given, typed)
        for one in fields_of(report.options, given, {**wrong, **(problems or {})}, has_menus=True)
    ]
    return Details(access, report, fields, days, typed)


def given_with_account(access: Access, report: Report, draft: Draft) -> dict[str, Any]:
    """What was chosen, and the account's defaults where nothing was."""
    names = {o.name for o in report.options}
    defaults = texts_of(report.options, {n: v for n, v in with_inherited(access, {}).items() if n in names})
    return {**defaults, **{n: v for n, v in draft.options.items() if n in names and v not in ("", ())}}


def _with_entries(
    visit: Visit, access: Access, report: Report, one: Field, given: dict[str, Any], typed: frozenset[str]
) -> Field:
    """A live menu with what is remembered of it; one that nobody has asked for yet asks by itself."""
    if one.draws != "menu":
        return one
    if one.option.name in typed:
        return replace(one, draws="typed")
    answer = known(visit, access, menu_words(report, one.option, effective(report.options, given)))
    return with_answer(one, answer) if answer else one


def with_answer(one: Field, answer: Answer) -> Field:
    failure = "" if answer.waits_for else f"{answer.failure} {answer.todo}".strip()
    return replace(one, entries=answer.value, failure=failure, waits_for=answer.waits_for)


def menu_field(visit: Visit, access: Access, draft: Draft, name: str, *, anew: bool, is_typed: bool) -> Field:
    """One live menu, asked for now unless it is remembered; or the field to type an id into instead."""
    report = draft.declared_report()
    given = given_with_account(access, report, draft) if report else {}
    for one in fields_of(report.options, given, has_menus=True) if report else ():
        if report and one.option.name == name and one.draws == "menu":
            if is_typed:
                return replace(one, draws="typed")
            values = effective(report.options, given)
            return with_answer(one, menu_entries(visit, access, report, one.option, values, anew=anew))
    raise SettingsError(f"There is no menu {name} here.", todo="Load the page again.")


def looked_at(
    visit: Visit, access: Access, report: Report, given: Mapping[str, Any]
) -> tuple[dict[str, str], Days]:
    """What is wrong with what was said so far, without what is only missing; and the days it means."""
    easy = tuple(replace(o, required=False) for o in report.options)
    try:
        values = resolve(easy, said(easy, given))
    except SettingsError as error:
        return problems_of(error), Days()
    if report.check and (wrong := report.check(values)):
        return problems_of(SettingsError(problems=list(wrong))), Days()
    zone = _zone_of(visit, access, report, values)
    try:
        days = days_of(visit, report, values, zone)
    except SettingsError as error:
        # a day that is yet to be typed is no mistake
        return {n: t for n, t in problems_of(error).items() if n in values}, Days()
    return {}, days


def days_of(visit: Visit, report: Report, values: Values, zone: str) -> Days:
    """The days in a zone; an empty one stands for one nobody has told yet."""
    named = zone_named(zone or visit.rooms.settings.text("timezone"))
    today = local_day(visit.rooms.clock.now(), named)
    asked = asked_days(report, values, today)
    if asked is None or report.dates is None:
        return Days()
    return Days(sentence(report, values, asked, today), zone, asked.notes)


def sentence(report: Report, values: Values, asked: AskedDays, today: date) -> str:
    """The days as they were said, and as they are: `10 to 5 days ago = 10 Nov 2026 to 15 Nov 2026`."""
    assert report.dates is not None, "an undated report has no days"
    words = report.dates.words
    count = asked.span.days
    days = f"{asked.span} ({'1 day' if count == 1 else f'{count:,} days'})"
    if any(one.name in values for one in (words.specific_date, words.start_date, words.end_date)):
        return days
    relative = (words.days_back, words.days_back_start)
    is_today = words.today_only is not None and values.get(words.today_only.name) == "yes"
    is_bounded = is_today or report.dates.days_unless_chosen is not None
    if not is_bounded and not any(one.name in values for one in relative):
        return f"Everything there is = {days}"
    first, last = ((today - day).days for day in (asked.span.first, asked.span.last))
    return f"{_back(first, last)} = {days}"


def _back(first: int, last: int) -> str:
    names = {0: "today", 1: "yesterday"}
    if first == last:
        told = names.get(first, f"{first} days ago")
    elif last in names:
        told = f"{names.get(first, f'{first} days ago')} to {names[last]}"
    else:
        told = f"{first} to {last} days ago"
    return told[0].upper() + told[1:]


def _zone_of(visit: Visit, access: Access, report: Report, values: Values) -> str:
    """The zone of the days; empty where the provider has to be asked first."""
    if "time_zone" in values:
        return str(values["time_zone"])
    if report.dates and report.dates.zone_from:
        answer = known(visit, access, _zone_words(report, values))
        return "" if answer is None else _told(visit, answer)
    return visit.rooms.settings.text("timezone")


def ask_zone(visit: Visit, access: Access, draft: Draft) -> Days:
    """The days once the provider has told its zone."""
    report = draft.declared_report()
    if report is None:
        return Days()
    given = given_with_account(access, report, draft)
    easy = tuple(replace(o, required=False) for o in report.options)
    values = resolve(easy, said(easy, given))
    zone = _zone_of(visit, access, report, values)
    if not zone and report.dates and report.dates.zone_from:
        told_by, around = report.dates.zone_from, visit.rooms.center.impatient().surroundings()
        words = _zone_words(report, values)
        zone = _told(
            visit, remembered(visit, access, words, lambda: zone_told(access, told_by, values, around))
        )
    return days_of(visit, report, values, zone)


def _told(visit: Visit, answer: Answer) -> str:
    return str(answer.value or "") or visit.rooms.settings.text("timezone")


def _zone_words(report: Report, values: Values) -> tuple[str, ...]:
    told_by = report.dates.zone_from if report.dates else None
    return (
        "zone",
        str(told_by),
        *(str(values.get(name, "")) for name in (told_by.options if told_by else ())),
    )


async def unsaved(visit: Visit, draft: Draft) -> datasets.Dataset:
    """The dataset that the choices would make."""
    report = draft.declared_report()
    if report is None:
        raise SettingsError("No report is chosen yet.", todo="Choose one first.")
    given = said(report.options, draft.options)
    method = draft.timing.get("method") or None
    return await datasets.unsaved(visit.rooms.center.impatient(), draft.account, report.name, given, method)
