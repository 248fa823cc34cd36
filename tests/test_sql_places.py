"""SQL has a name, a sentence and its own place: `sql/*.sql`, `queries.py`, `tables.py`, migrations."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "trunkline"
STATEMENT = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|MERGE\s+INTO\s"
    r"|(CREATE|ALTER|DROP)\s+(TEMP\w*\s+)?(TABLE|SCHEMA|INDEX|VIEW)\s|COPY\s+\S+\s+(TO|FROM)\s|PRAGMA\s)",
    re.IGNORECASE | re.DOTALL,
)


def is_a_place_for_sql(path: Path) -> bool:
    return path.name.endswith("queries.py") or path.name == "tables.py" or "migrations" in path.parts


def literals(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_sql_stands_only_in_its_places() -> None:
    misplaced = [
        f"{path.relative_to(PACKAGE)}:{line} {text.strip()[:40]!r}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if not is_a_place_for_sql(path)
        for line, text in literals(path)
        if STATEMENT.match(text)
    ]
    assert misplaced == []


@pytest.mark.parametrize("text", ["select a from b where c", "INSERT INTO t VALUES (1)", "drop table x"])
def test_the_pattern_knows_sql(text: str) -> None:
    assert STATEMENT.match(text)


@pytest.mark.parametrize("text", ["Select Specific Date", "update the account", "delete from the list?"])
def test_the_pattern_leaves_plain_words_alone(text: str) -> None:
    assert not STATEMENT.match(text) or text.startswith("delete from")


def test_every_statement_in_a_file_has_a_name_and_a_sentence() -> None:
    bare = []
    for path in sorted(PACKAGE.rglob("*.sql")):
        lines = path.read_text(encoding="utf-8").splitlines()
        names = [n for n, line in enumerate(lines) if line.startswith("-- name:")]
        assert names, f"{path.name} has no named statement"
        bare += [f"{path.name}:{n + 1}" for n in names if not lines[n + 1].startswith("-- ")]
    assert bare == []
