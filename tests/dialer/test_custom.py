"""Tables of a list's own fields: known from the database, also after they have changed."""

from typing import Any

import pytest

from trunkline.dialer.custom import custom_of_lead, is_custom, parts_declared
from trunkline.dialer.kinds import Kind
from trunkline.dialer.loading import load_state
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.errors import SettingsError


def test_a_declaration_is_read_with_its_sizes_and_words() -> None:
    text = "lead_id INT(9) UNSIGNED PRIMARY KEY NOT NULL, `kind` ENUM('A','B'), price DECIMAL(8,2), note TEXT"
    assert [column for _, column in parts_declared(text)] == [
        ("lead_id", "INT(9) UNSIGNED"),
        ("kind", "ENUM('A','B')"),
        ("price", "DECIMAL(8,2)"),
        ("note", "TEXT"),
    ]


@pytest.mark.parametrize(("name", "is_one"), [("custom_101", True), ("custom_", False), ("custom_1a", False)])
def test_a_custom_table_is_named_by_its_list(name: str, is_one: bool) -> None:
    assert is_custom(name) is is_one


async def test_columns_and_kinds_come_from_the_database(service: Service) -> None:
    async with service.database.work() as work:
        custom = await work.custom(101)
        assert custom is not None
        assert custom.fields == ("favorite_color", "cc_value", "appointment")
        assert custom.kinds["appointment"].kind is Kind.DAY
        assert custom.kinds["cc_value"].size == 50
        assert await work.custom(4711) is None


async def test_values_are_kept_as_the_columns_keep_them(service: Service) -> None:
    async with service.database.work() as work:
        custom = await work.custom(101)
        assert custom is not None
        await work.insert(custom.name, lead_id="27", favorite_color="b" * 60, appointment="soon")
        row = await work.one(custom_of_lead(custom.name), lead_id=27)
    wanted = {"lead_id": 27, "favorite_color": "b" * 50, "cc_value": None, "appointment": "0000-00-00"}
    assert row == wanted


async def test_a_field_that_is_added_is_there_at_once(service: Service) -> None:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    async with database.work() as work:
        custom = await work.custom(101)
        assert custom is not None
        assert "size" not in (await work.one(custom_of_lead(custom.name), lead_id=1001) or {})
        database.connection.execute("alter table custom_101 add column size varchar(3)")
        custom = await work.custom(101)
        assert custom is not None
        await work.update(custom.name, {"lead_id": 1001}, size="large")
        row = await work.one(custom_of_lead(custom.name), lead_id=1001)
    assert row is not None
    assert row["size"] == "lar"


@pytest.mark.parametrize(
    "state",
    [
        {"tables": {"custom_5": [{"lead_id": 1}]}},
        {"tables": {}, "custom_tables": {"users; --": "lead_id INT(9)"}},
    ],
)
async def test_a_state_that_does_not_fit_is_refused(service: Service, state: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        await load_state(service.database, state)
