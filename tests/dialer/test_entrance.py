"""What every request asks first comes in one statement, and is what the separate ones say."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialer.databases import made_database, opened_database
from tests.store.databases import KINDS
from trunkline.dialer.commands import ALL
from trunkline.dialer.database import Database
from trunkline.dialer.entrance import ENTRANCE, OF_SETTINGS, system_settings
from trunkline.dialer.login import OF_USER, group_named, user_signing_in

DIALER = Path(__file__).parents[2] / "src" / "trunkline" / "dialer"


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with made_database(str(request.param), tmp_path / "home") as made:
        async with opened_database(*made) as opened:
            yield opened


async def first(database: Database, user: str, group: str, *, ahead: bool) -> list[Any]:
    async with database.work() as work:
        if ahead:
            await work.look_ahead(ENTRANCE, user)
        return [
            await work.one(system_settings),
            await work.one(user_signing_in, user=user),
            await work.one(group_named, user_group=group),
        ]


async def test_looking_ahead_changes_no_answer(database: Database) -> None:
    assert await first(database, "ann", "", ahead=True) == [None, None, None]
    async with database.work() as work:
        await work.insert("users", user="ann", **{"pass": ""}, user_group="SALES", user_level=8)
        await work.insert("users", user="bob", **{"pass": ""}, user_group="NOWHERE", user_level=7)
    assert (await first(database, "ann", "SALES", ahead=True))[0] is None
    async with database.work() as work:
        await work.insert("system_settings", use_non_latin="1", pass_key="k" * 16)
        await work.insert("user_groups", user_group="SALES", group_name="", allowed_campaigns=" X -")
    for user, group in (("ann", "SALES"), ("ANN", "SALES"), ("bob", "NOWHERE"), ("carl", ""), ("", "")):
        known = await first(database, user, group, ahead=True)
        assert known == await first(database, user, group, ahead=False)
        assert known[0]["use_non_latin"] == "1"
    assert known[1] is None


async def test_what_was_looked_at_ahead_is_given_once_and_not_after_a_write(database: Database) -> None:
    async with database.work() as work:
        await work.insert("users", user="ann", **{"pass": ""}, user_level=8)
    async with database.work() as work:
        await work.look_ahead(ENTRANCE, "ann")
        assert (await work.one(user_signing_in, user="ann") or {})["user_level"] == 8
        async with database.work() as other:
            await other.update("users", {"user": "ann"}, user_level=9)
        assert (await work.one(user_signing_in, user="ann") or {})["user_level"] == 9
    async with database.work() as work:
        await work.look_ahead(ENTRANCE, "ann")
        await work.update("users", {"user": "ann"}, user_level=7)
        assert (await work.one(user_signing_in, user="ann") or {})["user_level"] == 7


def keys_read(of: str) -> Iterator[tuple[str, str]]:
    """The names that the code asks `….settings` or `….user` for, with the place."""
    names = {of, {"settings": "settings", "user": "found"}[of]}
    for path in sorted(DIALER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Subscript(value=ast.Attribute(attr=name), slice=ast.Constant(value=str(key))):
                    pass
                case ast.Call(
                    func=ast.Attribute(attr="get", value=ast.Attribute(attr=name) | ast.Name(id=name)),
                    args=[ast.Constant(value=str(key)), *_],
                ):
                    pass
                case _:
                    continue
            if name in names:
                yield key, f"{path.name}:{node.lineno}"


def test_all_that_is_asked_of_settings_is_read() -> None:
    assert [(key, place) for key, place in keys_read("settings") if key not in OF_SETTINGS] == []


def test_all_that_is_asked_of_the_user_is_read() -> None:
    assert [(key, place) for key, place in keys_read("user") if key not in OF_USER] == []
    assert [flag for command in ALL for flag in command.flags if flag not in OF_USER] == []


def test_the_search_for_names_finds_some() -> None:
    assert "use_non_latin" in dict(keys_read("settings"))
    assert "delete_users" in dict(keys_read("user"))
