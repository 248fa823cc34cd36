"""A classic path when the database fails: words that say ERROR, under a status that says try again."""

import asyncio
import logging
from typing import Any

import pytest

from trunkline.dialer.command import Dialect
from trunkline.web.dialer import answer_wire


class Failing:
    """A service whose database is gone."""

    async def answer(self, *_: Any, **__: Any) -> Any:
        raise ConnectionError("the server has gone away")


@pytest.mark.parametrize("dialect", [Dialect.DOCUMENTED, Dialect.ORIGINAL])
async def test_words_say_error_and_the_status_says_try_again(
    dialect: Dialect, caplog: pytest.LogCaptureFixture
) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "query_string": b"function=add_lead&user=6666&pass=geheim",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    service: Any = Failing()
    with caplog.at_level(logging.ERROR, "trunkline.dialer"):
        await asyncio.wait_for(answer_wire(service, dialect, scope, receive, send), 10)
    assert sent[0]["status"] == 503
    assert (b"content-type", b"text/html; charset=utf-8") in sent[0]["headers"]
    assert sent[1]["body"] == b"ERROR: THE DATABASE DOES NOT ANSWER, TRY AGAIN LATER\n"
    assert "geheim" not in caplog.text
