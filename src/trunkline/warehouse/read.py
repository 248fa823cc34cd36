"""Reading with a person's own SQL: one statement, streamed, mistakes in the engine's own words."""

import re
from collections.abc import Callable, Collection, Iterator

import pyarrow as pa

from trunkline.errors import TrunklineError
from trunkline.warehouse.mistakes import wrong_beginning

READING_WORDS = ("select", "with", "values", "table", "from", "explain", "show", "describe", "summarize")

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
        raise wrong_beginning(first_word(sql), READING_WORDS)


def first_line(text: str) -> str:
    """The sentence in an engine's message, without the layers through which it came."""
    line = text.strip().split("\n", 1)[0].strip()
    while match := _NOISE.match(line):
        line = line[match.end() :].strip()
    return line or "the database gave no reason"


def streamed(
    source: pa.RecordBatchReader,
    translate: Callable[[Exception], TrunklineError],
    finish: Callable[[], None],
) -> pa.RecordBatchReader:
    """The same batches, the engine's errors translated; `finish` is called when nobody reads any more."""
    return pa.RecordBatchReader.from_batches(source.schema, _Batches(source, translate, finish))


def with_json(source: pa.RecordBatchReader, columns: Collection[int]) -> pa.RecordBatchReader:
    """The same batches, text columns at these positions marked as JSON."""
    if not columns:
        return source
    marked = pa.json_(pa.string())
    schema = pa.schema(
        [field.with_type(marked) if at in columns else field for at, field in enumerate(source.schema)]
    )

    def turned() -> Iterator[pa.RecordBatch]:
        for batch in source:
            arrays = [a.cast(f.type) for a, f in zip(batch.columns, schema, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, turned())


class _Batches:
    """An object and not a generator, for a generator that was never begun never ends."""

    def __init__(
        self,
        source: pa.RecordBatchReader,
        translate: Callable[[Exception], TrunklineError],
        finish: Callable[[], None],
    ) -> None:
        self._source = source
        self._translate = translate
        self._finish: Callable[[], None] | None = finish

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            return self._source.read_next_batch()
        except StopIteration:
            self._end()
            raise
        except Exception as error:
            self._end()
            raise self._translate(error) from None

    def _end(self) -> None:
        finish, self._finish = self._finish, None
        if finish:
            finish()

    def __del__(self) -> None:
        self._end()
