"""Replays recorded requests of the original against the service and compares answers, tables and logs."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine

from trunkline.clock import FrozenWallClock
from trunkline.dialer.command import Dialect
from trunkline.dialer.loading import load_state, read_state
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.dialer.tables import Tables
from trunkline.dialer.wire import parameters

DATA = Path(__file__).parents[1] / "data" / "dialer360"
ZONE = ZoneInfo("America/New_York")
NOW = datetime(2017, 6, 14, 12, tzinfo=ZONE)


def vectors() -> Iterator[dict[str, Any]]:
    for line in (DATA / "vectors.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)


@dataclass
class Replayed:
    """What a request should have answered, and what it did."""

    vector: dict[str, Any]
    answer: str

    @property
    def wanted(self) -> str:
        return self._masked(self.vector["response"])

    @property
    def came(self) -> str:
        return self._masked(self.answer)

    def _masked(self, text: str) -> str:
        for mask in self.vector.get("mask", ()):
            text = re.sub(mask, "*", text)
        return text


async def opened(path: Path) -> Service:
    tables = Tables()
    engine = create_engine(f"sqlite:///{path}")
    tables.metadata.create_all(engine)
    engine.dispose()
    database = SqliteDatabase(path, tables)
    await load_state(database, read_state(DATA / "state.json"))
    return Service(database, FrozenWallClock(NOW), ZONE)


async def sent(service: Service, vector: dict[str, Any]) -> Replayed:
    query, body = vector["query"], ""
    if vector["method"] == "POST":
        query, body = "", query
    reply = await service.answer(parameters(query, body), Dialect.ORIGINAL, "127.0.0.1")
    return Replayed(vector, reply.text)


async def patched(service: Service, patches: list[dict[str, Any]]) -> None:
    """Change the start state as a scenario says."""
    tables = service.database.tables
    async with service.database.work() as work:
        for patch in patches:
            table = tables.bare_name(patch["table"])
            where = patch.get("where") or {}
            match patch.get("op") or patch.get("action"):
                case "insert":
                    for row in patch["rows"]:
                        await work.insert(table, **row)
                case "update":
                    await work.update(table, where, **patch["set"])
                case "delete":
                    await work.delete(table, **where)
