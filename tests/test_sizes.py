"""Files stay small enough to read in one sitting, functions small enough to see at once."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|managers?|base)($|_)")


def python_files() -> list[Path]:
    return [p for part in ("src", "tests", "bench", "scripts") for p in sorted((ROOT / part).rglob("*.py"))]


def test_no_file_is_longer_than_500_lines() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in python_files()
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [str(p.relative_to(ROOT)) for p in python_files() if FORBIDDEN_NAMES.search(p.stem)]
    assert vague == []
