"""The recorded requests on PostgreSQL and MariaDB: the same answers, and the same rows as on SQLite."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, select

from tests.dialer.databases import made_database, opened_database
from tests.dialer.known_differences import DIFFERENT
from tests.dialer.replay import ADDRESS, copied, patched, scenarios, service_over, state, web_root_of
from trunkline.dialer.command import Dialect
from trunkline.dialer.custom import is_custom
from trunkline.dialer.database import Database
from trunkline.dialer.loading import load_state
from trunkline.dialer.runner import Service
from trunkline.dialer.tables import Tables, declared
from trunkline.dialer.wire import parameters

Contents = dict[str, list[dict[str, Any]]]
FREE = {"run_time", "pass_hash"}
"""Seconds differ, and so does the salt of every hash."""


@cache
def rows_of(name: str) -> Callable[[Tables], ClauseElement]:
    return lambda t: select(*t[name].c)


def all_names() -> list[str]:
    return [*declared(), *state()["custom_tables"]]


async def contents(database: Database, names: Collection[str]) -> Contents:
    """All rows of some tables, in an order that depends on them alone."""
    async with database.work() as work:
        for name in filter(is_custom, names):
            await work.custom(int(name.removeprefix("custom_")))
        found = {name: await work.all(rows_of(name)) for name in names}
    return {
        name: sorted(({c: v for c, v in row.items() if c not in FREE} for row in rows), key=repr)
        for name, rows in found.items()
    }


async def restored(database: Database, was: Contents, changed: Collection[str]) -> None:
    """Put the rows of the start state back where a scenario has changed them."""
    async with database.work() as work:
        for name in changed:
            await work.delete(name)
            for row in was[name]:
                await work.insert(name, **{column: v for column, v in row.items() if v is not None})
    await database.renumber([name for name in changed if not is_custom(name)])


async def replayed(service: Service, steps: list[dict[str, Any]]) -> list[str]:
    """The answers of a scenario."""
    await patched(service, steps[0]["patches"])
    answers = []
    for step in steps:
        query, body = ("", step["query"]) if step["method"] == "POST" else (step["query"], "")
        reply = await service.answer(parameters(query, body), Dialect.ORIGINAL, ADDRESS)
        answers.append(reply.text)
    return answers


def masked(step: dict[str, Any], text: str) -> str:
    for mask in step.get("mask", ()):
        text = re.sub(mask, "*", text)
    return text


@dataclass
class Both:
    """A server beside SQLite: each scenario is played on both."""

    start: Path
    folder: Path
    server: Database
    was: Contents
    wrong: list[str] = field(default_factory=list)

    async def play(self, scenario: str, steps: list[dict[str, Any]]) -> None:
        on_file = copied(self.start, self.folder / "file.db")
        known = await replayed(on_file, steps)
        came = await replayed(service_over(self.server, web_root_of(self.start)), steps)
        for step, answer, other in zip(steps, came, known, strict=True):
            wanted = other if step["n"] in DIFFERENT else step["response"]
            if masked(step, answer) != masked(step, wanted):
                self.wrong.append(f"{step['n']} {step['query']}\n  wanted {wanted!r}\n  came   {answer!r}")
        now = await contents(on_file.database, all_names())
        await on_file.database.close()
        changed = [name for name in now if now[name] != self.was[name]]
        there = await contents(self.server, changed)
        self.wrong += [
            f"{scenario}: {name}: {_but(now[name], there[name])} became {_but(there[name], now[name])}"
            for name in changed
            if now[name] != there[name]
        ]
        await restored(self.server, self.was, changed)


def _but(some: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in some if row not in others]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
async def test_servers_answer_and_keep_what_sqlite_does(kind: str, start: Path, tmp_path: Path) -> None:
    with made_database(kind, tmp_path / "home") as made:
        async with opened_database(*made) as database:
            await load_state(database, state())
            both = Both(start, tmp_path, database, await contents(database, all_names()))
            for scenario, steps in scenarios().items():
                await both.play(scenario, steps)
            assert await contents(database, all_names()) == both.was
    assert not both.wrong, f"{len(both.wrong)} differ\n" + "\n".join(both.wrong)
