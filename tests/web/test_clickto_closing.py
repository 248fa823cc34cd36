"""A server that is told to stop does so, whatever its readers of reports are at."""

import asyncio
import threading
from collections.abc import Generator
from typing import Any, cast

from trunkline.web.clickto import THREADS, ReportEndpoint


class Service:
    """Reports whose rows do not come until they are let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.closed = 0

    def pieces(self, _: Any) -> Generator[bytes]:
        try:
            yield b"first"
            self.let.wait()
            yield b"second"
        finally:
            self.closed += 1


async def test_closing_waits_for_no_report() -> None:
    service = Service()
    endpoint = ReportEndpoint(cast("Any", service), cast("Any", None), own_statuses=False)
    begun: list[bytes] = []

    async def take(piece: bytes) -> None:
        begun.append(piece)
        await asyncio.Event().wait()  # a reader that takes no more

    reading = [asyncio.create_task(endpoint._read_to(cast("Any", None), take)) for _ in range(THREADS * 2)]
    async with asyncio.timeout(10):
        while len(begun) < len(reading):
            await asyncio.sleep(0)
    for one in reading:
        one.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    closing = threading.Thread(target=endpoint.close, daemon=True)
    closing.start()
    await asyncio.to_thread(closing.join, 10)
    assert not closing.is_alive()
    service.let.set()
