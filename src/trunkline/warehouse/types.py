"""Column types in Arrow and in SQL, and which type holds the values of two."""

import pyarrow as pa

from trunkline.declare import ColumnType
from trunkline.errors import DataError
from trunkline.warehouse.statements import Sql

Types = dict[str, ColumnType]

ROW, DAY_COLUMN, RUN_ID, LOADED_AT, EXTRA = "_row", "_day", "_run_id", "_loaded_at", "_extra"

ARROW: dict[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.INSTANT: pa.timestamp("us", "UTC"),
    ColumnType.DAY: pa.date32(),
    ColumnType.JSON: pa.string(),
}

SQL: dict[ColumnType, Sql] = {
    ColumnType.TEXT: Sql("TEXT"),
    ColumnType.INTEGER: Sql("BIGINT"),
    ColumnType.NUMBER: Sql("DOUBLE PRECISION"),
    ColumnType.BOOLEAN: Sql("BOOLEAN"),
    ColumnType.INSTANT: Sql("TIMESTAMP WITH TIME ZONE"),
    ColumnType.DAY: Sql("DATE"),
    ColumnType.JSON: Sql("TEXT"),
}

_FROM_SQL: dict[str, ColumnType] = {
    "text": ColumnType.TEXT,
    "varchar": ColumnType.TEXT,
    "character varying": ColumnType.TEXT,
    "json": ColumnType.TEXT,
    "bigint": ColumnType.INTEGER,
    "integer": ColumnType.INTEGER,
    "double": ColumnType.NUMBER,
    "double precision": ColumnType.NUMBER,
    "boolean": ColumnType.BOOLEAN,
    "timestamp with time zone": ColumnType.INSTANT,
    "date": ColumnType.DAY,
}


def from_sql(name: str) -> ColumnType | None:
    """The column type of an SQL type; None for one that this product never makes."""
    return _FROM_SQL.get(name.lower())


def from_arrow(name: str, type_: pa.DataType) -> ColumnType | None:
    """The column type of an Arrow type; None for the type of columns that are null throughout."""
    if pa.types.is_dictionary(type_):
        return from_arrow(name, type_.value_type)
    for is_it, column_type in _KINDS:
        if is_it(type_):
            return column_type
    if pa.types.is_null(type_):
        return None
    raise DataError(f"The column {name} came as {type_}, which no dataset column holds.", where=name)


def _is_text(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)


_KINDS = (
    (_is_text, ColumnType.TEXT),
    (pa.types.is_integer, ColumnType.INTEGER),
    (pa.types.is_floating, ColumnType.NUMBER),
    (pa.types.is_boolean, ColumnType.BOOLEAN),
    (pa.types.is_timestamp, ColumnType.INSTANT),
    (pa.types.is_date, ColumnType.DAY),
)

_TEXTS = {ColumnType.TEXT, ColumnType.JSON}
_NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER}


def same_storage(one: ColumnType, other: ColumnType) -> bool:
    return SQL[one] == SQL[other]


def wider(one: ColumnType, other: ColumnType) -> ColumnType:
    """The narrowest type that holds the values of both."""
    if one == other:
        return one
    if {one, other} == _NUMBERS:
        return ColumnType.NUMBER
    return ColumnType.TEXT
