"""Forms drawn from declared options: what each field shows, and what a sent form gives."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from starlette.datastructures import FormData

from trunkline.errors import SettingsError
from trunkline.options import Choice, Kind, Option, shown

PREFIX = "o."
"""Before the names of options in forms, so that none meets a field of the page itself."""
MOST_RADIOS = 3
FLAG = re.compile(r" \(--[a-z0-9-]+\)")
FLAG_ALONE = re.compile(r"(?<!\S)--([a-z][a-z0-9-]*)")
LEAST_SEARCHED = 9
"""Shorter lists are seen at a glance."""

Given = Mapping[str, Any]
"""Texts by the names of options, tuples of texts for lists of fields."""


@dataclass(frozen=True)
class Field:
    """One option as a form shows it. `draws` names how: text, secret, select, radio, bool, int, day, …"""

    option: Option
    draws: str
    value: Any
    problem: str = ""
    is_kept: bool = False
    """A secret that is saved already: left empty, it stays."""
    entries: Sequence[tuple[str, str]] | None = None
    """Of a menu filled from the provider: what it holds, None while nobody has asked."""
    failure: str = ""
    """Why the provider's menu is not there."""
    waits_for: str = ""
    """The field that has to be filled before it can be."""

    @property
    def name(self) -> str:
        """Its name in the form."""
        return PREFIX + self.option.name

    @property
    def is_required(self) -> bool:
        return self.option.required and not self.is_kept

    @property
    def is_changed(self) -> bool:
        """Whether it says something else than what counts anyway."""
        default = self.option.default
        usual = default if isinstance(default, tuple) else "" if default is None else _text(default)
        return self.value not in ("", "no", usual)

    @property
    def choices(self) -> Sequence[Choice]:
        return self.option.choices

    @property
    def is_searched(self) -> bool:
        return len(self.entries if self.entries is not None else self.choices) >= LEAST_SEARCHED


def fields_of(
    options: Sequence[Option],
    given: Given,
    problems: Mapping[str, str] | None = None,
    *,
    kept: Collection[str] = (),
    has_menus: bool = False,
) -> list[Field]:
    """The fields of a form: of the options that show with these texts and the defaults of the others.

    `kept` names the secrets that are saved; with `has_menus` the provider's menus are drawn as such.
    """
    values = effective(options, given)
    return [
        Field(
            option,
            _drawn(option, values, has_menus),
            "" if option.kind is Kind.SECRET else values.get(option.name, ""),
            (problems or {}).get(option.name, ""),
            option.name in kept,
        )
        for option in shown_with(options, given)
    ]


def effective(options: Sequence[Option], given: Given) -> dict[str, Any]:
    """What counts of the given texts: those of options that show; defaults where nothing was said."""
    values: dict[str, Any] = {}
    while True:
        fresh = {o.name: _value(o, given) for o in shown(options, values)}
        if fresh == values:
            return {name: value for name, value in values.items() if value not in ("", ())}
        values = fresh


def shown_with(options: Sequence[Option], given: Given) -> list[Option]:
    return shown(options, effective(options, given))


def _value(option: Option, given: Given) -> Any:
    """What was given; the default of a menu that cannot be empty, or that nobody has seen yet."""
    value = given.get(option.name)
    if option.kind is Kind.FIELDS:
        return tuple(value) if value else option.default or ()
    if option.kind is Kind.BOOL:
        return "yes" if _is_on(option.default if value in (None, "") else value) else "no"
    if value is None or (value == "" and option.kind is Kind.CHOICE):
        value = option.default
    return "" if value is None else str(value)


def _is_on(value: Any) -> bool:
    return str(value).lower() in ("true", "yes", "on", "1")


def _drawn(option: Option, values: Mapping[str, Any], has_menus: bool) -> str:
    if has_menus and option.menu(values) is not None:
        return "menu"
    if option.kind is Kind.CHOICE:
        return "radio" if 0 < len(option.choices) <= MOST_RADIOS else "select" if option.choices else "text"
    if option.kind in (Kind.DATE, Kind.DAYS_BACK):
        return "day" if option.kind is Kind.DATE else "back"
    return option.kind.value


def given_in(options: Sequence[Option], form: FormData) -> dict[str, Any]:
    """What a sent form gives, as texts (tuples of them for lists); of what it did not show, nothing."""
    given: dict[str, Any] = {}
    for option in options:
        sent = [value for value in form.getlist(PREFIX + option.name) if isinstance(value, str)]
        if option.kind is Kind.FIELDS and sent:
            given[option.name] = tuple(dict.fromkeys(text for text in sent if text))
        elif sent:
            given[option.name] = sent[-1] if option.kind is Kind.SECRET else sent[-1].strip()
    return given


def said(options: Sequence[Option], given: Given) -> dict[str, Any]:
    """The given values that count: not empty, of options that show. For `resolve` and what uses it."""
    names = {option.name for option in shown_with(options, given)}
    return {name: value for name, value in given.items() if name in names and value not in ("", ())}


def problems_of(error: SettingsError) -> dict[str, str]:
    """The sentences under the fields, without the flags that only commands have."""
    problems: dict[str, str] = {}
    for problem in error.problems:
        problems.setdefault(problem.field, without_flags(problem.message))
    return problems


def without_flags(text: str) -> str:
    """A sentence for those who see labels: `Days Back (--days-back)` is told once, `--days-back` as such."""
    return FLAG_ALONE.sub(lambda flag: flag[1].replace("-", " ").title(), FLAG.sub("", text))


def texts_of(options: Sequence[Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """Saved values as a form gives them."""
    names = {o.name: o for o in options if o.kind is not Kind.SECRET}
    return {
        name: tuple(value) if isinstance(value, list | tuple) else _text(value)
        for name, value in values.items()
        if name in names
    }


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


@cache
def zone_names() -> Sequence[str]:
    """IANA zones, without the ones that only machines use."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return ["UTC", *sorted(places)]
