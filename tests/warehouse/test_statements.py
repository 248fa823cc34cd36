"""The statement files: names, variants, quoting."""

import pytest

from trunkline.warehouse import statements
from trunkline.warehouse.statements import Sql, Statements, fill, listed, quoted


def test_a_piece_that_is_no_sql_is_quoted() -> None:
    assert fill("{a}.{b}", {"a": 'x"; --', "b": Sql("rowid")}) == '"x""; --".rowid'


def test_a_piece_may_hold_braces() -> None:
    assert fill("{a}", {"a": "{b}"}) == '"{b}"'


def test_a_missing_piece_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("{a}", {})


def test_names_joined() -> None:
    assert quoted("datasets", "calls") == '"datasets"."calls"'
    assert listed([quoted("a"), quoted("b")], " AND ") == '"a" AND "b"'


def test_an_engine_has_its_own_variant() -> None:
    assert "duckdb_columns" in Statements("duckdb")("table_columns")
    assert "pg_attribute" in Statements("postgres")("table_columns")
    with pytest.raises(KeyError):
        Statements("postgres")("checkpoint")


def test_every_statement_is_used() -> None:
    from pathlib import Path

    code = "".join(p.read_text() for p in Path(statements.__file__).parents[1].rglob("*.py"))
    ours = [f for f in statements._sql_files() if f.name in ("load.sql", "records.sql", "tables.sql")]
    names = {name for f in ours for name, _, _ in statements._parsed(f.read_text(encoding="utf-8"))}
    made = {"count_gone", "count_in_scope", "delete_gone", "delete_in_scope"}
    assert sorted(n for n in names - made if f'"{n}"' not in code) == []
