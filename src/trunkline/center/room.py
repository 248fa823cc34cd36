"""What every part of the Data Center works with: settings, clock, store, vault and spend log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from trunkline.center.reading import surroundings
from trunkline.clock import Clock, process_clock
from trunkline.fetch.source import Surroundings
from trunkline.fetch.spending import SpendLog
from trunkline.settings import Settings
from trunkline.store.budget import StoreSpendLog
from trunkline.store.connection import Store, open_store
from trunkline.store.secrets import Vault


@dataclass(frozen=True)
class Center:
    """An opened installation. Use `open_center`."""

    settings: Settings
    clock: Clock
    store: Store
    vault: Vault
    spend_log: SpendLog

    def surroundings(self) -> Surroundings:
        return surroundings(self.settings, self.clock, self.spend_log)


@contextmanager
def open_center(settings: Settings, clock: Clock | None = None) -> Iterator[Center]:
    """The installation in the settings' home folder, made when it is not there yet."""
    store = open_store(settings)
    try:
        yield Center(settings, clock or process_clock(), store, Vault(settings), StoreSpendLog(store))
    finally:
        store.close()
