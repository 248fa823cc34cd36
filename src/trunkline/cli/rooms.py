"""Opening the installation a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager

from trunkline.center.room import Center, open_center
from trunkline.cli.flags import settings_for


@contextmanager
def center_at(home: str | None) -> Iterator[Center]:
    with open_center(settings_for(home)) as center:
        yield center
