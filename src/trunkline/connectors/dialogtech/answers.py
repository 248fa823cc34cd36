"""What DialogTech answers, told apart by its content: a report in XML or CSV, a message, a web page, nothing.

An error comes as XML in CSV mode too. Nothing here believes what was asked for.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

from trunkline.connectors.dialogtech.clicks import Clicks
from trunkline.connectors.dialogtech.csv_reports import csv_records
from trunkline.connectors.dialogtech.encodings import is_latin, repaired
from trunkline.connectors.dialogtech.refusals import RESULT, refusal, says_no_rows
from trunkline.errors import DataError
from trunkline.fetch.answer_files import Received
from trunkline.fetch.xml_records import Record, XmlFile

REPORT, RECORD = "data", "record"
SAMPLE_CHARACTERS = 500

_BLANK = b"\xef\xbb\xbf \t\r\n"
_START_BYTES = 4_096
_WEB_PAGE = re.compile(rb"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")


def click_batches(received: Received) -> Iterator[pa.RecordBatch]:
    """The rows of an answer as batches of texts, with the columns made of them.

    Raises KeyRefused, NotAllowed, ProviderError or RetryLater for what DialogTech says in place of a
    report, DataError for what is none.
    """
    clicks = Clicks(received)
    yield from clicks.batches(_records(received))
    clicks.tell()


def _records(received: Received) -> Iterator[Record]:
    begins_at, start = _beginning(received)
    if not start:
        return _blank(received)
    if _WEB_PAGE.match(start):
        raise _web_page(received, start)
    if start.startswith(b"<"):
        return _xml_records(received, begins_at, start)
    return csv_records(received, begins_at)


def _beginning(received: Received) -> tuple[int, bytes]:
    """Where an answer begins after a byte-order mark and blank lines, and its first bytes."""
    received.file.seek(0)
    at = 0
    while chunk := received.file.read(_START_BYTES):
        content = chunk.lstrip(_BLANK)
        if content:
            return at + len(chunk) - len(content), content
        at += len(chunk)
    return at, b""


def _blank(received: Received) -> Iterator[Record]:
    provider, about = received.subject.provider, received.about
    if received.values.get("blank_answers") != "no_rows":
        raise DataError(
            f"{provider} answered {about} with nothing at all.",
            todo="Ask for fewer days per request (--chunk-days). If it answers so where there are no clicks, "
            "choose --blank-answers no_rows.",
            where=about,
        )
    received.notes.append(f"{provider} sent an empty answer for {about}: no rows.")
    return iter(())


def _xml_records(received: Received, begins_at: int, start: bytes) -> Iterator[Record]:
    document = XmlFile(received.file, begins_at, received.subject, received.about)
    if document.root.rpartition("}")[2].lower() == "html":
        raise _web_page(received, start)
    if document.root != REPORT:
        told = document.texts()
        if RESULT not in told:
            raise _no_report(received, start)
        nothing = says_no_rows(told)
        if not nothing:
            raise refusal(received, told)
        received.notes.append(f'{received.subject.provider} says "{nothing}" of {received.about}: no rows.')
        return
    declared = _ENCODING.match(start)
    latin = declared is not None and is_latin(declared[1].decode())
    for names, texts in document.records(RECORD):
        yield names, [repaired(text) for text in texts] if latin else texts
    for name, count in document.others.items():
        received.notes.append(f"{count:,} elements <{name}> came between the records and were passed over.")


def _web_page(received: Received, start: bytes) -> DataError:
    return DataError(
        f"{received.subject.provider} answered with a web page where a report belongs ({received.about}).",
        todo="Check the base URL of the account; if it is right, run again later.",
        where=received.about,
        sample=_sample(received, start),
    )


def _no_report(received: Received, start: bytes) -> DataError:
    return DataError(
        f"{received.subject.provider} answered with XML that is no report ({received.about}).",
        todo="Check the base URL of the account; if it is right, run again later.",
        where=received.about,
        sample=_sample(received, start),
    )


def _sample(received: Received, start: bytes) -> str:
    return received.subject.mask(start[:SAMPLE_CHARACTERS].decode("utf-8", "replace"))
