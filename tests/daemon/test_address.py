"""The socket of a home folder: who may serve it, who finds it, and what is left of it."""

import os
import socket
import threading
from pathlib import Path

import pytest

from trunkline.daemon.address import (
    RESTORE,
    SOCKET,
    WORKER,
    bound,
    check_not_restored,
    connected,
    connected_patiently,
    only_server,
    socket_of,
)
from trunkline.daemon.listening import check_shared, listening
from trunkline.errors import RetryLater, SettingsError
from trunkline.settings import load_settings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def left_by_a_killed_server(home: Path) -> Path:
    gone = socket.socket(socket.AF_UNIX)
    gone.bind(str(home / SOCKET))
    gone.close()
    return home / SOCKET


def test_one_server_at_a_time_and_the_other_is_named(home: Path) -> None:
    refused = pytest.raises(RetryLater, match=rf"running already \(pid {os.getpid()}\)")
    with only_server(home), refused, only_server(home):
        pass
    with only_server(home):
        pass


def test_a_home_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with only_server(tmp_path / "new"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    with pytest.raises(SettingsError, match="cannot be written"), only_server(Path("/proc/none")):
        pass


def test_only_the_owner_may_use_the_socket_and_it_goes_with_its_server(home: Path) -> None:
    with bound(home) as listening:
        assert socket_of(home).stat().st_mode & 0o777 == 0o600
        asking = connected(home)
        assert asking is not None
        asking.close()
        assert listening.getsockname() == str(home / SOCKET)
    assert not socket_of(home).exists()
    assert connected(home) is None


def test_what_a_killed_server_left_is_removed_by_whoever_finds_it(home: Path) -> None:
    left = left_by_a_killed_server(home)
    assert connected(home) is None
    assert not left.exists()


def test_what_was_left_is_no_hindrance_to_the_next_server(home: Path) -> None:
    left_by_a_killed_server(home)
    with only_server(home), bound(home):
        asking = connected(home)
        assert asking is not None
        asking.close()


def test_a_server_that_is_just_beginning_keeps_its_socket(home: Path) -> None:
    left = left_by_a_killed_server(home)
    with only_server(home):
        assert connected(home) is None
        assert left.exists()


def test_who_need_not_be_alone_waits_for_the_end_of_a_restore_too(home: Path) -> None:
    with only_server(home):
        check_not_restored(home)
    refused = pytest.raises(RetryLater, match="is just being put into")
    with only_server(home, RESTORE), refused:
        check_not_restored(home)
    (home / "locks" / "server.lock").write_text("1 restore")  # of one that was killed
    check_not_restored(home)
    shared = dict.fromkeys(("store_url", "warehouse_url"), "postgresql://nobody@127.0.0.1:1/x")
    settings = load_settings(home, {f"TRUNKLINE_{name.upper()}": url for name, url in shared.items()})
    with only_server(home, RESTORE), pytest.raises(RetryLater), listening(settings):
        pass


def test_a_server_that_is_just_ending_is_waited_for(home: Path) -> None:
    left = left_by_a_killed_server(home)
    with only_server(home):
        gone = threading.Timer(0.2, left.unlink)
        gone.start()
        assert connected_patiently(home) is None
        assert not left.exists()
    left_by_a_killed_server(home)
    with only_server(home):
        assert connected_patiently(home, seconds=0.1) is None
    with only_server(home, WORKER):  # the leftover is of a server before it
        assert connected_patiently(home) is None
        assert (home / SOCKET).exists()
    assert connected_patiently(home) is None
    assert not (home / SOCKET).exists()


def test_a_path_too_long_for_a_socket_is_replaced_by_one_that_a_file_names(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    home.mkdir()
    with bound(home) as listening:
        path = socket_of(home)
        assert str(path) == listening.getsockname() == (home / "server.path").read_text("utf-8")
        assert len(str(path)) < 100
        asking = connected(home)
        assert asking is not None
        asking.close()
    assert not path.parent.exists()
    assert list(home.iterdir()) == []


def test_without_a_short_path_anywhere_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / ("long" * 30)
    home.mkdir()
    monkeypatch.setattr("trunkline.daemon.address.LONGEST", 10)
    with pytest.raises(SettingsError, match="is too long for a socket"), bound(home):
        pass


POSTGRES, MARIADB = "postgresql://me@127.0.0.1/here", "mysql://me@127.0.0.1/here"


@pytest.mark.parametrize(
    ("store", "warehouse", "lacking"),
    [
        ("", "", "store_url and warehouse_url"),
        (POSTGRES, "", "warehouse_url"),
        ("", POSTGRES, "store_url"),
        (MARIADB, POSTGRES, "store_url"),
        (POSTGRES, POSTGRES, ""),
    ],
)
def test_several_workers_need_postgresql_for_both(
    home: Path, store: str, warehouse: str, lacking: str
) -> None:
    env = {"TRUNKLINE_STORE_URL": store, "TRUNKLINE_WAREHOUSE_URL": warehouse}
    settings = load_settings(home, env)
    if not lacking:
        check_shared(settings)
        return
    with pytest.raises(SettingsError, match="Several workers need a PostgreSQL store") as refused:
        check_shared(settings)
    assert refused.value.todo.startswith(f"Set {lacking} to postgresql://")
