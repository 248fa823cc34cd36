"""When numbers may be called: hours of the day by weekday, and other hours for single states."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.command import Call
from trunkline.dialer.database import Row
from trunkline.dialer.offsets import local_time
from trunkline.dialer.tables import Tables

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def call_time_named(t: Tables) -> ClauseElement:
    return select(*t["call_times"].c).where(t["call_times"].c.call_time_id == bindparam("call_time_id"))


def call_time_of_state(t: Tables) -> ClauseElement:
    times = t["state_call_times"]
    return (
        select(*times.c)
        .where(
            times.c.state_call_time_id.in_(bindparam("names", expanding=True)),
            times.c.state_call_time_state == bindparam("state"),
        )
        .order_by(times.c.state_call_time_id)
        .limit(1)
    )


async def call_time(call: Call, name: str) -> Row | None:
    """The call time of this name, if there is one."""
    return await call.work.one(call_time_named, call_time_id=name) if name else None


async def is_dialable(call: Call, time: Row | None, state: str, offset: Decimal | None) -> bool:
    """Whether a number in this state, so far from UTC, may be called now; never without a call time."""
    if time is None:
        return False
    there = local_time(call.epoch, offset)
    names = tuple(name for name in str(time["ct_state_call_times"] or "").split("|") if name)
    if names and state:
        of_state = await call.work.one(call_time_of_state, names=names, state=state)
        if of_state is not None:
            return _is_open(of_state, "sct", there)
    return _is_open(time, "ct", there)


def _is_open(time: Row, prefix: str, there: datetime) -> bool:
    start, stop = _hours(time, f"{prefix}_{WEEKDAYS[there.weekday()]}")
    if not start and not stop:
        start, stop = _hours(time, f"{prefix}_default")
    return start <= there.hour * 100 + there.minute < stop


def _hours(time: Row, name: str) -> tuple[int, int]:
    return int(time[f"{name}_start"] or 0), int(time[f"{name}_stop"] or 0)
