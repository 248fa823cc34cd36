"""The pretend DialogTech keeps to the public page byte for byte, and to what clients have seen elsewhere."""

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from lxml import etree

from trunkline.clock import SteppedClock
from trunkline.errors import SettingsError
from trunkline.sims.dialogtech import DialogtechSim, Fault
from trunkline.sims.dialogtech import DialogtechSimOptions as Options
from trunkline.sims.dialogtech.bodies import NAMES
from trunkline.sims.dialogtech.running import introduction

SAMPLES = Path(__file__).parents[1] / "data" / "dialogtech"
NOW = datetime(2026, 6, 17, 18, 30, tzinfo=UTC)
KEYS = {"access_key": "testkey", "secret_access_key": "testsecret"}
ALL_DAYS = {"action": "report.clickto", "start_date": "20170101", "end_date": "20261231"}
HEADER = (SAMPLES / "click_to_sample.csv").read_text().split("\n", maxsplit=1)[0]


@dataclass
class Caller:
    """A client of one pretend DialogTech."""

    sim: DialogtechSim
    session: aiohttp.ClientSession

    async def answer(self, **params: str) -> tuple[int, bytes]:
        async with self.session.get(f"{self.sim.url}/ibp_api.php", params={**KEYS, **params}) as response:
            return response.status, await response.read()

    async def report(self, **params: str) -> bytes:
        status, body = await self.answer(**{**ALL_DAYS, **params})
        assert status == 200
        return body

    async def rows(self, **params: str) -> list[dict[str, str]]:
        root = etree.fromstring(await self.report(**params))
        assert root.tag == "data"
        return [{str(field.tag): field.text or "" for field in record} for record in root]

    async def refused(self, **params: str) -> tuple[int, str, str]:
        """Status, result and description of an envelope."""
        status, body = await self.answer(**{**ALL_DAYS, **params})
        root = etree.fromstring(body)
        assert root.tag == "response"
        return status, root.findtext("result") or "", root.findtext("result_description") or ""


@asynccontextmanager
async def calling(**options: Any) -> AsyncIterator[Caller]:
    clock = SteppedClock(NOW)
    async with DialogtechSim(Options(**options), clock) as sim, aiohttp.ClientSession() as session:
        yield Caller(sim, session)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


# -- the two bodies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xml", "csv"])
async def test_the_pages_sample_is_printed_byte_for_byte(form: str) -> None:
    async with calling(fixture=SAMPLES / "click_to_sample.csv") as caller:
        assert await caller.report(format=form) == (SAMPLES / f"click_to_sample.{form}").read_bytes()


async def test_a_report_is_valid_against_its_own_document_type(caller: Caller) -> None:
    body = await caller.report()
    document = etree.fromstring(body).getroottree()
    assert document.docinfo.internalDTD.validate(document)
    assert document.docinfo.encoding == "iso-8859-1"
    assert len(document.getroot()) == len(caller.sim.world) == 500


async def test_xml_is_the_form_when_none_is_asked_for(caller: Caller) -> None:
    assert await caller.report() == await caller.report(format="xml")


async def test_other_readers_read_the_same_from_both(caller: Caller) -> None:
    text = (await caller.report(format="csv")).decode("iso-8859-1")
    table = list(csv.reader(io.StringIO(text, newline="")))
    assert ",".join(f'"{name}"' for name in table[0]) == HEADER
    rows = await caller.rows()
    latin = [[v.encode("iso-8859-1", "replace").decode("iso-8859-1") for v in row.values()] for row in rows]
    assert table[1:] == latin


async def test_letters_beyond_latin_are_references_in_xml_and_unicode_csv_is_a_choice() -> None:
    async with calling(csv_utf8=True) as caller:
        xml, text = await caller.report(), (await caller.report(format="csv")).decode()
        assert b"&#321;ukasz" in xml
        assert "Zoë".encode("iso-8859-1") in xml
        assert "Łukasz" in text


async def test_headers_come_again_when_asked_to() -> None:
    async with calling(clicks=10, header_every=4) as caller:
        lines = (await caller.report(format="csv")).decode("iso-8859-1").split("\n")
        assert [n for n, line in enumerate(lines) if line == HEADER] == [0, 5, 10]


async def test_what_xml_cannot_hold_is_left_out_and_line_breaks_are_blanks_in_csv() -> None:
    async with calling(clicks=0) as caller:
        caller.sim.world.add({"Page": 'a\x00b\r\nc\nd"e', "Name": "<&>"}, NOW)
        [row] = await caller.rows()
        assert (row["Page"], row["Name"]) == ('ab\r\nc\nd"e', "<&>")
        text = (await caller.report(format="csv")).decode()
        assert '"ab c d""e"' in text


# -- asking ------------------------------------------------------------------------------------------


async def test_a_query_a_form_and_a_multipart_form_are_answered_alike(caller: Caller) -> None:
    url, wanted = f"{caller.sim.url}/ibp_api.php", await caller.report(format="csv")
    params = {**KEYS, **ALL_DAYS, "format": "csv"}
    multipart = aiohttp.FormData(params, default_to_multipart=True)
    query = "&".join(f"{name}={value}" for name, value in params.items())
    for method, address, data in (
        ("GET", f"{url}?&{query}", None),
        ("POST", url, params),
        ("POST", url, multipart),
        ("POST", f"{url}?action=report.clickto", {n: v for n, v in params.items() if n != "action"}),
        ("POST", f"{url}?&{query}", {}),
    ):
        async with caller.session.request(method, address, data=data) as response:
            assert await response.read() == wanted
    assert all("access_key" not in seen.params for seen in caller.sim.requests)
    assert all(seen.had_key for seen in caller.sim.requests)


@pytest.mark.parametrize(
    "keys",
    [
        {"access_key": "testkey", "secret_access_key": "wrong"},
        {"access_key": "wrong", "secret_access_key": "testsecret"},
        {"access_key": "", "secret_access_key": ""},
        {"api_key": "wrong"},
        {"api_key": ""},
        {"access_key": "tëstkey", "secret_access_key": "☎"},
    ],
)
async def test_wrong_keys_are_an_invalid_account(keys: dict[str, str]) -> None:
    for statuses, status in ((False, 200), (True, 401)):
        async with calling(error_statuses=statuses) as caller:
            for form in ("xml", "csv"):
                refused = await caller.refused(**{**KEYS, **keys, "format": form})
                assert refused == (status, "INVALID ACCOUNT", "INVALID ACCOUNT")


async def test_the_older_key_is_good_alone(caller: Caller) -> None:
    body = await caller.report(api_key="oldtestkey", access_key="", secret_access_key="")
    assert body.startswith(b"<?xml version='1.0' encoding='iso-8859-1'?>\n<!DOCTYPE data [")


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"action": "report.other"}, "Unknown action"),
        ({"format": "text"}, "format is 'text'"),
        ({"start_date": "2017-01-01"}, "start_date is '2017-01-01': use YYYYMMDD"),
        ({"start_date": "20170230"}, "start_date is '20170230'"),
        ({"end_date": ""}, "end_date is ''"),
        ({"end_date": "20161231"}, "start_date is after end_date"),
    ],
)
async def test_wrong_parameters_are_told_in_the_envelope(
    caller: Caller, params: dict[str, str], text: str
) -> None:
    status, result, description = await caller.refused(**params)
    assert (status, result) == (200, "failed")
    assert text in description


async def test_unknown_parameters_are_ignored_unless_it_is_strict(caller: Caller) -> None:
    assert await caller.report(color="blue") == await caller.report()
    async with calling(strict=True, error_statuses=True) as strict:
        assert await strict.refused(color="blue") == (400, "failed", "Unknown parameter color")


async def test_both_ends_of_the_days_are_included_and_are_of_the_zone() -> None:
    async with calling(clicks=0, zone="America/New_York") as caller:
        for time in ("Jan 12 2017 11:59 PM", "Jan 13 2017 12:00 AM", "Jan 14 2017 11:59 PM"):
            caller.sim.world.add({"Click_Date_Time": time})
        caller.sim.world.add({}, datetime(2017, 1, 15, 5, 0, tzinfo=UTC))
        rows = await caller.rows(start_date="20170113", end_date="20170114")
        assert [row["Click_Date_Time"] for row in rows] == ["Jan 13 2017 12:00 AM", "Jan 14 2017 11:59 PM"]
        [last] = await caller.rows(start_date="20170115", end_date="20170115")
        assert last["Click_Date_Time"] == "Jan 15 2017 12:00 AM"


@pytest.mark.parametrize("name", ["click_id", "click-id"])
async def test_clicks_are_filtered_by_block_and_by_reference(caller: Caller, name: str) -> None:
    rows = await caller.rows(**{name: "10003"})
    assert {row["Click_Description"] for row in rows} == {"Service & repair"}
    assert {row["Ref"] for row in await caller.rows(ref="Zürich")} == {"Zürich"}
    assert 0 < len(rows) < 500
    assert await caller.rows(click_id="7") == []


# -- answers without clicks, and limits --------------------------------------------------------------


async def test_an_empty_answer_looks_as_chosen() -> None:
    empty = {"start_date": "20000101", "end_date": "20000102"}
    async with calling() as caller:
        assert await caller.rows(**empty) == []
        assert (await caller.report(**empty, format="csv")).decode() == HEADER
    async with calling(empty="failed") as caller:
        assert await caller.refused(**empty, format="csv") == (200, "failed", "No records found")
    async with calling(empty="blank") as caller:
        assert await caller.report(**empty) == b""


async def test_requests_beyond_the_limit_get_429_and_every_nth_503() -> None:
    async with calling(per_minute=2) as caller:
        assert [(await caller.answer(**ALL_DAYS))[0] for _ in range(3)] == [200, 200, 429]
    async with calling(fail_every=2) as caller:
        assert [(await caller.answer(**ALL_DAYS))[0] for _ in range(4)] == [200, 503, 200, 503]


async def test_another_path_and_another_method_are_refused(caller: Caller) -> None:
    async with caller.session.get(f"{caller.sim.url}/other.php", params=KEYS) as response:
        assert response.status == 404
    async with caller.session.put(f"{caller.sim.url}/ibp_api.php", params=KEYS) as response:
        assert b"PUT is not allowed" in await response.read()


# -- its world ---------------------------------------------------------------------------------------


async def test_the_same_seed_makes_the_same_clicks_and_some_are_equal(caller: Caller) -> None:
    async with calling() as other, calling(seed=2) as third:
        assert await other.report() == await caller.report() != await third.report()
    rows = [tuple(row.values()) for row in await caller.rows()]
    assert 3 <= len(rows) - len(set(rows)) <= 40
    assert {row[NAMES.index("Call_2_Result")] for row in rows} >= {"ANSWER", "BUSY", "NOANSWER", ""}


async def test_control_pages_add_and_change_clicks(caller: Caller) -> None:
    pages = f"{caller.sim.url}/_sim"
    new = {"count": 2, "Ref": "spring", "Click_Date_Time": "Jun 16 2026 9:05 AM"}
    async with caller.session.post(f"{pages}/calls", data=json.dumps(new)) as response:
        first, second = (await response.json(content_type=None))["ids"]
    changed = {"Call_1_Result": "BUSY"}
    async with caller.session.patch(f"{pages}/calls/{second}", data=json.dumps(changed)) as response:
        assert response.status == 200
    rows = await caller.rows(ref="spring")
    assert [row["Call_1_Result"] == "BUSY" for row in rows].count(True) >= 1
    assert {row["Click_Date_Time"] for row in rows} == {"Jun 16 2026 9:05 AM"}
    for path, body in (("calls", {"Color": "blue"}), ("calls", {"Click_Date_Time": "soon"})):
        async with caller.session.post(f"{pages}/{path}", data=json.dumps(body)) as response:
            assert response.status == 400
    async with caller.session.patch(f"{pages}/calls/99999", data="{}") as response:
        assert response.status == 404
    async with caller.session.get(pages) as response:
        assert (await response.json(content_type=None))["clicks"] == 502
    assert first != second


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("html", b"<!DOCTYPE html>"),
        ("failed", b"<result>failed</result>"),
        ("plain_text", b"Missing Application Specification"),
        ("entities", b"<!ENTITY a"),
        ("unknown_field", b"<Brand_New>new 0</Brand_New>"),
        ("odd_time", b"<Click_Date_Time>soon</Click_Date_Time>"),
        ("revoked", b"INVALID ACCOUNT"),
        ("huge", b"x" * 100),
    ],
)
async def test_it_fails_on_demand(caller: Caller, kind: str, part: bytes) -> None:
    caller.sim.faults.add(Fault(kind, "start_date=20170101", size=100))
    _, body = await caller.answer(**ALL_DAYS)
    assert part in body


async def test_a_fault_may_be_for_some_days_only(caller: Caller) -> None:
    caller.sim.faults.add(Fault("blank", "end_date=20200101", times=None))
    assert await caller.report()
    assert await caller.report(end_date="20200101") == b""


async def test_a_cut_answer_is_half_of_the_whole(caller: Caller) -> None:
    whole = await caller.report()
    caller.sim.faults.add(Fault("truncated"))
    assert await caller.report() == whole[: len(whole) // 2]
    caller.sim.faults.add(Fault("disconnect"))
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.report()


# -- fixtures, and what it says ----------------------------------------------------------------------


async def test_a_fixture_may_be_json(tmp_path: Path) -> None:
    rows = [{"Click_Date_Time": "Jan 13 2017 10:52 PM", "Name": "Łukasz", "click_id": "7"}]
    (tmp_path / "clicks.json").write_text(json.dumps(rows), encoding="utf-8")
    async with calling(fixture=tmp_path / "clicks.json") as caller:
        [row] = await caller.rows(click_id="7")
        assert row == {**dict.fromkeys(NAMES, ""), **{n: v for n, v in rows[0].items() if n != "click_id"}}


@pytest.mark.parametrize(
    "content",
    [
        b"[1]",
        b"[{",
        b'[{"Name": "x"}]',
        b'[{"Click_Date_Time": "soon"}]',
        b'[{"Click_Date_Time": "Jan 13 2017 10:52 PM", "Color": "blue"}]',
        b'"Caller ID"\n"1"',
        b'"Caller ID","Click Date/Time"\n"1"',
    ],
)
def test_a_fixture_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clicks"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="fixture") as caught:
        DialogtechSim(Options(fixture=path))
    assert "Click_Date_Time" in caught.value.todo
    with pytest.raises(SettingsError, match="cannot be read"):
        DialogtechSim(Options(fixture=tmp_path / "none"))


async def test_it_says_how_it_is_used(caller: Caller) -> None:
    lines = list(introduction(caller.sim))
    assert lines[0] == f"trunkline sim dialogtech: listening on {caller.sim.url}"
    assert lines[2].startswith("trunkline account add dialogtech ")
