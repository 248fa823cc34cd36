"""What the API does, as a program would: accounts, datasets, runs, rows, targets, channels, people."""

from typing import Any

import httpx
import pytest

from tests.rest.asking import ACCOUNT_ID, V1, refused
from tests.rest.conftest import Api
from trunkline.access.roles import Role
from trunkline.center import datasets
from trunkline.center.running import run
from trunkline.center.writer import Writer
from trunkline.rest import rows
from trunkline.rest.operations import RestRooms
from trunkline.sims.callrail import CallrailSim

ACCOUNTS, DATASETS = f"{V1}/accounts", f"{V1}/datasets"


def new_account(office: CallrailSim, **more: Any) -> dict[str, Any]:
    options = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": office.url}
    return {"connector": "callrail", "name": "second", "options": {**options, **more}}


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:1000]}"
    return answer.json()


class TestAccounts:
    async def test_added_shown_changed_removed(self, api: Api, office: CallrailSim) -> None:
        client = api()
        answer = await client.post(ACCOUNTS, json=new_account(office))
        saved = ok(answer, 201)
        assert (saved["state"], saved["secrets"]) == ("valid", ["api_key"])
        assert answer.headers["location"] == f"{ACCOUNTS}/second"
        assert "testkey" not in answer.text
        shown = await client.get(answer.headers["location"])
        assert (shown.json(), shown.headers["etag"]) == (saved, answer.headers["etag"])
        refused(await client.post(ACCOUNTS, json=new_account(office)), 409, "name_taken")
        renamed = ok(await client.patch(f"{ACCOUNTS}/second", json={"name": "third"}))
        assert renamed["name"] == "third"
        refused(await client.get(f"{ACCOUNTS}/second"), 404, "not_found")
        assert ok(await client.post(f"{ACCOUNTS}/third/test"))["state"] == "valid"
        assert ok(await client.get(f"{ACCOUNTS}/third/budget"))["budgets"][0]["left"] > 0
        assert ok(await client.delete(f"{ACCOUNTS}/third")) == {"name": "third", "note": ""}

    async def test_wrong_credentials_are_not_saved(self, api: Api, office: CallrailSim) -> None:
        client = api()
        answer = await client.post(ACCOUNTS, json=new_account(office, api_key="wrong"))
        assert "Nothing was saved" in refused(answer, 422, "wrong_fields")["detail"]
        refused(await client.get(f"{ACCOUNTS}/second"), 404)
        wrong = new_account(office)
        del wrong["options"]["api_key"]
        content = refused(await client.post(ACCOUNTS, json=wrong), 422)
        assert [error["field"] for error in content["errors"]] == ["api_key"]
        content = refused(await client.post(ACCOUNTS, json={**wrong, "colour": 1}), 422)
        assert content["errors"] == [{"field": "colour", "message": "There is no field colour."}]

    async def test_menus_are_asked_of_the_provider(self, api: Api, office: CallrailSim) -> None:
        asked = {"report": "calls", "option": "company_id"}
        entries = ok(await api().post(f"{ACCOUNTS}/main/menu", json=asked))["entries"]
        assert entries
        refused(await api().post(f"{ACCOUNTS}/main/menu", json={**asked, "option": "nothing"}), 422)

    async def test_an_analyst_sees_what_is_theirs_or_shared(
        self, api: Api, office: CallrailSim, rooms: RestRooms, person: Any
    ) -> None:
        analyst = api(Role.ANALYST)
        assert ok(await analyst.get(ACCOUNTS))["items"] == []
        refused(await analyst.get(f"{ACCOUNTS}/main"), 404)
        refused(await analyst.post(f"{ACCOUNTS}/main/test"), 404)
        given = {"name": "calls", "account": "main", "report": "calls"}
        content = refused(await analyst.post(DATASETS, json=given), 422)
        assert [error["field"] for error in content["errors"]] == ["account"]
        _share(rooms, "main", person(Role.ANALYST).id)
        assert [one["name"] for one in ok(await analyst.get(ACCOUNTS))["items"]] == ["main"]
        assert ok(await analyst.post(DATASETS, json=given), 201)["name"] == "calls"
        refused(await analyst.delete(f"{ACCOUNTS}/main"), 403, "right_needed")


def _share(rooms: RestRooms, name: str, user_id: int) -> None:
    from sqlalchemy import insert, select

    from trunkline.center.tables import account_shares, accounts

    with rooms.store.begin() as tx:
        account_id = tx.execute(select(accounts.c.id).where(accounts.c.name == name)).scalar_one()
        values = {"account_id": account_id, "user_id": user_id, "created_at": rooms.clock.now()}
        tx.execute(insert(account_shares).values(**values))


class TestDatasets:
    async def test_a_life(self, api: Api, office: CallrailSim) -> None:
        client = api()
        given = {"name": "calls", "account": "main", "report": "calls", "tags": ["daily", "phone"]}
        saved = ok(await client.post(DATASETS, json=given), 201)
        assert (saved["method"], saved["tags"]) == ("merge", ["daily", "phone"])
        assert ok(await client.get(f"{DATASETS}/calls")) == saved
        refused(await client.post(DATASETS, json=given), 409, "name_taken")
        change = {"options": {"days_back": 7}, "description": "What rings", "tags": []}
        changed = ok(await client.patch(f"{DATASETS}/calls", json=change))
        assert (changed["options"]["days_back"], changed["description"]) == ("7", "What rings")
        assert changed["tags"] == []
        assert len(ok(await client.post(f"{DATASETS}/calls/preview", json={"rows": 3}))["rows"]) == 3
        assert ok(await client.post(f"{DATASETS}/calls/estimate", json={}))["requests"] > 0
        assert ok(await client.get(f"{DATASETS}/calls/state"))["last_run"] is None
        refused(await client.delete(f"{ACCOUNTS}/main"), 409, "in_use")
        assert ok(await client.delete(f"{DATASETS}/calls"))["table"] == "dropped"
        refused(await client.get(f"{DATASETS}/calls"), 404)

    async def test_schedule_and_retries(self, api: Api, office: CallrailSim) -> None:
        client = api()
        ok(await client.post(DATASETS, json={"name": "calls", "account": "main", "report": "calls"}), 201)
        path = f"{DATASETS}/calls/schedule"
        assert ok(await client.get(path))["kind"] == "manual"
        given = {"kind": "daily", "words": "06:00", "zone": "Europe/Berlin", "is_paused": True}
        told = ok(await client.put(path, json=given))
        assert (told["text"], told["is_paused"]) == ("daily 06:00 (Europe/Berlin)", True)
        assert ok(await client.get(f"{path}/upcoming"))["times"] == []
        assert ok(await client.put(path, json={**given, "is_paused": False}))["is_paused"] is False
        assert len(ok(await client.get(f"{path}/upcoming"))["times"]) == 5
        refused(await client.put(path, json={"kind": "daily", "words": "25:00"}), 422)
        told = ok(await client.put(f"{DATASETS}/calls/retries", json={"count": 2, "delay": "5m"}))
        assert told["delays_seconds"] == [300, 600]
        assert ok(await client.get(f"{DATASETS}/calls/retries")) == told

    async def test_filters(self, api: Api, office: CallrailSim, rooms: RestRooms) -> None:
        client = api()
        for name, report, tags in (("calls", "calls", ["a_b"]), ("texts", "companies", ["axb", "c"])):
            given = {"name": name, "account": "main", "report": report, "tags": tags}
            ok(await client.post(DATASETS, json=given), 201)
        for query, names in (
            ({"tag": "a_b"}, ["calls"]),
            ({"tag": "c"}, ["texts"]),
            ({"tag": '"'}, []),
            ({"report": "calls"}, ["calls"]),
            ({"name": "ext"}, ["texts"]),
            ({"name": "%"}, []),
            ({"account": "main"}, ["calls", "texts"]),
            ({"account": "other"}, []),
        ):
            found = ok(await client.get(DATASETS, params=query))["items"]
            assert [one["name"] for one in found] == names, query


class TestRuns:
    async def test_ordered_run_and_read(self, api: Api, office: CallrailSim, rooms: RestRooms) -> None:
        client, center = api(), rooms.center
        await datasets.add(center, "companies", "main", "companies", {})
        answer = await client.post(f"{DATASETS}/companies/runs", json={})
        order = ok(answer, 202)
        assert (order["state"], order["started_by"]) == ("waiting", "owner@example.com")
        assert ok(await client.get(answer.headers["location"])) == order
        with Writer(center.settings) as writer:
            done = await run(center, writer, "companies")
        listed = ok(await client.get(f"{V1}/runs", params={"dataset": "companies"}))["items"]
        assert [one["id"] for one in listed] == [done.id]
        assert ok(await client.get(f"{V1}/runs/{done.id}")) == listed[0]
        assert ok(await client.get(f"{V1}/runs", params={"state": "failed"}))["items"] == []
        assert ok(await client.get(f"{V1}/runs/{done.id}/log"))["lines"]
        refused(await client.post(f"{V1}/runs/{done.id}/cancel"), 409, "ended_already")
        refused(await client.post(f"{V1}/runs/{done.id}/retry"), 409, "not_to_be_retried")
        state = ok(await client.get(f"{DATASETS}/companies/state"))
        assert state["rows"] == done.rows_read
        await self._rows(client, done.rows_read)

    async def _rows(self, client: httpx.AsyncClient, count: int) -> None:
        columns = ok(await client.get(f"{DATASETS}/companies/columns"))["items"]
        shown = ok(await client.get(f"{DATASETS}/companies/rows"))["items"]
        assert len(shown) == count
        assert set(shown[0]) == {column["name"] for column in columns}
        sql = {"sql": "select id, count(*) over () as n from datasets.companies order by id", "limit": 1}
        told = ok(await client.post(f"{V1}/query", json=sql))
        assert (told["rows"], told["is_cut"]) == ([[shown[0]["id"], count]], count > 1)
        file = await client.get(f"{DATASETS}/companies/file", params={"format": "jsonl"})
        assert len(file.text.splitlines()) == count
        assert "companies.jsonl" in file.headers["content-disposition"]
        content = refused(
            await client.post(f"{V1}/query", json={"sql": "drop table datasets.companies"}), 422
        )
        assert "drop" in content["detail"].casefold()
        refused(await client.post(f"{V1}/query", json={"sql": "select 1/"}), 422)

    async def test_rows_a_page_at_a_time(self, api: Api, office: CallrailSim, rooms: RestRooms) -> None:
        client = api()
        await datasets.add(rooms.center, "companies", "main", "companies", {})
        with Writer(rooms.center.settings) as writer:
            done = await run(rooms.center, writer, "companies")
        assert done.rows_read > 1
        whole = ok(await client.get(f"{DATASETS}/companies/rows"))["items"]
        found: list[Any] = []
        address = f"{DATASETS}/companies/rows?limit=1"
        while address:
            answer = await client.get(address)
            found += ok(answer)["items"]
            address = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert found == whole

    async def test_a_query_ends_after_its_time(
        self, api: Api, office: CallrailSim, rooms: RestRooms, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await datasets.add(rooms.center, "companies", "main", "companies", {})
        with Writer(rooms.center.settings) as writer:
            await run(rooms.center, writer, "companies")
        monkeypatch.setattr(rows, "MOST_SECONDS", 0.2)
        long = "select count(*) from range(10000000) a, range(1000000) b where a.range * b.range % 7 = 3"
        refused(await api().post(f"{V1}/query", json={"sql": long}), 422, "query_too_long")

    async def test_exports(self, api: Api, office: CallrailSim, rooms: RestRooms, tmp_path: Any) -> None:
        client, folder = api(), tmp_path / "shelf"
        folder.mkdir()
        await datasets.add(rooms.center, "companies", "main", "companies", {})
        with Writer(rooms.center.settings) as writer:
            await run(rooms.center, writer, "companies")
        target = {"name": "shelf", "kind": "folder", "place": str(folder)}
        ok(await client.post(f"{V1}/targets", json=target), 201)
        assert ok(await client.post(f"{V1}/targets/shelf/test"))["place"] == str(folder)
        exports = f"{DATASETS}/companies/exports"
        now = ok(await client.post(exports, json={"target": "shelf", "format": "csv", "after_runs": False}))
        assert (folder / "companies.csv").exists()
        assert now["rows"] > 0
        ok(await client.post(exports, json={"target": "shelf"}))
        refused(await client.delete(f"{V1}/targets/shelf"), 409, "in_use")
        assert len(ok(await client.delete(f"{exports}/shelf"))["items"]) == 1
        ok(await client.delete(f"{V1}/targets/shelf"))


class TestOthers:
    async def test_channels(self, api: Api) -> None:
        client, path = api(), f"{V1}/alert-channels"
        given = {"kind": "webhook", "name": "hook", "options": {"url": "https://example.com/hook"}}
        made = ok(await client.post(path, json=given), 201)
        assert made["secret"]
        shown = await client.get(f"{path}/hook")
        assert made["secret"] not in shown.text
        assert shown.json()["secrets"] == ["url", "secret"]
        refused(await client.post(path, json=given), 409, "name_taken")
        changed = ok(await client.patch(f"{path}/hook", json={"kinds": ["export_failed"]}))
        assert changed["kinds"] == ["export_failed"]
        assert ok(await client.patch(f"{path}/hook", json={"kinds": None}))["kinds"] == "all"
        assert ok(await client.get(f"{V1}/alerts"))["items"] == []
        ok(await client.delete(f"{path}/hook"))

    async def test_a_token_of_ones_own(self, api: Api) -> None:
        client, path = api(Role.ANALYST), f"{V1}/me/tokens"
        made = ok(await client.post(path, json={"name": "narrow", "scopes": ["data.read"], "days": 1}), 201)
        narrow = {"authorization": f"Bearer {made['token']}"}
        assert ok(await client.get(DATASETS, headers=narrow))["items"] == []
        refused(await client.get(f"{V1}/me", headers=narrow), 403, "right_needed")
        content = refused(await client.post(path, json={"name": "wide", "scopes": ["users.write"]}), 422)
        assert [error["field"] for error in content["errors"]] == ["scopes"]
        ok(await client.delete(f"{path}/{made['id']}"))
        refused(await client.get(DATASETS, headers=narrow), 401)
        other = ok(await api().post(path, json={"name": "the owner's"}), 201)
        refused(await client.delete(f"{path}/{other['id']}"), 404)

    async def test_a_token_makes_none_that_may_more(self, api: Api) -> None:
        kept = api(Role.OWNER, ["self", "data.read"])
        made = ok(await kept.post(f"{V1}/me/tokens", json={"name": "child"}), 201)
        assert made["scopes"] == ["data.read", "self"]

    async def test_only_owners_change_owners(self, api: Api, rooms: RestRooms) -> None:
        owner = rooms.users.add("owner@example.com", "Olive", Role.OWNER, "correct horse battery")
        refused(await api(Role.ADMIN).patch(f"{V1}/users/{owner.id}", json={"role": "admin"}), 403)
        content = refused(await api().patch(f"{V1}/users/{owner.id}", json={"role": "admin"}), 422)
        assert "only owner" in content["detail"]

    async def test_what_was_done_is_in_the_audit(self, api: Api, office: CallrailSim) -> None:
        client = api()
        ok(await client.post(DATASETS, json={"name": "calls", "account": "main", "report": "calls"}), 201)
        ok(await client.delete(f"{DATASETS}/calls"))
        entries = ok(await client.get(f"{V1}/audit"))["items"]
        assert [(one["action"], one["subject"]) for one in entries] == [
            ("dataset.removed", "calls"),
            ("dataset.added", "calls"),
        ]
        assert {one["who"] for one in entries} == {"owner@example.com"}

    async def test_the_state_of_the_installation(self, api: Api) -> None:
        told = ok(await api().get(f"{V1}/system"))
        assert told["findings"]
        assert told["state"] in ("ok", "warning", "error")

    @pytest.mark.parametrize("name", ["callrail", "dialpad", "dialogtech", "dialer360"])
    async def test_every_connector_can_be_shown(self, name: str, api: Api) -> None:
        told = ok(await api().get(f"{V1}/connectors/{name}"))
        assert told["account"]["properties"]
        assert told["reports"]
