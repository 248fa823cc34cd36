"""What may stand in a parameter, as tables: required ones together, optional ones with a line each.

The update functions look at their optional values in a fixed order; the first that does not fit ends the
call with its own line. Where the published page and today's clients know different limits, both are given.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trunkline.dialer.command import Call, Line, Param, Said, error
from trunkline.dialer.filters import BLANK

YES_NO = ("Y", "N")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]*)?|-?\.[0-9]+")
_DIGITS = re.compile(r"[0-9]*")


def number_in(text: str) -> Decimal | None:
    """The number a text is as a whole; None where it is none."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


@dataclass(frozen=True)
class Form:
    """How a value looks: its length, or the words, range or pattern it is held to instead."""

    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()
    between: tuple[int, int] | None = None
    amounts: tuple[Decimal, ...] = ()
    pattern: re.Pattern[str] | None = None

    def fits(self, value: str) -> bool:
        if self.choices:
            return value in self.choices
        if self.between:
            least, most = self.between
            return bool(_WHOLE.fullmatch(value)) and least <= int(value) <= most
        if self.amounts:
            return number_in(value) in self.amounts
        if self.pattern and not self.pattern.fullmatch(value):
            return False
        return self.least <= len(value) and (not self.most or len(value) <= self.most)


def digits(least: int, most: int) -> Form:
    """So many digits and nothing else, also where the filters let other characters pass."""
    return Form(least, most, pattern=_DIGITS)


@dataclass(frozen=True)
class Required:
    """A parameter without which a function does nothing."""

    name: str
    meaning: str
    form: Form
    documented: Form | None = None
    secret: bool = False

    @property
    def param(self) -> Param:
        return _param(self.name, self.meaning, self.documented or self.form, self.secret, required=True)


Rule = Callable[[Call, str], Awaitable[bool]]
"""Whether a value of the right form may stand: what it names exists, the user may give it."""


def _nothing_more(_call: Call) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Optional:
    """A value that an update changes when it is given."""

    name: str
    meaning: str
    column: str
    """Where it is kept; empty: not in the row itself."""
    form: Form
    refused: Line
    documented: Form | None = None
    blanked: str | None = None
    """What `--BLANK--` stores; None: it cannot be emptied."""
    rule: Rule | None = None
    tells: Callable[[Call], Mapping[str, Any]] = _nothing_more
    """What its line says beside the value."""
    stored: Callable[[str], str] = str
    secret: bool = False

    @property
    def param(self) -> Param:
        return _param(self.name, self.meaning, self.documented or self.form, self.secret)

    async def accepts(self, call: Call, value: str) -> bool:
        if value == BLANK:
            return self.blanked is not None
        form = self.documented if self.documented and call.is_documented else self.form
        return form.fits(value) and (self.rule is None or await self.rule(call, value))

    def kept(self, value: str) -> str:
        return self.blanked if value == BLANK and self.blanked is not None else self.stored(value)


def refused(name: str, text: str, data: str = "|{value}", *, documented: str | None = None) -> Line:
    """The line of a value that does not fit; `documented` is its data there when it is other data."""
    shown = data if documented is None else documented
    return error(f"invalid_{name}", text, f" - {{u}}{shown}", f": |{{u}}{data}", status=400)


def are_complete(call: Call, required: Sequence[Required]) -> bool:
    return all(
        (r.documented if r.documented and call.is_documented else r.form).fits(call.arg(r.name))
        for r in required
    )


async def changes_of(
    call: Call, fields: Sequence[Optional], *, skipped: Sequence[str] = ()
) -> dict[str, str] | Said:
    """The columns to change, or the line of the first value that may not stand."""
    changes: dict[str, str] = {}
    for field in fields:
        value = call.arg(field.name)
        if not value or field.name in skipped:
            continue
        if not await field.accepts(call, value):
            return field.refused(value=value, **field.tells(call))
        if field.column:
            changes[field.column] = field.kept(value)
    return changes


def params_of(fields: Sequence[Required | Optional]) -> tuple[Param, ...]:
    return tuple(field.param for field in fields)


def refusals_of(fields: Sequence[Optional]) -> tuple[Line, ...]:
    return tuple(field.refused for field in fields)


def _param(name: str, meaning: str, form: Form, secret: bool, *, required: bool = False) -> Param:
    return Param(name, meaning, required, form.least, form.most, form.choices, secret)
