"""Proving who one is, a few at a time: who was wrong too often waits, by address and by user."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from trunkline.errors import RetryLater
from trunkline.pages.visit import Visit

Found = TypeVar("Found")


class MustWait(RetryLater):
    """Too many wrong passwords."""


async def proven(visit: Visit, email: str, prove: Callable[[], Found | None]) -> Found | None:
    """What was found; nothing for a wrong password or code, which counts. Raises MustWait.

    Whether one has to wait is looked at when one's turn comes, so that many tries at the same time count
    like as many after each other.
    """
    rooms, by_user = visit.rooms, _counted_as(email)
    async with rooms.proving:
        seconds = max(
            rooms.wrong_logins.wait_seconds(visit.address), rooms.wrong_passwords.wait_seconds(by_user)
        )
        if seconds:
            text = f"Too many wrong passwords. The next try is possible in {seconds // 60 + 1} minutes."
            raise MustWait(text, todo="Wait, or use the link below if you have forgotten it.")
        found = await run_in_threadpool(prove)
        if not found:
            rooms.wrong_logins.note(visit.address)
            rooms.wrong_passwords.note(by_user)
    return found or None


def _counted_as(email: str) -> str:
    """One name for each address, however long it is."""
    return f"user {hashlib.sha256(email.strip().casefold().encode('utf-8', 'replace')).hexdigest()[:40]}"
