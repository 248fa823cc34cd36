"""Click-to on a store of each of the three databases."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from tests.store.databases import KINDS, fresh_store
from trunkline.clickto.account import Account, Unit
from trunkline.clickto.tables import activity, blocks, call_counts, calls, key_blocks, keys, legs
from trunkline.store.connection import Store

NEW_YORK = Account(ZoneInfo("America/New_York"), Unit.MINUTES)
DATA = Path(__file__).parents[1] / "data" / "clickto"
SAMPLE_CSV, SAMPLE_XML = DATA / "click_to_sample.csv", DATA / "click_to_sample.xml"


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def opened_store(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with fresh_store(kind, tmp_path_factory.mktemp("clickto") / "home") as opened:
        yield opened


@pytest.fixture
def store(opened_store: Store) -> Store:
    """A store without blocks, keys and activity, on each of the three databases."""
    empty(opened_store)
    return opened_store


@pytest.fixture(scope="module")
def opened_light_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with fresh_store("sqlite", tmp_path_factory.mktemp("clickto") / "home") as opened:
        yield opened


@pytest.fixture
def light_store(opened_light_store: Store) -> Store:
    """An empty one on SQLite alone, for what does not depend on the database."""
    empty(opened_light_store)
    return opened_light_store


def empty(store: Store) -> None:
    with store.begin() as tx:
        for table in (call_counts, legs, calls, activity, key_blocks, keys, blocks):
            tx.execute(delete(table))
