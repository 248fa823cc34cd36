"""Choosers in the page's own dialect, their pages, and what never stands in them."""

import os
import time
from pathlib import Path

import pytest

from tests.dialer.lead_calls import ask, ask_original, change, insert
from tests.dialer.replay import make_sounds
from trunkline.dialer.audio_store import Sound, sounds_in, store_directory
from trunkline.dialer.command import Dialect
from trunkline.dialer.runner import Service

CHOOSERS = ("sounds_list", "moh_list", "vm_list")
EVIL = '"><script>alert(1)</script>'
LIMITED = {"user": "8002", "pass": "8002pw"}


@pytest.mark.parametrize("function", CHOOSERS)
async def test_central_sound_control_is_asked_for(service: Service, function: str) -> None:
    await change(service, "system_settings", {}, sounds_central_control_active="0")
    assert await ask(service, function) == f"ERROR: {function} CENTRAL SOUND CONTROL IS NOT ACTIVE"


async def test_the_original_lists_boxes_without_sound_control(service: Service) -> None:
    await change(service, "system_settings", {}, sounds_central_control_active="0")
    assert "85001" in await ask_original(service, "vm_list")


@pytest.mark.parametrize("name", ["nowhere", "", "..", "../../etc", "."])
async def test_the_store_is_a_directory_below_the_web_root(service: Service, name: str) -> None:
    await change(service, "system_settings", {}, sounds_web_directory=name)
    text = await ask(service, "sounds_list", format="tab", stage="name")
    assert text.startswith("ERROR: audio store web directory does not exist: |6666|sounds_list|/")
    assert text.endswith(f"{name}|") or name in ("", ".")


@pytest.mark.parametrize("form", ["tab", "TAB", "xTabx"])
async def test_the_form_is_a_word_in_any_case(service: Service, form: str) -> None:
    text = await ask(service, "sounds_list", format=form, stage="name")
    assert text.splitlines()[0] == "0\talpha.wav\t2017-06-01 08:00:00.\t1500\t1496318400"


@pytest.mark.parametrize("params", [{"stage": "name"}, {"format": "csv", "stage": "name"}, {"format": "tab"}])
async def test_without_form_or_order_nothing_comes(service: Service, params: dict[str, str]) -> None:
    assert await ask(service, "sounds_list", **params) == ""


async def test_links_lead_to_the_store(service: Service) -> None:
    text = await ask(service, "sounds_list", format="link", stage="size")
    first = '<a href="http://127.0.0.1/dialer360_sounds/gamma.wav">gamma.wav</a><br>'
    assert text.splitlines()[0] == first
    assert "readme" not in text


async def test_music_on_hold_is_listed_with_its_own_files(service: Service) -> None:
    rows = [line for line in (await ask(service, "moh_list")).splitlines() if line.startswith("<tr><td>")]
    assert [line.count("jazz1") for line in rows] == [0, 1]
    assert "<td>Jazz</td><td>Y</td><td>jazz1 jazz2</td>" in rows[1]


async def test_boxes_and_phones_are_listed_in_their_order(service: Service) -> None:
    text = await ask(service, "vm_list", **LIMITED)
    found = [word for word in ("85001", "350", "101", "85002", "85003") if f'data-value="{word}"' in text]
    assert found == ["85001", "350", "101"]
    assert "cc101 - Phone cc101" in text
    assert text.index("85001") < text.index("350a - ") < text.index("cc101 - ")


@pytest.mark.parametrize(
    ("function", "table", "key", "column"),
    [
        ("moh_list", "music_on_hold", {"moh_id": "jazz"}, "moh_name"),
        ("vm_list", "voicemail", {"voicemail_id": "85001"}, "fullname"),
        ("vm_list", "phones", {"login": "350a"}, "email"),
    ],
)
async def test_pages_escape_what_they_show(
    service: Service, function: str, table: str, key: dict[str, str], column: str
) -> None:
    await change(service, table, key, **{column: EVIL})
    text = await ask(service, function, comments=EVIL)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("function", CHOOSERS)
async def test_pages_hold_no_login(service: Service, function: str) -> None:
    text = await ask(service, function, format="selectframe", stage="name", **LIMITED)
    assert text.startswith("<!doctype html>")
    assert not [word for word in ("8002", "pass=", "user=") if word in text]


async def test_pages_are_told_from_text(service: Service) -> None:
    login = {"user": "6666", "pass": "1234", "function": "sounds_list", "stage": "name"}
    for form, is_html in (("tab", False), ("link", True), ("selectframe", True)):
        reply = await service.answer(login | {"format": form}, Dialect.DOCUMENTED, "127.0.0.1")
        assert reply.is_html is is_html


def test_a_file_that_still_grows_is_left_out(tmp_path: Path) -> None:
    make_sounds(tmp_path)
    directory = store_directory(tmp_path, "dialer360_sounds")
    assert directory is not None
    (directory / "growing.wav").write_bytes(b"now")
    assert {sound.name for sound in sounds_in(directory)} == {"alpha.wav", "beta.gsm", "gamma.wav"}
    old = time.time() - 60
    os.utime(directory / "growing.wav", (old, old))
    assert Sound("growing.wav", 3, int(old)) in sounds_in(directory)


def test_a_link_out_of_the_web_root_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "private").mkdir()
    (tmp_path / "web" / "sounds").symlink_to(tmp_path / "private")
    assert store_directory(tmp_path / "web", "sounds") is None


async def test_a_class_without_files_is_listed_too(service: Service) -> None:
    await insert(service, "music_on_hold", {"moh_id": "empty", "moh_name": "None yet", "active": "Y"})
    assert "<td>None yet</td><td>N</td><td></td>" in await ask(service, "moh_list")
