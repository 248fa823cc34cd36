"""Rows through the socket: the same batches, and errors where they were met."""

import io
from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa
import pytest

from trunkline.daemon.rows import WENT_AWAY, pieces, reader_of
from trunkline.errors import Cancelled, RetryLater, SettingsError
from trunkline.warehouse.read import with_json

FIELDS: dict[str, pa.DataType] = {
    "n": pa.int64(),
    "d": pa.decimal128(9, 2),
    "l": pa.list_(pa.string()),
}
SCHEMA = pa.schema(FIELDS)


def batch(first: int) -> pa.RecordBatch:
    rows = [{"n": first + at, "d": Decimal(at), "l": ["é", None]} for at in range(100)]
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def rows(batches: int, error: Exception | None = None) -> pa.RecordBatchReader:
    def come() -> Iterator[pa.RecordBatch]:
        yield from (batch(100 * at) for at in range(batches))
        if error:
            raise error

    return pa.RecordBatchReader.from_batches(SCHEMA, come())


def arrived(sent: bytes, is_interrupted: bool = False) -> pa.RecordBatchReader:
    return reader_of(io.BytesIO(sent), lambda: None, lambda: is_interrupted)


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_what_is_sent_arrives(batches: int) -> None:
    assert arrived(b"".join(pieces(rows(batches)))).read_all() == rows(batches).read_all()


def test_each_batch_is_sent_when_it_is_read() -> None:
    read: list[int] = []

    def come() -> Iterator[pa.RecordBatch]:
        for at in range(3):
            read.append(at)
            yield batch(at)

    sent = pieces(pa.RecordBatchReader.from_batches(SCHEMA, come()))
    after = [(len(read), bool(piece)) for piece in sent]
    assert after[1:] == [(1, True), (2, True), (3, True), (3, True)]


def test_types_of_extensions_arrive() -> None:
    texts = pa.table({"j": ['{"a": 1}', None]})
    marked = with_json(texts.to_reader(), [0])
    assert arrived(b"".join(pieces(marked))).schema.field("j").type == pa.json_(pa.string())


def test_an_error_among_the_rows_is_the_same_error_after_those_before_it() -> None:
    sent = b"".join(pieces(rows(2, SettingsError("No such column.", todo="Name another."))))
    reader = arrived(sent)
    assert reader.read_next_batch() == batch(0)
    assert reader.read_next_batch() == batch(100)
    with pytest.raises(SettingsError, match="No such column") as told:
        reader.read_next_batch()
    assert told.value.todo == "Name another."


@pytest.mark.parametrize("left", [0, 3, 20, 2000])
def test_an_answer_that_breaks_off_is_never_taken_for_the_end(left: int) -> None:
    sent = b"".join(pieces(rows(2)))
    with pytest.raises(RetryLater, match=WENT_AWAY):
        arrived(sent[:left]).read_all()
    with pytest.raises(Cancelled):
        arrived(sent[:left], is_interrupted=True).read_all()


def test_batches_without_an_end_are_broken_off() -> None:
    *batches, _ = pieces(rows(2))
    with pytest.raises(RetryLater):
        arrived(b"".join(batches)).read_all()
