"""One tree of errors, grouped by what the caller does next."""

import inspect
import pickle

import pytest

from trunkline import errors
from trunkline.errors import (
    Cancelled,
    DataError,
    KeyRefused,
    NotAllowed,
    Problem,
    ProviderError,
    RetryLater,
    SettingsError,
    TrunklineError,
)

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, TrunklineError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_without_a_message_an_error_says_its_own_sentence(kind: type[TrunklineError]) -> None:
    assert str(kind()) == (kind.__doc__ or "").strip()
    assert str(kind()).endswith(".")
    assert "\n" not in str(kind())


@pytest.mark.parametrize("kind", CLASSES)
def test_the_tree_drawn_at_the_top_names_every_error(kind: type[TrunklineError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TrunklineError(), "trunkline_error"),
        (SettingsError(), "settings_error"),
        (KeyRefused(), "key_refused"),
        (RetryLater(), "retry_later"),
        (ProviderError(), "provider_error"),
        (DataError(), "data_error"),
        (Cancelled(), "cancelled"),
        (NotAllowed(), "not_allowed"),
    ],
)
def test_each_kind_has_its_word_for_the_wire(error: TrunklineError, kind: str) -> None:
    assert error.kind == kind


def test_problems_of_fields_are_the_message_where_there_is_none() -> None:
    error = SettingsError(problems=[Problem("a", "A is missing."), Problem("b", "B is odd.")])
    assert str(error) == "A is missing. B is odd."
    assert [p.field for p in error.problems] == ["a", "b"]


def test_an_own_message_wins_over_the_problems() -> None:
    assert str(SettingsError("Look.", problems=[Problem("a", "A is missing.")])) == "Look."


def test_a_refused_key_is_a_settings_error_of_its_own_kind() -> None:
    with pytest.raises(SettingsError):
        raise KeyRefused("Acme refused the API Key (401).")


def test_what_may_pass_says_so_unless_it_knows_better() -> None:
    assert RetryLater().todo == "Try again later; what was loaded so far is kept."
    assert RetryLater(todo="Wait an hour.").todo == "Wait an hour."
    assert RetryLater(after_seconds=90).after_seconds == 90


def test_a_sample_of_odd_data_stays_short() -> None:
    error = DataError("Odd.", where="Calls, page 2", sample="x" * 10_000)
    assert error.sample == "x" * 200
    assert error.where == "Calls, page 2"


@pytest.mark.parametrize(
    "error",
    [
        SettingsError(problems=[Problem("a", "A is missing.")], todo="Give it."),
        RetryLater("Busy.", after_seconds=5),
        ProviderError("No.", status=422, todo="Look."),
        DataError("Odd.", where="here", sample="x"),
    ],
)
def test_an_error_survives_the_way_to_another_process(error: TrunklineError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (str(copy), vars(copy)) == (str(error), vars(error))


def test_problems_are_told_together_without_two_marks_in_a_row() -> None:
    problems = [Problem("a", "a: it is empty."), Problem("b", "b is wrong"), Problem("c", "c: write x.")]
    assert SettingsError(problems=problems).message == "a: it is empty. b is wrong; c: write x."
    assert SettingsError(problems=problems[:1]).message == "a: it is empty."
