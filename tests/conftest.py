"""What all tests share: new SQLite stores are copies of one whose tables were made once.

To make them takes as long as many a test. The tests of the store itself make theirs as the product does.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from trunkline.store import migrations
from trunkline.store.connection import Store

OWN_TABLES = ("tests/store/", "tests/keeping/")


@pytest.fixture(scope="session", autouse=True)
def _new_stores_are_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    made = tmp_path_factory.mktemp("store") / "made.sqlite3"
    migrate = migrations.migrate

    def copied(store: Store, *more: Any) -> None:
        file = store.place.file
        is_new = file is not None and not more and not _has_tables(file)
        if not is_new or os.environ.get("PYTEST_CURRENT_TEST", "").startswith(OWN_TABLES):
            migrate(store, *more)
            return
        assert file is not None, "said so above"
        if not made.exists():
            migrate(store)
            _copy(file, made)
            return
        _copy(made, file)

    migrations.migrate = copied  # type: ignore[assignment]
    yield
    migrations.migrate = migrate


def _has_tables(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as store:
        return bool(store.execute("select count(*) from sqlite_master").fetchone()[0])


def _copy(source: Path, goal: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(goal)) as new:
        old.backup(new)
