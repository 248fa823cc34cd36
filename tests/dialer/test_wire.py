"""Parameters are read as the standard library reads them, only sooner."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.dialer.wire import MOST_PARAMETERS, parameters

TEXT = st.text(st.sampled_from("ab=&+%;#é€\x00 0fFC3") | st.characters(exclude_categories=["Cs"]))


@given(TEXT)
def test_a_query_is_read_as_the_library_reads_it(query: str) -> None:
    wanted = dict(parse_qsl(query, keep_blank_values=True, errors="replace", separator="&"))
    assert parameters(query) == wanted


@given(st.binary())
def test_bytes_of_any_kind_are_read_as_the_library_reads_them(raw: bytes) -> None:
    query = "".join(f"%{byte:02X}" if byte % 3 else chr(byte) for byte in raw)
    wanted = dict(parse_qsl(query, keep_blank_values=True, errors="replace", separator="&"))
    assert parameters(query) == wanted


def test_the_query_wins_over_the_body_and_the_last_of_a_name_counts() -> None:
    assert parameters("a=1&a=2", "a=3&b=4&b=") == {"a": "2", "b": ""}


def test_too_many_parameters_are_refused() -> None:
    most = "&".join("a=1" for _ in range(MOST_PARAMETERS))
    assert parameters(most) == {"a": "1"}
    for query, body in ((f"{most}&b=1", ""), ("", f"{most}&b=1")):
        with pytest.raises(ValueError, match="number of fields"):
            parameters(query, body)
