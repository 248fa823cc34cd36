"""Opening the installation a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager

from trunkline.center.room import Center, open_center
from trunkline.cli.flags import settings_for
from trunkline.cli.progress import tell_wait
from trunkline.daemon.reaching import open_tables
from trunkline.errors import SettingsError
from trunkline.settings import Settings
from trunkline.store.places import place_of


@contextmanager
def center_at(home: str | None, *, make: bool = False) -> Iterator[Center]:
    """The installation in a home folder; only with `make` is one made where there is none.

    Waits for a request budget are told on the terminal. Raises SettingsError where there is none.
    """
    settings = settings_for(home)
    if not make:
        _check_made(settings)
    with open_center(settings, on_wait=tell_wait, open_tables=open_tables) as center:
        yield center


def _check_made(settings: Settings) -> None:
    file = place_of(settings).file
    if file is not None and not file.exists():
        raise SettingsError(
            f"There is no Trunkline home at {settings.home} yet.",
            todo="Add an account first: `trunkline account add CONNECTOR NAME`.",
        )
