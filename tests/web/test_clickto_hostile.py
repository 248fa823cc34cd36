"""Hostile requests of the report: whatever comes, no error of ours, nothing of others, no secret."""

import asyncio
import itertools
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.clickto.reports import bring_in, csv_file, row
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.keys import Keys
from trunkline.clock import SystemClock
from trunkline.settings import load_settings
from trunkline.store.connection import Store, open_store
from trunkline.web.clickto_application import Clickto
from trunkline.web.guesses import Guesses

REQUESTS = 1_000
OTHERS = "what-others-have"
ODD = (
    *(
        "",
        "x",
        "0",
        "-1",
        "1e9",
        "9" * 40,
        "null",
        "true",
        "[]",
        "{}",
        "../../etc/passwd",
        "%00",
        "\x00",
        "\n",
    ),
    *(
        "' OR '1'='1",
        '"; DROP TABLE clickto_keys; --',
        "$1",
        "%s",
        "{0}",
        "${jndi:x}",
        "<script>",
        "]]>",
        "&x;",
    ),
    *(
        "é漢😀",
        "\u202e",
        "\ufffe",
        "x" * 5_000,
        "00000000",
        "99999999",
        "20171301",
        "２０１７０１０１",
        "20170229",
    ),
    *("report.survo", "xml", "csv", "text", "1,2", "7 ", "٧", "+7", "0x7", "7.0"),
)
NAMES = (
    *("action", "access_key", "secret_access_key", "api_key", "start_date", "end_date", "format"),
    *("click_id", "click-id", "ref", "Action", "access_key[]", "", "DB", "further"),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(load_settings(tmp_path_factory.mktemp("hostile") / "home", {}))
    blocks = Blocks(opened, SystemClock())
    for number in (7, 9):
        blocks.add({"kind": "call", "description": "x"}, number)
    bring_in(opened, csv_file([row(ref="mine")]), 7)
    bring_in(opened, csv_file([row(ref=OTHERS)]), 9)
    bring_in(opened, csv_file([row("Jan 14 2017 1:00 PM", ref=OTHERS)]))
    yield opened
    opened.close()


class Caller:
    """Calls the application straight, each time from another address so that none has to wait."""

    def __init__(self, store: Store, home: Path) -> None:
        self._app = Clickto(store, load_settings(home, {}), SystemClock(), Guesses(SystemClock()))
        self._numbers = itertools.count()

    async def ask(self, query: bytes, body: bytes, kind: bytes, method: str) -> tuple[int, bytes]:
        sent: list[MutableMapping[str, Any]] = []
        coming = iter([{"type": "http.request", "body": body, "more_body": False}])
        never = asyncio.Event()

        async def receive() -> MutableMapping[str, Any]:
            for message in coming:
                return message
            await never.wait()
            raise AssertionError

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "path": "/ibp_api.php",
            "method": method,
            "query_string": query,
            "headers": [(b"content-type", kind)],
            "client": (f"192.0.2.{next(self._numbers)}", 1),
        }
        await self._app(scope, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def request_of(random: Random, key: dict[str, str]) -> tuple[bytes, bytes, bytes, str]:
    """A right request with a few things wrong, in one of the ways that parameters come."""
    params = {
        "action": "report.clickto",
        **key,
        "start_date": "20170101",
        "end_date": "20171231",
        "format": "csv",
    }
    for _ in range(random.randint(0, 4)):
        name = random.choice(NAMES)
        if random.random() < 0.2:
            params.pop(name, None)
        else:
            params[name] = random.choice(ODD)
    pairs = list(params.items())
    random.shuffle(pairs)
    encoded = urlencode(pairs, errors="replace").encode()
    way = random.randrange(5)
    form = b"application/x-www-form-urlencoded"
    if way == 0:
        return b"", encoded, form, "POST"
    if way == 1:
        return encoded, random.randbytes(random.randrange(200)), b"multipart/form-data; boundary=x", "POST"
    if way == 2:
        parts = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{quote(name)}"\r\n\r\n{value}\r\n'
            for name, value in pairs
        )
        return b"", f"{parts}--x--\r\n".encode("utf-8", "replace"), b"multipart/form-data; boundary=x", "POST"
    if way == 3:
        return b"&&" + encoded + b"&=&%zz&\xff=\xfe", b"", b"", "GET"
    return encoded, b"", b"", random.choice(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])


async def hold(store: Store, home: Path, requests: int, seed: int) -> None:
    made, secret = Keys(store, SystemClock()).add(f"limited {seed}", [7])
    key = {"access_key": made.access_key, "secret_access_key": secret}
    caller, random = Caller(store, home), Random(seed)
    reports = 0
    for _ in range(requests):
        asked = request_of(random, key)
        status, body = await caller.ask(*asked)
        told = f"{asked!r} was answered with {body[:500]!r}"
        assert status == 200, told
        assert OTHERS.encode() not in body, told
        assert secret.encode() not in body, told
        assert made.access_key.encode() not in body, told
        is_report = body.startswith((b'"Caller ID"', b"<?xml version='1.0' encoding='iso-8859-1'?>"))
        assert is_report or b"<result>failed</result>" in body or asked[3] == "HEAD", told
        assert b"Traceback" not in body, told
        reports += is_report
    assert requests / 20 < reports < requests  # both kinds of answers were met


async def test_hostile_requests_get_nothing(store: Store, tmp_path: Path) -> None:
    await hold(store, tmp_path, REQUESTS, 1)


@pytest.mark.soak
async def test_ten_thousand_hostile_requests_get_nothing(store: Store, tmp_path: Path) -> None:
    await hold(store, tmp_path, 10_000, 2)
