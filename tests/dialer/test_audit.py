"""The audit holds every change of a request with its values before and after, and no password."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dialer.changes import Row, Snapshot, changes_between, snapshot, text_of
from tests.dialer.lead_calls import LOGIN, ask, change, insert, newest
from tests.dialer.replay import ADDRESS, copied, patched, scenarios
from trunkline.dialer import audit
from trunkline.dialer.command import Dialect
from trunkline.dialer.commands import ALL
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.dialer.tables import declared
from trunkline.dialer.wire import parameters

NOT_AUDITED = frozenset(
    (
        *("api_log", "api_urls", "admin_log", "audit_log"),
        *(
            "manager",
            "dial_log",
            "rt_monitor_log",
            "report_log",
        ),  # what blind_monitor writes: logs, and its wish
        "callbacks_archive",  # the row stands in the audit as a deleted one
    )
)
OF_A_LOGIN = frozenset(("failed_login_count", "last_login_date", "last_ip", "pass", "pass_hash"))
TOLD_AS = {"campaign_agents": "users"}
"""Rows that are told as values of another table's record."""


def tables(service: Service) -> Snapshot:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    return snapshot(database.connection, database.tables.bare_name)


def entries(before: Snapshot, after: Snapshot) -> list[Row]:
    """The audit rows that came."""
    return [row for n, row in after["audit_log"].items() if n not in before["audit_log"]]


class Audited:
    """What the audit of a request says, by table and record."""

    def __init__(self, rows: list[Row]) -> None:
        self.changes: dict[tuple[str, str], Row] = {}
        for one in (one for row in rows for one in json.loads(row["changes"])):
            key = one["table"], one["record"]
            had = self.changes.setdefault(key, one)
            if had is not one:  # told in two pieces
                self.changes[key] = {**had, "after": {**had["after"], **one["after"]}}

    def lacks(self, table: str, kind: str, row: Row) -> str:
        """What is missing of a row that was added, removed or changed; empty: nothing."""
        about = [one for (name, _), one in self.changes.items() if name == TOLD_AS.get(table, table)]
        if any(_tells(one, table, kind, row) for one in about) or self._counts(table, row):
            return ""
        return f"{table} {kind} {row}: {about}"

    def _counts(self, table: str, row: Row) -> bool:
        """Whether the row is one of those that went or changed together."""
        befores = [one["before"] or {} for one in self.changes.values()]
        if table == "hopper":
            return any("leads in hopper" in before for before in befores)
        lead_id = (row.get("now") or row).get("lead_id")
        return table == "list" and any(lead_id in before.get("ids", ()) for before in befores)


def _tells(one: Row, table: str, kind: str, row: Row) -> bool:
    before, after = one["before"], one["after"]
    whole = row.get("now") or row
    if table == "campaign_agents":
        return f"campaign_rank in {whole['campaign_id']}" in after
    if table == "servers" and one["record"] == "refresh":
        return whole["server_ip"] in after
    if kind == "changed":
        names = set(row["set"]) - (OF_A_LOGIN if table == "users" else frozenset())
        return before is not None and after is not None and names <= set(after)
    told, other = (after, before) if kind == "added" else (before, after)
    return other is None and told is not None and like(table, told, row)


def like(table: str, told: Row, row: Row) -> bool:
    """Whether what is told of a row is what it holds. What is not told is empty or a default."""
    defaults = {c.name: c.default for c in declared()[table][1]} if table in declared() else {}
    automatic = {c.name for c in declared()[table][1] if c.is_automatic} if table in declared() else set()
    for name, value in row.items():
        if name in automatic and name not in told:
            continue
        if told.get(name) == audit.MASK:
            continue
        expected = told.get(name, "" if value in (None, "") else defaults.get(name))
        if text_of(expected) != text_of(value) and not (expected in (None, "") and value in (None, "")):
            return False
    return True


def not_told(before: Snapshot, after: Snapshot) -> list[str]:
    audited = Audited(entries(before, after))
    missing = []
    for table, kinds in changes_between(before, after).items():
        if table in NOT_AUDITED:
            continue
        for kind, rows in kinds.items():
            for row in rows:
                is_login = kind == "changed" and table == "users" and set(row["set"]) <= OF_A_LOGIN
                if not is_login:
                    missing.append(audited.lacks(table, kind, row))
    return [one for one in missing if one]


async def test_every_change_of_the_recorded_requests_is_told(start: Path, tmp_path: Path) -> None:
    missing, functions = [], set()
    for steps in scenarios().values():
        service = copied(start, tmp_path / "audit.db")
        await patched(service, steps[0]["patches"])
        for step in steps:
            before = tables(service)
            await service.answer(parameters(step["query"]), Dialect.ORIGINAL, ADDRESS)
            after = tables(service)
            missing += not_told(before, after)
            came = entries(before, after)
            assert len(came) <= 1
            functions |= {row["function"] for row in came}
        await service.database.close()
    assert missing == []
    assert functions == {c.name for c in ALL if c.writes} - {"blind_monitor"}


async def last(service: Service) -> dict[str, Any]:
    row = newest(service, "dialer360_audit_log", "audit_id")
    return {**row, "changes": json.loads(row["changes"])}


async def test_a_changed_lead_is_told_with_both_values(service: Service) -> None:
    await ask(service, "update_lead", lead_id="1001", city="Tampa", first_name="Custom", comments="a" * 2_000)
    row = await last(service)
    assert (row["audit_date"], row["user"], row["ip_address"]) == ("2017-06-14 12:00:00", "6666", "127.0.0.1")
    assert (row["function"], row["records"]) == ("update_lead", " list/1001 ")
    (told,) = row["changes"]
    assert (told["table"], told["record"]) == ("list", "1001")
    assert set(told["after"]) == {"city", "comments"}, "the first name is what it was"
    assert told["after"]["city"] == "Tampa"
    assert told["after"]["comments"] == "a" * 255, "as the column keeps it"


async def test_a_lead_with_all_its_parts_is_one_row(service: Service) -> None:
    more = {"multi_alt_phones": "7275551212_1_work!7275551213_1_home", "add_to_hopper": "Y", "callback": "Y"}
    callback = {"campaign_id": "TESTCAMP", "callback_datetime": "NOW"}
    own = {"custom_fields": "Y", "favorite_color": "blue", "list_id": "101"}
    await ask(service, "add_lead", phone_number="7275551111", **more, **callback, **own)
    row = await last(service)
    told = [one["table"] for one in row["changes"]]
    assert told == ["list", *["list_alt_phones"] * 2, "custom_101", "list", "hopper", "callbacks"]
    assert all(one["before"] in (None, {}) for one in row["changes"])
    assert row["changes"][0]["after"]["phone_number"] == "7275551111"


async def test_a_deleted_lead_is_told_as_it_was(service: Service) -> None:
    before = tables(service)["list"]
    lead = next(row for row in before.values() if row["lead_id"] == 1139740)
    await ask(service, "update_lead", lead_id="1139740", delete_lead="Y")
    told = (await last(service))["changes"][-1]
    assert (told["table"], told["record"], told["after"]) == ("list", "1139740", None)
    assert told["before"] == {name: value for name, value in lead.items() if value not in (None, "")}


async def test_ranks_are_told_for_each_campaign(service: Service) -> None:
    await ask(service, "update_user", agent_user="1000", campaign_rank="3")
    await ask(service, "update_user", agent_user="1000", campaign_rank="5", campaign_grade="2")
    told = (await last(service))["changes"][0]
    assert told["before"]["campaign_rank in TESTCAMP"] == 3
    assert told["after"]["campaign_rank in TESTCAMP"] == 5
    entry = newest(service, "dialer360_admin_log", "admin_log_id")
    assert json.loads(entry["event_sql"])["campaign_rank in TESTCAMP"] == [3, 5]


async def test_leads_that_went_together_are_counted_and_some_are_named(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [row["lead_id"] for row in tables(service)["list"].values() if row["list_id"] == 101]
    assert len(leads) > 2
    await ask(service, "update_list", list_id="101", delete_leads="Y")
    told = (await last(service))["changes"][-1]
    assert (told["table"], told["record"]) == ("lists", "101")
    assert told["before"] == {"leads": len(leads), "ids": sorted(leads)}
    assert told["after"] == {"leads": 0, "ids": []}
    entry = newest(service, "dialer360_admin_log", "admin_log_id")
    assert json.loads(entry["event_sql"])["leads"] == [len(leads), 0]


async def test_only_the_first_ids_are_named(service: Service) -> None:
    await insert(service, "list", *({"list_id": 555, "phone_number": str(n)} for n in range(1_200)))
    await insert(service, "lists", {"list_id": 555, "list_name": "many", "campaign_id": "TESTCAMP"})
    await ask(service, "update_list", list_id="555", delete_leads="Y")
    told = (await last(service))["changes"][-1]
    assert told["before"]["leads"] == 1_200
    assert len(told["before"]["ids"]) == audit.MOST_IDS


PASSWORDS = ("geheim77", "secret88", "regist99")
NEW_USER = {"agent_user_level": "1", "agent_full_name": "New", "agent_user_group": "AGENTS"}
NEW_PHONE = {
    "dialplan_number": "99301",
    "voicemail_id": "99301",
    "phone_login": "gs301",
    "protocol": "SIP",
    "phone_full_name": "Extension 301",
    "local_gmt": "-5.00",
    "outbound_cid": "7275551212",
}
WITH_PASSWORDS: list[tuple[str, dict[str, str]]] = [
    ("add_user", {"agent_user": "9393", "agent_pass": PASSWORDS[0], "phone_pass": PASSWORDS[1], **NEW_USER}),
    ("update_user", {"agent_user": "9393", "agent_pass": PASSWORDS[1], "phone_pass": PASSWORDS[0]}),
    ("update_user", {"agent_user": "9393", "delete_user": "Y"}),
    ("add_phone", {"phone_pass": PASSWORDS[0], "registration_password": PASSWORDS[2], **NEW_PHONE}),
    ("update_phone", {"phone_pass": PASSWORDS[1], "registration_password": PASSWORDS[0]}),
    ("update_phone", {"delete_phone": "Y"}),
]


@pytest.mark.parametrize("is_own", [True, False])
async def test_no_log_holds_a_password(service: Service, is_own: bool) -> None:
    service.passwords._is_own = is_own
    for function, params in WITH_PASSWORDS:
        place = {"extension": "gs301", "server_ip": "10.10.10.16"} if "phone" in function else {}
        text = await ask(service, function, **params, **place)
        assert text.startswith("SUCCESS"), text
        row = await last(service)
        assert row["function"] == function
        assert audit.MASK in json.dumps(row["changes"])
    for table, rows in tables(service).items():
        if table in ("api_log", "api_urls", "admin_log", "audit_log"):
            text = json.dumps(list(rows.values()))
            assert not [password for password in PASSWORDS if password in text], table


async def statements(service: Service, function: str, **params: str) -> list[str]:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    await ask(service, "version")
    seen: list[str] = []
    database.connection.set_trace_callback(seen.append)
    try:
        await ask(service, function, **params)
    finally:
        database.connection.set_trace_callback(None)
    return seen


@pytest.mark.parametrize(
    ("function", "params", "count"),
    [
        ("add_lead", {"phone_number": "7275551111", "list_id": "101", "add_to_hopper": "Y"}, 1),
        ("update_lead", {"lead_id": "1001", "city": "Tampa", "state": "NY"}, 1),
        ("update_lead", {"lead_id": "1001", "first_name": "Custom"}, 0),
        ("update_lead", {"lead_id": "1001", "no_update": "Y", "city": "Tampa"}, 0),
        ("lead_field_info", {"lead_id": "1001", "field_name": "city"}, 0),
        ("add_lead", {"phone_number": "727"}, 0),
    ],
)
async def test_a_request_writes_one_row_at_most(
    service: Service, function: str, params: dict[str, str], count: int
) -> None:
    await ask(service, "lead_field_info", lead_id="1001", field_name="city")
    seen = await statements(service, function, **params)
    assert len([sql for sql in seen if "audit_log" in sql]) == count
    service.audits = False
    assert [sql for sql in await statements(service, function, **params) if "audit_log" in sql] == []


async def test_what_is_too_long_is_counted(service: Service) -> None:
    leads = [{"list_id": 101, "phone_number": "7275550001", "comments": "x"} for _ in range(150)]
    await insert(service, "list", *leads)
    params = {"search_method": "PHONE_NUMBER", "phone_number": "7275550001", "records": "150"}
    await ask(service, "update_lead", **params, comments="y" * 255, address1="é" * 100)
    row = await last(service)
    assert row["changes"][-1] == {"more": 150 - (len(row["changes"]) - 1)}
    assert len(row["changes"]) <= audit.MOST_CHANGES + 1
    assert len(row["records"].split()) == audit.MOST_CHANGES
    await ask(service, "update_lead", **params, vendor_lead_code="é" * 20, comments="é" * 255)
    long = newest(service, "dialer360_audit_log", "audit_id")["changes"]
    assert len(long.encode()) < audit.MOST_TEXT + 100


async def test_a_request_that_fails_says_nothing(service: Service) -> None:
    params = {**LOGIN, "function": "add_user", "agent_user": "1000", "agent_pass": "x1", **NEW_USER}
    before = tables(service)
    reply = await service.answer(params, Dialect.DOCUMENTED, ADDRESS)
    assert "USER ALREADY EXISTS" in reply.text
    assert entries(before, tables(service)) == []


async def test_values_are_told_as_their_columns_keep_them(service: Service) -> None:
    await change(service, "list", {"lead_id": 1001}, rank=5, title="Mr")
    await ask(service, "update_lead", lead_id="1001", rank="99999", title="Professor")
    (told,) = (await last(service))["changes"]
    assert told["before"] == {"rank": 5, "title": "Mr"}
    assert told["after"] == {"rank": 32767, "title": "Prof"}
