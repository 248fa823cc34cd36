"""A block that places calls through a pretend manager, and what became of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.clickto.conftest import NEW_YORK
from trunkline.clickto.activity import Activity
from trunkline.clickto.blocks import Block, Blocks
from trunkline.clickto.calling import Calling
from trunkline.clickto.calls import Call
from trunkline.clickto.limits import Limits
from trunkline.clickto.plans import Asked, CallRules
from trunkline.clickto.selection import Selection
from trunkline.clock import Clock, SystemClock
from trunkline.sims.ami import AmiSim
from trunkline.store.connection import Store
from trunkline.telephony.access import ManagerAccess, Patience
from trunkline.telephony.asterisk import Asterisk

SERVER = "10.10.10.16"
VISITOR, DESK, CELL = "+13125550123", "101", "+13125559876"
GIVEN = {
    "kind": "call",
    "description": "Front desk",
    "numbers": [DESK],
    "server": SERVER,
    "channel": "PJSIP/{number}@trunk",
    "business_channel": "PJSIP/{number}",
    "caller_id": "+13125551212",
}
HASTY = Patience(connect_seconds=2, answer_seconds=2, verdict_seconds=0.2)
NO_LIMITS = Limits(0, 0, 0)


def rules(limits: Limits = NO_LIMITS, ring_seconds: float = 5) -> CallRules:
    return CallRules(("US", "CA"), limits, ring_seconds)


@dataclass
class Floor:
    """A calling process, the pretend manager behind it, and a block."""

    store: Store
    calling: Calling
    block: Block

    async def called(self, number: str = VISITOR, **more: Any) -> Call:
        """A call from its beginning to its end."""
        call = await self.calling.place(self.block, Asked(number, **more))
        return await self.calling.ended(call)

    def reported(self) -> list[dict[str, Any]]:
        rows, _ = Activity(self.store, SystemClock(), NEW_YORK).page(Selection(), 1_000)
        return rows


@asynccontextmanager
async def floor(
    store: Store, sim: AmiSim, call_rules: CallRules | None = None, clock: Clock | None = None, **more: Any
) -> AsyncIterator[Floor]:
    """A process that may place calls of a block with these fields."""
    time = clock or SystemClock()
    access = ManagerAccess("127.0.0.1", "trunkline", sim.options.secret, sim.port)
    asterisk = Asterisk(access, time, HASTY)

    async def lines(server: str) -> Asterisk | None:
        return asterisk if server == SERVER else None

    calling = Calling(store, time, NEW_YORK, call_rules or rules(), lines)
    await calling.start()
    try:
        yield Floor(store, calling, Blocks(store, time).add({**GIVEN, **more}))
    finally:
        await calling.close()
        await asterisk.close()
