from collections.abc import AsyncIterator

import pytest

from tests.fetch.exporter import Exporter, exporting
from tests.fetch.provider import Provider, Reading, served


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """A provider on 127.0.0.1 that answers as the test says."""
    async with served() as running:
        yield running


@pytest.fixture
def reading() -> Reading:
    """Surroundings of a reading whose time passes only by waiting."""
    return Reading()


@pytest.fixture
async def exporter(reading: Reading) -> AsyncIterator[Exporter]:
    """A provider of exports on 127.0.0.1, with the clock of the reading."""
    async with exporting(reading.clock) as running:
        yield running
