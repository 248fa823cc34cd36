"""Steps of migrations that can be repeated: MariaDB commits each, so a crash may leave half of them done."""

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import Column, inspect
from sqlalchemy.sql.schema import SchemaItem

from trunkline.store.metadata import TABLE_OPTIONS


def create_table(name: str, *parts: SchemaItem, indexes: Sequence[Sequence[str]] = ()) -> None:
    """A table with its indexes, each unless it is there."""
    inspector = inspect(op.get_bind())
    if not inspector.has_table(name):
        op.create_table(name, *parts, **TABLE_OPTIONS)
    create_indexes(name, indexes)


def create_indexes(table: str, indexes: Sequence[Sequence[str]]) -> None:
    """Indexes of a table, each unless it is there."""
    there = _indexes_of(table)
    for columns in indexes:
        if _index_name(table, columns) not in there:
            op.create_index(_index_name(table, columns), table, list(columns))


def drop_indexes(table: str, indexes: Sequence[Sequence[str]]) -> None:
    """Indexes of a table, each if it is there."""
    there = _indexes_of(table)
    for columns in indexes:
        if _index_name(table, columns) in there:
            op.drop_index(_index_name(table, columns), table)


def add_columns(table: str, *columns: "Column[Any]") -> None:
    """Columns of a table, each unless it is there."""
    there = _columns_of(table)
    for column in columns:
        if column.name not in there:
            op.add_column(table, column)


def drop_columns(table: str, *names: str) -> None:
    """Columns of a table, each if it is there."""
    there = _columns_of(table)
    for name in names:
        if name in there:
            op.drop_column(table, name)


def _index_name(table: str, columns: Sequence[str]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def _indexes_of(table: str) -> set[str | None]:
    return {index["name"] for index in inspect(op.get_bind()).get_indexes(table)}


def _columns_of(table: str) -> set[str]:
    return {column["name"] for column in inspect(op.get_bind()).get_columns(table)}


def drop_table(name: str) -> None:
    """A table and its indexes, if it is there."""
    op.drop_table(name, if_exists=True)


def key(name: str) -> Any:
    """The name of a constraint that is to be taken as it is."""
    return op.f(name)
