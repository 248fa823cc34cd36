"""The request budgets that a saved account draws on: what is used and what is left."""

from dataclasses import dataclass
from datetime import datetime

from trunkline.center import accounts, datasets
from trunkline.center.room import Center
from trunkline.declare import Limit
from trunkline.fetch.spending import Wait


@dataclass(frozen=True)
class BudgetUse:
    """One limit of one account of the provider's. `seconds` is the length of its window."""

    counts_for: str
    requests: int
    seconds: int
    group: str
    used: int
    left: int
    paused_until: datetime | None = None
    """The provider has asked to wait so long; nothing is sent before."""
    pause_reason: str = ""


def of_account(center: Center, name: str) -> list[BudgetUse]:
    """Every limit of every provider account that the saved account or its datasets read.

    A pause that the provider has asked for stands with each of its limits.
    """
    access = accounts.access(center, name)
    choices = [{}, *(d.options for d in datasets.all_of(center, name))]
    keys = dict.fromkeys(access.connector.budget_of({**access.values, **chosen}) for chosen in choices)
    now = center.clock.now()
    return [use for key in keys for use in _of_key(center, key, access.limits, now)]


def _of_key(center: Center, key: str, limits: tuple[Limit, ...], now: datetime) -> list[BudgetUse]:
    pause = center.spend_log.paused(key, now)
    until, reason = (pause.until, pause.reason) if pause else (None, "")
    return [
        BudgetUse(
            key, limit.requests, limit.seconds, limit.group, used, _left(limit, used, pause), until, reason
        )
        for limit, used in center.spend_log.used(key, limits, now)
    ]


def _left(limit: Limit, used: int, pause: Wait | None) -> int:
    """During a pause there is nothing to be had, whatever the counts say."""
    return 0 if pause else max(limit.requests - used, 0)
