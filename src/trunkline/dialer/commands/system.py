"""version: who answers, and what time it is there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import ClauseElement, select

from trunkline import __version__
from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Dialect, Logged, Plain, Result
from trunkline.dialer.offsets import short
from trunkline.dialer.tables import Tables

BUILD = "170601-0747"
"""The build whose answers the original dialect repeats: clients look at it."""
FIELDS = (
    Column("version", "The version of what answers."),
    Column("build", "The build whose answers the original dialect repeats."),
    Column("date", "The time there.", Holds.TIME),
    Column("epoch", "The same as seconds since 1970.", Holds.INTEGER),
    Column("dst", "1 while daylight saving time is in force there.", Holds.INTEGER),
    Column("tz", "Hours between the server's time and GMT, without daylight saving.", Holds.NUMBER),
    Column("tznow", "The same now.", Holds.NUMBER),
)


def first_server(t: Tables) -> ClauseElement:
    servers = t["servers"]
    return select(servers.c.local_gmt).where(servers.c.active == "Y").limit(1)


async def version(call: Call) -> AsyncIterator[Answer]:
    server = await call.work.one(first_server)
    zone = "" if server is None else str(server["local_gmt"])
    there = call.now.replace(tzinfo=call.zone)
    is_summer = bool(there.dst())
    shown = zone if call.dialect is Dialect.ORIGINAL or not zone else short(zone)
    now = short(str(Decimal(zone) + 1)) if zone and is_summer else shown
    if not zone:
        now = short(str((there.utcoffset() or timedelta(0)).total_seconds() / 3600))
    values = dict(
        zip(
            (field.name for field in FIELDS),
            (__version__, BUILD, call.time, call.epoch, int(is_summer), shown, now),
            strict=True,
        )
    )
    line = "".join(f"{name.upper()}: {value}|" for name, value in values.items())
    yield Plain(line + "\n", Logged(Result.SUCCESS, "", line), values)


COMMANDS = (
    Command("version", "Shows version, build and time; needs no login.", version, "", level=0, fields=FIELDS),
)
