"""A whole warehouse in another one: one moment of it, in one transaction, from any engine to any.

Rows go over as Arrow batches, so that neither side is ever in memory as a whole.
"""

from datetime import UTC, datetime

from trunkline.warehouse import tables
from trunkline.warehouse.engine import Tables, Warehouse, transaction
from trunkline.warehouse.link import Link, number
from trunkline.warehouse.statements import Sql, Statements, listed, quoted
from trunkline.warehouse.target import DATASETS, RECORDS, ColumnInfo
from trunkline.warehouse.types import SQL, from_sql

RECORD_TABLES = ("loads", "progress", "staged")

Place = tuple[str, str]


def copy_warehouse(source: Warehouse, sink: Warehouse) -> dict[str, int]:
    """Put all of one warehouse in place of all of another; the rows of each dataset.

    Works beside loads: they wait for nothing and are either wholly in the copy or not at all.
    """
    with source.linked() as out, sink.linked() as into:
        # Ended with the connection: a transaction that only reads has nothing to keep.
        out.run(out.statements("begin_snapshot"))
        with transaction(into, ""):
            _empty(into)
            return _copied(out, into)


def is_empty(warehouse: Warehouse) -> bool:
    """Whether there is neither a dataset nor a record of one."""
    with warehouse.linked() as link:
        return not [*_dataset_names(link), *_staged_names(link)]


def version_and_time(warehouse: Tables, engine: str) -> tuple[str, datetime]:
    """The version of the database (`duckdb` or `postgres`), and the instant by its own clock."""
    statement = Statements(engine)("server_version")
    ((version, now),) = (tuple(row.values()) for row in warehouse.reader(statement).read_all().to_pylist())
    assert isinstance(now, datetime)
    return str(version), now.astimezone(UTC)


def _copied(out: Link, into: Link) -> dict[str, int]:
    counts = {}
    for name in _dataset_names(out):
        _copy_table(out, (DATASETS, name), into, (DATASETS, name))
        counts[name] = number(into, into.statements("count_rows", table=quoted(DATASETS, name)))
    for name in _staged_names(out):
        _copy_table(out, out.staging(name), into, into.staging(name))
    for name in RECORD_TABLES:
        into.pour(RECORDS, name, out.batches(_all_of(out, (RECORDS, name))))
    return counts


def _copy_table(out: Link, here: Place, into: Link, there: Place) -> None:
    columns = tables.columns(out, *here)
    if not columns:
        return
    table = quoted(*there)
    definitions = listed(
        into.statements("column_definition", column=c.name, type=_type_of(c)) for c in columns
    )
    into.run(into.statements("create_table", table=table, columns=definitions))
    for column in columns:
        if column.is_json:
            into.run(into.statements("mark_json", table=table, column=column.name))
    into.pour(*there, out.batches(_all_of(out, here)))


def _type_of(column: ColumnInfo) -> Sql:
    """Ours by our own name, so that every engine knows it; one that somebody else chose as it is."""
    known = from_sql(column.type)
    return SQL[known] if known else Sql(column.type)


def _empty(link: Link) -> None:
    for name in _staged_names(link):
        link.run(link.statements("drop_table", table=quoted(*link.staging(name))))
    for name in _dataset_names(link):
        link.run(link.statements("drop_table", table=quoted(DATASETS, name)))
    for name in RECORD_TABLES:
        link.run(link.statements("empty_records", table=quoted(RECORDS, name)))


def _all_of(link: Link, place: Place) -> Sql:
    return link.statements("all_columns", table=quoted(*place))


def _dataset_names(link: Link) -> list[str]:
    return [name for name in tables.names(link, DATASETS) if tables.is_dataset(name)]


def _staged_names(link: Link) -> list[str]:
    if not tables.names(link, RECORDS):  # a database that was never written
        return []
    return [str(name) for (name,) in link.rows(link.statements("staged_names"))]
