"""The audio store: an odd web root or name is a store that is not there, and nothing else fails for it."""

import os
from pathlib import Path

import pytest

from tests.dialer.lead_calls import ask, change
from trunkline.dialer.audio_store import sounds_in, store_directory
from trunkline.dialer.runner import Service

STORE = "dialer360_sounds"
MISSING = "ERROR: audio store web directory does not exist: |6666|sounds_list|"


@pytest.mark.parametrize("name", ["", ".", "..", "a\0b", "x" * 5000, "circle"])
def test_a_name_that_is_no_directory_below(tmp_path: Path, name: str) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    assert store_directory(tmp_path, name) is None


def test_no_web_root_is_not_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / STORE).mkdir()
    monkeypatch.chdir(tmp_path)
    assert store_directory(Path(""), STORE) is None
    assert store_directory(tmp_path, STORE) == tmp_path / STORE


def test_a_directory_that_cannot_be_read_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / STORE).mkdir()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert store_directory(tmp_path, STORE) is None


def test_a_file_that_goes_away_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone.wav").write_bytes(b"x")
    looked = Path.is_file

    def is_file(path: Path) -> bool:
        there = looked(path)
        path.unlink()
        return there

    monkeypatch.setattr(Path, "is_file", is_file)
    assert sounds_in(tmp_path) == []


@pytest.mark.parametrize("root", ["/no/such/folder", ""])
async def test_only_the_list_of_sounds_needs_the_web_root(service: Service, root: str) -> None:
    service._web_root = Path(root)
    assert await ask(service, "sounds_list", format="tab") == f"{MISSING}{Path(root) / STORE}|"
    assert "<!doctype html>" in await ask(service, "moh_list")
    assert (await ask(service, "version")).startswith("VERSION: ")
    assert (await ask(service, "agent_status", agent_user="1000")).startswith("INCALL|")


async def test_a_name_with_a_zero_byte_is_no_store(service: Service) -> None:
    await change(service, "system_settings", {}, sounds_web_directory="a\0b")
    assert (await ask(service, "sounds_list", format="tab")).startswith(MISSING)
