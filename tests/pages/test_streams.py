"""Streams of pages, and how they end: with what they tell of, with the server, with the reader."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.center.conftest import ACCOUNT_ID
from tests.pages.serving import owner_signed_in
from tests.web.test_killed import server
from trunkline.center import accounts, datasets, orders
from trunkline.center.room import open_center
from trunkline.center.runs import Wish
from trunkline.pages.streams import event
from trunkline.pages.visit import SESSION
from trunkline.settings import load_settings


def test_an_event_has_a_line_of_data_for_each_line() -> None:
    assert event("part", "a\nb") == "event: part\ndata: a\ndata: b\n\n"
    assert event("end", "") == "event: end\ndata: \n\n"


@pytest.mark.parametrize("flags", [(), ("--workers", "2")])
async def test_an_open_stream_does_not_hold_up_the_end(tmp_path: Path, flags: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    session = owner_signed_in(home)
    with open_center(load_settings(home, {})) as center:
        values = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": "http://127.0.0.1:9"}
        accounts.add(center, "callrail", "main", values, accounts.Verdict(accounts.VALID))
        await datasets.add(center, "calls", "main", "calls", {})
        orders.want(center, "calls", Wish())  # it waits for a provider that is not there
    async with (
        server(home, *flags, TRUNKLINE_FROZEN_CLOCK="") as (url, process),
        aiohttp.ClientSession(cookies={SESSION: session}) as client,
        client.get(f"{url}/datasets/calls/events") as answer,
    ):
        assert (await answer.content.readline()).startswith(b"event: part")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            await answer.content.read()  # a stream that is cut off raises here
            await process.wait()
