"""From an account to the rows of a dataset, with a real server of ours as the dialer, in both dialects."""

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from tests.dialer.calling import filled
from tests.dialer.replay import NOW
from tests.web.serving import served_for_many
from trunkline.center import accounts, datasets, runs
from trunkline.center.room import Center, open_center
from trunkline.center.running import run
from trunkline.center.runs import Run
from trunkline.center.writer import Writer
from trunkline.clock import SteppedClock
from trunkline.options import Kind
from trunkline.settings import load_settings
from trunkline.warehouse.open import open_warehouse

PASSWORD = "Zx9-secret-word"
NEW_YORK = "America/New_York"
DOCUMENTED, ORIGINAL = "/adminpanel/api.php", "/vicidial/non_agent_api.php"
HOSTILE = "=cmd|' /C calc'!A0, \"quoted\"\nnext line\tand a tab"
DAYS_OF_2010 = {"start_date": "2010-12-03", "end_date": "2010-12-04"}
DAYS_OF_2012 = {"start_date": "2012-03-25", "end_date": "2012-03-27"}


class Server:
    """A real server, and what its tables hold."""

    def __init__(self, home: Path, log: Path, url: str) -> None:
        self.home, self.log, self.url = home, log, url

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.home / "store.sqlite3") as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dialer360")
    home = asyncio.run(filled(folder / "home"))
    with sqlite3.connect(home / "store.sqlite3") as connection:
        connection.execute("update dialer360_users set pass = ? where user = '6666'", (PASSWORD,))
        connection.execute("update dialer360_list set source_id = ? where lead_id = 1010542", (HOSTILE,))
    log = folder / "server.log"
    with served_for_many(home, log, TRUNKLINE_LOG_LEVEL="debug") as url:
        yield Server(home, log, url)


@dataclass
class Company:
    """An installation that reads the server; its account is `main`."""

    center: Center
    server: Server

    def account(self, path: str, **changed: Any) -> dict[str, Any]:
        login = {"user": "6666", "password": PASSWORD, "time_zone": NEW_YORK}
        return {**login, "base_url": self.server.url + path, **changed}

    async def tested(self, path: str = "", **changed: Any) -> accounts.Verdict:
        """What testing the account shows, once it is saved."""
        values = self.account(path, **changed)
        accounts.add(self.center, "dialer360", "main", values, accounts.Verdict(accounts.UNTESTED))
        return await accounts.test(accounts.access(self.center, "main"), self.center.surroundings())

    async def saved(self, path: str = "") -> None:
        verdict = await self.tested(path)
        assert verdict.state == accounts.VALID, verdict

    async def ran(self, report: str, **options: Any) -> Run:
        await datasets.add(self.center, report, "main", report, options)
        with Writer(self.center.settings) as writer:
            return await run(self.center, writer, report)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        warehouse = open_warehouse(self.center.settings, read_only=True)
        try:
            return [tuple(row.values()) for row in warehouse.reader(sql).read_all().to_pylist()]
        finally:
            warehouse.close()


@pytest.fixture
def company(tmp_path: Path, server: Server) -> Iterator[Company]:
    settings = load_settings(tmp_path / "ours", {})
    with open_center(settings, SteppedClock(NOW.astimezone(UTC))) as center:
        yield Company(center, server)


@pytest.mark.parametrize("path", [DOCUMENTED, ORIGINAL])
async def test_every_report_holds_what_the_dialers_tables_hold(company: Company, path: str) -> None:
    await company.saved(path)
    asked: dict[str, dict[str, Any]] = {
        "agent_stats": DAYS_OF_2012,
        "did_log": {"dids": "3125551212", **DAYS_OF_2010},
        "recordings": {"agents": "1000,6666", **DAYS_OF_2010},
        "phone_log": {"phone_numbers": "9998887112"},
        "logged_in_agents": {},
        "in_group_status": {"in_groups": "SALESLINE,SUPPORT"},
        "call_info": {"call_ids": "M4050908070000012345"},
    }
    for report, options in asked.items():
        done = await company.ran(report, **options)
        assert (done.status, done.error, done.warnings) == (runs.SUCCEEDED, "", []), report
    theirs = company.server.rows
    assert company.rows('select day::text, "user", calls from datasets.agent_stats order by 1, 2') == theirs(
        "select substr(event_time, 1, 10), user, sum(coalesce(lead_id, 0) > 0) from dialer360_agent_log "
        "where event_time between '2012-03-25' and '2012-03-28' group by 1, 2 order by 1, 2"
    )
    assert company.rows(
        "select did_number, caller_id_number, call_date from datasets.did_log order by called_at"
    ) == theirs("select extension, caller_id_number, call_date from dialer360_did_log order by call_date")
    assert company.rows(
        'select recording_id, "user", location from datasets.recordings order by 1'
    ) == theirs("select recording_id, user, location from recording_log where start_time < '2011' order by 1")
    assert company.rows(
        "select direction, call_date, length_in_sec from datasets.phone_log order by call_date"
    ) == theirs(
        "select 'out', call_date, length_in_sec from dialer360_log where phone_number = '9998887112' "
        "union all select 'in', call_date, length_in_sec from dialer360_closer_log "
        "where phone_number = '9998887112' "
        "order by 2"
    )
    assert company.rows('select "user", campaign_id from datasets.logged_in_agents order by 1') == theirs(
        "select user, campaign_id from dialer360_live_agents order by 1"
    )
    calls = "select in_group, total_calls from datasets.in_group_status order by 1"
    assert company.rows(calls) == theirs(
        "select campaign_id, count(*) from dialer360_auto_calls "
        "where campaign_id in ('SALESLINE', 'SUPPORT') group by 1 order by 1"
    )
    instant = "select (called_at at time zone 'UTC')::text, custtime from datasets.call_info"
    assert company.rows(instant) == [("2014-01-24 14:26:09", 725)]
    sources = company.rows("select distinct source_id from datasets.phone_log where source_id is not null")
    assert sources == [(HOSTILE,)], "a text that holds line ends and separators comes whole"


async def test_wrong_accounts_are_refused_when_they_are_tested(company: Company) -> None:
    for changed, words in (
        ({"password": "Wrong-9-word"}, "refused the user or the Password"),
        ({"time_zone": "Europe/Berlin"}, "UTC+2:00 now, but the clock of Dialer360 is UTC-4:00"),
        ({"base_url": company.server.url + "/nowhere.php"}, "no Dialer360 answers there"),
        ({"source": "x"}, "refused the Source (--source)"),
    ):
        verdict = await company.tested(**changed)
        assert verdict.state == accounts.INVALID, changed
        assert words in verdict.message
        assert "Wrong-9-word" not in verdict.message + verdict.todo
        accounts.remove(company.center, "main")


async def test_the_password_stands_in_no_file_of_either_side(company: Company) -> None:
    await company.saved()
    await company.ran("logged_in_agents")
    secret = PASSWORD.encode()
    ours = [p for p in company.center.settings.home.rglob("*") if p.is_file() and secret in p.read_bytes()]
    assert ours == []
    logged = [
        *company.server.rows("select * from dialer360_api_urls"),
        *company.server.rows("select * from dialer360_api_log"),
    ]
    assert logged
    assert not [row for row in logged if PASSWORD in str(row)]


async def test_all_reports_at_once_leave_out_those_that_must_be_told_what_to_read(company: Company) -> None:
    await company.saved()
    made = await datasets.add_every_report(company.center, "main")
    wanted = {"agent_stats", "recordings", "logged_in_agents", "user_group_status"}
    assert set(made.names) == wanted
    assert made.left_out == {
        "did_log": ("--dids",),
        "phone_log": ("--phone-numbers",),
        "in_group_status": ("--in-groups",),
        "call_info": ("--call-ids",),
    }
    connector = accounts.access(company.center, "main").connector
    assert [o.name for o in connector.account if o.kind is Kind.SECRET] == ["password"]
