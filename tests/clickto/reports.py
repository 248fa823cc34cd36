"""Reports made and brought in, for tests."""

import io
from collections.abc import Sequence
from typing import Any

from tests.clickto.conftest import NEW_YORK
from trunkline.clickto.account import Account, Unit
from trunkline.clickto.columns import NAMES
from trunkline.clickto.formats import CsvWriter, XmlWriter, writer_for
from trunkline.clickto.importing import Imported, Importer
from trunkline.clickto.report import report_pieces
from trunkline.clickto.selection import Form, Selection
from trunkline.store.connection import Store

Values = tuple[str, ...]
ALL = Selection()


def row(time: str = "Jan 13 2017 10:52 PM", **given: str) -> Values:
    """The values of a record; what is not given is empty."""
    values = {"click_time": time, "call_1_result": "ANSWER", **given}
    return tuple(values.get(name, "") for name in NAMES)


def csv_file(rows: Sequence[Values], charset: str = "utf-8") -> bytes:
    writer = CsvWriter(charset)
    return writer.head + (writer.rows(rows) if rows else b"")


def xml_file(rows: Sequence[Values]) -> bytes:
    writer = XmlWriter()
    return writer.head + (writer.rows(rows) if rows else b"") + writer.tail(is_empty=not rows)


def bring_in(store: Store, content: bytes, block_id: int | None = None, **more: Any) -> Imported:
    account: Account = more.pop("account", NEW_YORK)
    charset: str | None = more.pop("charset", None)
    return Importer(store, account, block_id, **more).bring_in(io.BytesIO(content), "test.csv", charset)


def report(
    store: Store, form: Form = Form.CSV, selection: Selection = ALL, unit: Unit = Unit.MINUTES
) -> bytes:
    return b"".join(report_pieces(store, selection, unit, writer_for(form)))


def values_of(report_csv: bytes) -> list[Values]:
    """The records of a report as CSV, read by an independent reader."""
    import csv

    return [tuple(line) for line in csv.reader(io.StringIO(report_csv.decode(), newline=""))][1:]
