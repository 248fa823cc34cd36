"""What a spend log is: the shared memory of how many requests an account has sent lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from trunkline.declare import Limit


@dataclass(frozen=True)
class Grant:
    """So many requests may be sent before `until`, the end of the slot they were counted in."""

    tokens: int
    until: datetime


@dataclass(frozen=True)
class Wait:
    """No request may be sent before `until`; `reason` is a plain phrase such as "20 requests a second"."""

    until: datetime
    reason: str


class SpendLog(Protocol):
    """Requests sent per account, exact for everybody who asks the same log.

    `limits` are those that apply to the request: a limit without a group counts every request of the
    account, a limit with one only the requests of that group.
    """

    def take(self, account: str, limits: tuple[Limit, ...], wanted: int, now: datetime) -> Grant | Wait:
        """As many tokens as every limit still allows, at most `wanted`; a Wait where that is none."""
        ...

    def give_back(self, account: str, limits: tuple[Limit, ...], grant: Grant, unused: int) -> None:
        """Return the tokens of a grant that no request has used."""
        ...

    def pause(self, account: str, until: datetime, reason: str) -> None:
        """Grant nothing before `until`. An earlier instant than one already set changes nothing."""
        ...

    def paused(self, account: str, now: datetime) -> Wait | None:
        """The pause in force at this instant, if there is one."""
        ...

    def used(self, account: str, limits: tuple[Limit, ...], now: datetime) -> list[tuple[Limit, int]]:
        """How many requests each limit counts at this instant."""
        ...

    def returning(
        self, account: str, limits: tuple[Limit, ...], now: datetime
    ) -> list[tuple[Limit, dict[datetime, int]]]:
        """The requests each limit counts at this instant, by the instant from which it no longer does."""
        ...
