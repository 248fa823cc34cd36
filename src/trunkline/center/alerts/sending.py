"""Sending what waits: each delivery taken, tried and written down; tried again for a day if need be.

A delivery is taken by a change in the store before it is sent, for so long as one try may last, and what
came of it is written down after. A process killed in between leaves it taken, and once that time is over
it is sent again: twice perhaps, never not at all. Its id stays the same, so that receivers can tell.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from trunkline.center.alerts import channels, queries
from trunkline.center.alerts.incidents import new_delivery_id
from trunkline.center.alerts.notices import OPENED, OVER, TEST, Notice, Subject
from trunkline.center.alerts.senders import LATER, SECONDS_FOR_A_TRY, one_line
from trunkline.center.room import Center
from trunkline.clock import Clock
from trunkline.errors import DataError, RetryLater, SettingsError, TrunklineError

TAKEN_FOR = timedelta(seconds=4 * SECONDS_FOR_A_TRY)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)
MASK = "***"
SHORTEST_PIECE = 8
LONGEST_ANSWER = 200
_log = logging.getLogger("trunkline.alerts")


@dataclass(frozen=True)
class Outcome:
    """What came of one try: whether it was taken, what came back, and what to do where it was not."""

    is_sent: bool
    answer: str
    todo: str = ""


async def send_waiting(center: Center, clock: Clock) -> int:
    """Send what is due, to all channels at the same time; how many were sent.

    Lasts as long as the slowest channel. It may be called again meanwhile, here and in other processes:
    nothing is taken twice. Raises what the store raises; what a channel answers is only written down.
    """
    due = await asyncio.to_thread(_due, center, clock.now())
    by_channel: dict[int, list[RowMapping]] = {}
    for row in due:
        by_channel.setdefault(row["channel_id"], []).append(row)
    sending = (_send_all(center, clock, rows) for rows in by_channel.values())
    outcomes = await asyncio.gather(*sending, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return sum(n for n in outcomes if isinstance(n, int))


async def send_test(center: Center, name: str) -> Outcome:
    """Send a test to a channel now, by the way of all notices; what came of it.

    It is written down like them, and tried once. Raises SettingsError for an unknown channel.
    """
    channel, now = channels.get(center, name), center.clock.now()
    record = {
        "id": new_delivery_id(now),
        "channel_id": channel.id,
        "channel_name": name,
        "event": TEST,
        "state": queries.WAITING,
        "next_try_at": None,  # nobody but this call is to send it
        "created_at": now,
    }
    with center.store.begin() as tx:
        queries.insert_delivery(tx, record)
    row = {**record, "incident_id": None, "tries": 0}
    return await _deliver(center, center.clock, row)


def _due(center: Center, now: datetime) -> Sequence[RowMapping]:
    with center.store.read() as tx:
        return queries.due_deliveries(tx, now)


async def _send_all(center: Center, clock: Clock, rows: Sequence[RowMapping]) -> int:
    """To one channel, one after the other; after a failure the rest waits for the next call."""
    sent = 0
    for row in rows:
        if not await asyncio.to_thread(_take, center, row, clock.now()):
            continue
        if not (await _deliver(center, clock, row)).is_sent:
            break
        sent += 1
    return sent


def _take(center: Center, row: RowMapping, now: datetime) -> bool:
    with center.store.begin() as tx:
        return queries.claim_delivery(tx, row["id"], row["tries"], now + TAKEN_FOR)


async def _deliver(center: Center, clock: Clock, row: Any) -> Outcome:
    """One try, and its outcome written down."""
    try:
        answer = await _tried(center, clock, row)
    except TrunklineError as error:
        outcome = _failed(row, clock.now(), error)
        _log.info("Channel %s, delivery %s: %s", row["channel_name"], row["id"], error)
        await asyncio.to_thread(_write, center, row["id"], outcome)
        return Outcome(False, str(error), error.todo)
    done = {"state": "sent", "next_try_at": None, "ended_at": clock.now(), "answer": answer}
    await asyncio.to_thread(_write, center, row["id"], {**done, "tries": row["tries"] + 1})
    return Outcome(True, answer)


async def _tried(center: Center, clock: Clock, row: Any) -> str:
    """What the channel answered, without its secrets. Raises TrunklineErrors without them too."""
    channel, notice = await asyncio.to_thread(_read, center, row)
    values = channels.values_of(center, channel)
    sender = channels.sender_named(channel["kind"])
    secrets = [str(values[name]) for name in sender.secret_names if name in values]
    try:
        async with asyncio.timeout(SECONDS_FOR_A_TRY):
            return _fit_to_keep(await sender.send(values, notice, clock), secrets)
    except TimeoutError:
        raise RetryLater(f"No end within {SECONDS_FOR_A_TRY:g} seconds.", todo=LATER) from None
    except TrunklineError as error:
        error.message = _fit_to_keep(str(error), secrets)
        raise
    except Exception as error:  # what nobody has thought of is written down too, and ends after a day
        raise DataError(f"Trunkline met something unforeseen: {type(error).__name__}.") from None


def _fit_to_keep(text: str, secrets: Sequence[str]) -> str:
    """Masked first and cut after, so that no half of a secret is left at the end."""
    pieces = {piece for secret in secrets for piece in (secret, *_pieces(secret))}
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, MASK)
    return one_line(text)[:LONGEST_ANSWER]


def _pieces(secret: str) -> list[str]:
    """Of an address, what an answer may repeat by itself or written otherwise."""
    if "://" not in secret:
        return []
    path = secret.partition("://")[2].partition("/")[2]
    return [piece for piece in re.split(r"[/?&=]", path) if len(piece) >= SHORTEST_PIECE]


def _failed(row: Any, now: datetime, error: TrunklineError) -> dict[str, Any]:
    """Tried again, less and less often: a person may mend the channel meanwhile, whatever it answered."""
    tries = row["tries"] + 1
    pause = min(FIRST_PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE)
    asked = getattr(error, "after_seconds", None)
    if asked:
        pause = max(pause, min(timedelta(seconds=asked), LONGEST_PAUSE))
    outcome = {"tries": tries, "answer": str(error)}
    if row["event"] == TEST or now + pause > row["created_at"] + GIVEN_UP_AFTER:
        return {**outcome, "state": "failed", "next_try_at": None, "ended_at": now}
    return {**outcome, "next_try_at": now + pause}


def _write(center: Center, delivery_id: str, outcome: dict[str, Any]) -> None:
    with center.store.begin() as tx:
        queries.update_delivery(tx, delivery_id, outcome)


def _read(center: Center, row: Any) -> tuple[RowMapping, Notice]:
    with center.store.read() as tx:
        channel = queries.channel_by_id(tx, row["channel_id"])
        incident = queries.incident_by_id(tx, row["incident_id"]) if row["incident_id"] else None
    if channel is None:
        raise SettingsError(channels.REMOVED)
    return channel, _notice(row, incident)


def _notice(row: Any, incident: RowMapping | None) -> Notice:
    if incident is None:
        subject = Subject("channel", row["channel_id"], row["channel_name"])
        text = "This is a test. Nothing is wrong."
        return Notice(row["id"], TEST, row["created_at"], TEST, subject, row["created_at"], text)
    is_over = row["event"] == OVER
    return Notice(
        id=row["id"],
        event=OVER if is_over else OPENED,
        created_at=row["created_at"],
        kind=incident["kind"],
        subject=Subject(incident["subject_kind"], incident["subject_id"], incident["subject"]),
        opened_at=incident["opened_at"],
        text=incident["over_text"] if is_over else incident["text"],
        todo=incident["todo"] if not is_over else "",
        incident_id=incident["id"],
        closed_at=incident["closed_at"] if is_over else None,
        detail=incident["detail"],
    )
