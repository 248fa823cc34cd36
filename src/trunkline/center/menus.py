"""Menus filled from the provider: their live entries, and whether a chosen value is one of them."""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trunkline.center.reading import completed_options, menu_command
from trunkline.declare import Report
from trunkline.errors import Problem, SettingsError, TrunklineError
from trunkline.fetch.source import Access, Surroundings, menu, menu_of
from trunkline.options import Option, Values

RETRIES = 1
MOST_NAMED = 5
Entry = tuple[str, str]


def unheard(text: str) -> None:
    """For callers without anybody to tell."""


async def live_menu(
    access: Access, report: Report, name: str, around: Surroundings, chosen: Mapping[str, Any] | None = None
) -> list[Entry]:
    """The entries (value, label) of an option's menu; `chosen` are report values it may depend on.

    Raises SettingsError for an option without such a menu, or where what it depends on is missing.
    """
    chosen = chosen or {}
    origin = access.connector.report(menu_of(report, name, chosen).report)
    assert origin is not None, "menus are filled from declared reports"
    known = {o.name for o in origin.options}
    given = {k: v for k, v in chosen.items() if k in known and k != name}
    values = await completed_options(access, origin, given, around)
    return await menu(access, values, name, report, around, chosen)


async def check_choices(
    access: Access,
    report: Report,
    values: Values,
    names: Collection[str],
    around: Surroundings,
    say: Callable[[str], None],
) -> None:
    """See that the values of these options are in their live menus; `say` hears of what was not checked.

    Raises SettingsError with the nearest entries for a value that is not there.
    """
    # Whoever makes a dataset sits before the terminal: what cannot be reached soon is not waited for.
    quick = replace(around, http=replace(around.http, retries=min(RETRIES, around.http.retries)))
    for option in report.options:
        if option.menu(values) and option.name in names and option.name in values:
            value = str(values[option.name])
            try:
                entries = await live_menu(access, report, option.name, quick, values)
            except SettingsError:
                raise
            except TrunklineError as error:
                say(f"{option.label} ({option.flag}) {value} was not checked: {error}")
            else:
                _check(access, report, option, values, entries, say)


def _check(
    access: Access,
    report: Report,
    option: Option,
    values: Values,
    entries: Sequence[Entry],
    say: Callable[[str], None],
) -> None:
    value = str(values[option.name])
    ids = [entry for entry, _ in entries]
    if value in ids:
        return
    if value.isdecimal() and not any(i.isdecimal() for i in ids):
        say(f"{option.label} ({option.flag}) {value} was not checked: it is an id of the old kind.")
        return
    text = f"{option.label} ({option.flag}) is {value!r}, none of the {len(ids):,} to choose from here."
    raise SettingsError(
        problems=[Problem(option.name, text)],
        todo=f"{_nearest(value, entries)} {menu_command(access, report, option, values)}".strip(),
    )


def _nearest(value: str, entries: Sequence[Entry]) -> str:
    """The entries whose id or label is like the value, else the first ones."""
    by_word = {word.casefold(): entry for entry in reversed(entries) for word in entry}
    close = difflib.get_close_matches(value.casefold(), by_word, n=MOST_NAMED)
    found = list(dict.fromkeys(by_word[word] for word in close)) or entries[:MOST_NAMED]
    listed = "; ".join(f"{entry} ({label})" if label != entry else entry for entry, label in found)
    if not listed:
        return ""
    return (
        f"The nearest: {listed}." if close else f"There are: {listed}{' …' if entries[MOST_NAMED:] else '.'}"
    )
