"""Locks across processes on each of the three databases."""

import subprocess
import sys
import threading

import pytest

from trunkline.errors import RetryLater
from trunkline.settings import Settings
from trunkline.store.connection import Store, open_store
from trunkline.store.locks import locked

HOLDS = """
import sys
from pathlib import Path
from trunkline.settings import load_settings
from trunkline.store.connection import open_store
from trunkline.store.locks import locked
store = open_store(load_settings(Path(sys.argv[1]), {"TRUNKLINE_STORE_URL": sys.argv[2]}))
with locked(store, "grant", 7):
    print("held", flush=True)
    sys.stdin.readline()
store.close()
"""


def holder(database: Settings) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDS, str(database.home), database.text("store_url")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def opened(database: Settings) -> Store:
    return open_store(database)


def test_another_process_waits_until_the_holder_lets_go(database: Settings, opened: Store) -> None:
    with holder(database) as process:
        with pytest.raises(RetryLater), locked(opened, "grant", 7, 1):
            pass
        with locked(opened, "grant", 8, 1), locked(opened, "other", 7, 1):
            pass
        process.communicate("go\n")
        with locked(opened, "grant", 7, 1):
            pass
    opened.close()


def test_a_killed_holder_holds_nothing(database: Settings, opened: Store) -> None:
    with holder(database) as process:
        process.kill()
        process.wait()
        with locked(opened, "grant", 7, 10):
            pass
    opened.close()


def test_a_lock_keeps_no_writer_of_the_store_waiting(opened: Store) -> None:
    with locked(opened, "grant", 7), opened.begin():
        pass
    opened.close()


def test_threads_of_one_process_take_turns(opened: Store) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        with locked(opened, "grant", 7):
            inside.append(1)
            most.append(len(inside))
            with opened.begin():
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 4
    opened.close()


def test_what_goes_wrong_inside_frees_the_lock(opened: Store) -> None:
    with pytest.raises(ValueError, match="inside"), locked(opened, "grant", 7):
        raise ValueError("inside")
    with locked(opened, "grant", 7, 1):
        pass
    opened.close()
