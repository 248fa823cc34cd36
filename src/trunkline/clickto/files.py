"""Files of the report as rows: its own CSV and XML, told apart by how they begin.

A CSV file is UTF-8, or else Windows-1252, which ISO-8859-1 is part of. XML says its charset itself; of its
document type nothing is loaded and no entity is resolved. Formats: DialogTech's Click-to Report page.
"""

import codecs
import csv
import io
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from trunkline.clickto.columns import ELEMENTS, HEADERS, REPORT_COLUMNS
from trunkline.clickto.texts import one_line, shown
from trunkline.errors import DataError

LONGEST_VALUE = 100_000
NOTHING_DONE = "Nothing was imported. Mend the file and import it again."
WINDOWS = "cp1252"
_PIECE = 1_000_000
_HOLES = "trunkline.cp1252-holes"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A record: the line it begins at, and its thirteen values in the report's order."""

    line: int
    values: tuple[str, ...]


def file_rows(file: BinaryIO, name: str, charset: str | None = None) -> Generator[FileRow]:
    """The records of a seekable file. `charset`: that of a CSV file; None: found out.

    Raises DataError naming the file, the line and the field.
    """
    start = file.read(1_000).lstrip(b"\xef\xbb\xbf \t\r\n")
    file.seek(0)
    if not start:
        raise fault(name, 1, f"the file is empty: {_wanted()}")
    if start.startswith(b"<"):
        yield from _xml_rows(file, name)
    else:
        yield from _csv_rows(file, name, charset or _charset_of(file))


def fault(name: str, line: int, what: str, field: str = "") -> DataError:
    """What is wrong, and where."""
    where = f"{name}, line {line:,}" + (f", {field}" if field else "")
    return DataError(f"{where}: {what}.", todo=NOTHING_DONE, where=where)


def _wanted() -> str:
    return f"a header is wanted that begins with {', '.join(HEADERS[:3])}, or XML"


# -- CSV -----------------------------------------------------------------------------------------


def _pass_through(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that Windows-1252 lacks are control characters, as in ISO-8859-1."""
    assert isinstance(error, UnicodeDecodeError), "only ever used to decode"
    return error.object[error.start : error.end].decode("iso-8859-1"), error.end


codecs.register_error(_HOLES, _pass_through)


def _charset_of(file: BinaryIO) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS
    finally:
        file.seek(0)
    return "utf-8"


def _csv_rows(file: BinaryIO, name: str, charset: str) -> Iterator[FileRow]:
    is_utf_8 = charset.lower().replace("_", "-") in ("utf-8", "utf8")
    errors = _HOLES if charset == WINDOWS else "strict"
    text = io.TextIOWrapper(file, "utf-8-sig" if is_utf_8 else charset, errors, newline="")
    lines = csv.reader(text, strict=True)
    try:
        header = next((line for line in lines if line), [])
        order = _order(header, name, lines.line_num)
        for values in lines:
            if not values or values == header:  # files put together have the header more than once
                continue
            if len(values) != len(HEADERS):
                raise fault(name, lines.line_num, f"{len(values)} values where {len(HEADERS)} belong")
            yield FileRow(lines.line_num, tuple(values[at] for at in order))
    except csv.Error as error:
        raise fault(name, lines.line_num, f"this is no CSV ({error})") from None
    except UnicodeDecodeError as error:
        raise fault(name, _line_unlike(file, charset), f"it is not {charset} ({error.reason})") from None
    finally:
        if not file.closed:
            text.detach()


def _line_unlike(file: BinaryIO, charset: str) -> int:
    """The first line that is not of a charset."""
    file.seek(0)
    for number, line in enumerate(file, 1):
        try:
            line.decode(charset)
        except UnicodeDecodeError:
            return number
    return 1


def _order(header: Sequence[str], name: str, line: int) -> list[int]:
    """Where in a line each column of the report stands."""
    names = [text.strip() for text in header]
    missing = [one for one in HEADERS if one not in names]
    if len(missing) > len(HEADERS) // 2:
        raise fault(
            name, line, f"this is no header of the report: {_wanted()}; came {shown(','.join(names))}"
        )
    if missing:
        raise fault(name, line, "the header lacks it", missing[0])
    unknown = [one for one in names if one not in HEADERS]
    if unknown or len(names) != len(HEADERS):
        extra = unknown or [one for one in HEADERS if names.count(one) > 1]
        raise fault(name, line, f"the header has {shown(extra[0])} too much")
    return [names.index(one) for one in HEADERS]


# -- XML -----------------------------------------------------------------------------------------


def _xml_rows(file: BinaryIO, name: str) -> Iterator[FileRow]:
    from lxml import etree

    wary = {"resolve_entities": False, "load_dtd": False, "no_network": True}
    context: Any = etree.iterparse(
        file, events=("end",), tag="record", remove_comments=True, remove_pis=True, **wary
    )
    try:
        for _, record in context:
            _check_place(record, name)
            yield FileRow(record.sourceline or 0, _values_of(record, name))
            _forget(record)
    except etree.XMLSyntaxError as error:
        line, reason = _syntax(error, context)
        raise fault(name, line, f"this is no XML ({reason})") from None
    _check_root(context.root, name)


def _forget(record: Any) -> None:
    """Free what has been read; the record itself, emptied, goes with the next."""
    record.clear()
    before = record.getprevious()
    if before is not None:
        record.getparent().remove(before)


def _syntax(error: Any, context: Any) -> tuple[int, str]:
    """Where and what; of an unknown entity only the log tells."""
    logged = next(iter(context.error_log), None)
    line, text = error.lineno or 1, str(error.msg)
    if not error.lineno and logged is not None:
        line, text = logged.line, logged.message
    return line, one_line(text.partition(", line")[0])[:120]


def _check_root(root: Any, name: str) -> None:
    line = root.sourceline or 1
    if root.tag == "response":
        told = shown(root.findtext("result_description") or root.findtext("result") or "", 200)
        raise fault(name, line, f"this is no report but the answer to a request that failed: {told}")
    if root.tag != "data":
        raise fault(name, line, f"<{root.tag}> where <data> with records belongs")


def _check_place(record: Any, name: str) -> None:
    parent, before = record.getparent(), record.getprevious()
    if parent is None or parent.tag != "data" or parent.getparent() is not None:
        raise fault(name, record.sourceline or 1, "a record belongs into <data>, the outermost element")
    if before is not None and before.tag != "record":
        raise fault(name, before.sourceline or 1, f"<{before.tag}> has no place between records")


def _values_of(record: Any, name: str) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for field in record:
        line, tag = field.sourceline or record.sourceline or 0, field.tag
        if tag not in ELEMENTS:
            raise fault(name, line, f"{shown(_called(field))} has no place in a record")
        if tag in found:
            raise fault(name, line, "it is twice in a record", tag)
        if len(field):
            raise fault(name, line, "it holds elements or entities where text belongs", tag)
        found[tag] = field.text or ""
    missing = [tag for tag in ELEMENTS if tag not in found]
    if missing:
        raise fault(name, record.sourceline or 0, "the record lacks it", missing[0])
    return tuple(found[column.element] for column in REPORT_COLUMNS)


def _called(field: Any) -> str:
    """An element's name; of an entity, its text."""
    return f"<{field.tag}>" if isinstance(field.tag, str) else str(field.text or "")
