"""An XML file of records, read one record at a time, whatever its author meant by it.

Internal document types are read over; nothing is fetched, no entity is expanded, and a file that
declares any is refused, so that a small file cannot become a large one. libxml2's own bounds on depth
and on the length of a text stay in force.
"""

from collections.abc import Iterable, Iterator
from typing import IO, Any

from lxml import etree

from trunkline.errors import DataError
from trunkline.fetch.refusals import Subject

Record = tuple[tuple[str, ...], list[str]]

CHUNK_BYTES = 65_536
LONGEST_PROLOG = 1_000_000
SAMPLE_BYTES = 500

_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class XmlFile:
    """An XML file whose outermost element has been read, as `root`. Raises DataError where it is none."""

    def __init__(self, file: IO[bytes], begins_at: int, subject: Subject, about: str) -> None:
        self._file = file
        self._begins_at = begins_at
        self._subject = subject
        self._about = about
        self.others: dict[str, int] = {}
        """Elements between the records that are none, and how often each came."""
        self.root = self._outermost()

    def records(self, name: str) -> Iterator[Record]:
        """The names of each record's elements and their texts, in their order.

        Raises DataError where the file breaks off or is malformed.
        """
        self._file.seek(self._begins_at)
        events: Any = etree.iterparse(self._file, events=("end",), tag=name, **_SAFE)
        try:
            for _, record in events:
                yield tuple([field.tag for field in record]), [_text(field) for field in record]
                self._forget(record, name)
            self._count_others(events.root, name)
        except etree.XMLSyntaxError as error:
            raise self._malformed("XML that breaks off or is malformed", str(error).encode()) from None

    def texts(self) -> dict[str, str]:
        """The text of each element that holds no other, by name: for small messages."""
        self._file.seek(self._begins_at)
        content = self._file.read(LONGEST_PROLOG)
        found = texts(content)
        if found is None:
            raise self._malformed("XML that breaks off or is malformed", content)
        return found

    def _outermost(self) -> str:
        self._file.seek(self._begins_at)
        parser: Any = etree.XMLPullParser(events=("start",), **_SAFE)
        begin = b""
        try:
            while chunk := self._file.read(CHUNK_BYTES):
                begin = begin or chunk
                parser.feed(chunk)
                for _, element in parser.read_events():
                    self._refuse_entities(element, begin)
                    return str(element.tag)
                if self._file.tell() - self._begins_at > LONGEST_PROLOG:
                    break
        except etree.XMLSyntaxError as error:
            raise self._malformed("XML that breaks off or is malformed", str(error).encode()) from None
        raise self._malformed("XML that breaks off or is malformed", begin)

    def _refuse_entities(self, root: Any, begin: bytes) -> None:
        document_type = root.getroottree().docinfo.internalDTD
        if document_type is not None and next(document_type.iterentities(), None) is not None:
            raise self._malformed("XML that declares entities, which no report does", begin)

    def _forget(self, record: Any, name: str) -> None:
        """Let go of what was read; else the whole file would be kept."""
        record.clear()
        parent = record.getparent()
        before = [] if parent is None else parent[: parent.index(record)]
        self._count_others(before, name)
        for other in before:
            parent.remove(other)

    def _count_others(self, elements: Iterable[Any], name: str) -> None:
        for other in elements:
            if other.tag != name:
                self.others[str(other.tag)] = self.others.get(str(other.tag), 0) + 1

    def _malformed(self, what: str, sample: bytes) -> DataError:
        return DataError(
            f"{self._subject.provider} answered with {what} ({self._about}).",
            todo="Nothing was changed. Run again later; if it stays, the API has changed.",
            where=self._about,
            sample=self._subject.mask(sample[:SAMPLE_BYTES].decode("utf-8", "replace")),
        )


def texts(content: bytes) -> dict[str, str] | None:
    """The text of each innermost element of a small document, by name; None where it is no XML."""
    try:
        root = etree.fromstring(content.strip(), etree.XMLParser(**_SAFE))
    except (etree.XMLSyntaxError, ValueError):
        return None
    return {str(element.tag): _text(element) for element in root.iter(etree.Element) if not len(element)}


def _text(field: Any) -> str:
    return "".join(field.itertext()) if len(field) else field.text or ""
