"""A downloaded CSV file as batches of text columns, read by its header and never all at once.

UTF-8, with or without a byte-order mark; fields quoted or not. Empty fields are null. Column names are
the header's, in small letters with `_` for whatever is no letter or digit; a name that comes twice,
or that the reader needs for itself, gets a number.
"""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import pyarrow as pa
import pyarrow.csv as pa_csv

from trunkline.errors import DataError
from trunkline.fetch.refusals import Subject

BLOCK_BYTES = 1_000_000
LONGEST_HEADER = 100_000
LONGEST_NAME = 56
"""PostgreSQL cuts names at 63 letters; room is left for a number behind."""

_BOM = b"\xef\xbb\xbf"
_NO_ROWS = "Empty CSV file"
_NO_NAME = re.compile(r"[^0-9a-z]+")


class CsvFile:
    """A CSV file whose header has been read. Raises DataError where it is none."""

    def __init__(self, file: IO[bytes], subject: Subject, about: str, reserved: Sequence[str] = ()) -> None:
        self._reserved = reserved
        self._file = file
        self._subject = subject
        self._about = about
        file.seek(0)
        start = file.read(LONGEST_HEADER)
        content = start.removeprefix(_BOM)
        if content.lstrip()[:1] in (b"<", b"{"):
            raise self._malformed("a web page or a message where a CSV file belongs", start)
        self._rows_at = len(start) - len(content)
        self.is_empty = not content.strip()
        self.names = () if self.is_empty else self._header(content)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, all columns as text. Raises DataError where the file breaks off or is malformed."""
        if self.is_empty:
            return
        if self._ends_within_quotes():
            raise self._malformed("a CSV file that breaks off or is malformed", b"")
        self._file.seek(self._rows_at)
        try:
            with pa_csv.open_csv(
                self._file,
                read_options=pa_csv.ReadOptions(
                    block_size=BLOCK_BYTES, column_names=list(self.names), use_threads=False
                ),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()),
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                    null_values=[""],
                ),
            ) as reader:
                yield from reader
        except pa.ArrowInvalid as error:
            text = str(error)
            if not text.startswith(_NO_ROWS):
                raise self._malformed("a CSV file that breaks off or is malformed", text.encode()) from None

    def _header(self, content: bytes) -> tuple[str, ...]:
        """The names of the first line that holds anything; the rows begin after it."""
        is_whole = len(content) + self._rows_at < LONGEST_HEADER
        try:
            # The last character of a part may be cut in two; anything else has to be UTF-8.
            text = codecs.getincrementaldecoder("utf-8")().decode(content, final=is_whole)
            lines = io.StringIO(text, newline="")
            names = next(names for names in csv.reader(iter(lines.readline, "")) if names)
        except (UnicodeDecodeError, csv.Error, StopIteration):
            raise self._malformed("a CSV file that is no UTF-8 text", b"") from None
        if lines.tell() == len(text) and not is_whole:
            raise self._malformed("a CSV file whose first line does not end", content)
        self._rows_at += len(text[: lines.tell()].encode())
        return tuple(distinct((column_name(n, at) for at, n in enumerate(names, 1)), self._reserved))

    def _ends_within_quotes(self) -> bool:
        # Arrow takes the end of the file for the end of a quoted field, and a row cut there for whole.
        self._file.seek(-1, io.SEEK_END)
        if self._file.read(1) in b"\r\n":
            return False
        self._file.seek(0)
        return sum(chunk.count(b'"') for chunk in iter(lambda: self._file.read(BLOCK_BYTES), b"")) % 2 == 1

    def _malformed(self, what: str, sample: bytes) -> DataError:
        return DataError(
            f"{self._subject.provider} answered with {what} ({self._about}).",
            todo="Nothing was changed. Run again later; if it stays, the API has changed.",
            where=self._about,
            sample=self._subject.mask(sample[:500].decode("utf-8", "replace")),
        )


def column_name(text: str, at: int) -> str:
    """The column's name for the name a file gives at that place."""
    return _NO_NAME.sub("_", text.strip().lower()).strip("_")[:LONGEST_NAME] or f"column_{at}"


def distinct(names: Iterable[str], reserved: Iterable[str]) -> Iterator[str]:
    """The names, with a number behind those that come twice or are reserved."""
    seen = set(reserved)
    for name in names:
        numbered = (f"{name}_{n}" for n in itertools.count(2))
        free = name if name not in seen else next(other for other in numbered if other not in seen)
        seen.add(free)
        yield free
