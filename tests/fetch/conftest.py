from collections.abc import AsyncIterator

import pytest

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
