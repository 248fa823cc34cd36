"""Downloaded CSV files, in all the forms that an export may take, and what is refused as none."""

import io
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fetch.provider import KEY, SUBJECT
from trunkline.errors import DataError
from trunkline.fetch import csv_pages
from trunkline.fetch.csv_pages import BLOCK_BYTES, LONGEST_HEADER, CsvFile

BOM = b"\xef\xbb\xbf"
ABOUT = "Stats, 1 Jun 2026"
Rows = list[dict[str, Any]]


def opened(content: bytes, *reserved: str) -> CsvFile:
    return CsvFile(io.BytesIO(content), SUBJECT, ABOUT, reserved)


def rows_of(content: bytes, *reserved: str) -> Rows:
    batches = list(opened(content, *reserved).batches())
    assert all(column.type == pa.string() for batch in batches for column in batch.columns)
    return [row for batch in batches for row in batch.to_pylist()]


def refused(content: bytes) -> DataError:
    with pytest.raises(DataError) as caught:
        rows_of(content)
    return caught.value


# -- forms of the same table ------------------------------------------------------------------------


@pytest.mark.parametrize("bom", [b"", BOM])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last_end", [True, False])
@pytest.mark.parametrize("quoted", [True, False])
def test_marks_quotes_and_line_ends_make_no_difference(
    bom: bytes, end: bytes, last_end: bool, quoted: bool
) -> None:
    mark = b'"' if quoted else b""
    table = [(b"call_id", b"name"), (b"9007199254740993", "Zoë ☎".encode()), (b"2", b"")]
    lines = [b",".join(mark + field + mark for field in line) for line in table]
    content = bom + end.join(lines) + (end if last_end else b"")
    assert rows_of(content) == [
        {"call_id": "9007199254740993", "name": "Zoë ☎"},
        {"call_id": "2", "name": None},
    ]


def test_columns_are_found_by_name_whatever_their_order() -> None:
    assert rows_of(b"b,new,a\n2,x,1\n") == [{"b": "2", "new": "x", "a": "1"}]


def test_texts_stay_as_they_were_sent() -> None:
    content = b'a,b,c,d\n007,"line one\nline two, ""quoted""",NULL, spaced \n'
    assert rows_of(content) == [
        {"a": "007", "b": 'line one\nline two, "quoted"', "c": "NULL", "d": " spaced "}
    ]


def test_a_header_that_spans_lines_is_one_name() -> None:
    assert rows_of(b'"first\nname",b\n1,2\n') == [{"first_name": "1", "b": "2"}]


def test_rows_of_many_blocks_all_come() -> None:
    text = "x" * 500
    lines = [f'{n},"{text}\n{n}"' for n in range(3 * BLOCK_BYTES // 500)]
    rows = rows_of(("id,text\n" + "\n".join(lines) + "\n").encode())
    assert [int(row["id"]) for row in rows] == list(range(len(lines)))
    assert rows[-1]["text"] == f"{text}\n{len(lines) - 1}"


def test_a_field_of_a_megabyte_is_no_trouble() -> None:
    large = "y" * 1_000_000
    assert rows_of(f"id,text\n1,{large}\n2,z\n".encode())[0]["text"] == large


def test_a_field_larger_than_a_block_is_told_as_malformed() -> None:
    assert refused(b"id,text\n1," + b"y" * (2 * BLOCK_BYTES + 1) + b"\n2,z\n").where == ABOUT


# -- nothing in it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\r\n", BOM, BOM + b"\r\n"])
def test_an_empty_file_has_no_rows_and_no_columns(content: bytes) -> None:
    file = opened(content)
    assert (file.is_empty, file.names, list(file.batches())) == (True, (), [])


@pytest.mark.parametrize("content", [b"a,b", b"a,b\n", b"a,b\r\n", BOM + b'"a","b"\r\n', b"\r\na,b\r\n"])
def test_a_header_alone_has_columns_and_no_rows(content: bytes) -> None:
    file = opened(content)
    assert (file.is_empty, file.names) == (False, ("a", "b"))
    assert [row for batch in file.batches() for row in batch.to_pylist()] == []


def test_a_quote_inside_a_field_is_no_sign_of_a_broken_file() -> None:
    assert rows_of(b'a,b\n1,5" pipe\n') == [{"a": "1", "b": '5" pipe'}]


def test_empty_lines_are_no_rows() -> None:
    assert rows_of(b"\r\na,b\r\n\r\n1,2\r\n\r\n") == [{"a": "1", "b": "2"}]


# -- names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("call_id,name", ("call_id", "name")),
        (" Call ID ,Talk-Time (min)", ("call_id", "talk_time_min")),
        ("a,a,A", ("a", "a_2", "a_3")),
        ("a,a,a_2", ("a", "a_2", "a_2_2")),
        ("a_2,a,a", ("a_2", "a", "a_3")),
        ("a,,", ("a", "column_2", "column_3")),
        ("日期,?,column_1", ("column_1", "column_2", "column_1_2")),
        ("day,_extra,x", ("day_2", "extra", "x")),
        ("day,day_2,day", ("day_2", "day_2_2", "day_3")),
    ],
)
def test_names_are_plain_and_different(header: str, names: tuple[str, ...]) -> None:
    assert opened(header.encode() + b"\n", "day").names == names


def test_names_are_no_longer_than_a_database_takes() -> None:
    names = opened(",".join(["x" * 200] * 12).encode() + b"\n").names
    assert len(set(names)) == 12
    assert max(map(len, names)) <= 63


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["a", "A ", "a_2", "a_2_2", "a_3", "day", "day_2", "", "?"]), min_size=1))
def test_any_header_has_different_names_and_one_for_each_field(header: list[str]) -> None:
    found = opened(",".join([*header, "end"]).encode() + b"\n", "day").names
    assert len(found) == len(header) + 1
    assert len(set(found) | {"day"}) == len(found) + 1


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.integers()), max_size=8
    )
)
def test_what_a_csv_writer_writes_is_read_again(rows: list[tuple[str, int]]) -> None:
    # A lone carriage return in a field is written quoted and read unchanged too.
    lines = ["text,number", *('"' + text.replace('"', '""') + f'",{n}' for text, n in rows)]
    found = rows_of("\n".join(lines).encode())
    assert [(row["text"], row["number"]) for row in found] == [(text or None, str(n)) for text, n in rows]


# -- no CSV file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><html><body>Sign in</body></html>",
        b"  \r\n<html>",
        BOM + b"<html>",
        b'{"error": {"code": 500, "message": "Internal error"}}',
    ],
)
def test_a_web_page_or_a_message_is_told_as_such(content: bytes) -> None:
    error = refused(content)
    assert str(error).startswith("Acme answered with a web page or a message where a CSV file belongs")
    assert error.where == ABOUT
    assert error.sample


@pytest.mark.parametrize(
    "content",
    [b"a,b,c\n1,2,3\n4,5", b"a,b\n1,2\n3,4,5\n", b'a,b\n1,2\n3,"brea', b'a,b\n1,2\n"3'],
)
def test_a_file_that_breaks_off_is_refused(content: bytes) -> None:
    assert "breaks off or is malformed" in str(refused(content))


def test_a_file_that_breaks_off_in_a_later_block_is_refused_there() -> None:
    whole = b"a,b\n" + b"1,2\n" * BLOCK_BYTES
    file = opened(whole + b"3")
    batches = file.batches()
    assert next(batches).num_rows
    with pytest.raises(DataError, match="breaks off"):
        list(batches)


@pytest.mark.parametrize("rows_before", [0, BLOCK_BYTES])
def test_bytes_that_are_no_text_are_refused_wherever_they_stand(rows_before: int) -> None:
    assert refused(b"a,b\n" + b"1,2\n" * rows_before + b"1,\xff\xfe\n").where == ABOUT


@pytest.mark.parametrize("rows", [1, LONGEST_HEADER])
def test_a_header_that_is_no_text_is_refused(rows: int) -> None:
    assert "no UTF-8 text" in str(refused(b"a,\xff\n" + b"1,2\n" * rows))


def test_a_character_at_the_edge_of_the_part_read_for_the_header_is_no_trouble() -> None:
    filling = b"1," + b"x" * (LONGEST_HEADER - len(b"a,b\n1,") - 1)
    content = b"a,b\n" + filling + "é".encode() + b"\n"
    assert rows_of(content)[0]["b"].endswith("é")


def test_a_header_without_an_end_is_refused() -> None:
    assert "whose first line does not end" in str(refused(b"a" * (LONGEST_HEADER + 1) + b"\n1\n"))


def test_samples_show_no_key() -> None:
    assert KEY not in (refused(f"<html>{KEY}</html>".encode()).sample or "")


def test_a_file_can_be_read_anew_from_its_beginning() -> None:
    file = opened(b"a\n1\n")
    assert (
        [b.to_pylist() for b in file.batches()] == [b.to_pylist() for b in file.batches()] == [[{"a": "1"}]]
    )


def test_the_reader_is_asked_for_parts_of_the_file_and_not_for_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_pages, "BLOCK_BYTES", 1_000)
    sizes = [batch.num_rows for batch in opened(b"a,b\n" + b"1,2\n" * 5_000).batches()]
    assert sum(sizes) == 5_000
    assert max(sizes) <= 250
