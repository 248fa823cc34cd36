"""The loading thread says when works of several runs wait for it."""

import threading
from pathlib import Path

from trunkline.center.writer import WORKS_AHEAD, Writer
from trunkline.settings import load_settings


async def test_a_writer_is_behind_while_more_works_wait_than_it_takes(tmp_path: Path) -> None:
    gate = threading.Event()
    with Writer(load_settings(tmp_path, {})) as writer:
        works = [writer.submit(lambda _: gate.wait()) for _ in range(WORKS_AHEAD)]
        assert not writer.is_behind
        works.append(writer.submit(lambda _: gate.wait()))
        assert writer.is_behind
        gate.set()
        for work in works:
            await work
        assert not writer.is_behind
