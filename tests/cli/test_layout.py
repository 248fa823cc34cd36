"""Tables in narrow terminals: no broken words, and blocks where the columns cannot fit."""

import sys

import pytest
from rich.cells import cell_len

from trunkline.cli.layout import column_widths
from trunkline.cli.output import print_table

TITLES = ("Name", "Report", "Account", "Last run", "Last success")
ROWS = [
    ("calls_of_the_year", "Calls", "main", "succeeded", "2026-06-15 12:00:00 CEST"),
    ("texts", "Text Messages", "other_account", "failed", ""),
]


def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int) -> list[str]:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "dumb")
    print_table(TITLES, ROWS, empty="none")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= width
    return [line.rstrip() for line in lines]


def test_a_wide_terminal_shows_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(capsys, monkeypatch, 100)
    assert lines[0].split() == ["Name", "Report", "Account", "Last", "run", "Last", "success"]
    assert len(lines) == 4


def test_a_narrow_terminal_shows_one_row_below_the_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(capsys, monkeypatch, 60)
    assert lines[0].startswith("1 ─")
    assert lines[1:6] == [
        "Name          calls_of_the_year",
        "Report        Calls",
        "Account       main",
        "Last run      succeeded",
        "Last success  2026-06-15 12:00:00 CEST",
    ]
    assert lines[6].startswith("2 ─")


@pytest.mark.parametrize("width", [20, 40, 60, 79])
def test_no_width_breaks_a_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    text = "\n".join(printed(capsys, monkeypatch, width))
    assert ("calls_of_the_year" in text) == (width > 20)


def test_long_sentences_wrap_between_words() -> None:
    sentence = "the provider did not answer in time and was asked again later"
    assert column_widths(("Name", "Error"), [("calls", sentence)], 40) == [5, 32]
    assert column_widths(("Name", "Error"), [("calls", sentence)], 30) is None
    assert column_widths(("Name", "Error"), [("calls", sentence)], 200) == [5, len(sentence)]


def test_elsewhere_a_table_is_as_wide_as_it_needs_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("a", "b"), [("x" * 300, 1_000)], empty="none")
    assert capsys.readouterr().out.splitlines()[2] == "x" * 300 + "   1,000"


def test_without_rows_there_is_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("a",), [], empty="No dataset yet.")
    assert capsys.readouterr().out == "No dataset yet.\n"
