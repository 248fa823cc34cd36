"""What tests of the Dialer360 API share: the start state, loaded once, and a service over a copy of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.dialer.replay import copied, start_file
from tests.dialer.said import MODULES, SAID
from trunkline.dialer.command import Call, Said
from trunkline.dialer.runner import Reply, Service


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(start_file(tmp_path_factory.mktemp("dialer") / "start.db"))


@pytest.fixture
async def service(start: Path, tmp_path: Path) -> AsyncIterator[Service]:
    found = copied(start, tmp_path / "service.db")
    yield found
    await found.database.close()


@pytest.fixture(scope="session", autouse=True)
def lines_said() -> Iterator[None]:
    """Notes each line that any test makes a function say."""
    say = Service._say

    def noted(service: Service, call: Call, reply: Reply, said: Said) -> None:
        SAID.add((call.function, said.line))
        say(service, call, reply, said)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Service, "_say", noted)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test of the lines comes last: it looks at what the others made functions say."""
    MODULES.update(item.path.stem for item in items)
    items.sort(key=lambda item: item.path.stem == "test_lines")
