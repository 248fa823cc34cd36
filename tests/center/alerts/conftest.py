"""An installation with an account and two datasets, on each of the three databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.center.alerts.office import Office
from tests.store.databases import KINDS, empty, fresh_database
from trunkline.center.room import Center, open_center
from trunkline.clock import SteppedClock
from trunkline.settings import Settings


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home: Path = tmp_path_factory.mktemp("alerts") / "home"
    home.mkdir()
    with fresh_database(str(request.param), home) as settings:
        yield settings


@pytest.fixture
def center(database: Settings, clock: SteppedClock) -> Iterator[Center]:
    with open_center(database, clock) as opened:
        empty(opened.store)
        yield opened


@pytest.fixture
def office(center: Center) -> Office:
    made = Office(center)
    made.furnish()
    return made
