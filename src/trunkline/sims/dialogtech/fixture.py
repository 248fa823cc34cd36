"""Clicks of a file in place of invented ones: a JSON list of rows, or the report's own CSV."""

import csv
import io
from pathlib import Path

import orjson

from trunkline.errors import SettingsError
from trunkline.sims.dialogtech.bodies import COLUMNS, NAMES, read_time

BLOCK = "click_id"
_ELEMENTS = {header: name for name, header in COLUMNS.items()}


def fixture_rows(path: Path) -> list[dict[str, str]]:
    """The rows, each with the thirteen fields and `click_id`. Raises SettingsError for any other file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"The fixture {path} cannot be read: {error.strerror or error}.") from None
    try:
        rows = _from_json(content) if content.lstrip()[:1] == b"[" else _from_csv(content)
        return [_checked(row, n) for n, row in enumerate(rows, 1)]
    except ValueError as error:
        raise SettingsError(
            f"The fixture {path} is neither a JSON list of clicks nor the report's CSV: {error}.",
            todo=f"Each click has some of the fields {', '.join(NAMES)}, and Click_Date_Time always.",
        ) from None


def _from_json(content: bytes) -> list[dict[str, str]]:
    rows = orjson.loads(content)
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a click is no object")
    return [{str(name): str(value) for name, value in row.items()} for row in rows]


def _from_csv(content: bytes) -> list[dict[str, str]]:
    reader = csv.reader(io.StringIO(content.decode("iso-8859-1"), newline=""))
    header = [_ELEMENTS.get(name, name) for name in next(reader, [])]
    return [dict(zip(header, row, strict=True)) for row in reader]


def _checked(row: dict[str, str], n: int) -> dict[str, str]:
    strange = set(row) - {*NAMES, BLOCK}
    if strange:
        raise ValueError(f"click {n} has {', '.join(sorted(strange))}")
    if "Click_Date_Time" not in row:
        raise ValueError(f"click {n} has no Click_Date_Time")
    read_time(row["Click_Date_Time"])
    return {name: row.get(name, "") for name in (*NAMES, BLOCK)}
