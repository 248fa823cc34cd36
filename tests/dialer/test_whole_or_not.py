"""A request that fails at any of its writes leaves nothing behind, not even a line in the log."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.dialer.changes import snapshot
from tests.dialer.lead_calls import ask
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase, SqliteWork
from trunkline.dialer.sqlite_turns import TurnWriter

WRITES = ("insert", "update", "delete", "run")
LAST_WRITES = ("_insert", "_update")
"""Those at the end of a turn."""
CALLBACK = {"callback": "Y", "campaign_id": "TESTCAMP", "callback_datetime": "NOW"}
OWN_FIELD = {"custom_fields": "Y", "favorite_color": "blue"}
FURTHER = {"multi_alt_phones": "7275551212_1_work!7275551213_1_home", **OWN_FIELD}

REQUESTS: dict[str, dict[str, str]] = {
    "a lead with all its parts": {
        "function": "add_lead",
        "phone_number": "7275551111",
        "add_to_hopper": "Y",
        **FURTHER,
        **CALLBACK,
    },
    "several leads changed": {
        "function": "update_lead",
        "search_method": "PHONE_NUMBER",
        "phone_number": "9999000019",
        "records": "3",
        "city": "Tampa",
        "add_to_hopper": "Y",
        **CALLBACK,
    },
    "own fields of a lead changed": {"function": "update_lead", "lead_id": "27", "city": "X", **OWN_FIELD},
    "a lead deleted": {"function": "update_lead", "lead_id": "1139740", "delete_lead": "Y"},
    "a lead added where none is found": {
        "function": "update_lead",
        "search_method": "PHONE_NUMBER",
        "phone_number": "7275551111",
        "phone_code": "1",
        "list_id": "999",
        "insert_if_not_found": "Y",
        **FURTHER,
    },
    "a list and its leads deleted": {
        "function": "update_list",
        "list_id": "1102",
        "delete_list": "Y",
        "delete_leads": "Y",
    },
    "a user deleted": {"function": "update_user", "agent_user": "1028", "delete_user": "Y"},
}


class WriteFailed(Exception):
    pass


def failing(at: int, count: list[int], write: Callable[..., Any]) -> Callable[..., Any]:
    async def counted(*args: Any, **values: Any) -> Any:
        count[0] += 1
        if count[0] == at:
            raise WriteFailed
        return await write(*args, **values)

    return counted


def failing_last(at: int, count: list[int], write: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*args: Any) -> Any:
        count[0] += 1
        if count[0] == at:
            raise WriteFailed
        return write(*args)

    return counted


async def asked(service: Service, params: dict[str, str], monkeypatch: pytest.MonkeyPatch, at: int) -> int:
    """Ask with the write of this number failing; how many writes there were."""
    count = [0]
    with monkeypatch.context() as patch:
        for name in WRITES:
            patch.setattr(SqliteWork, name, failing(at, count, getattr(SqliteWork, name)))
        for name in LAST_WRITES:
            patch.setattr(TurnWriter, name, failing_last(at, count, getattr(TurnWriter, name)))
        await ask(service, **params)
    return count[0]


def tables(service: Service) -> Any:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    return snapshot(database.connection, database.tables.bare_name)


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_write_that_fails_undoes_the_request(
    service: Service, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before, at = tables(service), 0
    while True:
        at += 1
        try:
            writes = await asked(service, REQUESTS[name], monkeypatch, at)
        except WriteFailed:
            assert tables(service) == before, f"the write {at}"
        else:
            break
    assert at == writes + 1
    assert writes > 3, "the request writes more than a login and the log"
    assert tables(service) != before
