"""What is done before tables of an older version are changed. Whoever opens the installation says what."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.settings import Settings
    from trunkline.store.connection import Store

BeforeUpgrade = Callable[["Store", "Settings", str], None]
"""Hears the store, its settings and the revision its tables have. What it raises keeps them as they are."""

_asked_first: list[BeforeUpgrade] = []


def ask_before_upgrade(ask: BeforeUpgrade) -> None:
    """From now on in this process `ask` is called before the tables of a store are changed."""
    _asked_first[:] = [ask]


def before_upgrade(store: "Store", settings: "Settings", revision: str) -> None:
    for ask in _asked_first:
        ask(store, settings, revision)
