"""Text files of any charset as rows of columns: comma, semicolon, bar or tab between them, or fixed places.

UTF-8, UTF-16 with its mark, else Windows-1252. The first line that names known columns is the header; lines
before it are titles.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from trunkline.errors import SettingsError

NOTHING_DONE = "Nothing was imported. Mend the file and import it again."
TITLES = 10
"""The header is one of so many lines."""
WINDOWS, UTF_8 = "cp1252", "utf-8-sig"
_PIECE = 1_000_000
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, UTF_8))
_ARCHIVES = ((b"PK\x03\x04", "a ZIP archive or a spreadsheet"), (b"\x1f\x8b", "a gzip archive"))
_DELIMITERS = "\t,;|"
Line = tuple[int, list[str]]
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Layout:
    """The columns that a file may have.

    `names`: how headers call them, without case, blanks and punctuation. `wanted`: groups of columns, all of
    one of which are needed. `headerless`: the columns of files that have no header.
    """

    names: Mapping[str, str]
    wanted: tuple[tuple[str, ...], ...]
    headerless: tuple[str, ...] = ()
    example: str = ""

    def columns_of(self, values: Sequence[str]) -> list[str]:
        """The columns that a line names; empty for a line that is no header."""
        found = [self.names.get(re.sub(r"[^a-z0-9]", "", value.lower()), "") for value in values]
        is_header = any(set(group) <= set(found) for group in self.wanted)
        return found if is_header else []


@dataclass(frozen=True)
class Record:
    """A line of a file: its number, and its values by column; values of unknown columns are left out."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


def records(path: Path, layout: Layout) -> Iterator[Record]:
    """The lines of a file under its header. Raises SettingsError for a file that has none that will do."""
    charset = _charset_of(path)
    with path.open(encoding=charset, errors=_errors(charset), newline="") as text:
        try:
            yield from _Reader(path, layout, _lines(text)).records()
        except UnicodeDecodeError as error:
            raise SettingsError(f"{path} is no text file ({error.reason}).", todo=NOTHING_DONE) from None


@dataclass
class _Reader:
    path: Path
    layout: Layout
    lines: Iterator[Line]

    def records(self) -> Iterator[Record]:
        columns, header, first = self._begin()
        for number, values in chain(first, self._filled()):
            if values != header:  # files that were put together have it more than once
                yield self._record(number, columns, values)

    def _begin(self) -> tuple[Sequence[str], list[str], list[Line]]:
        """The columns, the header, and the line that was read beyond it."""
        titles: list[str] = []
        for number, values in self._filled():
            if columns := self.layout.columns_of(values):
                return columns, values, []
            if len(values) == len(self.layout.headerless) > 0:
                return self.layout.headerless, [], [(number, values)]
            titles.append(" ".join(values))
            if len(titles) == TITLES:
                break
        groups = " or ".join(" and ".join(group) for group in self.layout.wanted)
        todo = f"The first line must name the columns, such as: {self.layout.example}. {NOTHING_DONE}"
        came = shown(titles[0]) if titles else "nothing"
        raise SettingsError(f"{self.path} has no header that names {groups}; {came} came.", todo=todo)

    def _filled(self) -> Iterator[Line]:
        """Lines that are not empty."""
        number = 0
        try:
            for number, values in self.lines:
                if any(values):
                    yield number, values
        except csv.Error as error:
            raise self._fault(number + 1, f"this is no CSV ({error})") from None

    def _record(self, number: int, columns: Sequence[str], values: list[str]) -> Record:
        if any(values[len(columns) :]):
            raise self._fault(number, f"{len(values)} values came, where {len(columns)} belong")
        # Of two columns with one name the first counts.
        pairs = reversed(list(zip(columns, values, strict=False)))
        return Record(number, {name: _bare(value) for name, value in pairs if name})

    def _fault(self, line: int, what: str) -> SettingsError:
        return SettingsError(f"{self.path}, line {line:,}: {what}.", todo=NOTHING_DONE)


def shown(value: str) -> str:
    """What came, as an error shows it."""
    cut = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
    return repr(cut)


def _bare(value: str) -> str:
    """Without blanks and quotes around it."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1].strip()
    return value


def _lines(text: io.TextIOBase) -> Iterator[Line]:
    """Lines as numbers and values, by the delimiter that the start has most of."""
    start = text.read(64_000)
    text.seek(0)
    delimiter = max(_DELIMITERS, key=start.count)
    if delimiter not in start:
        yield from _fixed_lines(text)
        return
    # Between tabs a quote is a letter like any other.
    rows = (
        csv.reader(text, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        if delimiter == "\t"
        else csv.reader(text, delimiter=delimiter, strict=True)
    )
    for row in rows:
        yield rows.line_num, row


def _fixed_lines(text: io.TextIOBase) -> Iterator[Line]:
    """Lines whose values stand under the names of the first one."""
    starts: list[int] = []
    for number, raw in enumerate(text, 1):
        line = raw.rstrip("\r\n").expandtabs(8)
        if not starts:
            starts = [found.start() for found in re.finditer(r"\S+", line)]
        ends = [*starts[1:], None]
        yield number, [line[first:last].strip() for first, last in zip(starts, ends, strict=False)]


def _charset_of(path: Path) -> str:
    """The charset of a file that is text. Raises SettingsError for one that is none, or cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            return _charset(path, start, file)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.", todo="Name a file.") from None


def _charset(path: Path, start: bytes, file: io.BufferedReader) -> str:
    for magic, what in _ARCHIVES:
        if start.startswith(magic):
            todo = "Unpack it, or save the sheet as CSV, and import the text file."
            raise SettingsError(f"{path} is {what}, not a text file.", todo=todo)
    for mark, charset in _MARKS:
        if start.startswith(mark):
            return charset
    if not start.strip():
        _check_not_empty(path, file)
    return _by_content(path, file)


def _check_not_empty(path: Path, file: io.BufferedReader) -> None:
    while piece := file.read(_PIECE):
        if piece.strip():
            file.seek(0)
            return
    raise SettingsError(f"{path} is empty.", todo=NOTHING_DONE)


def _by_content(path: Path, file: io.BufferedReader) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    charset = UTF_8
    while piece := file.read(_PIECE):
        if b"\0" in piece:
            raise SettingsError(f"{path} holds zero bytes: it is no text file.", todo=NOTHING_DONE)
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            charset = WINDOWS
            decoder.reset()
    is_cut = bool(decoder.getstate()[0])
    return WINDOWS if is_cut else charset


def _errors(charset: str) -> str:
    """Windows-1252 lacks five bytes; what cannot be read is only ever a name."""
    return "replace" if charset == WINDOWS else "strict"
