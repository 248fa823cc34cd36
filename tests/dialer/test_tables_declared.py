"""A function declares the tables it works with: a running dialer that lacks one has it switched off."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from sqlalchemy.sql import visitors

from tests.dialer.replay import ADDRESS, copied, patched, scenarios
from trunkline.dialer import audit
from trunkline.dialer.command import Dialect
from trunkline.dialer.commands import ALL, COMMANDS
from trunkline.dialer.compiling import Compiler
from trunkline.dialer.custom import is_custom
from trunkline.dialer.opening import ALWAYS_THERE
from trunkline.dialer.tables import declared
from trunkline.dialer.wire import parameters

OF_ADDRESSES = {"ip_list_entries"}
"""Asked for only where the settings say that there are lists of addresses."""


def tables_in(compiler: Compiler, statement: Any) -> set[str]:
    parts = visitors.iterate(statement(compiler.tables))
    return {compiler.tables.bare_name(part.name) for part in parts if isinstance(part, Table)}


async def touched(start: Path, tmp_path: Path, patch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The tables that each function touches in the recorded requests."""
    found: dict[str, set[str]] = defaultdict(set)
    now = {"function": ""}
    prepared, kept = Compiler.prepared, Compiler.writing

    def noting_prepared(self: Compiler, statement: Any, values: Any) -> Any:
        found[now["function"]] |= tables_in(self, statement)
        return prepared(self, statement, values)

    def noting_writing(self: Compiler, key: Any, make: Any, *tables: str | None) -> Any:
        found[now["function"]] |= {table for table in tables if table}
        return kept(self, key, make, *tables)

    patch.setattr(Compiler, "prepared", noting_prepared)
    patch.setattr(Compiler, "writing", noting_writing)
    for steps in scenarios().values():
        service = copied(start, tmp_path / "tables.db")
        now["function"] = ""
        await patched(service, steps[0]["patches"])
        for step in steps:
            now["function"] = step["function"]
            await service.answer(parameters(step["query"]), Dialect.ORIGINAL, ADDRESS)
        await service.database.close()
    return found


async def test_every_function_declares_the_tables_it_touches(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await touched(start, tmp_path, monkeypatch)
    undeclared = {}
    for name, command in COMMANDS.items():
        known = {
            *ALWAYS_THERE,
            *OF_ADDRESSES,
            audit.TABLE,
            *command.tables,
            "sqlite_sequence",
            "pragma_table_info",
        }
        missing = {table for table in found[name] - known if not is_custom(table)}
        if missing:
            undeclared[name] = sorted(missing)
    assert undeclared == {}, undeclared


def test_declared_tables_are_tables() -> None:
    assert [(c.name, t) for c in ALL for t in c.tables if t not in declared()] == []
