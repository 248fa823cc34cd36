"""Names people give: of accounts and of datasets (which are table names too)."""

import difflib
import re
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, RowMapping

from trunkline.center.room import Center
from trunkline.errors import Problem, SettingsError, some_of

LONGEST = 63
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z", re.ASCII)
_DATASET = re.compile(r"[a-z][a-z0-9_]*\Z", re.ASCII)


def checked_account_name(name: str) -> str:
    if not _ACCOUNT.match(name) or len(name) > LONGEST:
        raise _refused(name, "letters, digits, dot, dash and underscore", "main")
    return name


def checked_dataset_name(name: str) -> str:
    if not _DATASET.match(name) or len(name) > LONGEST:
        raise _refused(name, "small letters, digits and underscore, a letter first", "calls_2026")
    return name


def _refused(name: str, allowed: str, example: str) -> SettingsError:
    text = f"The name {name!r} will not do: use {allowed}, at most {LONGEST} in all."
    return SettingsError(problems=[Problem("name", text)], todo=f"For example: {example}")


def unknown(what: str, name: str, known: Sequence[str]) -> SettingsError:
    """The error for a name that nothing has, with the nearest that something has."""
    close = difflib.get_close_matches(name, known, n=1)
    if what == "run":
        todo = "`trunkline dataset history NAME --json` shows the ids of its runs."
    elif close:
        todo = f"Did you mean {close[0]}?"
    elif known:
        todo = f"Known: {some_of(known)}."
    else:
        todo = f"There is none yet; `trunkline {what} add --help` shows how to make one."
    return SettingsError(f"There is no {what} named {name!r}.", todo=todo)


def named_row(
    center: Center,
    what: str,
    name: str,
    one: Callable[[Connection, str], RowMapping | None],
    every: Callable[[Connection], Sequence[RowMapping]],
) -> RowMapping:
    """The row of that name, as `one` finds it. Raises `unknown` among the names of `every`."""
    with center.store.read() as tx:
        row = one(tx, name)
        known = [] if row else [other["name"] for other in every(tx)]
    if row is None:
        raise unknown(what, name, known)
    return row
