"""version: who answers, and what time it is there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import ClauseElement, select

from trunkline import __version__
from trunkline.dialer.command import Answer, Call, Command, Dialect, Logged, Plain, Result
from trunkline.dialer.offsets import short
from trunkline.dialer.tables import Tables

BUILD = "170601-0747"
"""The build whose answers the original dialect repeats: clients look at it."""


def first_server(t: Tables) -> ClauseElement:
    servers = t["servers"]
    return select(servers.c.local_gmt).where(servers.c.active == "Y").limit(1)


async def version(call: Call) -> AsyncIterator[Answer]:
    server = await call.work.one(first_server)
    zone = "" if server is None else str(server["local_gmt"])
    there = call.now.replace(tzinfo=call.zone)
    is_summer = bool(there.dst())
    shown = zone if call.dialect is Dialect.ORIGINAL or not zone else short(zone)
    now = short(str(Decimal(zone) + 1)) if zone and is_summer else zone
    if not zone:
        now = short(str((there.utcoffset() or timedelta(0)).total_seconds() / 3600))
    line = (
        f"VERSION: {__version__}|BUILD: {BUILD}|DATE: {call.time}|EPOCH: {call.epoch}|DST: {int(is_summer)}|"
        f"TZ: {shown}|TZNOW: {now}|"
    )
    yield Plain(line + "\n", Logged(Result.SUCCESS, "", line))


COMMANDS = (Command("version", "Shows version, build and time; needs no login.", version, "", level=0),)
