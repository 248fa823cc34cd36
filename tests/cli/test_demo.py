"""The demo as a stranger runs it: without a terminal, and in one until Ctrl-C."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import requests

from tests.cli.conftest import Terminal

LINK = re.compile(r"http://\S+/sign-in/once\?link=\S+")
PATIENCE = 120.0
SECONDS_TO_END = 20.0


async def test_without_a_terminal_it_checks_what_it_read_and_its_pages(terminal: Terminal) -> None:
    demo = await terminal.type("demo")
    assert demo.code == 0, demo.err
    assert "3,000 calls" in demo.out
    assert "Three things to try next" in demo.out
    assert re.search(r"ok +/datasets/calls/rows\n", demo.out)
    assert "Every page answered." in demo.out
    assert "link=" not in demo.out
    again = await terminal.type("demo", "--check")
    assert again.code == 0, again.err


def test_in_a_terminal_it_serves_until_ctrl_c_and_leaves_nothing_running(tmp_path: Path) -> None:
    main, other = pty.openpty()
    words = [sys.executable, "-m", "trunkline", "demo", "--home", str(tmp_path / "demo")]
    with subprocess.Popen(words, stdin=other, stdout=other, stderr=other, start_new_session=True) as demo:
        try:
            os.close(other)
            told = _read_until(main, "Ctrl-C ends the demo.")
            links = LINK.findall(told)
            assert len(links) == 1
            first = requests.Session()
            assert "six datasets" in told
            assert first.get(links[0], timeout=30).url.endswith("/datasets")
            assert requests.get(links[0], timeout=30).status_code == 422, "it signs in once"
            os.write(main, b"\n")
            another = LINK.findall(_read_until(main, "link="))[-1] if links else ""
            assert another != links[0]
            children = psutil.Process(demo.pid).children(recursive=True)
            assert len(children) >= 4
            began = time.monotonic()
            demo.send_signal(signal.SIGINT)
            assert "What was read stays" in _read_until(main, "run the demo again")
            assert demo.wait(SECONDS_TO_END) == 0
            assert time.monotonic() - began < SECONDS_TO_END
            assert psutil.wait_procs(children, 5)[1] == []
            assert (tmp_path / "demo" / "warehouse.duckdb").exists()
        finally:
            demo.kill()
            os.close(main)


def _read_until(terminal: int, text: str) -> str:
    found, deadline = b"", time.monotonic() + PATIENCE
    while text.encode() not in found or not found.endswith(b"\n"):
        assert time.monotonic() < deadline, found.decode()
        found += os.read(terminal, 4_096)
    return found.decode()
