"""A request that comes again under its key is not done again, wherever a process dies between."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from starlette.responses import Response

from tests.store.databases import KINDS, fresh_database
from trunkline.access.repeats import KEPT, UNFINISHED, Claim, Repeats
from trunkline.access.tokens import Token, Tokens
from trunkline.clock import SteppedClock
from trunkline.dialer.commands import COMMANDS
from trunkline.dialer.database import Work
from trunkline.dialer.opening import open_dialer
from trunkline.dialer.runner import Service
from trunkline.dialer.setting_up import First, set_up
from trunkline.errors import RetryLater
from trunkline.settings import Settings
from trunkline.store.connection import open_store
from trunkline.web.bearer import Refused
from trunkline.web.dialer_json import JsonApi, _Call
from trunkline.web.guesses import Guesses

START = datetime(2026, 6, 14, 12, tzinfo=UTC)
LEAD = {"phone_number": "7275551212", "phone_code": "1", "list_id": "1001"}
FIVE = UNFINISHED.total_seconds()


class Killed(BaseException):
    """The process ends here."""


class Api:
    """The JSON API over an installation, and what tests ask of it."""

    def __init__(self, api: JsonApi, token: Token, clock: SteppedClock) -> None:
        self.api, self.token, self.clock = api, token, clock
        self.before = 0

    async def add(self, key: str = "one", **more: str) -> tuple[int, Any]:
        params = {**LEAD, **more, "user": self.token.user, "source": "test", "function": "add_lead"}
        call = _Call(COMMANDS["add_lead"], params, "203.0.113.9")
        try:
            said: Response = await self.api._once(self.token, key, call)
        except Refused as refused:
            return refused.status, refused.code
        return said.status_code, json.loads(bytes(said.body))["code"]

    async def leads(self) -> int:
        """How many were added since it was opened."""
        async with self.api.service.database.work() as work:
            row = await work.one(lambda t: select(func.count().label("count")).select_from(t["list"]))
        assert row is not None
        return int(row["count"]) - self.before


@asynccontextmanager
async def opened(settings: Settings, *, with_changes: bool = True) -> AsyncIterator[Api]:
    clock = SteppedClock(START)
    dialer, store = await open_dialer(settings), open_store(settings)
    try:
        service = Service(dialer.database, clock, ZoneInfo("UTC"))
        tokens = Tokens(store, clock)
        token, _ = tokens.add(secrets.token_hex(8), "apiuser", ())
        repeats = Repeats(store, clock, with_changes=with_changes)
        api = Api(JsonApi(service, tokens, repeats, Guesses(clock)), token, clock)
        api.before = await api.leads()
        yield api
    finally:
        store.close()
        await dialer.database.close()


@pytest.fixture(params=KINDS, scope="module")
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """One for all tests: each has a token of its own, whose keys are its own too."""
    with fresh_database(str(request.param), tmp_path_factory.mktemp("repeats") / "home") as settings:
        asyncio.run(set_up(settings, First("apiuser", "geheim12", "FIRST", 1001)))
        yield settings


@pytest.fixture
async def together(installation: Settings) -> AsyncIterator[Api]:
    """Answers and changes in one database."""
    async with opened(installation) as api:
        yield api


@pytest.fixture
async def apart(installation: Settings) -> AsyncIterator[Api]:
    """Answers kept as if the changes were in another database."""
    async with opened(installation, with_changes=False) as api:
        yield api


ADDED, AT_WORK, UNKNOWN = (200, "lead_added"), (409, "request_at_work"), (409, "outcome_unknown")


async def test_an_answer_is_kept_with_the_changes(together: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repeats, "keep", None)
    monkeypatch.setattr(Repeats, "forget", None)
    for _ in range(3):
        assert await together.add() == ADDED
    assert await together.add(phone_number="7275551213") == (409, "idempotency_key_taken")
    assert await together.leads() == 1
    assert await together.add("two") == ADDED
    assert await together.leads() == 2


async def test_a_process_that_dies_before_the_end_leaves_nothing(
    together: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = dies_after(together, monkeypatch, "run")
    with pytest.raises(Killed):
        await together.add()
    monkeypatch.undo()
    assert kept == ["run"]
    assert await together.leads() == 0
    assert await together.add() == AT_WORK
    together.clock.advance(FIVE)
    assert [await together.add() for _ in range(2)] == [ADDED, ADDED]
    assert await together.leads() == 1


def dies_after(api: Api, patch: pytest.MonkeyPatch, name: str) -> list[str]:
    """The process ends after this step of the work that keeps the answer."""
    work: Any = type(api.api.service.database.work())
    step, steps = getattr(work, name), []

    async def dies(self: Work, statement: Any, **values: Any) -> Any:
        await step(self, statement, **values)
        if "new_body" in values:
            steps.append(name)
            raise Killed

    patch.setattr(work, name, dies)
    return steps


async def test_a_process_that_dies_after_the_commit_has_answered(
    together: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies_at_the_end(together, monkeypatch, Killed)
    with pytest.raises(Killed):
        await together.add()
    monkeypatch.undo()
    assert await together.add() == ADDED
    assert await together.leads() == 1


def dies_at_the_end(api: Api, patch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    """All is committed, and nobody hears of it."""
    answer = Service.answer

    async def dies(self: Service, *args: Any, **values: Any) -> Any:
        await answer(self, *args, **values)
        raise error

    patch.setattr(Service, "answer", dies)


async def test_a_commit_of_which_nothing_is_heard_counts_where_it_happened(
    together: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies_at_the_end(together, monkeypatch, ConnectionError)
    assert await together.add() == (503, "database_failed")
    monkeypatch.undo()
    assert await together.add() == ADDED
    assert await together.leads() == 1


async def test_a_request_that_fails_may_come_again(together: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    work = type(together.api.service.database.work())
    monkeypatch.setattr(work, "insert", None)
    assert await together.add() == (503, "database_failed")
    monkeypatch.undo()
    assert await together.add() == ADDED
    assert await together.leads() == 1


async def test_of_two_at_once_one_is_done(together: Api) -> None:
    said = await asyncio.gather(*(together.add() for _ in range(5)))
    assert set(said) <= {ADDED, AT_WORK}
    assert ADDED in said
    assert await together.leads() == 1


async def test_who_was_overtaken_keeps_nothing(together: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    answer = Service.answer

    async def slow(self: Service, *args: Any, **values: Any) -> Any:
        begun.set()
        await go_on.wait()
        return await answer(self, *args, **values)

    with monkeypatch.context() as patch:
        patch.setattr(Service, "answer", slow)
        first = asyncio.create_task(together.add())
        await begun.wait()
    together.clock.advance(FIVE)
    assert await together.add() == ADDED
    go_on.set()
    assert await first == AT_WORK
    assert await together.add() == ADDED
    assert await together.leads() == 1


async def test_apart_a_request_that_may_have_been_done_is_not_done_again(
    apart: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Repeats, "keep", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            await apart.add()
    assert await apart.add() == AT_WORK
    apart.clock.advance(FIVE)
    assert [await apart.add() for _ in range(2)] == [UNKNOWN, UNKNOWN]
    assert await apart.leads() == 1
    assert await apart.add("another") == ADDED
    apart.clock.advance(KEPT.total_seconds() + 1)
    assert await apart.add() == ADDED, "after a day the key is a new one"


async def test_apart_a_commit_of_which_nothing_is_heard_is_told_at_once(
    apart: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies_at_the_end(apart, monkeypatch, ConnectionError)
    assert await apart.add() == (503, "database_failed")
    monkeypatch.undo()
    assert await apart.add() == UNKNOWN
    assert await apart.leads() == 1


async def test_apart_a_request_that_fails_may_come_again(apart: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(apart.api.service.database.work()), "insert", None)
    assert await apart.add() == (503, "database_failed")
    monkeypatch.undo()
    assert [await apart.add() for _ in range(2)] == [ADDED, ADDED]
    assert await apart.leads() == 1


async def test_a_claim_is_known_by_its_mark_alone(together: Api) -> None:
    repeats, token = together.api.repeats, together.token.id
    claim = repeats.begin(token, "one", "x")
    assert isinstance(claim, Claim)
    repeats.forget(Claim(token, "one", "another"))
    with pytest.raises(RetryLater, match="still at work"):
        repeats.begin(token, "one", "x")
    repeats.forget(claim)
    assert isinstance(repeats.begin(token, "one", "x"), Claim)
