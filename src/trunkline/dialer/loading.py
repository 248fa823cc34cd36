"""Rows from a file into the dialer's tables: a whole floor for tests, demos and moves.

The file is JSON: `tables` holds rows by table, under either prefix; `custom_tables` declares the columns of
`custom_<list_id>` tables. What a row leaves out takes the column's default.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trunkline.dialer.custom import PREFIX, columns_declared, is_custom
from trunkline.dialer.database import Database, Work
from trunkline.dialer.tables import Tables, declared
from trunkline.errors import SettingsError

Rows = list[dict[str, Any]]


def read_state(path: Path) -> dict[str, Any]:
    """The content of a state file. Raises SettingsError where it cannot be read or is none."""
    try:
        state = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise SettingsError(f"{path} is no JSON file: {error}.") from None
    if not isinstance(state, dict) or not isinstance(state.get("tables"), dict):
        raise SettingsError(f"{path} holds no dialer state.", todo='It is a JSON object with "tables".')
    return state


async def load_state(database: Database, state: Mapping[str, Any]) -> int:
    """Replace the rows of the dialer's tables with those of a state; how many there are now."""
    customs = state.get("custom_tables") or {}
    for name, declaration in customs.items():
        await database.create_custom(_list_of(name), columns_declared(declaration))
    count = 0
    async with database.work() as work:
        for name in declared():
            await work.delete(name)
        for name in customs:
            await work.custom(_list_of(name))
            await work.delete(name)
        for name, rows in state["tables"].items():
            count += await _load(work, database.tables, name, rows)
    await database.renumber()
    return count


async def _load(work: Work, tables: Tables, table: str, rows: Rows) -> int:
    bare = tables.bare_name(table)
    if bare not in declared() and not is_custom(bare):
        return 0
    if is_custom(bare) and await work.custom(_list_of(bare)) is None:
        raise SettingsError(f"{bare} has rows, and no columns.", todo='Give them in "custom_tables".')
    for row in rows:
        await work.insert(bare, **row)
    return len(rows)


def _list_of(custom: str) -> int:
    """The list of a custom table. Raises SettingsError for another name."""
    if not is_custom(custom):
        raise SettingsError(f"{custom} is no name of a custom table.", todo=f"It is {PREFIX} and a list_id.")
    return int(custom.removeprefix(PREFIX))
