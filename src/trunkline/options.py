"""Options: what a person can choose, declared once.

From a tuple of options come command-line flags, forms, validation with a message per field, and
JSON Schema. An option is shown only when the options named in its `when` have one of the values
listed there; giving an option chooses its `when` values by itself, so that `--days-back 7` alone is
enough where a form walks through three menus.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trunkline.dates import DayFormatError, days_back, parse_day, zone_named
from trunkline.errors import Problem, SettingsError

Value = str | int | bool | tuple[str, ...]
Values = dict[str, Value]


class Kind(StrEnum):
    TEXT = "text"
    SECRET = "secret"
    CHOICE = "choice"
    DATE = "date"
    DAYS_BACK = "days_back"
    INT = "int"
    BOOL = "bool"
    FIELDS = "fields"
    ZONE = "zone"


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class ChoicesFrom:
    """A menu filled from a report's rows: the field that is the value, and the one people read.

    `aliases` are fields whose values the provider accepts in place of the value.
    """

    report: str
    value: str = "id"
    label: str = "name"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """One thing to choose. `param` is the provider's query parameter, where there is one."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    help: str = ""
    required: bool = False
    default: Value | None = None
    choices: tuple[Choice, ...] = ()
    choices_from: ChoicesFrom | None = None
    choices_by: tuple[str, Mapping[str, ChoicesFrom]] | None = None
    """A menu that follows another option: its name, and the menu for each of its values that has one."""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    param: str = ""
    minimum: int | None = None
    advanced: bool = False

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    def menu(self, values: Mapping[str, Any]) -> ChoicesFrom | None:
        """Where the menu is filled from, given the values of the other options."""
        if self.choices_by is None:
            return self.choices_from
        name, menus = self.choices_by
        return menus.get(str(values.get(name)))


def choices(**labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label) for value, label in labels.items())


def shown(options: Iterable[Option], values: Mapping[str, Any]) -> list[Option]:
    """The options whose `when` holds for these values, in their declared order."""
    visible: list[Option] = []
    for option in options:
        if all(values.get(name) in allowed for name, allowed in option.when.items()):
            visible.append(option)
    return visible


def resolve(options: tuple[Option, ...], given: Mapping[str, Any]) -> Values:
    """The typed values of what was given, with implied choices and defaults filled in.

    Raises SettingsError with one Problem per field.
    """
    declared = {option.name: option for option in options}
    problems = [unknown_field(name, declared) for name in given if name not in declared]
    values: Values = {}
    for name, raw in given.items():
        if name not in declared or raw is None:
            continue
        try:
            value = parse(declared[name], raw) if raw != "" else ""
        except ValueError as error:
            problems.append(Problem(name, str(error)))
        else:
            if value not in ("", ()):
                values[name] = value
    problems += _imply(declared, values)
    _fill_defaults(options, values)
    problems += [
        Problem(o.name, f"{o.label} ({o.flag}) is missing.")
        for o in shown(options, values)
        if o.required and o.name not in values and not any(p.field == o.name for p in problems)
    ]
    if problems:
        raise SettingsError(problems=problems)
    return values


def _imply(declared: Mapping[str, Option], values: Values) -> list[Problem]:
    """Choose the menus that the given options stand under; complain where two of them disagree."""
    given_by = {name: declared[name] for name in values}
    problems: list[Problem] = []
    waiting = [declared[name] for name in values]
    while waiting:
        option = waiting.pop(0)
        for name, allowed in option.when.items():
            if name not in values:
                values[name] = allowed[0]
                given_by[name] = given_by[option.name]
                waiting.append(declared[name])
            elif values[name] not in allowed:
                both = given_by[option.name], given_by[name]
                problems.append(_disagreement(both, declared[name], allowed, values[name]))
    return problems


def _disagreement(
    both: tuple[Option, Option], menu: Option, allowed: tuple[str, ...], value: Value
) -> Problem:
    option, other = both
    wanted = " or ".join(choice_label(menu, a) for a in allowed)
    current = choice_label(menu, str(value))
    because = (
        f"{menu.label} is {current}" if other is menu else f"{other.label} ({other.flag}) makes it {current}"
    )
    text = (
        f"{option.label} ({option.flag}) needs {menu.label}: {wanted}, but {because}. Leave one of them out."
    )
    return Problem(option.name, text)


def _fill_defaults(options: tuple[Option, ...], values: Values) -> None:
    for option in options:
        ready = all(values.get(name) in allowed for name, allowed in option.when.items())
        if ready and option.name not in values and option.default is not None:
            values[option.name] = option.default


def unknown_field(name: str, declared: Iterable[str]) -> Problem:
    known = sorted(declared)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known) or 'none'}."
    return Problem(name, f"There is no option {name}. {hint}")


def choice_label(option: Option, value: str) -> str:
    return next((c.label for c in option.choices if c.value == value), value)


def parse(option: Option, raw: object) -> Value:
    """One value of an option from text (or from JSON), typed.

    Raises ValueError with a sentence that names the field, what came and what would be right.
    """
    if option.kind is Kind.INT:
        return _parse_int(option, raw)
    if option.kind is Kind.BOOL:
        return _parse_bool(option, raw)
    if option.kind is Kind.FIELDS:
        return _parse_fields(option, raw)
    if isinstance(raw, bool | list | tuple | dict):
        raise ValueError(f"{option.label} ({option.flag}) must be one text, not {type(raw).__name__}.")
    text = str(raw).strip()
    if option.kind is Kind.SECRET and not text.isprintable():
        raise ValueError(f"{option.label} ({option.flag}) holds a line break or another invisible mark.")
    if option.kind is Kind.CHOICE:
        return _parse_choice(option, text)
    if option.kind is Kind.DATE:
        return _parse_date(option, text)
    if option.kind is Kind.DAYS_BACK:
        return _parse_days_back(option, text)
    if option.kind is Kind.ZONE:
        return _parse_zone(option, text)
    return text


def _parse_int(option: Option, raw: object) -> int:
    try:
        number = int(str(raw))
    except ValueError:
        raise ValueError(f"{option.label} ({option.flag}) is {raw!r}; it must be a whole number.") from None
    if option.minimum is not None and number < option.minimum:
        raise ValueError(f"{option.label} ({option.flag}) is {number}; it must be at least {option.minimum}.")
    return number


_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


def _parse_bool(option: Option, raw: object) -> bool:
    text = str(raw).strip().lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise ValueError(f"{option.label} ({option.flag}) is {raw!r}; it must be yes or no.")


def _parse_fields(option: Option, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, str | list | tuple):
        raise ValueError(f"{option.label} ({option.flag}) is {raw!r}; it must be a list of names.")
    parts = raw.split(",") if isinstance(raw, str) else [str(p) for p in raw]
    names = tuple(dict.fromkeys(p.strip() for p in parts if p.strip()))
    allowed = {c.value for c in option.choices}
    for name in names:
        if allowed and name not in allowed:
            close = difflib.get_close_matches(name, sorted(allowed), n=1)
            hint = f"Did you mean {close[0]}?" if close else f"Choose from {', '.join(sorted(allowed))}."
            raise ValueError(f"{option.label} ({option.flag}) names {name!r}, which is not there. {hint}")
    return names


def _parse_choice(option: Option, text: str) -> str:
    if not option.choices:
        return text
    for choice in option.choices:
        if text.casefold() in (choice.value.casefold(), choice.label.casefold()):
            return choice.value
    known = ", ".join(c.value for c in option.choices)
    raise ValueError(f"{option.label} ({option.flag}) is {text!r}; choose one of {known}.")


def _parse_date(option: Option, text: str) -> str:
    try:
        parse_day(text)
    except DayFormatError as error:
        raise ValueError(f"{option.label} ({option.flag}) is {text!r}; {error}") from None
    return text


def _parse_days_back(option: Option, text: str) -> str:
    try:
        days_back(text)
    except DayFormatError as error:
        raise ValueError(f"{option.label} ({option.flag}) is {text!r}; {error}") from None
    return text


def _parse_zone(option: Option, text: str) -> str:
    try:
        return zone_named(text).key
    except SettingsError as error:
        raise ValueError(f"{option.label} ({option.flag}): {error} {error.todo}") from None


_SCHEMA_TYPES: Mapping[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.SECRET: {"type": "string", "writeOnly": True},
    Kind.CHOICE: {"type": "string"},
    Kind.DATE: {"type": "string", "examples": ["2026-01-31", "today", "yesterday", "today-7"]},
    Kind.DAYS_BACK: {"type": ["string", "integer"], "examples": ["today", "yesterday", "today-7", 7]},
    Kind.INT: {"type": "integer"},
    Kind.BOOL: {"type": "boolean"},
    Kind.FIELDS: {"type": "array", "items": {"type": "string"}},
    Kind.ZONE: {"type": "string", "examples": ["America/New_York"]},
}


def json_schema(options: tuple[Option, ...]) -> dict[str, Any]:
    """JSON Schema (2020-12) of the values these options take; `x-when` tells what shows an option."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": {option.name: _property(option) for option in options},
        "required": [o.name for o in options if o.required and not o.when],
    }


def _property(option: Option) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": option.label, **_SCHEMA_TYPES[option.kind]}
    if option.help:
        schema["description"] = option.help
    if option.default is not None:
        schema["default"] = option.default
    if option.choices and option.kind is Kind.FIELDS:
        schema["items"] = {"type": "string", "enum": [c.value for c in option.choices]}
    elif option.choices:
        schema["enum"] = [c.value for c in option.choices]
    if option.minimum is not None:
        schema["minimum"] = option.minimum
    if option.when:
        schema["x-when"] = {name: list(allowed) for name, allowed in option.when.items()}
    if option.choices_from:
        schema["x-choices-from"] = option.choices_from.report
    return schema
