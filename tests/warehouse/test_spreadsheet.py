"""Spreadsheets hold values as they are: numbers as numbers, texts never as formulas."""

import zipfile
from collections.abc import Generator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pyarrow as pa
import pytest

from trunkline.warehouse import spreadsheet
from trunkline.warehouse.export import pieces


def written(table: pa.Table) -> zipfile.ZipFile:
    data = b"".join(pieces(table.schema, table.to_batches(), "xlsx"))
    return zipfile.ZipFile(BytesIO(data))


def test_values() -> None:
    table = pa.table(
        {
            "text": ["=1+1", "http://a.example"],
            "big": pa.array([123456789012345678, None]),
            "small": pa.array([1.5, float("nan")]),
            "money": pa.array([Decimal("12.30"), None]),
            "at": pa.array([datetime(2026, 1, 31, 12, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
            "day": pa.array([date(2026, 1, 31), date(1850, 1, 1)]),
            "yes": pa.array([True, None]),
            "many": pa.array([[1, 2], None]),
        }
    )
    sheet = written(table).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    for piece in ("=1+1", "123456789012345678</t>", "<v>1.5</v>", "<v>12.3</v>", "<v>46053.5</v>"):
        assert piece in sheet
    for piece in ("<v>46053</v>", "1850-01-01", "nan</t>", "[1,2]"):
        assert piece in sheet


def test_rows_beyond_a_sheet_stand_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 4)
    found = written(pa.table({"n": list(range(7))}))
    sheets = [name for name in found.namelist() if "worksheets/sheet" in name]
    assert len(sheets) == 3


def test_one_that_is_left_leaves_nothing() -> None:
    table = pa.table({"n": [1]})
    parts = pieces(table.schema, table.to_batches(), "xlsx")
    assert isinstance(parts, Generator)
    next(parts)
    parts.close()
