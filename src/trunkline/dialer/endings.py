"""What a unit of work writes last, made one piece: each way to a database server costs more than the rows.

PostgreSQL takes several writes as one statement, whose parts are kept together or not at all. MariaDB takes
a block of statements. Which one has the automatic id of the other row is told by the database itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from trunkline.dialer.compiling import Compiler, Writing, bound, parameter
from trunkline.dialer.database import Endings, Journal
from trunkline.dialer.queries import block_of
from trunkline.dialer.tables import Tables

Sources = list[Mapping[str, Any]]


def _shape(endings: Endings) -> tuple[Any, ...]:
    """What two endings have in common that are written by the same statement."""
    journal = endings.journal
    return (
        tuple((one.table, tuple(one.where), tuple(one.values)) for one in endings.updates),
        tuple((one.table, tuple(one.values)) for one in endings.inserts),
        journal and (journal.table, len(journal.rows), tuple(journal.other_row)),
    )


def _sources(endings: Endings) -> Sources:
    found: Sources = [part for one in endings.updates for part in (one.values, one.where)]
    found += [one.values for one in endings.inserts]
    return found + ([*endings.journal.rows, endings.journal.other_row] if endings.journal else [])


def _tables(endings: Endings) -> list[str | None]:
    """Of each source the table that keeps its values."""
    found = [table for one in endings.updates for table in (one.table, None)]
    found += [one.table for one in endings.inserts]
    journal = endings.journal
    return found + ([*([journal.table] * len(journal.rows)), journal.other] if journal else [])


def as_one_statement(compiler: Compiler, endings: Endings) -> tuple[Writing, Sources]:
    """For PostgreSQL: one statement, the others are named parts of it."""
    key = ("one statement", _shape(endings))
    make = _Statement(compiler, endings).made
    return compiler.writing(key, make, *_tables(endings)), _sources(endings)


class _Statement:
    def __init__(self, compiler: Compiler, endings: Endings) -> None:
        self._compiler, self._endings = compiler, endings

    def made(self, tables: Tables) -> Any:
        parts: list[Any] = [
            self._compiler.updating(tables[one.table], tuple(one.where), tuple(one.values), 2 * at)
            for at, one in enumerate(self._endings.updates)
        ]
        first = 2 * len(parts)
        parts += [
            insert(tables[one.table]).values(bound(tuple(one.values), first + at))
            for at, one in enumerate(self._endings.inserts)
        ]
        first += len(self._endings.inserts)
        if self._endings.journal is not None:
            parts.append(self._journal(tables, self._endings.journal, first))
        *others, last = parts
        for at, part in enumerate(others):
            last = last.add_cte(part.cte(f"part{at}"))
        return last

    def _journal(self, tables: Tables, journal: Journal, first: int) -> Any:
        t, other = tables[journal.table], tables[journal.other]
        values = [bound(tuple(row), first + at) for at, row in enumerate(journal.rows)]
        rows = insert(t).values(values).returning(t.c[journal.id_column]).cte("rows")
        source = first + len(journal.rows)
        kept = [bindparam(parameter(source, name), type_=other.c[name].type) for name in journal.other_row]
        names = [journal.id_column, *journal.other_row]
        return insert(other).from_select(names, select(func.max(rows.c[journal.id_column]), *kept))


def as_one_block(compiler: Compiler, endings: Endings, *, begins: bool) -> tuple[Writing, Sources]:
    """For MariaDB: a block of statements that keeps them and all before in the transaction.

    `begins`: the transaction begins with it.
    """
    key = ("one block", begins, _shape(endings))
    return compiler.keep(key, lambda: _block(compiler, endings, begins)), _sources(endings)


def _block(compiler: Compiler, endings: Endings, begins: bool) -> Writing:
    statements: list[str] = []
    steps: list[Any] = []
    first = 0
    for writing, sources in _statements(compiler, endings):
        statements.append(writing.sql)
        steps += [(first + at, name, make) for at, name, make in writing.steps]
        first += sources
    return Writing(block_of(statements, begins=begins), tuple(steps))


def _statements(compiler: Compiler, endings: Endings) -> Iterator[tuple[Writing, int]]:
    """The statements, each with the number of its sources."""
    for one in endings.updates:
        yield compiler.update(one.table, tuple(one.where), tuple(one.values)), 2
    for new in endings.inserts:
        yield compiler.insert(new.table, tuple(new.values)), 1
    journal = endings.journal
    if journal is None:
        return
    for row in journal.rows:
        yield compiler.insert(journal.table, tuple(row)), 1
    yield _following(compiler, journal, tuple(journal.other_row)), 1


def _following(compiler: Compiler, journal: Journal, columns: Sequence[str]) -> Writing:
    """The insert of the other row, behind that of the row whose id it has."""

    def made(tables: Tables) -> Any:
        id_of_last = {journal.id_column: func.last_insert_id()}
        return insert(tables[journal.other]).values(id_of_last | bound(columns))

    return compiler.writing(("following", journal.other, columns), made, journal.other)
