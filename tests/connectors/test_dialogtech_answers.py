"""What DialogTech answers, in every form it may take, and what is refused as none."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.dialogtech_reading import JANUARY, SUBJECT, Json, sample, understood
from trunkline.connectors.dialogtech.answers import click_batches
from trunkline.connectors.dialogtech.columns import FIELD_NAMES
from trunkline.errors import DataError, KeyRefused, NotAllowed, ProviderError, RetryLater, TrunklineError
from trunkline.fetch.answer_files import Received

XML, CSV = sample("click_to_sample.xml"), sample("click_to_sample.csv")
BOM = b"\xef\xbb\xbf"
ABOUT = "Click-to Report, 1 Jan 2017 to 31 Jan 2017"
SAMPLE = [
    {
        "caller_id": "0001112222",
        "name": "Click to Call",
        "page": None,
        "ref": None,
        "click_description": "On Call Number",
        "click_date_time": "Jan 13 2017 10:52 PM",
        "number_connected": "5556667777",
        "call_duration": "9",
        "referral_keywords": None,
        "referral_domain": None,
        "ip_address": "127.0.0.1",
        "call_1_result": "ANSWER",
        "call_2_result": "ANSWER",
        "day": "2017-01-13",
        "click_local": "2017-01-13 22:52:00",
        "time_zone": "America/New_York",
        "duration_unit": "minutes",
        "clock_change": None,
    },
    {
        "caller_id": "0001112222",
        "name": None,
        "page": None,
        "ref": None,
        "click_description": "URL based",
        "click_date_time": "Feb 01 2017 3:57 PM",
        "number_connected": "9998887777",
        "call_duration": "1",
        "referral_keywords": None,
        "referral_domain": None,
        "ip_address": "192.168.1.1",
        "call_1_result": "ANSWER",
        "call_2_result": "ANSWER",
        "day": "2017-02-01",
        "click_local": "2017-02-01 15:57:00",
        "time_zone": "America/New_York",
        "duration_unit": "minutes",
        "clock_change": None,
    },
]


def rows_of(content: bytes, charset: str = "", **values: Any) -> list[Json]:
    return understood(content, charset, **values)[0]


def refused(content: bytes, charset: str = "", **values: Any) -> TrunklineError:
    with pytest.raises(TrunklineError) as caught:
        understood(content, charset, **values)
    return caught.value


# -- the two bodies of the page ----------------------------------------------------------------------


@pytest.mark.parametrize("content", [XML, CSV], ids=["xml", "csv"])
@pytest.mark.parametrize("before", [b"", b"\n", b" \r\n\t"])
@pytest.mark.parametrize("after", [b"", b"\n"])
def test_the_pages_sample_gives_exactly_its_rows(content: bytes, before: bytes, after: bytes) -> None:
    rows, notes = understood(before + content + after)
    assert rows == SAMPLE
    assert notes == [f"1 row of 1 Feb 2017 came with {ABOUT}; each is kept once."]


def test_what_came_is_read_whatever_was_asked_for() -> None:
    assert rows_of(XML, format="csv") == rows_of(CSV, format="xml") == SAMPLE


def test_a_mark_before_the_text_is_read_over() -> None:
    assert rows_of(BOM + CSV) == SAMPLE
    assert rows_of(BOM + XML.replace(b" encoding='iso-8859-1'", b"")) == SAMPLE


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_other_line_ends_make_no_difference(end: bytes) -> None:
    assert rows_of(CSV.replace(b"\n", end)) == SAMPLE
    assert rows_of(XML.replace(b"\n", end)) == SAMPLE


def test_headers_in_the_middle_are_left_out() -> None:
    header, first, second = CSV.split(b"\n")
    assert rows_of(b"\n".join([header, first, header, header, second, header])) == SAMPLE


def test_no_rows_are_no_rows() -> None:
    header = CSV.split(b"\n")[0]
    for nothing in (header, header + b"\n", XML.partition(b"<data>")[0] + b"<data>\n</data>", b"<data/>"):
        assert understood(nothing) == ([], [])


def test_columns_are_found_by_name_and_new_ones_are_kept() -> None:
    header = b'"Click Date/Time","Agent","Caller ID","Day","page","Page"'
    [row] = rows_of(header + b'\n"Jan 13 2017 1:05 AM","Ann","1","x","y","z"')
    assert row["caller_id"] == "1"
    assert (row["agent"], row["day_2"], row["page"], row["page_2"]) == ("Ann", "x", "y", "z")
    assert row["day"] == "2017-01-13"
    record = b"<record><Caller_ID>1</Caller_ID><Agent>Ann</Agent><Row_Id>x</Row_Id></record>"
    [row] = rows_of(b"<data>" + record + b"</data>")
    assert (row["agent"], row["row_id_2"], row["page"]) == ("Ann", "x", None)


def test_fields_that_do_not_come_are_told() -> None:
    _, notes = understood(b'"Caller ID","Click Date/Time"\n"1","Jan 13 2017 1:05 AM"\n"2",""')
    assert f"2 rows of {ABOUT} came without ip_address." in notes
    assert len(notes) == len(FIELD_NAMES) - 2


def test_elements_that_are_no_records_are_told() -> None:
    rows, notes = understood(XML.replace(b"<data>", b"<data><total>2</total>"))
    assert rows == SAMPLE
    assert notes[0] == "1 elements <total> came between the records and were passed over."


# -- letters -----------------------------------------------------------------------------------------


def named(value: bytes, *, csv: bool, encoding: bytes = b"iso-8859-1") -> bytes:
    content = (CSV if csv else XML).replace(b"Click to Call", value)
    return content.replace(b"iso-8859-1", encoding)


@pytest.mark.parametrize("csv", [True, False])
@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"Zo\xeb Nu\xf1ez", "Zoë Nuñez"),
        (b"5 \x80 \x93now\x94 \x85", "5 € “now” …"),
        (b"\x81 stays", "\x81 stays"),
        (b"\xa0 \xff", "\xa0 ÿ"),
    ],
)
def test_latin_letters_are_read_and_those_of_windows_too(csv: bool, sent: bytes, read: str) -> None:
    assert rows_of(named(sent, csv=csv))[0]["name"] == read


def test_references_bring_letters_that_latin_lacks() -> None:
    assert rows_of(named(b"&#321;ukasz &amp; &#x20AC; &#146;", csv=False))[0]["name"] == "Łukasz & € ’"


@pytest.mark.parametrize("charset", ["utf-8", "UTF8"])
def test_the_encoding_that_is_told_counts(charset: str) -> None:
    letters = "Łukasz ☎".encode()
    assert rows_of(named(letters, csv=True), charset)[0]["name"] == "Łukasz ☎"
    assert rows_of(named(letters, csv=False, encoding=b"utf-8"))[0]["name"] == "Łukasz ☎"
    assert rows_of(BOM + named(letters, csv=True))[0]["name"] == "Łukasz ☎"
    assert rows_of(named("Łukasz".encode("iso-8859-2"), csv=True), "iso-8859-2")[0]["name"] == "Łukasz"


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "us-ascii", "latin1", "no-such-charset"])
def test_every_name_of_latin_and_an_unknown_name_read_all_bytes(charset: str) -> None:
    assert rows_of(named(b"Zo\xeb \x80", csv=True), charset)[0]["name"] == "Zoë €"


def test_bytes_that_are_not_what_was_told_are_an_error() -> None:
    error = refused(named(b"Zo\xeb", csv=True), "utf-8")
    assert str(error).endswith(f"({ABOUT}): it is no utf-8.")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b'"say ""hi"", then go"', 'say "hi", then go'),
        (b'"two\nlines"', "two\nlines"),
        (b'"  kept  "', "  kept  "),
        (b'"<b>&amp;</b>"', "<b>&amp;</b>"),
        (b"unquoted", "unquoted"),
    ],
)
def test_values_of_csv_come_as_they_were_sent(sent: bytes, read: str) -> None:
    assert rows_of(CSV.replace(b'"Click to Call"', sent))[0]["name"] == read


# -- what comes in place of a report -----------------------------------------------------------------


def envelope(result: str, description: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE response [\n<!ELEMENT response (result,"
        "result_description)><!ELEMENT result (#PCDATA)><!ELEMENT result_description (#PCDATA)>]>\n"
        f"<response><result>{result}</result><result_description>{description}</result_description></response>"
    ).encode()


@pytest.mark.parametrize("before", [b"", BOM, b"\n \n", BOM + b"\r\n"])
@pytest.mark.parametrize("asked", ["xml", "csv"])
def test_an_error_comes_as_xml_in_either_form(before: bytes, asked: str) -> None:
    error = refused(before + envelope("INVALID ACCOUNT", ""), format=asked)
    assert isinstance(error, KeyRefused)
    assert str(error) == 'DialogTech refused the Access Key and says "INVALID ACCOUNT".'
    assert error.todo == "Check Account 'main' > Access Key."


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("Invalid access_key", KeyRefused),
        ("Login failed", KeyRefused),
        ("Unknown secret access key.", KeyRefused),
        ("Authentication error", KeyRefused),
        ("Too many failed logins, try again later", KeyRefused),
        ("Account is closed", KeyRefused),
        ("Your account does not permit this report", NotAllowed),
        ("Account rate limit exceeded", RetryLater),
        ("Too many requests for this API key", RetryLater),
        ("You do not have permission to run this report", NotAllowed),
        ("Reports are not enabled", NotAllowed),
        ("System is busy, try again later", RetryLater),
        ("Rate limit exceeded", RetryLater),
        ("Temporarily unavailable", RetryLater),
        ("start_date must be YYYYMMDD", ProviderError),
        ("Unknown click_id 7", ProviderError),
        ("No such action", ProviderError),
        ("No data source is configured", ProviderError),
        ("", ProviderError),
    ],
)
def test_a_failure_is_sorted_by_what_can_be_done_and_quoted(
    description: str, kind: type[TrunklineError]
) -> None:
    error = refused(envelope("failed", description))
    assert type(error) is kind
    assert error.todo
    assert str(error).endswith(".")
    assert not description or f'"{description.rstrip(".")}"' in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "No records found",
        "No results.",
        "no data was found for the given date range",
        "No click-to activity found",
        "No matching rows returned",
    ],
)
def test_words_for_nothing_are_no_failure_but_are_told(text: str) -> None:
    rows, notes = understood(envelope("failed", text))
    assert (rows, notes) == ([], [f'DialogTech says "{text}" of {ABOUT}: no rows.'])


def test_a_good_message_is_no_report() -> None:
    error = refused(envelope("success", "Thank you"))
    assert isinstance(error, DataError)
    assert 'says "success: Thank you"' in str(error)


def test_secrets_and_long_words_are_not_repeated() -> None:
    error = refused(envelope("failed", "bad key testsecret " + "x" * 5_000))
    assert "testsecret" not in str(error)
    assert len(str(error)) < 400


def test_a_plain_sentence_is_a_refusal_too() -> None:
    error = refused(b"Missing Application Specification")
    assert isinstance(error, ProviderError)
    assert 'says "Missing Application Specification"' in str(error)
    assert isinstance(refused(b"INVALID ACCOUNT\n"), KeyRefused)


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><head><title>Log in</title></head></html>",
        b"<HTML><body>Down<br></body>",
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body>x</body></html>",
    ],
)
def test_a_web_page_is_none(page: bytes) -> None:
    error = refused(page)
    assert str(error) == f"DialogTech answered with a web page where a report belongs ({ABOUT})."
    assert "base URL" in error.todo


def test_other_xml_is_none() -> None:
    assert "XML that is no report" in str(refused(b"<rss><item>1</item></rss>"))


@pytest.mark.parametrize("blank", [b"", b" \n\r\n", BOM, b" " * 10_000])
def test_a_blank_answer_is_a_failure_unless_chosen_otherwise(blank: bytes) -> None:
    error = refused(blank)
    assert isinstance(error, DataError)
    assert "--chunk-days" in error.todo
    assert "--blank-answers" in error.todo
    rows, notes = understood(blank, blank_answers="no_rows")
    assert (rows, notes) == ([], [f"DialogTech sent an empty answer for {ABOUT}: no rows."])


# -- what breaks off ---------------------------------------------------------------------------------


def test_xml_that_breaks_off_anywhere_gives_no_rows() -> None:
    for length in range(1, len(XML)):
        assert isinstance(refused(XML[:length]), DataError | ProviderError), length


def test_csv_that_breaks_off_gives_no_wrong_row() -> None:
    whole = rows_of(CSV)
    for length in range(1, len(CSV)):
        try:
            found = rows_of(CSV[:length])
        except (DataError, ProviderError):
            continue
        assert found == whole[: len(found)], length


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b'"1","2"', "line 4 holds 2 values, the header 13"),
        (b",".join([b'"x"'] * 14), "line 4 holds 14 values, the header 13"),
        (b'"a "b" c"' + b',""' * 12, "line 4: ',' expected after '\"'"),
        (b'"a \\"b\\" c"' + b',""' * 12, "line 4: ',' expected after '\"'"),
        (b'"open', "line 4: unexpected end of data"),
        (b'"' + b"x" * 200_000 + b'"', "line 4: field larger than field limit (131072)"),
    ],
    ids=["short", "long", "quotes", "backslashes", "open", "huge"],
)
def test_a_row_of_csv_is_never_shifted_to_fit(row: bytes, told: str) -> None:
    error = refused(CSV + b"\n" + row)
    assert isinstance(error, DataError)
    assert str(error) == f"DialogTech answered with CSV that breaks off or is malformed ({ABOUT}): {told}."
    assert "--format xml" in error.todo


def test_a_field_of_a_megabyte_is_no_trouble_in_xml() -> None:
    long = b"x" * 1_000_000
    assert rows_of(XML.replace(b"Click to Call", long))[0]["name"] == long.decode()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", CSV + b"\n", XML[:-40], b"<?xml", b'"Caller ID",']))
def test_any_bytes_give_rows_or_a_sentence(content: bytes, begin: bytes) -> None:
    received = Received(io.BytesIO(begin + content), "", JANUARY, {"time_zone": "UTC"}, SUBJECT, ABOUT)
    try:
        for batch in click_batches(received):
            assert set(FIELD_NAMES) <= set(batch.schema.names)
    except TrunklineError as error:
        sentence = str(error)
    else:
        sentence = "."
    assert sentence.endswith(".")
