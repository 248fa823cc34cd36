"""The request budgets that a saved account draws on: what is used and what is left."""

from dataclasses import dataclass

from trunkline.center import accounts, datasets
from trunkline.center.room import Center


@dataclass(frozen=True)
class BudgetUse:
    """One limit of one account of the provider's. `seconds` is the length of its window."""

    counts_for: str
    requests: int
    seconds: int
    group: str
    used: int
    left: int


def of_account(center: Center, name: str) -> list[BudgetUse]:
    """Every limit of every provider account that the saved account or its datasets read."""
    access = accounts.access(center, name)
    choices = [{}, *(d.options for d in datasets.all_of(center, name))]
    keys = dict.fromkeys(access.connector.budget_of({**access.values, **chosen}) for chosen in choices)
    now = center.clock.now()
    return [
        BudgetUse(key, limit.requests, limit.seconds, limit.group, used, max(limit.requests - used, 0))
        for key in keys
        for limit, used in center.spend_log.used(key, access.limits, now)
    ]
