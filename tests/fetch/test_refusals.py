"""What a person reads when the provider refuses."""

from datetime import timedelta

import orjson
import pytest

from tests.fetch.provider import KEY, NOON
from trunkline.clock import SteppedClock
from trunkline.errors import KeyRefused, NotAllowed, ProviderError, SettingsError, TrunklineError
from trunkline.fetch.refusals import MASK, Subject, provider_text, refusal, retry_after_seconds

SUBJECT = Subject("Acme", "API Key", "Main office", "Calls", secrets=(KEY,))


def body(error: object) -> bytes:
    return orjson.dumps({"error": error})


@pytest.mark.parametrize(
    ("status", "kind", "sentence", "todo"),
    [
        (
            401,
            KeyRefused,
            'Acme refused the API Key (401) and says "No".',
            "Check Account 'Main office' > API Key.",
        ),
        (
            403,
            NotAllowed,
            'Acme does not let this API Key read Calls (403) and says "No".',
            "Use the API Key of a user who may see it, or choose another account.",
        ),
        (
            404,
            SettingsError,
            'Acme does not know what was asked for (404) and says "No". Asked for: Calls.',
            "Check the ids chosen; `trunkline account menu` lists the ones this account can see.",
        ),
        (
            400,
            ProviderError,
            'Acme refused the request for Calls (400) and says "No".',
            "Check the chosen options against what it says.",
        ),
        (
            422,
            ProviderError,
            'Acme refused the request for Calls (422) and says "No".',
            "Check the chosen options against what it says.",
        ),
        (
            302,
            ProviderError,
            'Acme answered 302 to the request for Calls and says "No".',
            "Check the base URL of the account.",
        ),
    ],
)
def test_each_status_has_its_sentence_and_what_to_do(
    status: int, kind: type[TrunklineError], sentence: str, todo: str
) -> None:
    error = refusal(SUBJECT, status, body("No."))
    assert type(error) is kind
    assert str(error) == sentence
    assert error.todo == todo


def test_a_refusal_without_words_ends_after_the_status() -> None:
    assert str(refusal(SUBJECT, 401, b"<html>")) == "Acme refused the API Key (401)."


def test_without_a_saved_account_only_the_credential_is_named() -> None:
    assert refusal(Subject("Acme", "API Key"), 401, b"").todo == "Check the API Key."


def test_the_status_of_a_provider_error_is_kept() -> None:
    error = refusal(SUBJECT, 422, b"")
    assert isinstance(error, ProviderError)
    assert error.status == 422


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"error": "You do not have permission."}, "You do not have permission"),
        ({"message": "Bad\n  things"}, "Bad things"),
        ({"error": {"message": "Deep", "code": 7}}, "Deep"),
        ({"errors": ["One", "Two"]}, "One; Two"),
        ({"error": 'the "date" is wrong'}, "the 'date' is wrong"),
        ({"error": None}, ""),
        ({}, ""),
        (["error"], ""),
    ],
)
def test_the_providers_words_are_found_in_the_usual_places(answer: object, said: str) -> None:
    assert provider_text(SUBJECT, orjson.dumps(answer)) == said


def test_long_words_are_cut() -> None:
    assert provider_text(SUBJECT, body("x" * 500)) == "x" * 200


@pytest.mark.parametrize(
    "secret",
    [KEY, 'quoted"key"inside', "back\\slash-key", "two  spaces", "apostrophe'key", "ends-with-dot."],
)
@pytest.mark.parametrize("shape", ["text", "list", "object"])
def test_a_key_in_the_providers_words_is_masked(secret: str, shape: str) -> None:
    text = f"Unknown token {secret} given {secret}"
    answer = {"text": text, "list": [text], "object": {"message": text}}[shape]
    said = provider_text(Subject("Acme", "API Key", secrets=(secret,)), body(answer))
    assert said == f"Unknown token {MASK} given {MASK}"


def test_a_key_is_masked_before_the_words_are_cut() -> None:
    said = provider_text(SUBJECT, body("x" * 190 + KEY))
    assert said == "x" * 190 + MASK


def test_a_secret_too_short_to_be_one_does_not_blot_out_words() -> None:
    assert Subject("Acme", "API Key", secrets=("a",)).mask("a call") == "a call"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("Sun, 14 Jun 2026 12:00:30 GMT", 30.0),
        ("Sun, 14 Jun 2026 14:00:30 +0200", 30.0),
        ("Sun, 14 Jun 2026 11:00:00 GMT", 0.0),
        ("Sun, 14 Jun 2026 12:00:30 -0000", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_understood_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, SteppedClock(NOON)) == seconds


def test_a_date_is_measured_from_now() -> None:
    clock = SteppedClock(NOON - timedelta(minutes=1))
    assert retry_after_seconds("Sun, 14 Jun 2026 12:00:00 GMT", clock) == 60
