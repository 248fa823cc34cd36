"""The request budgets that a saved account draws on: what is used and what is left."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from trunkline.center import accounts, datasets
from trunkline.center.room import Center
from trunkline.declare import Limit
from trunkline.fetch.spending import Wait


@dataclass(frozen=True)
class BudgetUse:
    """One limit of one account of the provider's. `seconds` is the length of its window.

    Windows roll: what was sent at ten past counts until ten past. So the first of what is used comes back
    at `more_at`, and with nothing sent meanwhile everything is there again at `resets_at` (UTC; both none
    while nothing is used). `counting` is how many requests come back when.
    """

    counts_for: str
    requests: int
    seconds: int
    group: str
    used: int
    left: int
    more_at: datetime | None = None
    resets_at: datetime | None = None
    paused_until: datetime | None = None
    """The provider has asked to wait so long; nothing is sent before."""
    pause_reason: str = ""
    counting: Mapping[datetime, int] = field(default_factory=dict, repr=False)

    @property
    def limit(self) -> Limit:
        return Limit(self.requests, self.seconds, self.group)

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "counting"}


def of_account(center: Center, name: str) -> list[BudgetUse]:
    """Every limit of every provider account that the saved account or its datasets read.

    A pause that the provider has asked for stands with each of its limits. Takes no token and asks nobody.
    """
    access = accounts.access(center, name)
    choices = [{}, *datasets.choices_of(center, name)]
    keys = dict.fromkeys(access.connector.budget_of({**access.values, **chosen}) for chosen in choices)
    return [use for key in keys for use in of_key(center, key, access.limits)]


def of_key(center: Center, key: str, limits: tuple[Limit, ...]) -> list[BudgetUse]:
    """The limits of one account of the provider's, by the key that its requests are counted under."""
    now = center.clock.now()
    pause = center.spend_log.paused(key, now)
    return [
        _use(key, limit, counting, pause) for limit, counting in center.spend_log.returning(key, limits, now)
    ]


def _use(key: str, limit: Limit, counting: Mapping[datetime, int], pause: Wait | None) -> BudgetUse:
    used = sum(counting.values())
    return BudgetUse(
        key,
        limit.requests,
        limit.seconds,
        limit.group,
        used,
        # during a pause there is nothing to be had, whatever the counts say
        0 if pause else max(limit.requests - used, 0),
        min(counting, default=None),
        max(counting, default=None),
        pause.until if pause else None,
        pause.reason if pause else "",
        counting,
    )
