"""Rows as an XLSX file, written row by row to temporary files: it takes no more memory for more rows."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import pyarrow as pa
import xlsxwriter

from trunkline.warehouse.cells import shown, texts

MOST_ROWS = 1_048_576
"""Of one sheet, its head included; the rows that follow stand on further ones."""
LONGEST_CELL = 32_767
DIGITS = 15
"""Spreadsheets keep no more of a number; those with more are written as text."""
FIRST_YEAR = 1_900
WIDTH = 18

Put = Callable[[Any, int, int, Any], None]


class Spreadsheet:
    """Writes batches to a file. `close` must be called, also after a failure."""

    def __init__(self, names: Sequence[str], schema: pa.Schema, file: BinaryIO) -> None:
        self._folder = TemporaryDirectory()
        options = {"constant_memory": True, "tmpdir": self._folder.name, "use_zip64": True}
        self._book = xlsxwriter.Workbook(file, options)
        self._bold = self._book.add_format({"bold": True})
        self._instant = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._names = names
        self._puts = [self._put_of(field.type) for field in schema]
        self._is_day = [pa.types.is_date(field.type) for field in schema]
        self._new_sheet()

    def _new_sheet(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        if self._names:
            self._sheet.set_column(0, len(self._names) - 1, WIDTH)
        for at, name in enumerate(self._names):
            self._sheet.write_string(0, at, name[:LONGEST_CELL], self._bold)
        self._row = 0

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [self._values(column) for column in batch.columns]
        for row in zip(*columns, strict=True):
            if self._row + 1 >= MOST_ROWS:
                self._new_sheet()
            self._row += 1
            for at, value in enumerate(row):
                if value is not None:
                    self._puts[at](self._sheet, self._row, at, value)

    @staticmethod
    def _values(column: "pa.Array[Any]") -> list[Any]:
        if pa.types.is_date(column.type):
            return column.to_pylist()
        return shown(column) if _is_own(column.type) else texts(column)

    def _put_of(self, type_: Any) -> Put:
        if pa.types.is_boolean(type_):
            return lambda sheet, row, at, value: sheet.write_boolean(row, at, value)
        if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
            return self._put_time
        return _put_number if _is_own(type_) else _put_text

    def _put_time(self, sheet: Any, row: int, at: int, value: object) -> None:
        if isinstance(value, datetime) and value.year >= FIRST_YEAR:
            plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            sheet.write_datetime(row, at, plain, self._instant)
        elif isinstance(value, date) and value.year >= FIRST_YEAR:
            sheet.write_datetime(row, at, value, self._day)
        else:
            _put_text(sheet, row, at, value)

    def finish(self) -> None:
        """Everything is in the file then."""
        self._book.close()

    def close(self) -> None:
        self._book.fileclosed = 1  # one that was not finished says so when it goes
        for sheet in self._book.worksheets():
            if sheet.fh and not sheet.fh.closed:
                sheet.fh.close()
        self._folder.cleanup()


def _is_own(type_: Any) -> bool:
    """Whether spreadsheets have a kind of their own for it."""
    return any(
        is_it(type_)
        for is_it in (
            *(pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean),
            pa.types.is_timestamp,
        )
    )


def _put_number(sheet: Any, row: int, at: int, value: Any) -> None:
    text = str(value)
    is_whole = sum(mark.isdigit() for mark in text) <= DIGITS or isinstance(value, float)
    if is_whole and text.lower().lstrip("-") not in ("nan", "inf", "infinity"):
        sheet.write_number(row, at, float(value))
    else:
        sheet.write_string(row, at, text)


def _put_text(sheet: Any, row: int, at: int, value: object) -> None:
    """Never as a formula or a link, whatever it begins with."""
    sheet.write_string(row, at, str(value)[:LONGEST_CELL])
