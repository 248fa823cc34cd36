"""Imports point downward: the table of rooms, held against every import in the package."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "trunkline"

FLOOR = {"errors", "clock", "dates", "options", "date_menus", "settings", "logs", "asking"}
MAY_IMPORT: dict[str, set[str]] = {
    # the floor; further up in this list is further down in the house
    "errors": set(),
    "clock": {"errors"},
    "dates": {"errors"},
    "options": {"errors", "dates"},
    "date_menus": {"errors", "dates", "options"},
    "settings": {"errors", "dates"},
    "logs": set(),
    "asking": set(),
    "declare": {*FLOOR},
    "fetch": {*FLOOR, "declare"},
    "connectors": {*FLOOR, "declare", "fetch"},
    "warehouse": {*FLOOR, "declare", "fetch"},
    "store": {*FLOOR, "declare", "fetch"},
    "telephony": {*FLOOR},
    "dialer": {*FLOOR, "store", "telephony"},
    "access": {*FLOOR, "declare", "fetch", "store"},
    "clickto": {*FLOOR, "store", "telephony"},
    "center": {*FLOOR, "declare", "fetch", "connectors", "warehouse", "store"},
    "daemon": {*FLOOR, "warehouse", "store", "center"},
    "keeping": {
        *(*FLOOR, "declare", "store", "warehouse", "center", "dialer", "access", "clickto", "daemon"),
    },
    "pages": {
        *(*FLOOR, "declare", "fetch", "connectors", "warehouse", "store"),
        *("dialer", "access", "clickto", "center", "daemon", "keeping"),
    },
    "rest": {
        *(*FLOOR, "declare", "fetch", "connectors", "warehouse", "store"),
        *("access", "center", "keeping", "daemon"),
    },
    "web": {*FLOOR, "store", "telephony", "dialer", "access", "clickto", "center", "pages", "rest"},
    "sims": {"errors", "clock"},
    "cli": {
        *(*FLOOR, "declare", "fetch", "connectors", "warehouse", "store"),
        *("telephony", "dialer", "access", "clickto", "center", "keeping", "daemon", "pages", "rest"),
        *("web", "sims"),
    },
    "__main__": {"cli"},
}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("trunkline."):
            yield node.lineno, node.module.split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "trunkline":
            yield from ((node.lineno, alias.name) for alias in node.names if not alias.name.startswith("__"))
        elif isinstance(node, ast.Import):
            yield from (
                (node.lineno, alias.name.split(".")[1])
                for alias in node.names
                if alias.name.startswith("trunkline.")
            )


def modules() -> list[Path]:
    return [p for p in sorted(PACKAGE.rglob("*.py")) if p != PACKAGE / "__init__.py"]


def test_every_room_imports_only_what_the_table_allows() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {room}"
        for path in modules()
        for line, room in imports_of(path)
        if room != room_of(path) and room not in MAY_IMPORT.get(room_of(path), set())
    ]
    assert wrong == []


def test_every_room_stands_in_the_table() -> None:
    assert {room_of(path) for path in modules()} == set(MAY_IMPORT)


def test_the_table_has_no_circle() -> None:
    order = list(MAY_IMPORT)
    upward = [
        (room, below)
        for room, allowed in MAY_IMPORT.items()
        for below in allowed
        if order.index(below) >= order.index(room)
    ]
    assert upward == []


def test_reading_without_saving_needs_no_database() -> None:
    reading = PACKAGE / "center" / "reading.py"
    assert {"store", "warehouse"}.isdisjoint({room for _, room in imports_of(reading)})
