"""One MetaData for every room's tables, with names for constraints that all three databases agree on."""

from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.sql.schema import SchemaItem

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

TABLE_OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
} | {"sqlite_autoincrement": True}
"""The binary collation makes text on MariaDB compare as on the other two; autoincrement on SQLite
keeps the number of a deleted row from being given again, as on the other two."""

metadata = MetaData(naming_convention=NAMING)


def table(name: str, *parts: SchemaItem) -> "Table[Any]":
    """A table of the store, with the options every table of the store has."""
    return Table(name, metadata, *parts, **TABLE_OPTIONS)
