"""The directory of a large company, read in one go: as many requests as it takes, and never too fast."""

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.center.conftest import NOON
from tests.center.dialpad_office import DialpadOffice
from trunkline.center import accounts, datasets
from trunkline.center.room import Center
from trunkline.center.running import run
from trunkline.center.runs import SUCCEEDED
from trunkline.center.writer import Writer
from trunkline.clock import SteppedClock
from trunkline.fetch.credentials import Headers
from trunkline.fetch.http import Answer, Ask, Http
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions
from trunkline.sims.serving import Seen

USERS, OFFICES, CENTERS, DEPARTMENTS, PAGE_ROWS = 500, 40, 200, 60, 50
A_SECOND = 20
LARGE = DialpadSimOptions(
    users=USERS,
    offices=OFFICES,
    callcenters=CENTERS,
    departments=DEPARTMENTS,
    calls=1,
    days=1,
    until=NOON,
    page_rows=PAGE_ROWS,
    strict=True,
)
LISTS = ("offices", "callcenters", "users", "departments", "numbers")


def paths_of(requests: list[Seen]) -> Counter[str]:
    """How often each list was asked; operators of whichever call center count together."""
    return Counter(
        "operators" if seen.path.endswith("/operators") else seen.path.rsplit("/", 1)[1] for seen in requests
    )


def most_in_a_second(requests: list[Seen]) -> int:
    times = sorted(seen.at for seen in requests)
    return max(sum(at <= other < at + timedelta(seconds=1) for other in times) for at in times)


def operators_by_the_books(office: DialpadOffice) -> set[tuple[int, int]]:
    """Who is an operator where: the members of each call center."""
    cast = office.sim.world.cast
    centers = {int(row["id"]) for row in office.sim.world.lists["callcenters"]}
    return {(center, member) for center in centers for member in cast.members.get(center, set())}


class TravelClock(SteppedClock):
    """Time stands still while a request travels: it arrives at the instant at which it was allowed."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self._travelling = itertools.count()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        first = (-1.0, next(self._travelling))
        heapq.heappush(self._waiting, first)
        try:
            yield
        finally:
            self._waiting.remove(first)
            heapq.heapify(self._waiting)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> TravelClock:
    made, sent = TravelClock(), Http._sent

    async def travelling(self: Http, ask: Ask, proof: Headers) -> Answer:
        with made.stopped():
            return await sent(self, ask, proof)

    monkeypatch.setattr(Http, "_sent", travelling)
    return made


@pytest.fixture
async def office(center: Center, clock: TravelClock) -> AsyncIterator[DialpadOffice]:
    async with DialpadSim(replace(LARGE, rooms=0), clock) as sim:
        values = {"api_key": "testkey", "base_url": sim.url}
        accounts.add(center, "dialpad", "main", values, accounts.Verdict(accounts.VALID))
        for name in (*LISTS, "operators"):
            await datasets.add(center, name, "main", name, {})
        yield DialpadOffice(center, sim, clock)


async def test_all_lists_at_once_take_their_pages_and_one_request_for_each_call_center(
    office: DialpadOffice,
) -> None:
    with Writer(office.center.settings) as writer:
        done = await asyncio.gather(
            *(run(office.center, writer, name) for name in (*LISTS, "operators")),
        )
    assert [(r.status, r.error) for r in done] == [(SUCCEEDED, "")] * len(done)
    counts = office.sim.world.counts()
    assert {name: counts[name] for name in LISTS[:4]} == dict(
        zip(LISTS, (OFFICES, CENTERS, USERS, DEPARTMENTS), strict=False)
    )
    for name in LISTS:
        key = "number" if name == "numbers" else "id"
        found = [str(row[key]) for row in office.rows(f"select {key} from datasets.{name}")]
        assert sorted(found) == sorted(str(row[key]) for row in office.sim.world.lists[name])
    rows = office.rows("select call_center_id, id from datasets.operators")
    found_operators = [(int(row["call_center_id"]), int(row["id"])) for row in rows]
    assert CENTERS < len(found_operators) == len(set(found_operators))
    assert set(found_operators) == operators_by_the_books(office)
    pages = {name: -(-counts[name] // PAGE_ROWS) for name in LISTS}
    # The operators' own walk begins with the list of call centers.
    pages["callcenters"] *= 2
    assert paths_of(office.sim.requests) == {**pages, "operators": CENTERS}
    assert {seen.status for seen in office.sim.requests} == {200}
    assert most_in_a_second(office.sim.requests) <= A_SECOND
    fastest = (len(office.sim.requests) - A_SECOND) / A_SECOND
    assert fastest <= office.clock.monotonic() <= fastest * 2 + 2
