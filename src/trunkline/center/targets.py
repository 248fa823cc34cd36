"""Saved places that datasets are exported to: a folder, or a bucket of an S3-compatible storage."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from trunkline.center import standing_export_queries
from trunkline.center import target_queries as queries
from trunkline.center.names import checked_account_name, named_row
from trunkline.center.room import Center
from trunkline.errors import Problem, SettingsError, some_of
from trunkline.fetch.address import checked_address
from trunkline.warehouse.buckets import Bucket

FOLDER, S3 = "folder", "s3"
SECRETS = ("access_key", "secret_key")
TRIAL = ".trunkline-test"

Write = Callable[[str], int]
"""Writes a whole file to a path; the number of rows."""


@dataclass(frozen=True)
class Target:
    """A saved target. `place` is a folder, or bucket and prefix; `options` hold no secret."""

    name: str
    kind: str
    place: str
    options: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "kind": self.kind, "place": self.place, "options": dict(self.options)}


def add(center: Center, target: Target, secrets: Mapping[str, str]) -> Target:
    """Save a target. Raises SettingsError for a taken name, or a place that cannot be one."""
    checked_account_name(target.name)
    _check(center, target, secrets)
    record = {
        **target.to_json(),
        "secrets": center.vault.encrypt(secrets),
        "created_at": center.clock.now(),
    }
    try:
        with center.store.begin() as tx:
            queries.insert_target(tx, record)
    except IntegrityError:
        text = f"There is a target named {target.name!r} already."
        raise SettingsError(problems=[Problem("name", text)], todo="Choose another name.") from None
    return target


def _check(center: Center, target: Target, secrets: Mapping[str, str]) -> None:
    if target.kind == FOLDER:
        place = os.path.realpath(target.place)
        if not os.path.isabs(target.place) or not os.path.isdir(place):
            text = f"{target.place!r} is no folder that is there, by its whole path."
            raise SettingsError(problems=[Problem("folder", text)])
        if Path(place).is_relative_to(os.path.realpath(center.settings.home)):
            raise SettingsError(problems=[Problem("folder", "It lies in Trunkline's own folder.")])
        return
    if not target.place.strip("/") or target.place.startswith("/"):
        text = f"{target.place!r} names no bucket; write BUCKET or BUCKET/PREFIX."
        raise SettingsError(problems=[Problem("bucket", text)])
    if target.options.get("endpoint"):
        checked_address(target.options["endpoint"], field="endpoint")
    problems = [Problem(name, f"{name} is missing.") for name in SECRETS if not secrets.get(name)]
    if problems:
        raise SettingsError(problems=problems)


def get(center: Center, name: str) -> Target:
    """Raises SettingsError with the nearest name for an unknown one."""
    return _target(_row(center, name))


def all_of(center: Center) -> list[Target]:
    with center.store.read() as tx:
        return [_target(row) for row in queries.all_targets(tx)]


def id_of(center: Center, name: str) -> int:
    """Raises SettingsError for an unknown one."""
    return int(_row(center, name)["id"])


def check_unused(center: Center, name: str) -> None:
    """Raises SettingsError while datasets are exported there after their runs."""
    with center.store.read() as tx:
        users = standing_export_queries.datasets_of_target(tx, _row(center, name)["id"])
    if users:
        raise SettingsError(
            f"{some_of(users)} {'is' if len(users) == 1 else 'are'} exported to {name} after each run.",
            todo=f"Stop that first: `trunkline dataset export {users[0]} --stop {name}`",
        )


def remove(center: Center, name: str) -> None:
    """Forget a target and its credentials; what was exported there stays.

    Raises SettingsError while datasets are exported there after their runs.
    """
    check_unused(center, name)
    try:
        with center.store.begin() as tx:
            queries.delete_target(tx, name)
    except IntegrityError:
        check_unused(center, name)  # somebody has just begun to


def put(center: Center, target: Target, file_name: str, write: Write) -> tuple[int, str]:
    """Have a file written into a target, whole or not at all; the number of rows, and the place in words.

    Raises SettingsError where the storage refuses, RetryLater where it does not answer.
    """
    if target.kind == FOLDER:
        path = os.path.join(target.place, file_name)
        return write(path), path
    bucket = _bucket(center, target)
    with tempfile.TemporaryDirectory(prefix="trunkline-export-") as folder:
        path = os.path.join(folder, file_name)
        rows = write(path)
        return rows, bucket.upload(path, file_name)


def test(center: Center, name: str) -> str:
    """Write a small file and take it away again; the place in words. Raises what `put` does."""
    target = get(center, name)

    def write(path: str) -> int:
        try:
            Path(path).write_text("Trunkline may write here.\n", encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"{path} cannot be written: {error.strerror}.") from None
        return 0

    _, place = put(center, target, TRIAL, write)
    if target.kind == FOLDER:
        os.unlink(place)
    else:
        _bucket(center, target).delete(TRIAL)
    return target.place


def _bucket(center: Center, target: Target) -> Bucket:
    row = _row(center, target.name)
    secrets = center.vault.decrypt(row["secrets"], f"The key of the target {target.name!r}")
    options = target.options
    return Bucket(
        target.place,
        secrets["access_key"],
        secrets["secret_key"],
        options.get("endpoint", ""),
        options.get("region", ""),
    )


def _row(center: Center, name: str) -> RowMapping:
    return named_row(center, "target", name, queries.target_named, queries.all_targets)


def _target(row: RowMapping) -> Target:
    return Target(row["name"], row["kind"], row["place"], row["options"])
