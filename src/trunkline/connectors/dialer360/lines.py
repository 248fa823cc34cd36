"""An answer as lines of text, whatever its bytes: each ends, none is endless."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from trunkline.errors import DataError
from trunkline.fetch.answer_files import Received

LONGEST_LINE = 1_000_000
SAMPLE_CHARACTERS = 200

_BOM = "\ufeff"


class Line(NamedTuple):
    """A line without its end, and its number from 1."""

    number: int
    text: str
    is_ended: bool


@contextmanager
def lines_of(received: Received) -> Iterator[Iterator[Line]]:
    """The lines of an answer; the file stays open behind them."""
    received.file.seek(0)
    buffered = io.BufferedReader(received.file)  # type: ignore[type-var]
    try:
        yield _lines(received, buffered.readline)
    finally:
        buffered.detach()


def _lines(received: Received, read: Callable[[int], bytes]) -> Iterator[Line]:
    number = strange = 0
    has_returns = False
    while content := read(LONGEST_LINE):
        number += 1
        ended = content.endswith(b"\n")
        if not ended and len(content) == LONGEST_LINE:
            raise unreadable(received, number, "is too long", "")
        if number == 1:
            has_returns = content.endswith(b"\r\n")
        text, is_strange = _text(_without_end(content, b"\r\n" if has_returns else b"\n"))
        strange += is_strange
        yield Line(number, text.removeprefix(_BOM) if number == 1 else text, ended)
    if strange:
        counted = "1 line" if strange == 1 else f"{strange:,} lines"
        received.notes.append(f"{counted} of {received.about}: no UTF-8, read as Windows-1252.")


def _without_end(content: bytes, usual: bytes) -> bytes:
    """A line feed alone may end a line that is within a value."""
    return content.removesuffix(usual) if content.endswith(usual) else content.removesuffix(b"\n")


def _text(content: bytes) -> tuple[str, bool]:
    try:
        return content.decode(), False
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), True


def unreadable(received: Received, number: int, why: str, text: str) -> DataError:
    """What a line is that cannot be understood; the sample is masked."""
    return DataError(
        f"{received.subject.provider} answered {received.about} with something that is no table: "
        f"line {number} {why}.",
        todo="Nothing was changed. Check the base URL of the account; if it is right, run again later.",
        where=received.about,
        sample=received.subject.mask(text)[:SAMPLE_CHARACTERS],
    )
