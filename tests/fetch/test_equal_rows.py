"""Ids of rows that come without one: the same for the same rows, different for different ones."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from trunkline.fetch.equal_rows import EqualRows, row_hash

FIELDS = ("a", "b")
Row = tuple[str | None, str | None]
ROWS = st.lists(
    st.tuples(*[st.one_of(st.none(), st.sampled_from(["", "1", "11", ",", "0,"]), st.text())] * 2)
)


def ids_of(rows: Sequence[Row], batch_rows: int = 3) -> list[tuple[str, int]]:
    """`row_id` and `occurrence` of each row, in their order."""
    equal = EqualRows(FIELDS)
    parts = [rows[n : n + batch_rows] for n in range(0, len(rows), batch_rows)]
    batches = [
        pa.RecordBatch.from_pydict(
            {name: pa.array([row[n] for row in part], pa.string()) for n, name in enumerate(FIELDS)}
        )
        for part in parts
    ]
    marked = [equal.mark(batch) for batch in batches]
    found = [row for batch in marked for row in equal.number(batch).to_pylist()]
    return [(str(row["row_id"]), int(row["occurrence"])) for row in found]


def test_equal_rows_are_numbered_and_others_are_the_first_of_their_kind() -> None:
    found = ids_of([("x", "1"), ("y", "1"), ("x", "1"), ("x", "1"), ("y", "2")])
    assert [occurrence for _, occurrence in found] == [1, 1, 2, 3, 1]
    assert len({row_id for row_id, _ in found}) == 5
    assert found[0][0].removesuffix("-1") == found[2][0].removesuffix("-2")


def test_a_stored_hash_stays_what_it_is() -> None:
    assert row_hash(("0001112222", None, "é")) == "e88dde923cf1ff2243506fa518ce9709"
    assert row_hash(("", "")) == row_hash((None, None)) == row_hash((None, ""))


@given(ROWS)
def test_every_row_has_an_id_of_its_own(rows: list[Row]) -> None:
    found = ids_of(rows)
    assert len({row_id for row_id, _ in found}) == len(rows)
    counts = Counter((a or "", b or "") for a, b in rows)
    assert Counter(occurrence for _, occurrence in found) == Counter(
        n for count in counts.values() for n in range(1, count + 1)
    )


@given(ROWS, st.randoms(), st.integers(1, 5))
def test_neither_order_nor_batches_change_the_ids(rows: list[Row], chance: Random, size: int) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert sorted(ids_of(shuffled, size)) == sorted(ids_of(rows))


@given(ROWS)
def test_rows_that_differ_have_different_hashes(rows: list[Row]) -> None:
    different = {(a or "", b or "") for a, b in rows}
    assert len({row_hash(row) for row in different}) == len(different)
