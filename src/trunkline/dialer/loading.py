"""Rows from a file into the dialer's tables: a whole floor for tests, demos and moves.

The file is JSON: `tables` holds rows by table, under either prefix; `custom_tables` declares the columns of
`custom_<list_id>` tables. What a row leaves out takes the column's default.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from trunkline.dialer import audit
from trunkline.dialer.audit import Change
from trunkline.dialer.custom import Columns, custom_of
from trunkline.dialer.database import Database, Work
from trunkline.dialer.kinds import ColumnKind
from trunkline.dialer.passing_faults import will_pass
from trunkline.dialer.state_checks import NOTHING_DONE, StateChecks, list_of
from trunkline.dialer.tables import automatic_column, declared
from trunkline.errors import SettingsError

Counts = dict[str, int]
WHO, FUNCTION, ALL_ROWS = "command line", "load", "*"
_NOT_UNIQUE = frozenset(("IntegrityError", "IntegrityConstraintViolationError"))
"""What the drivers call it; none of them is imported for its name."""


def read_state(path: Path) -> dict[str, Any]:
    """The content of a state file. Raises SettingsError where it cannot be read or is none."""
    try:
        state = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is no JSON file: {error}.") from None
    if not isinstance(state, dict) or not isinstance(state.get("tables"), dict):
        raise SettingsError(f"{path} holds no dialer state.", todo='It is a JSON object with "tables".')
    return state


async def load_state(
    database: Database, state: Mapping[str, Any], source: str = "The state", at: datetime | None = None
) -> int:
    """Replace the rows of the dialer's tables with those of a state; how many were loaded.

    Rows of the audit stay, and those of the state follow them. With `at`, in the dialer's own time, the
    load itself is one more. `source` is what messages call the state. Raises SettingsError for a state that
    does not fit, and nothing has changed then.
    """
    checks = StateChecks(source, database.tables, state)
    customs, names = checks.customs(), checks.names()
    there = await _customs_there(database, {*customs, *names.values()})
    declarations = {name: custom_of(name, columns).kinds for name, columns in customs.items()}
    _check_columns(source, names, {**declarations, **there})
    checks.check_rows({**declarations, **there})
    for name, columns in customs.items():
        if name not in there:
            await _make_custom(database, name, columns, source)
    async with database.work() as work:
        before = await _emptied(work, {*customs, *names.values()})
        after: Counts = {}
        for table, bare in names.items():
            after[bare] = after.get(bare, 0) + await _load(work, checks, table, bare)
        if at is not None:
            await work.insert(audit.TABLE, **_entry(at, before, after))
    await database.renumber()
    return sum(after.values())


async def _customs_there(database: Database, names: set[str]) -> dict[str, Mapping[str, ColumnKind]]:
    """Those of these tables of lists' own fields that the database has, each with what its columns keep."""
    found = {}
    async with database.work() as work:
        for name in sorted(names - declared().keys()):
            custom = await work.custom(_list(name))
            if custom is not None:
                found[name] = custom.kinds
    return found


async def _make_custom(database: Database, name: str, columns: Columns, source: str) -> None:
    """Make a table of a list's own fields. Raises SettingsError where the database refuses its columns."""
    try:
        await database.create_custom(_list(name), columns)
    except Exception as error:
        if will_pass(error):
            raise
        text = " ".join(str(part) for part in error.args if isinstance(part, str)) or str(error)
        raise SettingsError(
            f"{source}: the database refuses the columns of {name}: {text.strip().splitlines()[0]}",
            todo='Give types that it knows in "custom_tables". No row has changed.',
        ) from None


def _check_columns(source: str, names: Mapping[str, str], customs: Mapping[str, Any]) -> None:
    for table, bare in names.items():
        if bare not in declared() and bare not in customs:
            raise SettingsError(
                f"{source}: {table} has rows, and no columns. {NOTHING_DONE}",
                todo='Give them in "custom_tables".',
            )


async def _emptied(work: Work, customs: set[str]) -> Counts:
    """How many rows each table had. The audit keeps its own."""
    counts = {}
    for name in (*declared(), *sorted(customs - declared().keys())):
        if name not in declared():
            await work.custom(_list(name))
        if name != audit.TABLE:
            counts[name] = await work.delete(name)
    return counts


async def _load(work: Work, checks: StateChecks, table: str, bare: str) -> int:
    rows = checks.state["tables"][table]
    # Another audit's rows come after those that stay here, under new numbers.
    unkept = automatic_column(bare) if bare == audit.TABLE else None
    for number, row in enumerate(rows, 1):
        try:
            await work.insert(bare, **{name: value for name, value in row.items() if name != unkept})
        except Exception as error:
            if _NOT_UNIQUE.isdisjoint(kind.__name__ for kind in type(error).__mro__):
                raise
            what = "the database takes it for one that another row has already, or for none"
            raise SettingsError(problems=[checks.problem(table, what, number)], todo=NOTHING_DONE) from None
    return len(rows)


def _entry(at: datetime, before: Counts, after: Counts) -> dict[str, Any]:
    """The load as the audit tells it: of each table how many rows went and came."""
    found = []
    for name in sorted({*before, *after}):
        old, new = {"rows": before.get(name, 0)}, {"rows": after.get(name, 0)}
        if old["rows"] or new["rows"]:
            found.append((Change(name, ALL_ROWS, old, new), (old, new)))
    return audit.entry(f"{at:%Y-%m-%d %H:%M:%S}", WHO, "", FUNCTION, found)


def _list(custom: str) -> int:
    found = list_of(custom)
    assert found is not None, "the name was checked"
    return found
