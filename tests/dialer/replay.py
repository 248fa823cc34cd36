"""Replays recorded requests of the original against the service and compares answers, tables and logs."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import create_engine

from tests.dialer.changes import Changes, Snapshot, changes_between, differences, snapshot
from trunkline.clock import FrozenWallClock
from trunkline.dialer.command import Dialect
from trunkline.dialer.database import Database
from trunkline.dialer.loading import load_state, read_state
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.dialer.tables import Tables
from trunkline.dialer.wire import parameters

DATA = Path(__file__).parents[1] / "data" / "dialer360"
ADDRESS = "127.0.0.1"
LOG = "api_log"
LOG_COMPARED = ("user", "agent_user", "function", "result", "result_reason", "source", "data")


@cache
def state() -> dict[str, Any]:
    return read_state(DATA / "state.json")


ZONE = ZoneInfo(state()["clock"]["tz"])
NOW = datetime.fromisoformat(state()["clock"]["now"]).replace(tzinfo=ZONE)


@cache
def start_tables() -> Tables:
    """The tables of all copies of the start state: they are alike, and take a moment to declare."""
    return Tables()


@cache
def all_vectors() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in (DATA / "vectors.jsonl").read_text("utf-8").splitlines())


def vectors() -> Iterator[dict[str, Any]]:
    yield from all_vectors()


def scenarios() -> dict[str, list[dict[str, Any]]]:
    """The requests of each scenario, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for vector in all_vectors():
        found.setdefault(vector["scenario"], []).append(vector)
    return found


@dataclass
class Replayed:
    """What a request should have answered, and what it did."""

    vector: dict[str, Any]
    answer: str
    changes: Changes = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    wrong_changes: list[str] = field(default_factory=list)

    @property
    def wanted(self) -> str:
        return self._masked(self.vector["response"])

    @property
    def came(self) -> str:
        return self._masked(self.answer)

    @property
    def wanted_log(self) -> list[tuple[str, ...]]:
        return [self._logged(row) for row in self.vector["api_log"]]

    @property
    def came_log(self) -> list[tuple[str, ...]]:
        return [self._logged(row) for row in self.log]

    @property
    def differences(self) -> list[str]:
        """What differs from the recorded request, in words; empty where nothing does."""
        found = []
        if self.wanted != self.came:
            found.append(f"answer: wanted {self.wanted!r}, came {self.came!r}")
        found += self.wrong_changes
        if self.wanted_log != self.came_log:
            found.append(f"log: wanted {self.wanted_log}, came {self.came_log}")
        return found

    def _masked(self, text: str) -> str:
        for mask in self.vector.get("mask", ()):
            text = re.sub(mask, "*", text)
        return text

    def _logged(self, row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(self._masked(str(row[name] or "")) for name in LOG_COMPARED)


async def opened(path: Path) -> Service:
    """A service over the start state."""
    tables = Tables()
    engine = create_engine(f"sqlite:///{path}")
    tables.metadata.create_all(engine)
    engine.dispose()
    database = SqliteDatabase(path, tables)
    await load_state(database, state())
    make_sounds(web_root_of(path))
    return service_over(database, web_root_of(path))


def web_root_of(start: Path) -> Path:
    return start.parent / "web"


def make_sounds(web_root: Path) -> None:
    """The files of the audio store as the start state has them; where no time is given it does not matter."""
    directory = web_root / state()["tables"]["system_settings"][0]["sounds_web_directory"]
    directory.mkdir(parents=True, exist_ok=True)
    for name, (size, written) in state()["sounds_dir"].items():
        (directory / name).write_bytes(bytes(size))
        with suppress(ValueError):
            at = datetime.fromisoformat(written).replace(tzinfo=ZONE).timestamp()
            os.utime(directory / name, (at, at))


def service_over(database: Database, web_root: Path) -> Service:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(is_own=database.is_own, hasher=quick)
    return Service(database, FrozenWallClock(NOW), ZONE, passwords, web_root)


async def start_file(path: Path) -> Path:
    """The start state as one file, to be copied."""
    service = await opened(path)
    await service.database.close()
    return path


def copied(start: Path, path: Path) -> Service:
    """A service over a copy of the start state."""
    shutil.copyfile(start, path)
    return service_over(SqliteDatabase(path, start_tables()), web_root_of(start))


async def sent(service: Service, vector: dict[str, Any], dialect: Dialect = Dialect.ORIGINAL) -> Replayed:
    """Send one recorded request; tables are compared with what it should have changed."""
    query, body = vector["query"], ""
    if vector["method"] == "POST":
        query, body = "", query
    before = _tables(service)
    reply = await service.answer(parameters(query, body), dialect, ADDRESS)
    after = _tables(service)
    changes = changes_between(before, after)
    log = list(changes.pop(LOG, {}).get("added", []))
    wrong = await wrong_changes_of(service, vector, changes)
    return Replayed(vector, reply.text, changes, log, wrong)


async def wrong_changes_of(service: Service, vector: dict[str, Any], changes: Changes) -> list[str]:
    settings = (_tables(service)["system_settings"] or {1: {}}).values()
    api_user = parameters(vector["query"]).get("user", "")

    async def is_password(row: dict[str, Any], password: str) -> bool:
        return await service.passwords.match(row, next(iter(settings)), password)

    wanted = {service.database.tables.bare_name(name): change for name, change in vector["db"].items()}
    return await differences(wanted, changes, api_user, is_password)


def _tables(service: Service) -> Snapshot:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    return snapshot(database.connection, database.tables.bare_name)


async def patched(service: Service, patches: list[dict[str, Any]]) -> None:
    """Change the start state as a scenario says."""
    database = service.database
    async with database.work() as work:
        for patch in patches:
            table = database.tables.bare_name(patch["table"])
            where = patch.get("where") or {}
            match patch["op"]:
                case "insert":
                    for row in patch["rows"]:
                        await work.insert(table, **row)
                case "update":
                    await work.update(table, where, **patch["set"])
                case "delete":
                    await work.delete(table, **where)
                case other:
                    raise ValueError(other)
