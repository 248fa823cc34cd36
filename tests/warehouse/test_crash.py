"""A process killed in the middle of a load, and a full disk: the old or the new state, nothing between."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.warehouse.rows import call, days, load, stored, target
from trunkline.declare import Method
from trunkline.settings import Settings, load_settings
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import open_warehouse

ROOT = Path(__file__).parents[2]

KILLED_AT = """
import os, signal, sys
from pathlib import Path
from trunkline.declare import Method
from trunkline.settings import load_settings
from trunkline.warehouse import duckdb_engine, postgres_engine
from trunkline.warehouse.open import open_warehouse
from tests.warehouse.rows import call, days, load, target

home, url, method, after, point = sys.argv[1:]
left = int(after)

def counted(function):
    def run(self, *given):
        global left
        result = None if point == "before" and left == 1 else function(self, *given)
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return run

settings = load_settings(Path(home), {"TRUNKLINE_WAREHOUSE_URL": url} if url else {})
warehouse = open_warehouse(settings)
for link in (duckdb_engine.DuckdbLink, postgres_engine.PostgresLink):
    link.run = counted(link.run)
    link.commit = counted(link.commit)
new = [call(f"{n}", note="new") for n in range(3, 9)]
load(warehouse, target(Method(method)), days(0), new, progress="new")
print("finished", flush=True)
"""

FULL_DISK = """
import resource, sys
from pathlib import Path
from trunkline.errors import SettingsError
from trunkline.settings import load_settings
from trunkline.warehouse.open import open_warehouse
from tests.warehouse.rows import call, days, load, stored, target

warehouse = open_warehouse(load_settings(Path(sys.argv[1]), {}))
load(warehouse, target(), days(0), [call("a")], progress="before")
size = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
many = [call(f"{n}", note=f"{n}" * 300) for n in range(20_000)]
try:
    load(warehouse, target(), days(0), many, progress="after")
except SettingsError as error:
    print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert stored(warehouse, "calls", "id") == [("a",)], "rows of a failed load"
    assert warehouse.progress("calls") == "before"
    load(warehouse, target(), days(0), [call("b")], progress="later")
    assert warehouse.count("calls") == 2
    print("goes on")
"""


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("method", [Method.MERGE, Method.PARTITION])
@pytest.mark.parametrize("after", [1, 2, 4, 6, 8, 10, 11, 12, 13, 14, 16])
def test_killed_in_the_middle(
    settings: Settings, reopen: Callable[[], Warehouse], after: int, method: Method
) -> None:
    warehouse = reopen()
    old = [call(f"{n}", note="old") for n in range(6)]
    load(warehouse, target(method), days(0), old, progress="old")
    warehouse.close()
    url = settings.text("warehouse_url")
    ended = python(KILLED_AT, str(settings.home), url, method.value, str(after), "after")
    assert ended.returncode == -signal.SIGKILL or ended.stdout == "finished\n", ended.stderr
    found = reopen()
    state = found.progress("calls")
    rows = stored(found, "calls", "id", "note")
    kept = [("0", "old"), ("1", "old"), ("2", "old")] if method is Method.MERGE else []
    new = kept + [(f"{n}", "new") for n in range(3, 9)]
    assert (state, rows) in [("old", [(f"{n}", "old") for n in range(6)]), ("new", new)]
    assert len(found.loads("calls", 9)) == (1 if state == "old" else 2)
    load(found, target(method), days(0), [call(f"{n}", note="new") for n in range(3, 9)], progress="new")
    assert stored(found, "calls", "id", "note") == new


@pytest.mark.parametrize("kilobytes", [64, 300, 2_000])
def test_a_full_disk_leaves_the_dataset_as_it_was(tmp_path: Path, kilobytes: int) -> None:
    ended = python(FULL_DISK, str(tmp_path / "home"), str(kilobytes * 1000))
    assert ended.stdout.splitlines() == [
        f"The disk that holds {tmp_path / 'home' / 'warehouse.duckdb'} is full;"
        " nothing of this load was written.",
        "goes on",
    ], ended.stderr
    warehouse = open_warehouse(load_settings(tmp_path / "home", {}))
    assert stored(warehouse, "calls", "id") == [("a",), ("b",)]
    assert warehouse.progress("calls") == "later"
    warehouse.close()
