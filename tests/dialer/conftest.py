"""What tests of the Dialer360 API share: the start state, loaded once, and a service over a copy of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dialer.replay import copied, start_file
from trunkline.dialer.runner import Service


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(start_file(tmp_path_factory.mktemp("dialer") / "start.db"))


@pytest.fixture
async def service(start: Path, tmp_path: Path) -> AsyncIterator[Service]:
    found = copied(start, tmp_path / "service.db")
    yield found
    await found.database.close()
