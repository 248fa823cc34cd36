from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.databases import KINDS, fresh_database, fresh_store
from trunkline.settings import Settings
from trunkline.store.connection import Store


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(kind: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings that name an empty database, on each of the three."""
    with fresh_database(kind, tmp_path / "home") as settings:
        yield settings


@pytest.fixture
def store(kind: str, tmp_path: Path) -> Iterator[Store]:
    """An opened store on each of the three."""
    with fresh_store(kind, tmp_path / "home") as opened:
        yield opened
