"""The report as CSV: a header with every answer, perhaps again in the middle, all values in quotes."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager

from trunkline.connectors.dialogtech.columns import CLICK_TIME
from trunkline.connectors.dialogtech.encodings import LATIN_1, codec_named, is_latin, repaired
from trunkline.connectors.dialogtech.refusals import DESCRIPTION, refusal
from trunkline.errors import DataError
from trunkline.fetch.answer_files import Received
from trunkline.fetch.csv_pages import column_name
from trunkline.fetch.xml_records import Record

NEEDED = ("caller_id", CLICK_TIME)
LONGEST_MESSAGE = 1_000

_BOM = b"\xef\xbb\xbf"


def csv_records(received: Received, begins_at: int) -> Iterator[Record]:
    """The header's names and the values of each row; further headers are left out.

    Raises DataError for a row with more or fewer values than the header, which is never shifted to fit,
    and for quotes that do not end; what no header begins is a message.
    """
    with _lines(received, begins_at) as lines:
        rows = csv.reader(lines, strict=True)
        try:
            header = next(rows)
            names = tuple(header)
            if not set(NEEDED) <= {column_name(name, at) for at, name in enumerate(names, 1)}:
                raise refusal(received, {DESCRIPTION: _message(header, lines)})
            for row in rows:
                if row == header or not row:
                    continue
                if len(row) != len(header):
                    raise _uneven(received, rows.line_num, len(row), len(header))
                yield names, row
            if _ends_with_a_comma(received):
                raise _malformed(received, f"line {rows.line_num} ends with a comma")
        except csv.Error as error:
            raise _malformed(received, f"line {rows.line_num}: {error}") from None
        except UnicodeDecodeError:
            raise _malformed(received, f"it is no {received.charset}") from None


@contextmanager
def _lines(received: Received, begins_at: int) -> Iterator[Iterator[str]]:
    """The lines by the Content-Type's charset, else Latin-1; the file stays open behind them."""
    received.file.seek(0)
    marked = received.file.read(len(_BOM)) == _BOM
    codec = "utf-8" if marked else codec_named(received.charset or LATIN_1)
    received.file.seek(begins_at)
    latin = is_latin(codec)
    buffered = io.BufferedReader(received.file)  # type: ignore[type-var]
    text = io.TextIOWrapper(buffered, LATIN_1 if latin else codec, newline="")
    try:
        yield (repaired(line) for line in text) if latin else text
    finally:
        text.detach()
        buffered.detach()


def _ends_with_a_comma(received: Received) -> bool:
    # Cut there, a row has as many values as a whole one, whose last value would stand in quotes.
    place = received.file.tell()
    received.file.seek(-1, io.SEEK_END)
    last = received.file.read(1)
    received.file.seek(place)
    return last == b","


def _message(header: list[str], lines: Iterator[str]) -> str:
    """What came in place of a header, on one line."""
    rest = "".join(line for line, _ in zip(lines, range(5), strict=False))
    return f"{','.join(header)} {rest}"[:LONGEST_MESSAGE].strip()


def _uneven(received: Received, line: int, came: int, wanted: int) -> DataError:
    return _malformed(received, f"line {line} holds {came} values, the header {wanted}")


def _malformed(received: Received, why: str) -> DataError:
    return DataError(
        f"{received.subject.provider} answered with CSV that breaks off or is malformed "
        f"({received.about}): {why}.",
        todo="Nothing was changed. Run again later; if it stays, choose --format xml.",
        where=received.about,
    )
