"""Every request that is sent to Dialpad is lawful by its own official description."""

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest

from tests.connectors.dialpad_reading import (
    ALWAYS,
    CALL_STATS,
    TARGETS,
    Reader,
    Sent,
    reading_dialpad,
    relative_range,
)
from trunkline.connectors.dialpad import CONNECTOR

DESCRIPTION = Path(__file__).parents[1] / "data" / "dialpad" / "openapi.json"


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    async with reading_dialpad() as found:
        yield found


@pytest.fixture(scope="module")
def described() -> OpenAPI:
    return OpenAPI.from_dict(orjson.loads(DESCRIPTION.read_bytes()), Config())


def check_lawful(described: OpenAPI, sent: Sent) -> None:
    """Raises where a request is not as Dialpad describes its own API."""
    described.validate_request(
        MockRequest(
            "https://dialpad.com",
            sent.method.lower(),
            sent.path,
            args=dict(sent.query),
            headers={"Authorization": sent.headers["Authorization"]},
            content_type=sent.headers.get("Content-Type", "application/json"),
            data=sent.body or None,
        )
    )


def of_api(reader: Reader) -> list[Sent]:
    """All requests but those for files, which lie outside of the API."""
    return [sent for sent in reader.sim.sent if not sent.path.startswith("/stats-export/")]


@pytest.mark.parametrize("report", [r.name for r in CONNECTOR.reports])
async def test_every_report_asks_as_the_official_description_says(described: OpenAPI, report: str) -> None:
    async with reading_dialpad(page_rows=9) as reader:
        await reader.read(report)
        assert of_api(reader)
        for sent in of_api(reader):
            check_lawful(described, sent)


async def test_every_choice_asks_as_the_official_description_says(described: OpenAPI, reader: Reader) -> None:
    office, center, user = (reader.ids(kind)[0] for kind in ("offices", "callcenters", "users"))
    await reader.read("offices", active_only="yes")
    await reader.read("callcenters", office_id=office)
    await reader.read("departments", office_id=office)
    await reader.read("operators", call_center_id=center)
    for state in ("active", "suspended", "deleted", "cancelled", "pending"):
        await reader.read("users", state=state)
    await reader.read("calls", target_type="user", target_id=user, relative_date="1")
    for given, _ in TARGETS:
        await reader.read("stats", **given, **relative_range("3", "0"))
    for stat_type in ("csat", "dispositions", "onduty", "recordings", "screenshare", "texts", "voicemails"):
        target = {"target_type": "callcenter", "call_center_id": center}
        await reader.read("stats", stat_type=stat_type, **target, relative_date="1")
    for group_by in ("user", "date", "group"):
        await reader.read("stats", **CALL_STATS, group_by=group_by, office_id=office, relative_date="1")
    assert len(reader.bodies) > 20
    for sent in of_api(reader):
        check_lawful(described, sent)


@pytest.mark.parametrize(
    "sent",
    [
        Sent("POST", "/api/v2/stats", {}, {}, b'{"stat_type": "surveys", "export_type": "records"}'),
        Sent("POST", "/api/v2/stats", {}, {}, b'{"stat_type": "calls"}'),
        Sent("POST", "/api/v2/stats", {}, {}, orjson.dumps({**ALWAYS, "office_id": "12"})),
        Sent("GET", "/api/v2/call", {"started_after": "yesterday"}, {}),
        Sent("GET", "/api/v2/users", {"state": "asleep"}, {}),
        Sent("GET", "/api/v2/nowhere", {}, {}),
    ],
)
def test_the_description_does_refuse_what_is_wrong(described: OpenAPI, sent: Sent) -> None:
    with pytest.raises(Exception, match=r"[Ii]nvalid|not found|error"):
        check_lawful(
            described, Sent(sent.method, sent.path, sent.query, {"Authorization": "Bearer x"}, sent.body)
        )
