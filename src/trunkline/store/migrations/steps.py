"""Steps of migrations that can be repeated: MariaDB commits each, so a crash may leave half of them done."""

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import inspect
from sqlalchemy.sql.schema import SchemaItem

from trunkline.store.metadata import TABLE_OPTIONS


def create_table(name: str, *parts: SchemaItem, indexes: Sequence[Sequence[str]] = ()) -> None:
    """A table with its indexes, each unless it is there."""
    inspector = inspect(op.get_bind())
    if not inspector.has_table(name):
        op.create_table(name, *parts, **TABLE_OPTIONS)
    there = {index["name"] for index in inspect(op.get_bind()).get_indexes(name)}
    for columns in indexes:
        index = f"ix_{name}_{'_'.join(columns)}"
        if index not in there:
            op.create_index(index, name, list(columns))


def drop_table(name: str) -> None:
    """A table and its indexes, if it is there."""
    op.drop_table(name, if_exists=True)


def key(name: str) -> Any:
    """The name of a constraint that is to be taken as it is."""
    return op.f(name)
