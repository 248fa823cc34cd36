"""Rows from a file into the dialer's tables: a whole floor for tests, demos and moves.

The file is JSON: `tables` holds rows by table, under either prefix; `custom_tables` the columns of
`custom_<list_id>` tables. What a row leaves out takes the column's default.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, Text

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
    count = 0
    async with database.work() as work:
        for name in declared():
            await work.delete(name)
        for name, rows in state["tables"].items():
            count += await _load(work, database.tables, name, rows)
    return count


async def _load(work: Work, tables: Tables, table: str, rows: Rows) -> int:
    bare = tables.bare_name(table)
    if bare not in declared():
        return 0
    for row in rows:
        await work.insert(bare, **row)
    return len(rows)


def custom_table(name: str, columns: list[dict[str, Any]]) -> "Table[Any]":
    parts = [
        Column(c["name"], Text() if "text" in c["type"] else String(255), primary_key=c["name"] == "lead_id")
        for c in columns
    ]
    return Table(name, MetaData(), *parts)
