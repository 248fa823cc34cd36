"""The two formats as independent readers see them: lxml, csv, DuckDB, pyarrow."""

import csv
import io
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.clickto.conftest import SAMPLE_CSV, SAMPLE_XML
from tests.clickto.reports import Values, csv_file, row, xml_file
from trunkline.clickto.columns import ELEMENTS, HEADERS
from trunkline.clickto.formats import envelope
from trunkline.clickto.texts import REPLACEMENT, one_line

SAMPLE = [
    row(
        "Jan 13 2017 10:52 PM",
        caller_id="0001112222",
        name="Click to Call",
        click_description="On Call Number",
        number_connected="5556667777",
        call_duration="9",
        ip_address="127.0.0.1",
        call_2_result="ANSWER",
    ),
    row(
        "Feb 01 2017 3:57 PM",
        caller_id="0001112222",
        click_description="URL based",
        number_connected="9998887777",
        call_duration="1",
        ip_address="192.168.1.1",
        call_2_result="ANSWER",
    ),
]
HARD = row(
    name="a \"b\" & <c> 'd'; \\n",
    page="https://x.example/?a=1&b=2",
    ref=" é ß ÿ Ā 漢 😀 \x85 \u2028 ",
    click_description=",",
    referral_keywords="]]> <!-- &amp; -->",
    referral_domain='"',
    ip_address="NULL",
)
# Every kind of character, those that cannot be kept too: what is kept is then one line.
texts = st.text(st.characters(), max_size=20).map(one_line)
records = st.lists(st.tuples(*(texts for _ in HEADERS)), max_size=12)


def by_lxml(content: bytes) -> list[Values]:
    """Nothing is loaded and no entity is resolved; where there are records the document is valid."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    tree = etree.fromstring(content, parser).getroottree()
    rows = [tuple(field.text or "" for field in record) for record in tree.getroot()]
    dtd = tree.docinfo.internalDTD
    assert dtd is not None
    assert dtd.validate(tree) is bool(rows), dtd.error_log
    assert [field.tag for record in tree.getroot() for field in record] == list(ELEMENTS) * len(rows)
    return rows


def by_csv(content: bytes) -> list[Values]:
    lines = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    assert tuple(lines[0]) == HEADERS
    return [tuple(line) for line in lines[1:]]


def by_pyarrow(content: bytes) -> list[Values]:
    options = pa_csv.ConvertOptions(column_types={name: pa.string() for name in HEADERS})
    table = pa_csv.read_csv(io.BytesIO(content), convert_options=options)
    assert tuple(table.column_names) == HEADERS
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def by_duckdb(content: bytes, folder: Path) -> list[Values]:
    file = folder / "report.csv"
    file.write_bytes(content)
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT * FROM read_csv(?, header = true, all_varchar = true, delim = ',', quote = '\"', "
            "escape = '\"', allow_quoted_nulls = false, auto_detect = false, columns = ?)",
            [str(file), dict.fromkeys(HEADERS, "VARCHAR")],
        ).fetchall()
    return [tuple(line) for line in found]


def test_the_sample_is_written_byte_for_byte() -> None:
    assert csv_file(SAMPLE) == SAMPLE_CSV.read_bytes()
    assert xml_file(SAMPLE) == SAMPLE_XML.read_bytes()


def test_hard_values_come_through_every_reader(tmp_path: Path) -> None:
    rows = [HARD, row(), HARD]
    assert by_lxml(xml_file(rows)) == rows
    content = csv_file(rows)
    assert by_csv(content) == by_pyarrow(content) == by_duckdb(content, tmp_path) == rows


@given(records)
@settings(deadline=None)
def test_lxml_reads_what_csv_reads(rows: list[Values]) -> None:
    assert by_lxml(xml_file(rows)) == by_csv(csv_file(rows)) == rows


@given(records.filter(bool))
@settings(deadline=None, max_examples=40)
def test_pyarrow_reads_what_csv_reads(rows: list[Values]) -> None:
    assert by_pyarrow(csv_file(rows)) == rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("duckdb")


@given(rows=records.filter(bool))
@settings(deadline=None, max_examples=25)
def test_duckdb_reads_what_csv_reads(folder: Path, rows: list[Values]) -> None:
    assert by_duckdb(csv_file(rows), folder) == rows


def test_an_empty_report_has_its_frame() -> None:
    assert csv_file([]) == SAMPLE_CSV.read_bytes().splitlines()[0]
    assert xml_file([]).endswith(b"]>\n<data></data>")
    assert by_lxml(xml_file([])) == []


def test_characters_outside_latin_1_are_references_in_xml() -> None:
    content = xml_file([row(name="é漢😀")])
    assert "é".encode("latin-1") + b"&#28450;&#128512;" in content
    assert by_lxml(content)[0][1] == "é漢😀"


def test_latin_1_csv_has_question_marks() -> None:
    content = csv_file([row(name="é漢", ref='"')], "iso-8859-1")
    assert b'"\xe9?"' in content
    assert b'""""' in content


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("plain\ttext é漢😀\x7f\x85\u2028\ufeff", "plain\ttext é漢😀\x7f\x85\u2028\ufeff"),
        ("a\r\nb\nc\rd\n\re", "a b c d  e"),
        ("\x00\x08\x0b\x0c\x1f\ufffe\uffff\ud800\udfff", REPLACEMENT * 9),
    ],
)
def test_values_are_one_line_of_what_xml_can_hold(came: str, kept: str) -> None:
    assert one_line(came) == kept
    assert one_line(kept) == kept


@given(st.text(st.characters(), max_size=50))
def test_every_kept_value_survives_xml(text: str) -> None:
    assert by_lxml(xml_file([row(name=one_line(text))]))[0][1] == one_line(text)


def test_errors_stand_in_the_envelope() -> None:
    content = envelope("failed", 'wrong <b> & "x"\n漢')
    tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True)).getroottree()
    dtd = tree.docinfo.internalDTD
    assert dtd is not None
    assert dtd.validate(tree)
    assert content.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE response [")
    assert tree.findtext("result") == "failed"
    assert tree.findtext("result_description") == 'wrong <b> & "x" 漢'
