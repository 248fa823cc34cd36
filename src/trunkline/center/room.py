"""What every part of the Data Center works with: settings, clock, store, vault and spend log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from trunkline.center.reading import surroundings
from trunkline.clock import Clock, process_clock
from trunkline.errors import RetryLater
from trunkline.fetch.counters import OnWait
from trunkline.fetch.source import Surroundings
from trunkline.fetch.spending import SpendLog
from trunkline.settings import Settings
from trunkline.store.budget import StoreSpendLog
from trunkline.store.connection import Store, open_store
from trunkline.store.secrets import Vault

if TYPE_CHECKING:  # most commands never look into the warehouse, and need not load it
    from trunkline.warehouse.open import OpenTables


@dataclass(frozen=True)
class Center:
    """An opened installation. Use `open_center`."""

    settings: Settings
    clock: Clock
    store: Store
    vault: Vault
    spend_log: SpendLog
    on_wait: OnWait | None = None
    """Hears of every wait for a request budget but those of runs, which keep record of them."""
    open_tables: "OpenTables | None" = None
    """How to reach the warehouse where this process is not the one that has it open."""

    most_retries: int | None = None
    """So often at most a request is sent again, where somebody sits and waits for the answer."""

    def surroundings(self, on_wait: OnWait | None = None) -> Surroundings:
        usual = surroundings(self.settings, self.clock, self.spend_log, on_wait or self.on_wait)
        if self.most_retries is None:
            return usual
        http = replace(usual.http, retries=min(self.most_retries, usual.http.retries))
        return replace(usual, http=http)

    def impatient(self) -> "Center":
        """The same for somebody who sits and waits: an error soon is better than an answer in an hour."""
        return replace(self, on_wait=_refuse_to_wait, most_retries=1)


def _refuse_to_wait(until: datetime | None, reason: str) -> None:
    if until is not None:
        raise RetryLater(
            f"No request can be sent before {until:%H:%M:%S} UTC: {reason}.", todo="Try again after that."
        )


@contextmanager
def open_center(
    settings: Settings,
    clock: Clock | None = None,
    on_wait: OnWait | None = None,
    open_tables: "OpenTables | None" = None,
) -> Iterator[Center]:
    """The installation in the settings' home folder, made when it is not there yet."""
    store = open_store(settings)
    try:
        clock = clock or process_clock()
        yield Center(settings, clock, store, Vault(settings), StoreSpendLog(store), on_wait, open_tables)
    finally:
        store.close()
