"""Where exports go: files appear whole, links stay, pipes and devices are written straight."""

import os
import stat
import threading
from pathlib import Path

import pytest

from trunkline.errors import SettingsError
from trunkline.warehouse.destination import opened


def write(path: object, text: bytes = b"new") -> None:
    with opened(str(path)) as stream:
        stream.write(text)


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "there" / "calls.csv", tmp_path / "link.csv"
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to("there/calls.csv")
    former = real.stat().st_ino
    write(link)
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_ino != former
    assert [p.name for p in real.parent.iterdir()] == ["calls.csv"]


def test_a_link_to_nothing_yet_gets_its_target(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to("calls.csv")
    write(link)
    assert link.is_symlink()
    assert (tmp_path / "calls.csv").read_text() == "new"


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(SettingsError, match="cannot be written"):
        write(tmp_path / "a")


def test_the_rights_of_the_former_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("old")
    path.chmod(0o600)
    write(path)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)


def test_a_fifo_is_written_straight(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(path.read_bytes()), daemon=True)
    reader.start()
    write(path)
    reader.join(10)
    assert found == [b"new"]
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("place", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_an_open_pipe_is_written_straight(place: str) -> None:
    reading, writing = os.pipe()
    write(place.format(writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert stream.read() == b"new"


def test_an_open_file_is_written_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb", buffering=0) as file:
        file.write(b"head ")
        write(f"/dev/fd/{file.fileno()}")
        file.write(b" tail")
    assert path.read_text() == "head new tail"


def test_a_descriptor_that_is_not_open_is_told() -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        write("/dev/fd/987654")


def test_a_device_is_written_straight() -> None:
    write("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_full_disk_is_told() -> None:
    with pytest.raises(SettingsError, match="the disk is full") as caught:
        write("/dev/full")
    assert "room" in caught.value.todo


def test_a_reader_that_leaves_is_passed_on(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        write(f"/dev/fd/{writing}")
    os.close(writing)


def test_a_failure_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("old")

    def fail() -> None:
        with opened(str(path)) as stream:
            stream.write(b"half")
            raise SettingsError("the database went away")

    with pytest.raises(SettingsError, match="went away"):
        fail()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("calls.csv", "old")]
