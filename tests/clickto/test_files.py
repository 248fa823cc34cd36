"""Files as people have them: other charsets, put together, broken off, hostile."""

import pytest

from tests.clickto.conftest import SAMPLE_CSV, SAMPLE_XML
from tests.clickto.reports import bring_in, csv_file, report, row, values_of, xml_file
from trunkline.clickto.formats import envelope
from trunkline.errors import DataError
from trunkline.store.connection import Store

CSV, XML = SAMPLE_CSV.read_bytes(), SAMPLE_XML.read_bytes()
HEADER = CSV.splitlines()[0]
TIME = b"Jan 13 2017 10:52 PM"


def names(store: Store) -> list[str]:
    return [values[1] for values in values_of(report(store))]


@pytest.mark.parametrize(
    ("content", "charset", "name"),
    [
        (csv_file([row(name="é漢😀")]), None, "é漢😀"),
        (b"\xef\xbb\xbf" + csv_file([row(name="é")]), None, "é"),
        (csv_file([row(name="é")], "iso-8859-1"), None, "é"),
        (csv_file([row(name="€ X")]).replace("€".encode(), b"\x80").replace(b"X", b"\x81"), None, "€ \x81"),
        (csv_file([row(name="Ж")]).decode().encode("cp1251"), "cp1251", "Ж"),
        (csv_file([row(name="x")]).replace(b"\n", b"\r\n") + b"\r\n\r\n", None, "x"),
        (xml_file([row(name="é漢&<>")]), None, "é漢&<>"),
        (xml_file([row(name="é")]).decode("iso-8859-1").replace("iso-8859-1", "utf-8").encode(), None, "é"),
        (xml_file([row(name="X")]).replace(b"X", b"<![CDATA[a<b]]>&#10;c"), None, "a<b c"),
        (xml_file([row(name="x")]).replace(b"<record>", b"<!-- made by hand --><record>"), None, "x"),
    ],
)
def test_files_of_every_charset_are_read(
    light_store: Store, content: bytes, charset: str | None, name: str
) -> None:
    assert bring_in(light_store, content, charset=charset).added == 1
    assert names(light_store) == [name]


def test_files_put_together_have_the_header_more_than_once(light_store: Store) -> None:
    later = csv_file([row("Mar 01 2017 1:00 PM")])
    assert bring_in(light_store, CSV + b"\n" + later + b"\n\n").added == 3


def test_columns_may_stand_in_another_order(light_store: Store) -> None:
    lines = [line.split(b",") for line in CSV.splitlines()]
    turned = b"\n".join(b",".join(reversed(line)) for line in lines)
    assert bring_in(light_store, turned).added == 2
    assert report(light_store) == CSV


BOMB = XML.replace(b"[\n", b'[\n<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;">\n', 1)
OUTSIDE = XML.replace(b"[\n", b'[\n<!ENTITY x SYSTEM "file:///etc/passwd">\n', 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "test.csv, line 1: the file is empty"),
        (b" \n ", "the file is empty"),
        (b"name,age\nAnn,7\n", "line 1: this is no header of the report: .* came 'name,age'"),
        (CSV.replace(b'"Page",', b"", 1), "line 1, Page: the header lacks it"),
        (CSV.replace(b'"Page"', b'"Page","Colour"', 1), "line 1: the header has 'Colour' too much"),
        (CSV.replace(b'"Page"', b'"Page","Page"', 1), "line 1: the header has 'Page' too much"),
        (CSV.replace(b',"ANSWER","ANSWER"', b',"ANSWER"', 1), "line 2: 12 values where 13 belong"),
        (CSV.replace(b'"URL', b'"URL"x'), "line 3: this is no CSV"),
        (CSV[:-1], "line 3: this is no CSV"),
        (CSV.replace(TIME, b"2017-01-13"), "line 2, Click Date/Time: '2017-01-13' is no time like Jan 13"),
        (CSV.replace(TIME, b""), "line 2, Click Date/Time: '' is no time"),
        (CSV.replace(b'"9"', b'"nine"'), "line 2, Call Duration: 'nine' is no number like 9; write digits"),
        (CSV.replace(b'"9"', b'"0:09"'), "line 2, Call Duration: '0:09' is no number"),
        (CSV.replace(b'"9"', b'"-9"'), "line 2, Call Duration: '-9' is no number"),
        (CSV.replace(b'"9"', '"９"'.encode()), "line 2, Call Duration: '９' is no number"),
        (XML.replace(b">9<", b">x<"), "line 20, Call Duration: 'x' is no number"),
        (
            CSV.replace(b"2017 3", b"1917 3"),
            "line 3, Click Date/Time: 'Feb 01 1917 3:57 PM' is a time before",
        ),
        (CSV.replace(b"URL", b"x" * 100_001), "line 3, Click Description: more than 100,000 characters"),
        (CSV.replace(b"URL", b"x" * 200_000), "line 3: this is no CSV .field larger"),
        (CSV.decode().encode("utf-16"), "this is no header of the report"),
        (XML.replace(TIME, b"soon"), "line 20, Click Date/Time: 'soon' is no time"),
        (XML[:-20], "this is no XML"),
        (XML.replace(b"</Page>", b"</Pag>", 1), "line 23: this is no XML .Opening and ending tag mismatch"),
        (XML.replace(b"<Page></Page>", b"", 1), "line 20, Page: the record lacks it"),
        (XML.replace(b"<Page></Page>", b"<Page/><Page/>", 1), "line 23, Page: it is twice in a record"),
        (XML.replace(b"<Page></Page>", b"<Page><b/></Page>", 1), "line 23, Page: it holds elements"),
        (XML.replace(b"<Page>", b"<Colour/><Page>", 1), "line 23: '<Colour>' has no place in a record"),
        (XML.replace(b"</record>", b"</record><x/>", 1), "line 34: <x> has no place between records"),
        (XML.replace(b"data>", b"table>"), "a record belongs into <data>"),
        (b"<html><body>Not found</body></html>", "line 1: <html> where <data> with records belongs"),
        (
            envelope("failed", "wrong key"),
            "an answer to a request|answer to a request that failed: 'wrong key'",
        ),
        (XML.replace(b"Click to", b"&x;"), "line 22: this is no XML .Entity 'x' not defined"),
        (BOMB.replace(b"Click to", b"&c;"), "Name: it holds elements or entities"),
        (OUTSIDE.replace(b"Click to", b"&x;"), "Name: it holds elements or entities"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(light_store: Store, content: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        bring_in(light_store, content)
    assert caught.value.todo.startswith("Nothing was imported.")
    assert len(str(caught.value)) < 400
    assert names(light_store) == []


def test_a_charset_that_is_not_the_files_is_told(light_store: Store) -> None:
    with pytest.raises(DataError, match=r"line 2: it is not utf-8"):
        bring_in(light_store, csv_file([row(name="é")], "iso-8859-1"), charset="utf-8")


def test_files_without_records_are_no_error(light_store: Store) -> None:
    for content in (HEADER, HEADER + b"\n", xml_file([])):
        done = bring_in(light_store, content)
        assert (done.rows, done.days, done.first_day) == (0, 0, "")
