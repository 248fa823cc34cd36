"""A configuration file: the difference is told, all of it is done or nothing, and secrets stay out."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from tests.center.conftest import ACCOUNT_ID, Office
from trunkline.center import accounts, configuration_present, configuring, datasets, occupancy
from trunkline.center.configuration import Wanted, read
from trunkline.center.room import Center
from trunkline.errors import RetryLater, SettingsError

ENV = {"CALLRAIL_KEY": "testkey", "OTHER_KEY": "another"}


def wanted(folder: Path, text: str, url: str = "") -> Wanted:
    file = folder / "wanted.toml"
    file.write_text(text.replace("{url}", url), encoding="utf-8")
    return read(file, ENV)


WHOLE = f"""
[accounts.second]
connector = "callrail"
options = {{ account_id = "{ACCOUNT_ID}", base_url = "{{url}}" }}
secrets = {{ api_key = "env:CALLRAIL_KEY" }}

[datasets.late]
account = "second"
report = "calls"
update = "merge"
description = "Calls of this year"
[datasets.late.options]
start_date = 2026-01-01

[datasets.firms]
account = "second"
report = "companies"
"""


async def applied(center: Center, of: Wanted, **more: Any) -> list[tuple[str, str, str]]:
    plan = await configuring.plan(center, of, **more)
    configuring.carry_out(center, plan)
    return [(c.action, c.kind, c.name) for c in plan.changes]


async def test_what_the_file_names_is_made_and_works(office_with: Callable[..., Any], tmp_path: Path) -> None:
    async with office_with(calls=50, days=60) as office:
        of = wanted(tmp_path, WHOLE, office.sim.url)
        plan = await configuring.plan(office.center, of)
        assert plan.changes[0].differences[-1] == "secrets.api_key: set"
        done = await applied(office.center, of)
        assert done == [("add", "account", "second"), ("add", "dataset", "late"), ("add", "dataset", "firms")]
        assert accounts.all_values(office.center, "second")["api_key"] == "testkey"
        assert accounts.get(office.center, "second").state == "untested"
        assert datasets.get(office.center, "late").description == "Calls of this year"
        assert (await office.run("late")).status == "succeeded"
        assert await applied(office.center, of) == []
        assert accounts.get(office.center, "main").name == "main"


async def test_the_difference_is_told_without_secrets_and_only_it_is_done(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await applied(office.center, wanted(tmp_path, WHOLE, office.sim.url))
        changed = WHOLE.replace("2026-01-01", "2026-02-01").replace("of this year", "since February")
        plan = await configuring.plan(office.center, wanted(tmp_path, changed, office.sim.url))
        assert [(c.action, c.name) for c in plan.changes] == [("change", "late")]
        assert plan.changes[0].differences == (
            "description: Calls of this year -> Calls since February",
            "options.start_date: 2026-01-01 -> 2026-02-01",
        )
        assert datasets.get(office.center, "late").description == "Calls of this year"
        configuring.carry_out(office.center, plan)
        assert datasets.get(office.center, "late").description == "Calls since February"
        of = wanted(tmp_path, changed.replace("CALLRAIL_KEY", "OTHER_KEY"), office.sim.url)
        plan = await configuring.plan(office.center, of)
        (change,) = plan.changes
        assert (change.name, change.differences) == ("second", ("secrets.api_key: set anew",))
        configuring.carry_out(office.center, plan)
        assert accounts.all_values(office.center, "second")["api_key"] == "another"


async def test_what_is_printed_changes_nothing_when_it_is_applied(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await office.dataset(days_back_start="30")
        await office.dataset("companies")
        await applied(office.center, wanted(tmp_path, WHOLE, office.sim.url))
        text = tomli_w.dumps(configuration_present.present(office.center))
        assert "testkey" not in text
        asked = len(office.sim.requests)
        assert await applied(office.center, wanted(tmp_path, text), prune=True) == []
        assert len(office.sim.requests) == asked
        assert tomllib.loads(text)["datasets"]["late"]["options"]["start_date"] == "2026-01-01"


async def test_only_pruning_takes_away_what_the_file_does_not_name(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await office.dataset(days_back_start="30")
        await office.run()
        of = wanted(tmp_path, WHOLE, office.sim.url)
        await applied(office.center, of)
        assert {d.name for d in datasets.all_of(office.center)} == {"calls", "late", "firms"}
        done = await applied(office.center, of, prune=True)
        assert done == [("remove", "dataset", "calls"), ("remove", "account", "main")]
        assert [a.name for a in accounts.all_of(office.center)] == ["second"]
        assert len(office.rows("select 1 from datasets.calls")) >= 0  # the table is kept


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[accounts.a]\n", "accounts.a.connector is missing."),
        ('[accounts.a]\nconnector = "nobody"\n', "accounts.a: "),
        ('[accounts.a]\nconnector = "callrail"\ncolour = 1\n', "accounts.a.colour is not known."),
        ('[accounts.a]\nconnector = "callrail"\nsecrets = { api_key = "k3y" }\n', "must name an environment"),
        (
            '[accounts.a]\nconnector = "callrail"\nsecrets = { api_key = "env:NO" }\n',
            "NO is not set; set it, or",
        ),
        ('[accounts.a]\nconnector = "callrail"\noptions = { api_key = "k3y" }\n', "api_key is secret"),
        ('[accounts.a]\nconnector = "callrail"\n', "(--api-key) is missing"),
        ('[datasets.d]\naccount = "nobody"\nreport = "calls"\n', "There is no account named 'nobody'"),
        ('[datasets.d]\naccount = "main"\nreport = "cals"\n', "datasets.d: "),
        ('[datasets.d]\naccount = "main"\nreport = "calls"\noptions = { colour = 1 }\n', "colour"),
        ('[datasets.d]\naccount = "main"\nreport = "users"\nupdate = "blend"\n', "blend"),
        ('[datasets.D-]\naccount = "main"\nreport = "users"\n', "will not do"),
        ("accounts = 3\n", "accounts must be tables"),
        ("[accounts\n", "cannot be read"),
        ("[users.x]\n", "users is not known"),
    ],
)
async def test_one_wrong_thing_and_nothing_is_done(
    office_with: Callable[..., Any], tmp_path: Path, text: str, told: str
) -> None:
    async with office_with(calls=5) as office:
        whole = WHOLE if not text.startswith(("accounts =", "[accounts\n")) else ""
        with pytest.raises(SettingsError) as raised:
            await applied(office.center, wanted(tmp_path, whole + text if whole else text, office.sim.url))
        assert told in str(raised.value)
        assert "k3y" not in str(raised.value) + raised.value.todo
        assert [a.name for a in accounts.all_of(office.center)] == ["main"]
        assert datasets.all_of(office.center) == []


def test_what_to_do_fits_what_is_wrong(tmp_path: Path) -> None:
    unset = '[accounts.a]\nconnector = "callrail"\nsecrets = { api_key = "env:NO" }\n'
    for text, todo in (
        (unset, "Nothing was changed."),
        (unset + "colour = 1\n", "`trunkline apply --export`"),
    ):
        with pytest.raises(SettingsError) as raised:
            wanted(tmp_path, text, "")
        assert raised.value.todo.startswith(todo)
    (tmp_path / "f.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read: it is no UTF-8"):
        read(tmp_path / "f.toml", {})


async def test_while_a_dataset_is_run_nothing_of_the_file_is_done(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await applied(office.center, wanted(tmp_path, WHOLE, office.sim.url))
        text = WHOLE.replace("this year", "ours") + '[datasets.more]\naccount = "second"\nreport = "users"\n'
        of = wanted(tmp_path, text, office.sim.url)
        with (
            occupancy.held(office.center, datasets.get(office.center, "late").id, "late"),
            pytest.raises(RetryLater),
        ):
            await applied(office.center, of)
        assert {d.name for d in datasets.all_of(office.center)} == {"late", "firms"}


async def test_what_somebody_changed_since_the_difference_was_shown_is_not_overwritten(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        plan = await configuring.plan(office.center, wanted(tmp_path, WHOLE, office.sim.url))
        await somebody_adds(office)
        with pytest.raises(RetryLater, match="meanwhile"):
            configuring.carry_out(office.center, plan)
        assert [a.name for a in accounts.all_of(office.center)] == ["main"]


async def somebody_adds(office: Office) -> None:
    await office.dataset("companies")
