"""The log of a run: bounded from the middle, masked, and saved in pieces that add up."""

from datetime import UTC, datetime

from trunkline.center.run_log import INFO, LONGEST_TEXT, MOST_BYTES, MOST_LINES, RunLog, Unsaved
from trunkline.clock import SteppedClock

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def log() -> RunLog:
    return RunLog(SteppedClock(NOON))


def keep(kept: dict[int, str], what: Unsaved) -> None:
    """What a database would hold afterwards."""
    if what.gone:
        for number in range(what.gone[0], what.gone[1] + 1):
            kept.pop(number, None)
    for line in what.lines:
        assert line.number not in kept
        kept[line.number] = line.text


def test_lines_are_saved_once_and_in_order() -> None:
    one, kept = log(), dict[int, str]()
    for n in range(5):
        one.add(INFO, "window", f"line {n}")
        what = one.unsaved()
        keep(kept, what)
        one.saved(what)
    assert list(kept) == [1, 2, 3, 4, 5]
    assert not one.unsaved()


def test_what_could_not_be_saved_comes_again() -> None:
    one = log()
    one.add(INFO, "run", "first")
    assert [line.number for line in one.unsaved().lines] == [1]
    one.add(INFO, "run", "second")
    assert [line.number for line in one.unsaved().lines] == [1, 2]


def test_of_many_lines_the_first_and_the_last_are_kept_however_they_are_saved() -> None:
    for every in (1, 7, 400, 5_000):
        one, kept = log(), dict[int, str]()
        for n in range(1, 5_001):
            one.add(INFO, "retry", f"line {n}")
            if n % every == 0:
                what = one.unsaved()
                keep(kept, what)
                one.saved(what)
        keep(kept, one.unsaved())
        half = MOST_LINES // 2
        assert sorted(kept) == [*range(1, half + 1), *range(5_001 - half, 5_001)]


def test_long_lines_are_cut_and_many_of_them_stay_below_the_size() -> None:
    one, kept = log(), dict[int, str]()
    for _ in range(1_000):
        one.add(INFO, "retry", "x" * 10_000)
    keep(kept, one.unsaved())
    assert {len(text) for text in kept.values()} == {LONGEST_TEXT}
    assert sum(map(len, kept.values())) < MOST_BYTES
    assert min(kept) == 1
    assert max(kept) == 1_000


def test_secrets_are_masked_in_texts_and_fields() -> None:
    one = log()
    one.mask = lambda text: text.replace("hunter2", "•••")
    one.add(INFO, "retry", "key hunter2 refused", header="Token hunter2", attempt=2, none=None)
    (line,) = one.unsaved().lines
    assert (line.text, line.fields) == ("key ••• refused", {"header": "Token •••", "attempt": 2})
