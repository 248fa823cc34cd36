"""The tables of the Dialer360 API, as the file beside this one lists them."""

import json
from pathlib import Path
from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text, inspect, text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from trunkline.store.migrations.steps import drop_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OURS = "dialer360"
TABLES = Path(__file__).with_suffix(".json")
MARIADB = ("mysql", "mariadb")
CASELESS = "dialer360_text"
MAKE_CASELESS = (
    f"CREATE COLLATION IF NOT EXISTS {CASELESS} "
    "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)
DROP_CASELESS = f"DROP COLLATION IF EXISTS {CASELESS}"


def upgrade() -> None:
    """Each table unless it is there: on MariaDB a crash may leave some of them.

    None beside a running dialer: some names of tables are the same there.
    """
    if _is_beside_a_dialer():
        return
    if op.get_bind().dialect.name == "postgresql":
        op.execute(MAKE_CASELESS)
    metadata = MetaData()
    for raw in _listed():
        _table(raw, metadata)
    metadata.create_all(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    if _is_beside_a_dialer():
        return
    for raw in reversed(_listed()):
        drop_table(raw["name"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(DROP_CASELESS)


def _is_beside_a_dialer() -> bool:
    """Whether the database holds a dialer's tables under another prefix than ours."""
    names = set(inspect(op.get_bind()).get_table_names())
    endings = ("_users", "_user_groups", "_campaigns", "_lists_fields")
    prefixes = {name.removesuffix(endings[0]) for name in names if name.endswith(endings[0])} - {OURS}
    return any(all(prefix + ending in names for ending in endings) for prefix in prefixes)


def _listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(TABLES.read_text("utf-8"))
    return found


def _table(raw: dict[str, Any], metadata: MetaData) -> "Table[Any]":
    options: dict[str, Any] = {
        f"{dialect}_{option}": value
        for dialect in MARIADB
        for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_general_ci"))
    }
    columns = [_column(*parts) for parts in raw["columns"]]
    indexes = [Index(name, *names, unique=is_unique) for name, is_unique, names in raw["indexes"]]
    counts = any("A" in parts[3] for parts in raw["columns"])
    return Table(raw["name"], metadata, *columns, *indexes, sqlite_autoincrement=counts, **options)


def _column(name: str, kind: str, default: str | None, marks: str) -> "Column[Any]":
    """Marks: N not null, P primary key, A counted by the database."""
    return Column(
        name,
        _type(kind),
        primary_key="P" in marks,
        autoincrement="A" in marks,
        nullable="N" not in marks,
        server_default=None if default is None else text("'" + default.replace("'", "''") + "'"),
    )


def _type(kind: str) -> TypeEngine[Any]:
    name, _, given = kind.partition(" ")
    size = int(given or 0)
    if name == "whole":
        return BigInteger().with_variant(Integer(), "sqlite")
    if name == "fraction":
        return Float()
    if name == "long":
        return Text().with_variant(Text(collation=CASELESS), "postgresql")
    ascii_ = mysql.VARCHAR(size, charset="ascii", collation="ascii_general_ci")
    if name == "figures":
        return (
            String(size)
            .with_variant(String(size, collation="C"), "postgresql")
            .with_variant(ascii_, *MARIADB)
        )
    wide = mysql.VARCHAR(size if size <= 10 else max(64, size))
    found = String(size).with_variant(ascii_ if name == "word" else wide, *MARIADB)
    for dialect, collation in (("sqlite", "NOCASE"), ("postgresql", CASELESS)):
        found = found.with_variant(String(size, collation=collation), dialect)
    return found
