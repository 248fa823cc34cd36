"""Downloads of exports: where the key goes, which addresses are followed, and what does not fit."""

import errno
import io
import tempfile
from typing import Any

import pytest

from tests.fetch.exporter import Exporter, back, complete, days, days_of, read
from tests.fetch.provider import Reading, Reply
from trunkline.errors import DataError, ProviderError, RetryLater, SettingsError
from trunkline.fetch.http import HttpSettings

WEEK = back(7, 1)


# -- where the key goes -----------------------------------------------------------------------------


async def test_the_key_goes_to_the_providers_own_host_alone(reading: Reading, exporter: Exporter) -> None:
    exporter.files_elsewhere = True
    await read(reading, exporter, WEEK)
    assert {came.kind for came in exporter.came if came.had_key} == {"post", "poll"}
    assert [came.port for came in exporter.of("file")] == [int(exporter.elsewhere.rsplit(":", 1)[1])]


async def test_a_file_on_the_providers_own_host_is_fetched_with_the_key(
    reading: Reading, exporter: Exporter
) -> None:
    await read(reading, exporter, WEEK)
    assert all(came.had_key for came in exporter.came)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("first_elsewhere", [True, False])
@pytest.mark.parametrize("then_elsewhere", [True, False])
async def test_a_redirect_is_followed_without_the_key(
    reading: Reading, exporter: Exporter, status: int, first_elsewhere: bool, then_elsewhere: bool
) -> None:
    exporter.files_elsewhere = first_elsewhere
    base = exporter.elsewhere if then_elsewhere else exporter.address
    exporter.replies["file"] = [Reply(b"", status, {"Location": f"{base}/files/r1.csv"})]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert [came.had_key for came in exporter.of("file")] == [not first_elsewhere, False]


async def test_a_redirect_may_name_a_path_alone(reading: Reading, exporter: Exporter) -> None:
    exporter.files_elsewhere = True
    exporter.replies["file"] = [Reply(b"", 302, {"Location": "/files/r1.csv"})]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert len({came.port for came in exporter.of("file")}) == 1


async def test_redirects_in_a_circle_end(reading: Reading, exporter: Exporter) -> None:
    exporter.answering["file"] = lambda came: Reply(b"", 302, {"Location": came.path})
    with pytest.raises(DataError, match="round in a circle"):
        await read(reading, exporter, WEEK)


@pytest.mark.parametrize(
    "url", ["http://[half", "nowhere", "", None, 7, "file:///etc/passwd", "ftp://127.0.0.1/x", "http://"]
)
async def test_an_address_that_is_none_is_told(reading: Reading, exporter: Exporter, url: Any) -> None:
    exporter.answering["poll"] = lambda _: complete(url)
    with pytest.raises((ProviderError, DataError)) as caught:
        await read(reading, exporter, WEEK)
    assert "Acme" in str(caught.value)
    assert not exporter.of("file")


@pytest.mark.parametrize("location", ["http://[half", "file:///etc/passwd", None])
async def test_a_redirect_to_nowhere_is_told(
    reading: Reading, exporter: Exporter, location: str | None
) -> None:
    headers = {"Location": location} if location else {}
    exporter.answering["file"] = lambda _: Reply(b"", 302, headers)
    with pytest.raises((ProviderError, DataError), match="Acme"):
        await read(reading, exporter, WEEK)


async def test_an_address_that_is_signed_is_in_no_error(reading: Reading, exporter: Exporter) -> None:
    exporter.answering["poll"] = lambda _: complete("http://127.0.0.1:1/f.csv?Signature=s1gned")
    with pytest.raises(RetryLater) as caught:
        await read(reading, exporter, WEEK)
    assert "s1gned" not in f"{caught.value} {caught.value.todo}"


# -- what does not fit ------------------------------------------------------------------------------


async def test_too_large_a_file_is_refused_by_the_name_of_the_setting(
    reading: Reading, exporter: Exporter
) -> None:
    reading.settings = HttpSettings(max_file_bytes=1_000_000)
    exporter.answering["file"] = lambda _: Reply(b"x" * 1_000_001)
    with pytest.raises(DataError, match="is larger than 1 MB") as caught:
        await read(reading, exporter, WEEK)
    assert "max_download_mb" in caught.value.todo
    assert len(exporter.of("post")) == 1


class FullDisk(io.RawIOBase):
    """A file on a disk that has no room left after so many bytes."""

    def __init__(self, room: int) -> None:
        self._left = room

    def write(self, data: Any) -> int:
        if not self._left:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = min(len(data), self._left)
        self._left -= written
        return written

    def writable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return offset

    def truncate(self, size: int | None = None) -> int:
        return 0


@pytest.mark.parametrize("room", [0, 50])
async def test_a_full_disk_is_told(
    reading: Reading, exporter: Exporter, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: FullDisk(room))
    with pytest.raises(SettingsError, match=r"cannot be kept in .*: No space left on device") as caught:
        await read(reading, exporter, WEEK)
    assert "TMPDIR" in caught.value.todo


async def test_a_missing_folder_for_downloads_is_told(
    reading: Reading, exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with pytest.raises(SettingsError, match="cannot be kept in /nowhere/at/all"):
        await read(reading, exporter, WEEK)
