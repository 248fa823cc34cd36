"""Servers of several processes on one database: checked adds of the same numbers leave one lead of each."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import ClauseElement, func, select

from tests.dialer.databases import opened_database
from tests.store.databases import fresh_database
from tests.web.serving import STATE, run, served
from trunkline.dialer.tables import Tables
from trunkline.settings import Settings
from trunkline.store.places import place_of

CLIENTS, TRIES = 16, 20
USERS = tuple(f"adder{n}" for n in range(CLIENTS))
"""One user's requests may wait for each other, since each writes the time of the login."""
PATH = "/adminpanel/api.php"
WORDS = ("DUPSYS", "DUPLIST", "DUPCAMP-90DAY", "DUPNAMEPHONESYS")


@dataclass(frozen=True)
class Load:
    """How many adds of how many numbers, to how many processes."""

    adds: int
    numbers: int
    workers: int


@dataclass
class Heard:
    """What was answered: leads added by number, leads named as duplicates, anything else."""

    added: dict[str, list[int]] = field(default_factory=dict)
    duplicates: dict[str, Counter[int]] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)

    def take(self, number: str, status: int, text: str) -> None:
        parts = text.strip().split("|")
        if status == 200 and text.startswith("SUCCESS: add_lead LEAD HAS BEEN ADDED"):
            self.added.setdefault(number, []).append(int(parts[3]))
        elif status == 200 and text.startswith("ERROR: add_lead DUPLICATE "):
            named = int(parts[-2] if "SYSTEM" in text or "CAMPAIGN" in text else parts[-1].split("|")[0])
            self.duplicates.setdefault(number, Counter())[named] += 1
        else:
            self.others[f"{status} {text}"] += 1


@contextmanager
def floor(kind: str, folder: Path) -> Iterator[tuple[Settings, Path]]:
    """The start state with many API users, in a file to be loaded."""
    state = json.loads(STATE.read_text("utf-8"))
    users = state["tables"]["dialer360_users"]
    first = next(user for user in users if user["user"] == "6666")
    users += [{**first, "user": name, "user_id": 9_000 + n} for n, name in enumerate(USERS)]
    state["tables"]["dialer360_list"] = []
    file = folder / "state.json"
    file.write_text(json.dumps(state), "utf-8")
    with fresh_database(kind, folder / "home") as settings:
        yield settings, file


async def added_by_many(settings: Settings, state: Path, load: Load) -> Heard:
    env = {"TRUNKLINE_STORE_URL": settings.text("store_url")}
    code, _, err = await run(settings.home, "dialer", "load", str(state), **env)
    assert (code, err) == (0, "")
    heard, turns = Heard(), iter(range(load.adds))
    async with (
        served(settings.home, "--workers", str(load.workers), **env) as url,
        # A connection of its own for each: one that is kept would stay with one process.
        aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=CLIENTS, force_close=True)) as http,
    ):
        await asyncio.gather(*(_add(http, user, turns, load, heard) for user in USERS))
    return heard


async def _add(
    http: aiohttp.ClientSession, user: str, turns: Iterator[int], load: Load, heard: Heard
) -> None:
    for turn in turns:
        # Neighbours in time have the same number.
        number = f"727{turn * load.numbers // load.adds:07}"
        params = {"source": "test", "user": user, "pass": "1234", "function": "add_lead"}
        params |= {"phone_number": number, "list_id": "101", "duplicate_check": WORDS[turn % len(WORDS)]}
        for _ in range(TRIES):
            async with http.get(PATH, params=params) as answer:
                status, text = answer.status, await answer.text()
            if status != 503:  # then nothing was written, and asking again does no harm
                break
        heard.take(number, status, text)


def leads_by_number(t: Tables) -> ClauseElement:
    leads = t["list"].c
    return select(
        leads.phone_number, func.count().label("count"), func.min(leads.lead_id).label("lead_id")
    ).group_by(leads.phone_number)


async def leads_of(settings: Settings) -> dict[str, Any]:
    async with opened_database(place_of(settings), Tables()) as database, database.work() as work:
        rows = await work.all(leads_by_number)
    return {row["phone_number"]: (row["count"], row["lead_id"]) for row in rows}


async def check(kind: str, folder: Path, load: Load) -> None:
    with floor(kind, folder) as (settings, state):
        heard = await added_by_many(settings, state, load)
        kept = await leads_of(settings)
    assert heard.others == Counter()
    assert len(kept) == load.numbers
    assert {number: (1, leads[0]) for number, leads in heard.added.items()} == kept
    assert all(len(leads) == 1 for leads in heard.added.values())
    assert {number: set(named) for number, named in heard.duplicates.items()} == {
        number: {lead} for number, (_, lead) in kept.items()
    }
    assert sum(named.total() for named in heard.duplicates.values()) == load.adds - load.numbers


@pytest.mark.parametrize(
    ("kind", "load"),
    [
        ("postgresql", Load(2_000, 50, 2)),
        ("mariadb", Load(400, 20, 2)),
        ("sqlite", Load(400, 20, 2)),
    ],
)
async def test_checked_adds_leave_one_lead_of_each_number(kind: str, load: Load, tmp_path: Path) -> None:
    await check(kind, tmp_path, load)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("kind", "load"),
    [
        ("postgresql", Load(100_000, 2_500, 8)),
        ("mariadb", Load(20_000, 1_000, 4)),
        ("sqlite", Load(20_000, 1_000, 4)),
    ],
)
async def test_checked_adds_of_full_size(kind: str, load: Load, tmp_path: Path) -> None:
    await check(kind, tmp_path, load)
