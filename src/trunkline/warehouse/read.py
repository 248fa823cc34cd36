"""Reading with a person's own SQL: one statement, streamed, mistakes in the engine's own words."""

import re
from collections.abc import Callable, Iterator

import pyarrow as pa

from trunkline.errors import SettingsError, TrunklineError

READING_WORDS = ("select", "with", "values", "table", "from", "explain", "show", "describe", "summarize")
ONE_STATEMENT = "Write one statement that reads, such as SELECT … FROM a dataset."

_COMMENT = re.compile(r"\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/", re.DOTALL)
_NOISE = re.compile(
    r"^(?:INVALID_ARGUMENT|NOT_FOUND|UNAUTHORIZED|INVALID_STATE|INVALID_DATA|IO|INTERNAL|UNKNOWN): "
    r"|^\[libpq\] |^Failed to [^:]*: |^could not begin COPY: |^ERROR:\s+"
)


def first_word(sql: str) -> str:
    """The word a statement begins with, comments and brackets aside, in small letters."""
    rest = sql
    while match := _COMMENT.match(rest):
        rest = rest[match.end() :]
    word = re.match(r"\(*\s*([A-Za-z]+)", rest)
    return word[1].lower() if word else ""


def check_reading(sql: str) -> None:
    """Raises SettingsError unless the statement begins like one that reads."""
    if first_word(sql) not in READING_WORDS:
        raise SettingsError("This is no statement that reads.", todo=ONE_STATEMENT)


def first_line(text: str) -> str:
    """The sentence in an engine's message, without the layers through which it came."""
    line = text.strip().split("\n", 1)[0].strip()
    while match := _NOISE.match(line):
        line = line[match.end() :].strip()
    return line or "the database gave no reason"


def mistake(text: str) -> SettingsError:
    return SettingsError(f"The query cannot be run: {first_line(text)}", todo=ONE_STATEMENT)


def streamed(
    source: pa.RecordBatchReader,
    translate: Callable[[Exception], TrunklineError],
    finish: Callable[[], None],
) -> pa.RecordBatchReader:
    """The same batches, with the engine's errors translated, and `finish` called at the end of reading."""

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            while True:
                try:
                    batch = source.read_next_batch()
                except StopIteration:
                    return
                except Exception as error:
                    raise translate(error) from None
                yield batch
        finally:
            finish()

    return pa.RecordBatchReader.from_batches(source.schema, batches())
