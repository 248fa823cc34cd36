"""Loading a state: all of it or nothing, and whoever wrote it is told where it does not fit."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from tests.store.databases import KINDS, fresh_database
from trunkline.cli import trunkline
from trunkline.dialer.audit_table import Wanted, entries
from trunkline.dialer.opening import open_dialer
from trunkline.dialer.setting_up import load_into
from trunkline.errors import SettingsError
from trunkline.settings import Settings
from trunkline.store.places import place_of

USER = {"user": "6666", "pass": "1234"}
KEPT: dict[str, Any] = {
    "tables": {"dialer360_users": [USER], "dnc": [{"phone_number": "1"}], "custom_101": [{"lead_id": 7}]},
    "custom_tables": {"custom_101": "lead_id INT(9) UNSIGNED NOT NULL, color VARCHAR(50)"},
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An installation with a few rows, which no refused load may change."""
    with fresh_database("sqlite", tmp_path_factory.mktemp("load") / "home") as made:
        asyncio.run(load_into(made, KEPT))
        yield made


async def whole(settings: Settings) -> list[Any]:
    """Everything in the database, tables that came later too."""
    engine = create_engine(place_of(settings).url)
    try:
        with engine.connect() as connection:
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
            return [
                (name, [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))])
                for name in sorted(names)
            ]
    finally:
        engine.dispose()


def users(*rows: Any) -> dict[str, Any]:
    return {"tables": {"dialer360_users": list(rows)}}


LEAD_101 = {"custom_101": "lead_id INT(9), color VARCHAR(50)"}
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a typo of a table": (
        {"tables": {"dialer360_user": [USER]}},
        ("f.json: there is no table 'dialer360_user'.", "Did you mean dialer360_users?"),
    ),
    "no table at all": ({"tables": {"qqq": []}}, ("there is no table 'qqq'.", "Tables are ")),
    "a table that has no prefix": ({"tables": {"phone": []}}, ("Did you mean phones?",)),
    "a typo of a custom table": ({"tables": {"custom_101x": []}}, ("'custom_101x'", "such as custom_101")),
    "a custom table without columns": ({"tables": {"custom_5": []}}, ("custom_5 has rows, and no columns",)),
    "an unknown column": (
        users(USER, {**USER, "user": "7", "a": 1}),
        ("f.json, table dialer360_users, row 2, column a: the table has no such column; it has ",),
    ),
    "a typo of a column": (users({**USER, "user_leve": 9}), ("column user_leve", "nearest is user_level")),
    "no list of rows": ({"tables": {"users": 5}}, ("f.json, table users: 5 came, not a list of rows.",)),
    "no row": (users(5), ("row 1: 5 came, not an object of values by column.",)),
    "an empty row": (users({}), ("row 1: an object without anything came",)),
    "a missing value": (
        users({"user": "1"}),
        ("row 1, column pass: no value came; it must have one, a text",),
    ),
    "a null": (users({**USER, "pass": None}), ("row 1, column pass: null came, not a text.",)),
    "a doubled key": (
        users(USER, {**USER, "user": "7"}, USER),
        ("row 3, column user: '6666' came, which row 1 of dialer360_users has; it must be unique.",),
    ),
    "a doubled key under two names": (
        {"tables": {"users": [{**USER, "user": "a"}], "dialer360_users": [{**USER, "user": "A"}]}},
        ("table dialer360_users, row 1, column user: 'A' came, which row 1 of users has",),
    ),
    "a key of two columns": (
        {"tables": {"campaign_dnc": [{"phone_number": "1", "campaign_id": "A"}] * 2}},
        ("column phone_number and campaign_id: '1', 'A' came",),
    ),
    "an object as a value": (users({**USER, "full_name": {"a": 1}}), ("column full_name: an object came",)),
    "a list as a value": (users({**USER, "user_level": [1]}), ("a list came, not a whole number.",)),
    "true as a word": (users({**USER, "active": True}), ("column active: true came, not one of Y, N.",)),
    "no number": (users({**USER, "user_level": float("nan")}), ("column user_level: nan came",)),
    "half a character": (users({**USER, "full_name": "\ud800"}), (r"'\ud800' came, not a text.",)),
    "no custom tables": ({"tables": {}, "custom_tables": 5}, ('"custom_tables" is 5, not an object',)),
    "no declaration": (
        {"tables": {}, "custom_tables": {"custom_5": 5}},
        ("table custom_5: 5 came, not columns such as 'lead_id INT(9)",),
    ),
    "a declaration without a lead": (
        {"tables": {}, "custom_tables": {"custom_5": "color VARCHAR(5)"}},
        ("table custom_5: there is no column lead_id.",),
    ),
    "a part that is no column": (
        {"tables": {}, "custom_tables": {"custom_5": "lead_id INT(9), color"}},
        ("table custom_5: 'color' came, not columns",),
    ),
    "a column twice": (
        {"tables": {}, "custom_tables": {"custom_5": "lead_id INT(9), a TEXT, A TEXT"}},
        ("the column a came twice.",),
    ),
    "rows of a new custom table": (
        {
            "tables": {"custom_6": [{"lead_id": 1, "colour": "x"}]},
            "custom_tables": {"custom_6": "lead_id INT(9), color TEXT"},
        },
        ("table custom_6, row 1, column colour: the table has no such column; the nearest is color.",),
    ),
    "a lead twice": (
        {"tables": {"custom_101": [{"lead_id": 1}, {"lead_id": "1"}]}, "custom_tables": LEAD_101},
        ("table custom_101, row 2, column lead_id: '1' came",),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_does_not_fit_is_told_and_nothing_changes(name: str, settings: Settings) -> None:
    state, told = REFUSED[name]
    before = await whole(settings)
    with pytest.raises(SettingsError) as caught:
        await load_into(settings, state, "f.json")
    said = f"{caught.value} {caught.value.todo}"
    assert [words for words in told if words not in said] == []
    assert await whole(settings) == before


async def test_no_more_is_told_than_a_person_reads(settings: Settings) -> None:
    with pytest.raises(SettingsError) as caught:
        await load_into(settings, users(*[5] * 50))
    assert len(caught.value.problems) == 10


def typed(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(trunkline, ["dialer", *words, "--home", str(settings.home)])


@pytest.mark.parametrize("content", ['{"tables": {"dialer360_user": []}}', '{"tables"', "[" * 100_000, "[]"])
async def test_the_command_names_the_file(content: str, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(content, "utf-8")
    result = await asyncio.to_thread(typed, settings, "load", str(file))
    assert isinstance(result.exception, SettingsError)
    assert str(file) in str(result.exception)


async def test_the_audit_stays_and_tells_of_each_load(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path / "home") as settings:
        older = {"audit_id": 1, "audit_date": "2026-06-14 12:00:00", "user": "old", "ip_address": "::1"}
        older |= {"function": "add_lead", "records": " list/1 ", "changes": "[]"}
        assert await load_into(settings, {**KEPT, "tables": {**KEPT["tables"], "audit_log": [older]}}) == 4
        file = tmp_path / "state.json"
        file.write_text(json.dumps({"tables": {"users": [USER, {**USER, "user": "7"}]}}), "utf-8")
        result = await asyncio.to_thread(typed, settings, "load", str(file))
        assert result.output == f"2 rows loaded from {file}.\n"
        second, first, kept = await entries(settings, Wanted())
        assert (kept.user, kept.function, kept.records) == ("old", "add_lead", ("list/1",))
        assert (first.function, first.user) == (second.function, second.user) == ("load", "command line")
        assert first.records == ("audit_log/*", "custom_101/*", "dnc/*", "users/*")
        assert [(c["table"], c["before"], c["after"]) for c in second.changes] == [
            ("dnc", {"rows": 1}, {"rows": 0}),
            ("users", {"rows": 1}, {"rows": 2}),
        ]
        shown = await asyncio.to_thread(typed, settings, "audit", "--function", "load", "--limit", "1")
        assert "users/* rows: '1' → '2'" in shown.output


@pytest.mark.parametrize("kind", KINDS)
async def test_what_only_the_database_knows_is_told_too(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as settings:
        await load_into(settings, KEPT)
        engine = create_engine(place_of(settings).url)
        with engine.begin() as connection:
            connection.execute(text("CREATE UNIQUE INDEX one_color ON custom_101 (color)"))
        engine.dispose()
        rows = [{"lead_id": lead, "color": "red"} for lead in (1, 2)]
        with pytest.raises(SettingsError, match="table custom_101, row 2: the database takes it for one"):
            await load_into(settings, {"tables": {"custom_101": rows}})
        dialer = await open_dialer(settings)
        async with dialer.database.work() as work:
            assert await work.delete("users") == 1
        await dialer.database.close()


async def test_a_type_that_the_database_refuses_is_told(tmp_path: Path) -> None:
    state = {"tables": {}, "custom_tables": {"custom_7": "lead_id INT(9), color PAINT(5)"}}
    refused = r"f\.json: the database refuses the columns of custom_7: .+"
    with (
        fresh_database("mariadb", tmp_path / "home") as settings,
        pytest.raises(SettingsError, match=refused),
    ):
        await load_into(settings, state, "f.json")
