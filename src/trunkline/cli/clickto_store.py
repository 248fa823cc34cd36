"""Opening what `trunkline clickto` works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.cli.flags import settings_for
from trunkline.clock import Clock, process_clock
from trunkline.errors import SettingsError

if TYPE_CHECKING:
    from trunkline.clickto.account import Account
    from trunkline.settings import Settings
    from trunkline.store.connection import Store


@dataclass(frozen=True)
class Opened:
    """An installation's store, and what its settings say of the report."""

    store: "Store"
    clock: Clock
    account: "Account"
    settings: "Settings"


@contextmanager
def clickto_at(home: str | None, *, make: bool = False) -> Iterator[Opened]:
    """The installation in a home folder; only with `make` is one made. Raises SettingsError for none."""
    settings = settings_for(home)
    from trunkline.clickto.account import account_of
    from trunkline.store.connection import open_store
    from trunkline.store.places import place_of

    file = place_of(settings).file
    if not make and file is not None and not file.exists():
        raise SettingsError(
            f"There is no Trunkline home at {settings.home} yet.",
            todo="Import activity first: `trunkline clickto import FILE`.",
        )
    store = open_store(settings)
    try:
        yield Opened(store, process_clock(), account_of(settings), settings)
    finally:
        store.close()
