"""Any request gets an answer on PostgreSQL and MariaDB too; an error has changed nothing there either."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dialer.changes import Changes
from tests.dialer.databases import made_database, opened_database
from tests.dialer.fuzz_checks import answered, check
from tests.dialer.fuzzed import Request, requests
from tests.dialer.replay import service_over, state, web_root_of
from tests.dialer.test_vectors_on_servers import Contents, all_names, contents
from trunkline.dialer.loading import load_state
from trunkline.dialer.tables import declared

REQUESTS, SOAK_REQUESTS = 40, 2_000
SHOWN = frozenset(
    name for name in declared() if name not in ("phone_codes", "postal_codes", "nanpa_prefix_codes")
)
"""The tables that are looked at: no function writes the others."""


def drawn(count: int) -> list[Request]:
    """So many requests at random."""
    found: list[Request] = []

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(request=requests())
    def draw(request: Request) -> None:
        found.append(request)

    draw()
    return found


def key_of(table: str) -> str:
    return next((c.name for c in declared()[table][1] if c.is_automatic), "") if table in declared() else ""


def changes_of(before: Contents, after: Contents) -> Changes:
    """What was changed, rows being known by the id that the database counts; others go and come."""
    found: Changes = {}
    for table, rows in after.items():
        if rows == before[table]:
            continue
        key = key_of(table)
        old = {row[key] if key else repr(row): row for row in before[table]}
        new = {row[key] if key else repr(row): row for row in rows}
        found[table] = {
            "added": [new[k] for k in new if k not in old],
            "removed": [old[k] for k in old if k not in new],
            "changed": [_changed(old[k], new[k]) for k in new if k in old and old[k] != new[k]],
        }
    return found


def _changed(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {"key": old, "set": {c: v for c, v in new.items() if v != old[c]}, "now": new}


async def run(kind: str, start: Path, home: Path, asked: list[Request]) -> None:
    with made_database(kind, home) as made:
        async with opened_database(*made) as database:
            await load_state(database, state())
            service = service_over(database, web_root_of(start))
            names = [name for name in all_names() if name in SHOWN or name not in declared()]
            before = await contents(database, names)
            for request in asked:
                answer = await answered(service, request)
                after = await contents(database, names)
                check(request, answer, changes_of(before, after))
                before = after


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_any_request_gets_an_answer(kind: str, start: Path, tmp_path: Path) -> None:
    asyncio.run(run(kind, start, tmp_path / "home", drawn(REQUESTS)))


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_any_of_thousands_of_requests_gets_an_answer(kind: str, start: Path, tmp_path: Path) -> None:
    asyncio.run(run(kind, start, tmp_path / "home", drawn(SOAK_REQUESTS)))
