"""A server that is told to end does so at once, whoever listens to its events."""

import time
from pathlib import Path

import httpx

from tests.pages.serving import served_pages

LONGEST_SECONDS = 8.0
"""Below the time that the server would give open answers to come to their end."""


def test_open_streams_of_events_hold_up_no_end(tmp_path: Path) -> None:
    with served_pages(tmp_path / "home") as served:
        client = httpx.Client(cookies={"trunkline_session": served.session}, timeout=30)
        request = client.build_request("GET", f"{served.address}/dialer/floor/events")
        answer = client.send(request, stream=True)
        lines = answer.iter_lines()
        assert answer.status_code == 200
        assert next(line for line in lines if line.startswith("data: "))
        began = time.monotonic()
    assert time.monotonic() - began < LONGEST_SECONDS
    assert list(lines) is not None
    client.close()
