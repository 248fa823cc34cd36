"""The comparison of changed rows finds what it is there to find."""

from typing import Any

import pytest

from tests.dialer.changes import Changes, Row, changes_between, differences, snapshot
from tests.dialer.lead_calls import change, insert
from tests.dialer.replay import scenarios, sent
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase


async def never(row: Row, password: str) -> bool:
    return row.get("pass") == password


async def compared(wanted: dict[str, Any], came: Changes) -> list[str]:
    return await differences(wanted, came, "6666", never)


async def changes_by(service: Service, table: str, where: Row, **values: Any) -> Changes:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    before = snapshot(database.connection, database.tables.bare_name)
    await change(service, table, where, **values)
    return changes_between(before, snapshot(database.connection, database.tables.bare_name))


LISTS = {"changed": [{"key": {"list_id": 101}, "set": {"list_name": ["Test list 101", "New"]}}]}


async def test_a_change_as_recorded_is_none(service: Service) -> None:
    came = await changes_by(service, "lists", {"list_id": 101}, list_name="New")
    assert await compared({"lists": LISTS}, came) == []


@pytest.mark.parametrize(
    ("where", "values", "found"),
    [
        ({"list_id": 101}, {"list_name": "Other"}, 1),
        ({"list_id": 101}, {"list_name": "New", "active": "N"}, 1),
        ({"list_id": 999}, {"list_name": "New"}, 2),
        ({"list_id": 101}, {"list_name": "Test list 101"}, 1),
    ],
)
async def test_another_change_is_found(service: Service, where: Row, values: Row, found: int) -> None:
    came = await changes_by(service, "lists", where, **values)
    assert len(await compared({"lists": LISTS}, came)) == found


ROW = {"phone_number": "7275551111"}


@pytest.mark.parametrize(
    ("wanted", "came", "found"),
    [
        ([ROW], [ROW], 0),
        ([ROW], [], 1),
        ([], [ROW], 1),
        ([ROW], [{"phone_number": "7275551112"}], 1),
        ([ROW, ROW], [ROW], 1),
        ([ROW], [ROW, ROW], 1),
    ],
)
async def test_rows_added_and_removed_are_counted(wanted: list[Row], came: list[Row], found: int) -> None:
    for kind in ("added", "removed"):
        assert bool(await compared({"dnc": {kind: wanted}}, {"dnc": {kind: came}})) == bool(found)


async def test_columns_not_recorded_have_their_default() -> None:
    added: Row = {"user": "9", "pass": "x", "user_level": "1", "active": "Y"}
    wanted = {"users": {"added": [{"user": "9", "pass": "x"}]}}
    assert await compared(wanted, {"users": {"added": [added]}}) == []
    assert await compared(wanted, {"users": {"added": [added | {"active": "N"}]}}) != []
    assert await compared(wanted, {"users": {"added": [added | {"pass": "y"}]}}) != []


@pytest.mark.parametrize(("user", "is_free"), [("6666", True), ("8000", False)])
async def test_only_the_login_of_the_request_is_free(service: Service, user: str, is_free: bool) -> None:
    came = await changes_by(service, "users", {"user": user}, last_ip="127.0.0.9")
    assert (await compared({}, came) == []) is is_free


async def test_settings_have_no_key(service: Service) -> None:
    came = await changes_by(service, "system_settings", {}, auto_user_add_value=1108)
    old, new = {"auto_user_add_value": 1101}, {"auto_user_add_value": 1108}
    assert await compared({"system_settings": {"removed": [old], "added": [new]}}, came) == []
    assert await compared({"system_settings": {"removed": [old], "added": [old]}}, came) != []


async def test_a_request_is_compared_in_answer_rows_and_log(service: Service) -> None:
    vector = scenarios()["ok_server_refresh"][0]
    assert (await sent(service, vector)).differences == []
    again = (await sent(service, vector)).differences
    assert [text.split(":")[0] for text in again if text[:6] in ("answer", "log: w")] == ["answer", "log"]
    assert any(text.startswith("servers: not changed") for text in again)


async def test_a_row_too_many_is_found(service: Service) -> None:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    before = snapshot(database.connection, database.tables.bare_name)
    await insert(service, "dnc", {"phone_number": "1"})
    came = changes_between(before, snapshot(database.connection, database.tables.bare_name))
    assert len(await compared({}, came)) == 1
