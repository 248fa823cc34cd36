"""Out, in and out again: the same bytes, for values of all of Unicode, on all three databases."""

from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clickto.conftest import empty
from tests.clickto.reports import Values, bring_in, csv_file, report, xml_file
from trunkline.clickto.columns import NAMES
from trunkline.clickto.selection import Form
from trunkline.clickto.times import time_text
from trunkline.store.connection import Store

# All of Unicode: line breaks, control characters, surrogates and whatever else comes.
anything = st.text(st.characters(exclude_categories=()), max_size=12)
times = st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31)).map(time_text)
durations = st.one_of(st.just(""), st.integers(0, 999_999_999).map(str), st.just(" 1.50 "))
checked = {"click_time": times, "call_duration": durations}
records = st.tuples(*(checked.get(name, anything) for name in NAMES))


def raw_csv(rows: list[Values]) -> bytes:
    """As somebody else may write it: nothing is changed, a lone surrogate is what cannot be encoded."""
    quoted = (",".join('"' + value.replace('"', '""') + '"' for value in values) for values in rows)
    return b"\n".join([csv_file([]), *(line.encode("utf-8", "replace") for line in quoted)])


@given(rows=st.lists(records, min_size=1, max_size=5))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_export_import_export_is_stable(store: Store, rows: list[Values]) -> None:
    empty(store)
    assert bring_in(store, raw_csv(rows), charset="utf-8").added == len(rows)
    as_csv, as_xml = report(store), report(store, Form.XML)
    for content in (as_csv, as_xml):
        assert bring_in(store, content).added == 0  # beside what is there
        empty(store)
        assert bring_in(store, content).changed_values == 0  # and alone
        assert (report(store), report(store, Form.XML)) == (as_csv, as_xml)


@given(rows=st.lists(records, max_size=5))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_formats_say_the_same(light_store: Store, rows: list[Values]) -> None:
    found = []
    for make in (raw_csv, lambda some: xml_file([tuple(map(xml_safe, values)) for values in some])):
        empty(light_store)
        bring_in(light_store, make(rows))
        found.append(report(light_store))
    assert found[0] == found[1]


def xml_safe(text: str) -> str:
    from trunkline.clickto.texts import one_line

    return one_line(text.encode("utf-8", "replace").decode())
