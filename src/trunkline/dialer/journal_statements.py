"""Journals of many works made one statement: each way to a database server costs more than the rows.

PostgreSQL takes them column by column, in one statement for any number of rows. MariaDB takes a block with
one insert a table; the automatic ids of one insert follow each other there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ClauseElement,
    Float,
    Integer,
    String,
    bindparam,
    column,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.types import TypeEngine

from trunkline.dialer.compiling import Compiler, Writing, bound, parameter
from trunkline.dialer.database import Journal, Row
from trunkline.dialer.queries import NEXT_IDS_STEP, block_of
from trunkline.dialer.tables import Tables

Sources = list[Mapping[str, Any]]
IS_LAST = parameter(2, "is_last")
"""Whether a row is the last of its journal, whose id the other row has."""
COUNTED = parameter(3, "table"), parameter(3, "column")
"""What has the sequence that the ids are drawn from."""


def as_columns(compiler: Compiler, journals: Sequence[Journal]) -> tuple[str, list[Any]]:
    """For PostgreSQL: the statement for journals of this shape, and its values, a list for each column."""
    first = journals[0]
    key = ("journals", first.shape)
    tables = first.table, first.other, None, None
    writing = compiler.writing(key, lambda tables: _drawn(tables, first), *tables)
    rows = [row for one in journals for row in one.rows]
    others = list(_others(journals))
    values: list[Any] = []
    for source, name, make in writing.steps:
        if source == 0:
            values.append([make(row[name]) for row in rows])
        elif source == 1:
            values.append([None if other is None else make(other[name]) for other in others])
        elif source == 2:
            values.append([other is not None for other in others])
        else:
            values.append(compiler.tables[first.table].name if name == "table" else first.id_column)
    return writing.sql, values


def _others(journals: Sequence[Journal]) -> Iterator[Row | None]:
    """For each row the other row that has its id."""
    for journal in journals:
        yield from [None] * (len(journal.rows) - 1)
        yield journal.other_row


def _drawn(tables: Tables, journal: Journal) -> ClauseElement:
    """Draws the ids first, so that rows of both tables can have them."""
    t, other = tables[journal.table], tables[journal.other]
    id_column, names, others = journal.id_column, tuple(journal.rows[0]), tuple(journal.other_row)
    types = {parameter(0, name): _plain(t.c[name].type) for name in names}
    types |= {parameter(1, name): _plain(other.c[name].type) for name in others}
    types[IS_LAST] = Boolean()
    lists = [bindparam(name, type_=ARRAY(type_)) for name, type_ in types.items()]
    listed = func.unnest(*lists).table_valued(*(column(name, type_) for name, type_ in types.items()))
    sequence = func.pg_get_serial_sequence(*(bindparam(name, type_=String()) for name in COUNTED))
    drawn = select(func.nextval(sequence).label(id_column), listed.render_derived()).cte("drawn")

    def filled(table: Any, source: int, columns: Sequence[str]) -> Any:
        values = [drawn.c[parameter(source, name)] for name in columns]
        return insert(table).from_select([id_column, *columns], select(drawn.c[id_column], *values))

    rows = filled(t, 0, names).cte("rows")
    chosen = select(drawn.c[id_column], *(drawn.c[parameter(1, name)] for name in others))
    last = insert(other).from_select([id_column, *others], chosen.where(drawn.c[IS_LAST]))
    return last.add_cte(rows)


def _plain(type_: "TypeEngine[Any]") -> "TypeEngine[Any]":
    """The type of a list's values, without what only a column has, such as a collation."""
    if isinstance(type_, Integer):
        return BigInteger()
    return Float() if isinstance(type_, Float) else String()


def as_one_block(compiler: Compiler, journals: Sequence[Journal]) -> tuple[Writing, Sources]:
    """For MariaDB: a block that writes them, in a transaction of its own."""
    first, sizes = journals[0], tuple(len(one.rows) for one in journals)
    writing = compiler.keep(("journals", first.shape, sizes), lambda: _block(compiler, first, sizes))
    rows: Sources = [row for one in journals for row in one.rows]
    return writing, [*rows, *(one.other_row for one in journals)]


def _block(compiler: Compiler, journal: Journal, sizes: Sequence[int]) -> Writing:
    names, others, count = tuple(journal.rows[0]), tuple(journal.other_row), sum(sizes)

    def rows(tables: Tables) -> ClauseElement:
        return insert(tables[journal.table]).values([bound(names, at) for at in range(count)])

    def other_rows(tables: Tables) -> ClauseElement:
        first: Any = func.last_insert_id()
        step: Any = literal_column(NEXT_IDS_STEP)
        ends = [sum(sizes[: at + 1]) - 1 for at in range(len(sizes))]
        values = [
            {journal.id_column: first + literal_column(str(end)) * step, **bound(others, count + at)}
            for at, end in enumerate(ends)
        ]
        return insert(tables[journal.other]).values(values)

    tables = [journal.table] * count + [journal.other] * len(sizes)
    parts = [
        compiler.writing(("part", part.__name__, journal.shape, tuple(sizes)), part, *tables)
        for part in (rows, other_rows)
    ]
    steps = tuple(step for part in parts for step in part.steps)
    return Writing(block_of([part.sql for part in parts], begins=True), steps)
