"""Dataset tables: how they are made, what they hold, and how they grow with their data."""

from collections.abc import Mapping

from trunkline.declare import ColumnType, Method
from trunkline.errors import DataError
from trunkline.warehouse.link import Link, number
from trunkline.warehouse.statements import Sql, listed, quoted
from trunkline.warehouse.target import ColumnInfo, Target
from trunkline.warehouse.types import (
    DAY_COLUMN,
    EXTRA,
    LOADED_AT,
    ROW,
    RUN_ID,
    SQL,
    Types,
    from_sql,
    same_storage,
    wider,
)


def columns(link: Link, schema: str, name: str) -> list[ColumnInfo]:
    """The columns of a table, in order; none when there is no such table."""
    found = link.rows(link.statements("table_columns"), [schema, name])
    return [ColumnInfo(str(column), str(type_), mark == "JSON") for column, type_, mark in found]


def stored_types(link: Link, schema: str, name: str) -> Types:
    """The column types of a table. Raises DataError for a type that somebody else gave it."""
    types: Types = {}
    for column in columns(link, schema, name):
        type_ = from_sql(column.type)
        if type_ is None:
            raise DataError(
                f"The column {column.name} of {name} is {column.type}, which Trunkline never makes.",
                todo="Give it back its own type, or load into a new dataset.",
            )
        types[column.name] = ColumnType.JSON if column.is_json else type_
    return types


def names(link: Link, schema: str) -> list[str]:
    return [str(name) for (name,) in link.rows(link.statements("table_names"), [schema])]


def is_dataset(name: str) -> bool:
    """Whether a table of the schema is a dataset; the others are being built."""
    return not name.startswith("_")


def wanted_types(target: Target, came: Mapping[str, ColumnType]) -> Types:
    """The columns a dataset's table needs for what is declared and for what came."""
    declared = {c.name: c.type for c in target.columns}
    types = {name: wider(type_, came.get(name, type_)) for name, type_ in declared.items()}
    types |= {name: type_ for name, type_ in came.items() if name not in types and name != ROW}
    if target.method is Method.PARTITION:
        types[DAY_COLUMN] = ColumnType.DAY
    own = {EXTRA: ColumnType.JSON, RUN_ID: ColumnType.TEXT, LOADED_AT: ColumnType.INSTANT}
    return {name: type_ for name, type_ in types.items() if name not in own} | own


def together(one: Types, other: Types) -> Types:
    """The columns of both, each in the type that holds the values of both."""
    both = {name: wider(type_, other.get(name, type_)) for name, type_ in one.items()}
    return both | {name: type_ for name, type_ in other.items() if name not in one}


def prepare(link: Link, schema: str, name: str, target: Target, types: Types) -> Types:
    """Makes the table or lets it grow, so that it holds these columns. Returns what it holds now."""
    stored = stored_types(link, schema, name)
    table = quoted(schema, name)
    if not stored:
        create(link, table, types)
        stored = dict(types)
    else:
        stored = widen(link, table, stored, types)
    index_key(link, schema, name, target)
    return stored


def create(link: Link, table: Sql, types: Types) -> None:
    link.run(link.statements("create_table", table=table, columns=_definitions(link, types)))
    for name, type_ in types.items():
        if type_ is ColumnType.JSON:
            link.run(link.statements("mark_json", table=table, column=name))


def create_temporary(link: Link, name: str, types: Types) -> None:
    link.run(link.statements("create_temporary", table=name, columns=_definitions(link, types)))


def _definitions(link: Link, types: Types) -> Sql:
    return listed(
        link.statements("column_definition", column=name, type=SQL[type_]) for name, type_ in types.items()
    )


def widen(link: Link, table: Sql, stored: Types, types: Types) -> Types:
    """Adds columns and widens types; never drops or narrows. Returns what the table holds now."""
    now = dict(stored)
    for name, type_ in types.items():
        now[name] = wider(stored.get(name, type_), type_)
        if name not in stored:
            link.run(link.statements("add_column", table=table, column=name, type=SQL[type_]))
            if type_ is ColumnType.JSON:
                link.run(link.statements("mark_json", table=table, column=name))
        elif not same_storage(stored[name], now[name]):
            link.run(link.statements("widen_column", table=table, column=name, type=SQL[now[name]]))
        elif stored[name] is ColumnType.JSON and now[name] is not ColumnType.JSON:
            link.run(link.statements("mark_text", table=table, column=name))
    return now


def index_key(link: Link, schema: str, name: str, target: Target) -> None:
    """An index on the key where the engine profits from one."""
    if link.statements.dialect != "postgres" or not target.key:
        return
    if number(link, link.statements("has_index"), [schema, name]) == 0:
        key = listed(quoted(column) for column in target.key)
        link.run(link.statements("create_index", table=quoted(schema, name), columns=key))
