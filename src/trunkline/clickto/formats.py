"""The report's two formats, many rows at a time, and the envelope of its errors.

Format: DialogTech's Click-to Report page. Neither ends with a line break. Values are lines of one line
(`texts.one_line`), so a line break can stand between them while all of a batch are escaped at once.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import chain
from xml.sax.saxutils import escape

from trunkline.clickto.columns import ELEMENTS, HEADERS
from trunkline.clickto.selection import Form
from trunkline.clickto.texts import one_line

Values = Sequence[str]
LATIN_1 = "iso-8859-1"
FAILED = "failed"


class Writer(ABC):
    """Writes a report: `head`, then batches of rows, then `tail`. What it writes is whole characters."""

    content_type: str
    head: bytes

    @abstractmethod
    def rows(self, rows: Sequence[Values]) -> bytes:
        """Rows, thirteen texts each, beginning with a line break."""

    @abstractmethod
    def tail(self, *, is_empty: bool) -> bytes: ...


class XmlWriter(Writer):
    """ISO-8859-1, other characters as references; the document type stands in the document."""

    content_type = f"text/xml; charset={LATIN_1}"
    head = "\n".join(
        (
            "<?xml version='1.0' encoding='iso-8859-1'?>",
            "<!DOCTYPE data [",
            "  <!ELEMENT data (record+)>",
            f"  <!ELEMENT record ({','.join(ELEMENTS)})>",
            *(f"   <!ELEMENT {name} (#PCDATA)>" for name in ELEMENTS),
            "]>",
            "<data>",
        )
    ).encode("ascii")

    def __init__(self) -> None:
        starts = [f"        <{name}>" for name in ELEMENTS]
        ends = [f"</{name}>\n" for name in ELEMENTS]
        within = [end + start for end, start in zip(ends, starts[1:], strict=False)]
        record_start, self._record_end = f"\n    <record>\n{starts[0]}", f"{ends[-1]}    </record>"
        self._first = _with_gaps([record_start, *within])
        self._next = _with_gaps([self._record_end + record_start, *within])

    def rows(self, rows: Sequence[Values]) -> bytes:
        parts = self._first + self._next * (len(rows) - 1)
        parts[1::2] = escape("\n".join(chain.from_iterable(rows))).split("\n")
        parts.append(self._record_end)
        return "".join(parts).encode(LATIN_1, "xmlcharrefreplace")

    def tail(self, *, is_empty: bool) -> bytes:
        return b"</data>" if is_empty else b"\n</data>"


def _with_gaps(marks: Iterable[str]) -> list[str]:
    """The marks with a place after each, where its value goes."""
    return [part for mark in marks for part in (mark, "")]


class CsvWriter(Writer):
    """Every value quoted, quotes doubled. What the charset lacks becomes a question mark."""

    head = ",".join(f'"{header}"' for header in HEADERS).encode("ascii")

    def __init__(self, charset: str) -> None:
        self.charset = charset
        self.content_type = f"text/csv; charset={charset}"

    def rows(self, rows: Sequence[Values]) -> bytes:
        # Several times as fast as the csv module, which looks at every character by itself.
        text = "\r".join(map("\n".join, rows)).replace('"', '""')
        quoted = text.replace("\n", '","').replace("\r", '"\n"')
        return f'\n"{quoted}"'.encode(self.charset, "replace")

    def tail(self, *, is_empty: bool) -> bytes:
        return b""


def writer_for(form: Form, charset: str = "utf-8") -> Writer:
    return XmlWriter() if form is Form.XML else CsvWriter(charset)


ENVELOPE_TYPE = "text/xml; charset=utf-8"


def envelope(result: str, description: str) -> bytes:
    """The answer of everything that is no report, in the form of the script's other answers; UTF-8."""
    lines = (
        "<?xml version='1.0' encoding='utf-8'?>",
        "<!DOCTYPE response [",
        "  <!ELEMENT response (result,result_description)>",
        "   <!ELEMENT result (#PCDATA)>",
        "   <!ELEMENT result_description (#PCDATA)>",
        "]>",
        "<response>",
        f"    <result>{escape(result)}</result>",
        f"    <result_description>{escape(one_line(description))}</result_description>",
        "</response>",
    )
    return "\n".join(lines).encode()
