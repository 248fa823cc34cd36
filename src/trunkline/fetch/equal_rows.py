"""Ids for rows that come without one: a hash of their values, and a number among equal rows.

Equal rows are real (two clicks of the same minute) and stay apart. Which of them is the first does not
matter, since they are equal: the same rows get the same ids however often and in whatever order they come.
"""

from array import array
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

ROW_ID, OCCURRENCE = "row_id", "occurrence"
ADDED = (ROW_ID, OCCURRENCE)

_HASH_BYTES = 16
_MARK_BYTES = 8
_HASH = "_hash"


class EqualRows:
    """First `mark` all batches of a window, then `number` each of them, in any order.

    What is kept in between is eight bytes a row. The batches' columns are texts; null counts as empty.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = tuple(fields)
        self._marks = array("Q")
        self._repeated: frozenset[int] | None = None
        self._seen: dict[str, int] = {}

    def __len__(self) -> int:
        """How many rows have been marked."""
        return len(self._marks)

    def forget(self, after: int) -> None:
        """Forget the rows that were marked after so many."""
        del self._marks[after:]

    def mark(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with the hash of each row."""
        nothing = [""] * batch.num_rows
        known = batch.schema.names
        columns = [batch.column(f).to_pylist() if f in known else nothing for f in self._fields]
        hashes = [row_hash(row) for row in zip(*columns, strict=True)]
        self._marks.extend(map(_mark, hashes))
        return batch.append_column(_HASH, pa.array(hashes, pa.string()))

    def number(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with `row_id` and `occurrence` in place of the hashes."""
        if self._repeated is None:
            self._repeated = self._more_than_once()
        hashes: Any = batch.column(_HASH)
        numbers = pa.array([str(self._next(text)) for text in hashes.to_pylist()], pa.string())
        ids: Any = pc.binary_join_element_wise(hashes, numbers, "-")
        kept = batch.drop_columns([_HASH])
        return kept.append_column(ROW_ID, ids).append_column(OCCURRENCE, numbers)

    def _next(self, text: str) -> int:
        if not self._repeated or _mark(text) not in self._repeated:
            return 1
        self._seen[text] = self._seen.get(text, 0) + 1
        return self._seen[text]

    def _more_than_once(self) -> frozenset[int]:
        """Marks that came more than once; only their rows need counting."""
        if not self._marks:
            return frozenset()
        buffer = pa.py_buffer(memoryview(self._marks))
        marks: Any = pa.Array.from_buffers(pa.uint64(), len(self._marks), [None, buffer])
        counts: Any = pc.value_counts(marks)
        often: Any = pc.greater(counts.field("counts"), pa.scalar(1, pa.int64()))
        found: frozenset[int] = frozenset(pc.filter(counts.field("values"), often).to_pylist())
        self._marks = array("Q")
        return found


def row_hash(values: Sequence[str | None]) -> str:
    """32 hexadecimal digits of BLAKE2b over each value's length and text; stored, so it must stay."""
    text = "".join([f"{len(value)},{value}" if value else "0," for value in values])
    return blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()


def _mark(text: str) -> int:
    return int(text[: _MARK_BYTES * 2], 16)
