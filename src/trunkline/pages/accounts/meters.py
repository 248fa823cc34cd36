"""Request budgets as people look at them."""

from dataclasses import dataclass

from trunkline.center import budgets, datasets
from trunkline.center.accounts import Account
from trunkline.center.budgets import BudgetUse
from trunkline.center.room import Center
from trunkline.errors import SettingsError
from trunkline.fetch.spend_slots import limit_words


@dataclass(frozen=True)
class Meter:
    """One limit. `of` names the provider's account that it counts for, where there are several."""

    use: BudgetUse
    of: str = ""

    @property
    def words(self) -> str:
        return limit_words(self.use.limit)

    @property
    def share(self) -> float:
        return min(self.use.used / self.use.requests, 1.0)


def meters_of(center: Center, account: Account) -> list[Meter]:
    """All limits that the account draws on; none where no key opens it."""
    try:
        uses = budgets.of_account(center, account.name)
    except SettingsError:
        return []
    if len({use.counts_for for use in uses}) < 2:
        return [Meter(use) for use in uses]
    known = {str(v) for chosen in datasets.choices_of(center, account.name) for v in chosen.values()}
    known |= {str(value) for value in account.values.values()}
    return [Meter(use, _said(use.counts_for, known)) for use in uses]


def _said(key: str, known: set[str]) -> str:
    """The provider's id in a key, where somebody chose it; else keys may be made of secrets."""
    word = key.rpartition(":")[2]
    return word if word in known else "tests and menus"


def fullest(center: Center, account: Account) -> Meter | None:
    """The limit that is reached first."""
    return max(meters_of(center, account), key=lambda meter: meter.share, default=None)
