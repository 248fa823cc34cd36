"""One suite over every report of every connector: first load, second load, killed, refused, odd, empty.

A connector takes part by naming its simulator in `SIMULATED`; a connector without one fails here.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON, Office
from tests.connectors import pretend_dialer
from trunkline.center import accounts, datasets, runs
from trunkline.center.room import open_center
from trunkline.clock import SteppedClock
from trunkline.connectors import connector, connector_names
from trunkline.declare import ExportJob, FileAnswer, Method, Report
from trunkline.options import json_schema, resolve
from trunkline.settings import load_settings
from trunkline.sims import callrail, dialogtech, dialpad

EMPTY_ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662d4d"
"""The pretend CallRail's account without data."""


@dataclass
class Simulated:
    """How to stand a provider in: its simulator with data, and an account that reads it.

    `empty_account` reads a company without data, with these options of a dataset. `needed` are options that
    a report cannot do without, or that keep it small.
    """

    sim: Any
    fault: Callable[..., Any]
    account: dict[str, Any]
    empty_account: dict[str, Any]
    empty_options: dict[str, Any]
    needed: dict[str, dict[str, Any]] = field(default_factory=dict)


@asynccontextmanager
async def a_callrail(clock: SteppedClock) -> AsyncIterator[Simulated]:
    options = callrail.CallrailSimOptions(calls=600, days=30, until=NOON, strict=True)
    async with callrail.CallrailSim(options, clock) as sim:
        account = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": sim.url}
        yield Simulated(sim, callrail.Fault, account, account, {"account_id": EMPTY_ACCOUNT_ID})


@asynccontextmanager
async def a_dialpad(clock: SteppedClock) -> AsyncIterator[Simulated]:
    options = dialpad.DialpadSimOptions(calls=600, days=30, until=NOON, strict=True)
    nothing = dialpad.DialpadSimOptions(
        users=1, offices=1, callcenters=0, departments=0, calls=0, until=NOON, strict=True
    )
    async with dialpad.DialpadSim(options, clock) as sim, dialpad.DialpadSim(nothing, clock) as empty:
        account, empty_account = ({"api_key": "testkey", "base_url": s.url} for s in (sim, empty))
        yield Simulated(sim, dialpad.Fault, account, empty_account, {})


@asynccontextmanager
async def a_dialogtech(clock: SteppedClock) -> AsyncIterator[Simulated]:
    options = dialogtech.DialogtechSimOptions(clicks=600, days=30, until=NOON, strict=True)
    nothing = dialogtech.DialogtechSimOptions(clicks=0, until=NOON, strict=True)
    async with dialogtech.DialogtechSim(options, clock) as sim, dialogtech.DialogtechSim(nothing) as empty:
        keys = {"access_key": "testkey", "secret_access_key": "testsecret"}
        account, empty_account = ({**keys, "base_url": s.url} for s in (sim, empty))
        yield Simulated(sim, dialogtech.Fault, account, empty_account, {})


@asynccontextmanager
async def a_dialer360(clock: SteppedClock) -> AsyncIterator[Simulated]:
    nothing = await pretend_dialer.start_of_june(is_empty=True)
    needed: dict[str, dict[str, Any]] = {
        "agent_stats": {"days_back": 2},
        "did_log": {"days_back": 2, "dids": "3125551212"},
        "phone_log": {"phone_numbers": "9998887112, 7275551212"},
        "recordings": {"days_back": 2},
        "in_group_status": {"in_groups": "SALESLINE,SUPPORT"},
        "call_info": {"call_ids": "M4050908070000012345"},
    }
    dialers = pretend_dialer.pretend_dialer(clock), pretend_dialer.pretend_dialer(clock, nothing)
    async with dialers[0] as sim, dialers[1] as empty:
        account, empty_account = ({**pretend_dialer.LOGIN, "base_url": s.url} for s in (sim, empty))
        yield Simulated(sim, pretend_dialer.Fault, account, empty_account, {}, needed)


SIMULATED = {
    "callrail": a_callrail,
    "dialer360": a_dialer360,
    "dialogtech": a_dialogtech,
    "dialpad": a_dialpad,
}
REPORTS = [
    pytest.param(name, report, id=f"{name}-{report.name}")
    for name in connector_names()
    for report in connector(name).listed_reports
]


@dataclass
class Branch(Office):
    """An office of any provider; account `main` has data, account `empty` has none."""

    stand_in: Simulated

    async def dataset(
        self, name: str = "calls", report: str = "", method: str | None = None, **options: Any
    ) -> str:
        needed = self.stand_in.needed.get(report or name, {})
        return await super().dataset(name, report, method, **{**needed, **options})


@pytest.fixture(scope="module")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with its tables, to be copied: making them takes longer than most tests here."""
    home = tmp_path_factory.mktemp("new") / "home"
    with open_center(load_settings(home, {}), SteppedClock(NOON)):
        return home


@pytest.fixture
async def office(request: pytest.FixtureRequest, new_home: Path, tmp_path: Path) -> AsyncIterator[Branch]:
    clock = SteppedClock(NOON)
    name: str = request.param
    shutil.copytree(new_home, tmp_path / "home")
    async with SIMULATED[name](clock) as stand_in:
        with open_center(load_settings(tmp_path / "home", {}), clock) as center:
            for account, values in (("main", stand_in.account), ("empty", stand_in.empty_account)):
                accounts.add(center, name, account, values, accounts.Verdict(accounts.VALID))
            yield Branch(center, stand_in.sim, clock, stand_in)


def content(office: Office, report: Report) -> list[dict[str, Any]]:
    """The rows without what tells of the run."""
    rows = office.rows("select * from datasets.d")
    plain = [{k: v for k, v in row.items() if k not in ("_run_id", "_loaded_at")} for row in rows]
    return sorted(plain, key=lambda row: [str(row.get(k)) for k in (report.key or tuple(row))])


def test_every_connector_has_a_simulator() -> None:
    assert set(SIMULATED) == set(connector_names())


@pytest.mark.parametrize(("name", "report"), REPORTS)
def test_its_declaration_holds_together(name: str, report: Report) -> None:
    names = {c.name for c in report.columns}
    assert len(names) == len(report.columns), "a column stands twice"
    assert set(report.key) <= names
    assert not report.cursor or report.cursor in names
    assert report.update in report.updates
    assert Method.MERGE not in report.updates or report.key
    assert all(o.help for o in report.options)
    assert set(json_schema(report.options)["properties"]) == {o.name for o in report.options}
    needed = {o.name: "x" for o in report.options if o.required}
    assert set(needed) <= set(resolve(report.options, needed))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if {"office", "report"} <= set(metafunc.fixturenames):
        cases = [(n, r) for n in connector_names() for r in connector(n).listed_reports]
        names = [f"{n}-{r.name}" for n, r in cases]
        metafunc.parametrize(("office", "report"), cases, ids=names, indirect=["office"])


async def test_its_first_load_brings_rows_and_its_second_changes_none(office: Branch, report: Report) -> None:
    await office.dataset("d", report.name)
    first = await office.run("d")
    assert (first.status, first.error) == (runs.SUCCEEDED, "")
    assert first.rows_inserted > 0
    assert first.warnings == []
    loaded = content(office, report)
    assert len(loaded) == first.rows_inserted
    second = await office.run("d")
    assert second.status == runs.SUCCEEDED
    assert content(office, report) == loaded
    if report.key:
        assert (second.rows_inserted, second.rows_updated, second.rows_deleted) == (0, 0, 0)


async def test_it_can_be_kept_by_each_of_its_update_methods(office: Branch, report: Report) -> None:
    await office.dataset("d", report.name)
    await office.run("d")
    wanted = content(office, report)
    for method in report.methods({}):
        name = f"by_{method}"
        await office.dataset(name, report.name, method=method.value)
        run = await office.run(name)
        assert (run.status, run.rows_inserted) == (runs.SUCCEEDED, len(wanted)), method
        again = await office.run(name)
        snapshots = 2 if method is Method.APPEND and not (report.key and report.dates) else 1
        assert again.status == runs.SUCCEEDED
        assert len(office.rows(f"select 1 from datasets.{name}")) == snapshots * len(wanted), method


REFUSALS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kind": "status", "status": 401}, "key_refused"),
    ({"kind": "status", "status": 403}, "not_allowed"),
    ({"kind": "status", "status": 503}, "retry_later"),
    ({"kind": "html"}, "data_error"),
    ({"kind": "truncated"}, "data_error"),
)


async def test_a_refusal_fails_it_with_a_sentence_and_keeps_its_rows(office: Branch, report: Report) -> None:
    await office.dataset("d", report.name)
    await office.run("d")
    before = office.rows("select * from datasets.d")
    for fault, kind in REFUSALS:
        office.sim.faults.clear()
        office.sim.faults.add(office.stand_in.fault(**fault, times=None))
        run = await office.run("d")
        assert (run.status, run.error_kind) == (runs.FAILED, kind), fault
        assert run.error.endswith("."), fault
        assert run.todo, fault
    assert office.rows("select * from datasets.d") == before


async def test_it_waits_when_it_is_asked_to(office: Branch, report: Report) -> None:
    await office.dataset("d", report.name)
    office.sim.faults.add(office.stand_in.fault("status", status=429, retry_after="90", times=1))
    run = await office.run("d")
    assert (run.status, run.retries) == (runs.SUCCEEDED, 1)
    # exports of other days may move the clock on between two naps
    assert run.seconds >= 89
    assert run.waited_seconds >= 60


async def test_a_field_it_does_not_know_is_kept(office: Branch, report: Report) -> None:
    await office.dataset("d", report.name)
    office.sim.faults.add(office.stand_in.fault("unknown_field", times=None))
    run = await office.run("d")
    assert run.status == runs.SUCCEEDED
    extra = office.rows("select _extra from datasets.d where _extra is not null")
    has_own_rows = callable(report.rows) or isinstance(report.pages, ExportJob | FileAnswer)
    assert has_own_rows or (extra and any("New field" in w for w in run.warnings))


async def test_an_account_without_data_gives_an_empty_table(office: Branch, report: Report) -> None:
    stand_in = office.stand_in
    options = {**stand_in.needed.get(report.name, {}), **stand_in.empty_options}
    await datasets.add(office.center, "d", "empty", report.name, options)
    run = await office.run("d")
    assert (run.status, run.error) == (runs.SUCCEEDED, "")
    assert len(office.rows("select * from datasets.d")) == run.rows_inserted
