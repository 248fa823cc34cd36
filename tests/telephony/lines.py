"""A pretend manager and an `Asterisk` that talks to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from trunkline.clock import SteppedClock, SystemClock
from trunkline.sims.ami import AmiSim, AmiSimOptions
from trunkline.telephony.access import ManagerAccess, Patience
from trunkline.telephony.asterisk import Asterisk
from trunkline.telephony.calls import Origination

NOW = datetime(2026, 6, 14, 12, 0, tzinfo=UTC)
SECRET = "geheim-4711"
QUICK = Patience(answer_seconds=5, connect_seconds=5)
PHONE = Origination("PJSIP/350", context="default", extension="8600051", caller_id='"BM1" <7275551212>')


def access_to(sim: AmiSim, **changed: object) -> ManagerAccess:
    given = {"host": "127.0.0.1", "port": sim.port, "user": "trunkline", "secret": SECRET, **changed}
    return ManagerAccess(**given)  # type: ignore[arg-type]


@asynccontextmanager
async def talking(
    options: AmiSimOptions | None = None, patience: Patience = QUICK, *, is_stepped: bool = False
) -> AsyncIterator[tuple[AmiSim, Asterisk]]:
    """Both; with `is_stepped` the manager's seconds pass as soon as anybody waits for them."""
    clock = SteppedClock(NOW) if is_stepped else SystemClock()
    async with AmiSim(options or AmiSimOptions(secret=SECRET), clock) as sim:
        asterisk = Asterisk(access_to(sim), SystemClock(), patience)
        try:
            yield sim, asterisk
        finally:
            await asterisk.close()
