"""XML files of records: read one by one, safely, and never half."""

import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fetch.provider import KEY, SUBJECT
from trunkline.errors import DataError
from trunkline.fetch.refusals import provider_text
from trunkline.fetch.xml_records import LONGEST_PROLOG, XmlFile, texts

ABOUT = "Clicks, 1 Jun 2026"
PROLOG = b"<?xml version='1.0' encoding='iso-8859-1'?>\n"


def opened(content: bytes, begins_at: int = 0) -> XmlFile:
    return XmlFile(io.BytesIO(content), begins_at, SUBJECT, ABOUT)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return [dict(zip(names, values, strict=True)) for names, values in opened(content).records("r")]


def refused(content: bytes) -> DataError:
    with pytest.raises(DataError) as caught:
        rows_of(content)
    return caught.value


def test_records_come_with_their_names_and_texts() -> None:
    content = PROLOG + b"<d><r><A>1</A><B></B><C/></r>\n <r><B>x &amp; y</B></r></d>"
    file = opened(content)
    assert file.root == "d"
    assert list(file.records("r")) == [(("A", "B", "C"), ["1", "", ""]), (("B",), ["x & y"])]


def test_the_declared_encoding_counts_and_references_reach_beyond_it() -> None:
    assert rows_of(PROLOG + b"<d><r><A>Zo\xeb &#8364;&#x141;</A></r></d>") == [{"A": "Zoë €Ł"}]
    assert rows_of("<d><r><A>Zoë</A></r></d>".encode()) == [{"A": "Zoë"}]


def test_a_document_type_is_read_over() -> None:
    document_type = b"<!DOCTYPE d [ <!ELEMENT d (r+)> <!ELEMENT r (A)> <!ELEMENT A (#PCDATA)> ]>"
    assert rows_of(PROLOG + document_type + b"<d><r><A>1</A></r></d>") == [{"A": "1"}]


def test_comments_sections_and_elements_within_a_field_are_its_text() -> None:
    content = b"<d><r><A>a<!-- no -->b<![CDATA[<c>]]><b>d</b>e<?php no ?></A></r></d>"
    assert rows_of(content) == [{"A": "ab<c>de"}]


def test_what_is_no_record_is_counted() -> None:
    file = opened(b"<d><x/><x/><r><A>1</A></r><y/><r><A>2</A></r><x/></d>")
    assert len(list(file.records("r"))) == 2
    assert file.others == {"x": 3, "y": 1}


def test_it_may_begin_after_something_else() -> None:
    file = opened(b" \n\n" + PROLOG + b"<d><r><A>1</A></r></d>", begins_at=3)
    assert (file.root, len(list(file.records("r")))) == ("d", 1)


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "laugh"> <!ENTITY b "&a;&a;&a;&a;">',
        '<!ENTITY e SYSTEM "file:///etc/hostname">',
        '<!ENTITY e SYSTEM "http://127.0.0.1:9/x">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;',
        '<!ENTITY a "laugh"> <!ATTLIST d x CDATA "&a;">',
    ],
)
def test_a_file_that_declares_entities_is_refused(declared: str) -> None:
    content = f"<!DOCTYPE d [ {declared} ]><d><r><A>&a;&e;</A></r></d>".encode()
    error = refused(content)
    assert "entities" in str(error) or "malformed" in str(error)


def test_an_outer_document_type_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "outer.dtd"
    secret.write_text('<!ENTITY e "from outside">', encoding="utf-8")
    content = f'<!DOCTYPE d SYSTEM "{secret}"><d><r><A>x&e;</A></r></d>'.encode()
    assert rows_of(content) == [{"A": "x&e;"}]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        PROLOG,
        PROLOG + b"<d><r><A>1</A>",
        PROLOG + b"<d><r><A>1</A></r>",
        PROLOG + b"<d><r><A>a & b</A></r></d>",
        PROLOG + b"<d></d>more",
        PROLOG + b"<d><r><A>\x01</A></r></d>",
        b"<d><r><A>\xff\xfe</A></r></d>",
        b"<?xml version='1.0' encoding='no-such'?><d/>",
        b"<!--" + b"x" * (LONGEST_PROLOG + 1),
        b"<d>" + b"<r>" * 300 + b"</r>" * 300 + b"</d>",
    ],
    ids=range(12),
)
def test_what_breaks_off_or_is_no_xml_is_told_in_a_sentence(content: bytes) -> None:
    error = refused(content)
    assert str(error) == f"Acme answered with XML that breaks off or is malformed ({ABOUT})."
    assert error.todo


def test_a_cut_file_is_never_taken_for_a_whole_one() -> None:
    whole = PROLOG + b"<d>" + b"<r><A>1</A><B>two</B></r>\n" * 3 + b"</d>"
    for length in range(len(whole)):
        with pytest.raises(DataError):
            rows_of(whole[:length])


def test_no_secret_is_shown_in_a_sample() -> None:
    error = refused(b"<d><r>" + KEY.encode())
    assert KEY not in error.sample + str(error)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_give_records_or_a_sentence(content: bytes) -> None:
    for begin in (b"", PROLOG + b"<d><r>"):
        with suppress(DataError):
            rows_of(begin + content)


# -- small messages ----------------------------------------------------------------------------------


def test_the_texts_of_a_message_come_by_name() -> None:
    message = b"<response><result>failed</result><more><why>x</why></more></response>"
    assert texts(message) == {"result": "failed", "why": "x"}
    assert opened(message).texts() == {"result": "failed", "why": "x"}
    assert texts(b"no xml") is None


def test_a_providers_own_words_are_found_in_xml_too() -> None:
    body = b"<?xml version='1.0'?><response><result>failed</result><result_description>Bad  date."
    assert provider_text(SUBJECT, body + b"</result_description></response>") == "Bad date"
    assert (
        provider_text(SUBJECT, b"<response><result>INVALID ACCOUNT</result></response>") == "INVALID ACCOUNT"
    )
    assert provider_text(SUBJECT, b"<html><body>Sorry</body></html>") == ""
    assert provider_text(SUBJECT, b"<html><body>Sorry") == ""
