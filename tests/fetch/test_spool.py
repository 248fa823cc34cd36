"""Batches that wait in a file."""

import errno
import io

import pyarrow as pa
import pytest

from trunkline.errors import SettingsError
from trunkline.fetch import temporary_files
from trunkline.fetch.spool import Spool


def batch(**columns: list[str | None]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: pa.array(v, pa.string()) for name, v in columns.items()})


def test_batches_come_back_as_they_were_whatever_their_columns() -> None:
    given = [batch(a=["1", None]), batch(a=["2"], b=["ü"]), batch(b=["x" * 100_000])]
    spool = Spool()
    with spool.file:
        for one in given:
            spool.write(one)
        assert list(spool.batches()) == given
        spool.cut(1)
        assert list(spool.batches()) == given[:1]
        spool.write(given[1])
        assert list(spool.batches()) == given[:2]
        spool.cut(0)
        assert list(spool.batches()) == []


class Full(io.BytesIO):
    """A disk that takes a little and then nothing."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, data: object) -> int:
        content = bytes(data)[: self.room]  # type: ignore[call-overload]
        if not content:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(content)
        return super().write(content)


def test_a_full_disk_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: Full(100))
    spool = Spool()
    with pytest.raises(SettingsError, match=r"cannot be kept in .*: No space left on device"):
        spool.write(batch(a=["x" * 1_000]))


def test_a_folder_that_takes_no_file_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> object:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(SettingsError, match="Permission denied"):
        temporary_files.temporary_file()
