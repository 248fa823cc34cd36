"""XML and CSV give equal rows, whatever stands in them: read from a pretend DialogTech, all of Unicode."""

import asyncio
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.dialogtech_reading import Json, reading_dialogtech
from trunkline.sims.dialogtech.bodies import NAMES

FREE = [name for name in NAMES if name != "Click_Date_Time"]
TIME = "Jun 14 2026 9:05 AM"
LATIN = st.characters(codec="latin-1", exclude_categories=["Cc"])
ANY = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
ODD = st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "\r", "<", "&", "]]>", "&#13;", "\t", " ", "'", "\\", "ÿ"]
)


def clicks(letters: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    text = st.lists(st.one_of(letters, ODD), max_size=12).map("".join)
    return st.lists(st.dictionaries(st.sampled_from(FREE), text), min_size=1, max_size=4)


async def read_both(rows: list[dict[str, str]], **options: Any) -> tuple[list[Json], list[Json]]:
    async with reading_dialogtech(clicks=0, **options) as reader:
        for row in rows:
            reader.sim.world.add({**dict.fromkeys(FREE, ""), **row, "Click_Date_Time": TIME})
        return tuple([await reader.read(days_back="1", format=form) for form in ("xml", "csv")])  # type: ignore[return-value]


def with_blanks(rows: list[Json]) -> list[Json]:
    """What CSV makes of line breaks; ids are made of the values, so they go."""
    return [
        {
            name: re.sub("\r\n|\r|\n", " ", value) if isinstance(value, str) else value
            for name, value in row.items()
            if name not in ("row_id", "occurrence")
        }
        for row in rows
    ]


def check(rows: list[dict[str, str]], **options: Any) -> None:
    from_xml, from_csv = asyncio.run(read_both(rows, **options))
    assert with_blanks(from_xml) == with_blanks(from_csv)
    sent = [tuple(row.get(name, "") for name in FREE) for row in rows]
    came = [tuple(row[name.lower()] or "" for name in FREE) for row in from_xml]
    assert sorted(came) == sorted(sent)
    if not any(mark in value for row in rows for value in row.values() for mark in "\r\n"):
        assert from_xml == from_csv


@settings(max_examples=60, deadline=None)
@given(clicks(LATIN))
def test_latin_letters_are_equal_in_both(rows: list[dict[str, str]]) -> None:
    check(rows)


@settings(max_examples=60, deadline=None)
@given(clicks(ANY))
def test_all_letters_are_equal_where_csv_is_unicode(rows: list[dict[str, str]]) -> None:
    check(rows, csv_utf8=True, header_every=1)


async def test_a_seeded_account_is_equal_in_both() -> None:
    async with reading_dialogtech(clicks=800, csv_utf8=True, header_every=50) as reader:
        forms = [await reader.read(start_date="2026-05-20", format=form) for form in ("xml", "csv")]
        assert forms[0] == forms[1]
        assert len(forms[0]) == 800
        assert max(int(row["occurrence"]) for row in forms[0]) > 1
        assert {row["name"] for row in forms[0]} >= {"Łukasz Nowak", "O’Brien, Pat", "Zoë Nuñez"}


async def test_csv_in_latin_loses_what_latin_lacks_and_xml_does_not() -> None:
    async with reading_dialogtech(clicks=300) as reader:
        xml, csv = [await reader.read(start_date="2026-05-20", format=form) for form in ("xml", "csv")]
        names = {row["name"] for row in xml} - {row["name"] for row in csv}
        assert names == {"Łukasz Nowak", "O’Brien, Pat"}
        assert {row["name"] for row in csv} - {row["name"] for row in xml} == {"?ukasz Nowak", "O?Brien, Pat"}


async def test_ids_differ_where_csv_cannot_hold_a_value() -> None:
    for name, is_same in (("Zoë", True), ("Zoe 漢", False), ("two\nlines", False)):
        in_xml, in_csv = await read_both([{"Name": name}])
        assert (in_xml[0]["row_id"] == in_csv[0]["row_id"]) is is_same, name
