"""Workers that load into files of their own do not share a store, and killed ones are in nobody's way."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.databases import fresh_database
from trunkline.center import order_queries, workers
from trunkline.center.engine_setup import check_no_other, is_shared
from trunkline.center.room import Center, open_center
from trunkline.errors import SettingsError
from trunkline.settings import load_settings


@pytest.fixture(params=("sqlite", "postgresql", "mariadb"))
def center(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Center]:
    """Whose warehouse is a file."""
    with fresh_database(str(request.param), tmp_path) as settings:
        url = {"TRUNKLINE_STORE_URL": settings.text("store_url")}
        with open_center(load_settings(tmp_path, url)) as opened:
            yield opened


def beat(center: Center, host: str, pid: int) -> None:
    with center.store.begin() as tx:
        values = {"host": host, "pid": pid, "beat_at": center.clock.now()}
        order_queries.beat(tx, f"{host}-{pid}", values)


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_another_machines_worker_stands_in_the_way_on_a_shared_store(center: Center) -> None:
    assert not is_shared(center), "the warehouse is a file"
    check_no_other(center)
    beat(center, "elsewhere", 1)
    if center.store.dialect == "sqlite":
        check_no_other(center)
    else:
        with pytest.raises(SettingsError, match=r"elsewhere-1 .*its own warehouse file"):
            check_no_other(center)


def test_a_killed_worker_of_this_machine_is_known_at_once(center: Center) -> None:
    beat(center, socket.gethostname(), dead_pid())
    assert workers.alive(center) == []
    check_no_other(center)
    beat(center, socket.gethostname(), os.getpid())
    assert workers.alive(center) == [f"{socket.gethostname()}-{os.getpid()}"]
