"""Exports after each run: made whole, noted, told of when they fail, and never in a run's way."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.center.conftest import Office
from tests.center.test_targets import bucket, storage
from trunkline.center import datasets, standing_exports, targets
from trunkline.center.alerts import incidents
from trunkline.center.running import run
from trunkline.center.runs import Run
from trunkline.center.standing_exports import StandingExport
from trunkline.center.targets import FOLDER, Target
from trunkline.center.writer import Writer
from trunkline.errors import SettingsError


async def run_and_export(office: Office) -> tuple[Run, list[StandingExport]]:
    with Writer(office.center.settings) as writer:
        done = await run(office.center, writer, "calls")
        return done, await standing_exports.export_after(office.center, writer, "calls", done)


def folder(office: Office, path: Path, name: str = "files") -> str:
    path.mkdir()
    targets.add(office.center, Target(name, FOLDER, str(path)), {})
    return name


def rows_in(file: Path) -> int:
    with file.open(newline="") as lines:
        return len(list(csv.DictReader(lines)))


def open_kinds(office: Office) -> list[str]:
    return [one.kind for one in incidents.newest(office.center, only_open=True)]


async def test_each_run_leaves_the_newest_state_under_the_same_names(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=300, days=60) as office:
        await office.dataset(start_date="2026-01-01")
        calls = datasets.get(office.center, "calls")
        with storage() as (server, url):
            bucket(office.center, url)
            standing_exports.add(office.center, calls, folder(office, tmp_path / "out"), "csv")
            standing_exports.add(office.center, calls, "lake", None)
            for _ in range(2):
                done, made = await run_and_export(office)
            assert [(one.target, one.file_name, one.last_error) for one in made] == [
                ("files", "calls.csv", ""),
                ("lake", "calls.parquet", ""),
            ]
            assert all(one.last_at == office.clock.now() for one in made)
            assert done.status == "succeeded"
            assert [path.name for path in (tmp_path / "out").iterdir()] == ["calls.csv"]
            assert rows_in(tmp_path / "out/calls.csv") == 300
            (tmp_path / "lake.parquet").write_bytes(server.objects["/calls/raw/calls.parquet"])
            assert pq.read_table(tmp_path / "lake.parquet").num_rows == 300


async def test_a_failed_export_is_told_once_harms_nothing_and_is_over_when_all_are_well(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=20, days=60) as office:
        await office.dataset(start_date="2026-01-01")
        calls = datasets.get(office.center, "calls")
        standing_exports.add(office.center, calls, folder(office, tmp_path / "out"), None)
        standing_exports.add(office.center, calls, folder(office, tmp_path / "gone", "gone"), None)
        (tmp_path / "gone").rmdir()
        for _ in range(2):
            done, made = await run_and_export(office)
            assert done.status == "succeeded"
            assert [(one.target, bool(one.last_error), one.last_at is None) for one in made] == [
                ("files", False, False),
                ("gone", True, True),
            ]
        assert "cannot be written" in made[1].last_error
        (told,) = incidents.newest(office.center)
        assert (told.kind, told.detail["target"]) == ("export_failed", "gone")
        (tmp_path / "gone").mkdir()
        await run_and_export(office)
        assert open_kinds(office) == []


async def test_a_storage_that_refuses_is_noted_without_its_keys(office_with: Callable[..., Any]) -> None:
    async with office_with(calls=20, days=60) as office:
        await office.dataset(start_date="2026-01-01")
        calls = datasets.get(office.center, "calls")
        with storage() as (server, url):
            bucket(office.center, url)
            server.refuses = True
            standing_exports.add(office.center, calls, "lake", None)
            _, (made,) = await run_and_export(office)
        assert "refuses calls/raw" in made.last_error
        assert "HUSH" not in made.last_error
        assert open_kinds(office) == ["export_failed"]
        standing_exports.stop(office.center, calls, "lake")
        assert open_kinds(office) == []


async def test_what_nobody_foresaw_harms_no_run_either(
    office_with: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office_with(calls=20, days=60) as office:
        await office.dataset(start_date="2026-01-01")
        calls = datasets.get(office.center, "calls")
        standing_exports.add(office.center, calls, folder(office, tmp_path / "out"), None)

        def broken(*_: Any) -> int:
            raise ZeroDivisionError

        monkeypatch.setattr(standing_exports, "export", broken)
        done, (made,) = await run_and_export(office)
        assert (done.status, made.last_error) == (
            "succeeded",
            "Trunkline met something unforeseen: ZeroDivisionError.",
        )


async def test_an_export_is_kept_once_and_stopped_by_its_target(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await office.dataset(start_date="2026-01-01")
        calls = datasets.get(office.center, "calls")
        target = folder(office, tmp_path / "out")
        for form in (None, "parquet", "csv"):
            standing_exports.add(office.center, calls, target, form)
        assert [one.format for one in standing_exports.of(office.center, calls)] == ["csv", "parquet"]
        with pytest.raises(SettingsError, match="calls is exported to files after each run"):
            targets.remove(office.center, target)
        assert [one.format for one in standing_exports.stop(office.center, calls, target, "csv")] == ["csv"]
        standing_exports.stop(office.center, calls, target)
        targets.remove(office.center, target)
        with pytest.raises(SettingsError, match="is not exported to files"):
            standing_exports.stop(office.center, calls, target)
        with pytest.raises(SettingsError, match="no target named 'files'"):
            standing_exports.add(office.center, calls, target, None)


async def test_a_removed_dataset_takes_its_exports_along(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await office.dataset(start_date="2026-01-01")
        target = folder(office, tmp_path / "out")
        standing_exports.add(office.center, datasets.get(office.center, "calls"), target, None)
        datasets.remove(office.center, "calls", None)
        targets.remove(office.center, target)
        assert targets.all_of(office.center) == []
