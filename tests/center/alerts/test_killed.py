"""A process killed while it sends: what it had taken is sent by the next one, with the same id."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.center.alerts.office import Office
from tests.center.alerts.receivers import receiver
from trunkline.center.alerts.sending import TAKEN_FOR

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SENDS = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from trunkline.center.alerts.sending import send_waiting
from trunkline.center.room import open_center
from trunkline.clock import SteppedClock
from trunkline.settings import load_settings

clock = SteppedClock(datetime.fromisoformat(sys.argv[2]))
with open_center(load_settings(Path(sys.argv[1]), {}), clock) as center:
    asyncio.run(send_waiting(center, clock))
"""


async def test_what_a_killed_process_was_sending_comes_again(office: Office, tmp_path: Path) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url)
        office.run(state="failed", error="It broke.")
        ops.gate.clear()
        home, now = str(office.center.settings.home), office.clock.now().isoformat()
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", SENDS, home, now)
        await asyncio.wait_for(ops.heard.wait(), 30)
        process.kill()
        await process.wait()
        ops.gate.set()
        assert await office.send() == 0, "it may still be at work"
        office.clock.advance(TAKEN_FOR.total_seconds() + 1)
        assert await office.send() == 1
        assert len(ops.posted) == 2
        assert len({p.json["id"] for p in ops.posted}) == 1
    assert [(d.state, d.tries) for d in office.deliveries()] == [("sent", 2)]
