"""Requests of a signed-in account: which token goes where, and what happens when it is refused."""

from dataclasses import replace
from typing import Any

import pytest

from tests.fetch.provider import ACME, NOON, Asked, Provider, Reading, Reply, reply
from trunkline.declare import OAuth
from trunkline.errors import KeyRefused, NotAllowed, RetryLater, SettingsError
from trunkline.fetch.source import Access, Surroundings, open_source
from trunkline.options import Kind, Option, Values

SIGNED_IN = replace(
    ACME,
    account=(
        Option("api_key", "API Key", Kind.SECRET),
        Option("client_id", "Client ID"),
        Option("client_secret", "Client Secret", Kind.SECRET),
    ),
    oauth=OAuth(("read",)),
)
CONNECT = "`trunkline account connect acme office`"


class Tokens:
    """A grant that has these tokens one after the other; the last one stays."""

    def __init__(self, *tokens: str) -> None:
        self._left = list(tokens)
        self.seen: tuple[str, ...] = ()
        self.trouble: list[Exception] = []

    async def token(self, refused: str | None = None) -> str:
        if self.trouble:
            raise self.trouble.pop(0)
        if refused == self._left[0] and len(self._left) > 1:
            self._left.pop(0)
        self.seen = tuple(dict.fromkeys((*self.seen, self._left[0])))
        return self._left[0]


def access(provider: Provider, grant: Tokens | None, **values: str) -> Access:
    known: Values = {"base_url": provider.address, **values}
    return Access(SIGNED_IN, known, "office", grant)


async def ids(of: Access, reading: Reading) -> list[Any]:
    around = Surroundings(reading.clock, reading.log, reading.settings)
    report = SIGNED_IN.report("accounts")
    assert report
    async with open_source(of, report, {}, around, reading.counters) as source:
        return [row["id"] async for rows in source.rows(None) for row in rows]


def only(token: str) -> Any:
    def answer(asked: Asked) -> Reply:
        given = asked.headers.get("Authorization", "")
        if given == f'Token token="{token}"':
            return reply({"accounts": [{"id": 1}], "total_records": 1, "total_pages": 1})
        return reply({"error": f"Bad credentials: {given}"}, 401)

    return answer


async def test_the_token_takes_the_place_of_the_key(provider: Provider, reading: Reading) -> None:
    provider.answering = only("token-one")
    assert await ids(access(provider, Tokens("token-one")), reading) == [1]


async def test_a_key_goes_before_a_sign_in(provider: Provider, reading: Reading) -> None:
    provider.answering = only("the-key")
    assert await ids(access(provider, Tokens("token-one"), api_key="the-key"), reading) == [1]


async def test_a_refused_token_is_renewed_once_and_the_request_sent_again(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = only("token-two")
    assert await ids(access(provider, Tokens("token-one", "token-two")), reading) == [1]
    assert [a.headers["Authorization"] for a in provider.asked] == [
        'Token token="token-one"',
        'Token token="token-two"',
    ]
    assert reading.counters.requests == 2


async def test_when_the_new_token_is_refused_too_a_person_must_sign_in_again(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = only("token-three")
    with pytest.raises(KeyRefused, match="Acme no longer accepts the sign-in of account 'office'") as caught:
        await ids(access(provider, Tokens("token-one", "token-two", "token-three")), reading)
    assert caught.value.todo == f"Connect it again: {CONNECT}"
    assert len(provider.asked) == 2


async def test_where_there_is_no_other_token_nothing_is_sent_again(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = only("another")
    with pytest.raises(KeyRefused) as caught:
        await ids(access(provider, Tokens("token-one")), reading)
    assert len(provider.asked) == 1
    assert "token-one" not in str(caught.value)


async def test_a_key_that_is_refused_is_not_sent_again(provider: Provider, reading: Reading) -> None:
    provider.answering = only("another")
    with pytest.raises(KeyRefused, match="Acme refused the API Key"):
        await ids(access(provider, None, api_key="the-key"), reading)
    assert len(provider.asked) == 1


async def test_no_error_shows_a_token_that_came_meanwhile(provider: Provider, reading: Reading) -> None:
    provider.says(reply({}, 401), reply({"error": "token-one and token-two are bad"}, 400))
    with pytest.raises(Exception, match="are bad") as caught:
        await ids(access(provider, Tokens("token-one", "token-two")), reading)
    assert "token-" not in str(caught.value)


async def test_a_provider_that_gives_no_token_just_now_is_asked_again(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = only("token-one")
    tokens = Tokens("token-one")
    tokens.trouble = [RetryLater("Busy.", after_seconds=30), RetryLater("Busy.")]
    assert await ids(access(provider, tokens), reading) == [1]
    assert reading.counters.retries == 2
    assert reading.clock.slept[0] == 30
    assert (reading.clock.now() - NOON).total_seconds() >= 30


async def test_a_sign_in_without_the_right_is_told_who_should_sign_in(
    provider: Provider, reading: Reading
) -> None:
    provider.says(reply({"error": {"message": "Admins only"}}, 403))
    with pytest.raises(NotAllowed, match="does not let this sign-in read") as caught:
        await ids(access(provider, Tokens("token-one")), reading)
    assert caught.value.todo == f"Sign in as somebody who may see it, such as an administrator: {CONNECT}"


@pytest.mark.parametrize(
    ("values", "sentence", "todo"),
    [
        (
            {},
            "Account 'office' has neither an API Key nor a sign-in.",
            f"Give the API Key (--api-key), or sign in: {CONNECT}",
        ),
        (
            {"client_id": "c", "client_secret": "s"},
            "Account 'office' has not been connected to Acme yet.",
            CONNECT,
        ),
    ],
)
async def test_without_key_and_sign_in_nothing_is_asked(
    provider: Provider, reading: Reading, values: dict[str, str], sentence: str, todo: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        await ids(access(provider, None, **values), reading)
    assert (str(caught.value), caught.value.todo) == (sentence, todo)
    assert provider.asked == []
