"""The pretend Dialpad limits, fails and is told what to do, and does all of it the same way twice."""

import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson
import pytest

from tests.sims.dialpad.dialpad_caller import CALLS, NOW, Caller, calling, message_of, unlimited
from trunkline.errors import SettingsError
from trunkline.sims.dialpad import FAULT_KINDS, DialpadSim, DialpadSimOptions, Fault, run


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(unlimited()) as found:
        yield found


# -- limits ------------------------------------------------------------------------------------------


async def statuses(caller: Caller, path: str, times: int) -> list[int]:
    return [(await caller.answer(path))[0] for _ in range(times)]


async def test_the_company_has_twenty_requests_a_second() -> None:
    async with calling(DialpadSimOptions()) as caller:
        assert await statuses(caller, "offices", 10) + await statuses(caller, "users", 10) == [200] * 20
        assert await caller.error("company") == (429, "Rate limit exceeded.")
        assert (await caller.answer("company"))[2]["Retry-After"] == "1"
        caller.clock.advance(1)
        assert await statuses(caller, "company", 1) == [200]


async def test_each_kind_of_request_has_its_own_limit() -> None:
    options = unlimited(per_minute=3, call_per_minute=2, stats_per_hour=1)
    async with calling(options) as caller:
        call_id = (await caller.get("call"))["items"][0]["call_id"]
        assert await statuses(caller, f"call/{call_id}", 3) == [200, 200, 429]
        assert await statuses(caller, "offices", 4) == [200, 200, 200, 429]
        assert await statuses(caller, "users", 1) == [200]
        _, begun = await caller.begin(**CALLS)
        assert await statuses(caller, f"stats/{begun['request_id']}", 2) == [200, 200]
        # A repeat of a known request counts as well.
        status, body = await caller.begin(**CALLS)
        assert message_of(status, body) == "Rate limit exceeded."
        caller.clock.advance(60)
        assert await statuses(caller, "offices", 1) == [200]
        assert (await caller.begin(**CALLS))[0] == 429
        caller.clock.advance(3540)
        assert (await caller.begin(**CALLS))[0] == 200


def test_the_limits_are_those_of_the_description() -> None:
    options = DialpadSimOptions()
    found = (options.company_per_second, options.per_minute, options.stats_per_hour, options.call_per_minute)
    assert found == (20, 1200, 200, 10)


async def test_retry_after_comes_in_three_forms() -> None:
    for form in ("seconds", "date", "none"):
        async with calling(unlimited(per_minute=1, retry_after=form)) as caller:
            await statuses(caller, "offices", 1)
            caller.clock.advance(18)
            _, _, headers = await caller.answer("offices")
            found = headers.get("Retry-After")
            if form == "date":
                assert parsedate_to_datetime(found or "") >= NOW + timedelta(seconds=60)
            else:
                assert found == {"seconds": "42", "none": None}[form]


async def test_a_wrong_key_uses_nothing_up() -> None:
    async with calling(unlimited(per_minute=1), key="") as caller:
        assert await statuses(caller, "offices", 3) == [401, 401, 401]
        assert (await caller.answer("offices", apikey="testkey"))[0] == 200


async def test_every_nth_request_fails() -> None:
    async with calling(unlimited(fail_every=3)) as caller:
        assert await statuses(caller, "offices", 6) == [200, 200, 503, 200, 200, 503]


# -- faults ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_the_nth_matching_request_answers_a_status(caller: Caller, status: int) -> None:
    caller.sim.faults.add(
        Fault("status", path_contains="/users", from_request=2, status=status, retry_after="7")
    )
    assert await statuses(caller, "offices", 2) + await statuses(caller, "users", 1) == [200] * 3
    found, body, headers = await caller.answer("users")
    assert (found, headers["Retry-After"]) == (status, "7")
    assert message_of(status, body)
    assert await statuses(caller, "users", 1) == [200]


async def raw(caller: Caller, path: str) -> tuple[int, str, bytes]:
    async with caller.session.get(f"{caller.sim.url}{path}") as response:
        return response.status, response.content_type, await response.read()


async def test_answers_that_are_no_data(caller: Caller) -> None:
    for kind, body in (("html", b"<!DOCTYPE html>"), ("wrong_content", b'{"hello"')):
        caller.sim.faults.add(Fault(kind))
        status, content_type, content = await raw(caller, "/api/v2/offices")
        assert (status, content.startswith(body)) == (200, True)
        assert content_type == ("text/html" if kind == "html" else "application/json")


async def test_answers_that_are_broken(caller: Caller) -> None:
    _, _, whole = await raw(caller, "/api/v2/offices")
    for kind in ("truncated", "bad_encoding"):
        caller.sim.faults.add(Fault(kind))
        _, _, content = await raw(caller, "/api/v2/offices")
        assert len(content) == (len(whole) // 2 if kind == "truncated" else len(whole) + 1)
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(content)


async def test_rows_that_are_wrong(caller: Caller) -> None:
    for kind in ("null_key", "text_number", "unknown_field", "huge", "not_a_list"):
        caller.sim.faults.add(Fault(kind, size=1000))
    answer = await caller.get("call")
    assert len(answer["padding"]) == 1000
    row = answer["items"]["items"][0]
    assert (row["call_id"], row["duration"], row["brand_new_field"]) == (None, "n/a", {"since": "today"})
    assert (await caller.get("call"))["items"][0]["call_id"]


async def test_a_cursor_that_is_repeated_and_rows_of_the_page_before(caller: Caller) -> None:
    first = await caller.get("call")
    caller.sim.faults.add(Fault("repeated_cursor", path_contains="/call"))
    assert (await caller.get("call", cursor=first["cursor"]))["cursor"] == first["cursor"]
    first = await caller.get("call")
    caller.sim.faults.add(Fault("duplicate_ids", count=3))
    second = await caller.get("call", cursor=first["cursor"])
    assert second["items"][:3] == first["items"][-3:]


async def test_calls_are_inserted_after_an_answer(caller: Caller) -> None:
    caller.sim.faults.add(Fault("insert_calls", path_contains="/call", count=4))
    first = await caller.get("call")
    assert len(await caller.pages("call")) == 504
    assert first != await caller.get("call")


async def test_the_connection_ends_in_the_middle_or_waits(caller: Caller) -> None:
    caller.sim.faults.add(Fault("disconnect"))
    with pytest.raises(aiohttp.ClientError):
        await caller.get("offices")
    caller.sim.faults.add(Fault("slow", seconds=30))
    with pytest.raises(TimeoutError):
        await caller.session.get(
            f"{caller.sim.url}/api/v2/offices", timeout=aiohttp.ClientTimeout(total=0.05)
        )


async def test_a_revoked_key_stays_so_until_faults_are_cleared(caller: Caller) -> None:
    caller.sim.faults.add(Fault("revoked", from_request=2))
    assert await statuses(caller, "offices", 3) == [200, 401, 401]
    await caller.control("DELETE", "/faults")
    assert await statuses(caller, "offices", 1) == [200]


async def test_a_file_can_be_broken(caller: Caller) -> None:
    whole = await caller.export(**CALLS)
    url = caller.sim.url + caller.sim.downloads.path_of((await caller.begin(**CALLS))[1]["request_id"])
    for fault, status, length in (
        (Fault("truncated", path_contains="stats-export"), 200, len(whole) // 2),
        (Fault("bad_encoding", path_contains="stats-export"), 200, len(whole) + 1),
        (Fault("html", path_contains="stats-export"), 200, None),
        (Fault("status", path_contains="stats-export", status=403), 403, None),
    ):
        caller.sim.faults.add(fault)
        async with caller.session.get(url) as response:
            content = await response.read()
            assert response.status == status
            assert length in (None, len(content))
    async with caller.session.get(url) as response:
        assert await response.read() == whole
    caller.sim.faults.add(Fault("disconnect", path_contains="stats-export"))
    with pytest.raises(aiohttp.ClientError):
        async with caller.session.get(url) as response:
            await response.read()


async def test_an_unknown_fault_is_named(caller: Caller) -> None:
    with pytest.raises(SettingsError, match="The fault flood is unknown; use one of status"):
        Fault("flood")
    async with caller.session.post(f"{caller.sim.url}/_sim/faults", json={"kind": "flood"}) as response:
        assert "flood" in message_of(400, await response.json())


def test_every_kind_of_fault_is_tested_here_or_with_stats() -> None:
    tested = (
        *("status", "html", "wrong_content", "truncated", "bad_encoding", "not_a_list", "null_key"),
        *("text_number", "unknown_field", "huge", "repeated_cursor", "duplicate_ids", "insert_calls"),
        *("disconnect", "slow", "revoked", "stats_failed", "stats_expired"),
    )
    assert set(tested) == set(FAULT_KINDS)


# -- the pages of its own ----------------------------------------------------------------------------


async def test_people_control_it_over_http(caller: Caller) -> None:
    assert len((await caller.control("POST", "/calls", count=2))["ids"]) == 2
    await caller.control("POST", "/faults", kind="status", status=500)
    assert await statuses(caller, "offices", 2) == [500, 200]
    await caller.control("POST", "/revoke")
    assert await statuses(caller, "offices", 1) == [401]
    await caller.control("DELETE", "/faults")
    seen = await caller.control("GET", "")
    assert seen["counts"]["calls"] == 502
    assert seen["statuses"] == {"500": 1, "200": 1, "401": 1}
    for method, path, words in (
        ("POST", "/calls", "kind dance is unknown"),
        ("PATCH", "/calls/12", "12 not found"),
    ):
        async with caller.session.request(
            method, f"{caller.sim.url}/_sim{path}", json={"kind": "dance"}
        ) as response:
            assert words in message_of(response.status, await response.json())


async def test_the_same_requests_get_the_same_answers_twice() -> None:
    found: list[list[Any]] = []
    for _ in range(2):
        async with calling(unlimited(calls=60, live_per_hour=30)) as caller:
            caller.clock.advance(3600)
            found.append([await caller.pages("call"), await caller.table(**CALLS, is_today=True)])
    assert found[0] == found[1]


async def test_kept_pages_are_those_of_a_fresh_service() -> None:
    async with calling(unlimited()) as caller:
        kept = [await caller.get("call") for _ in range(2)]
        caller.sim.world.add_calls(1)
        assert kept[0] == kept[1] != await caller.get("call")


# -- for people --------------------------------------------------------------------------------------


def test_it_runs_until_it_is_asked_to_stop() -> None:
    said: list[str] = []

    def announce(line: str) -> None:
        said.append(line)
        if "account add" in line:
            os.kill(os.getpid(), signal.SIGTERM)

    run(DialpadSimOptions(calls=5), 0, announce)
    assert said[0].startswith("trunkline sim dialpad: listening on http://127.0.0.1:")
    url = said[0].split()[-1]
    assert said[2] == f"trunkline account add dialpad pretend-dialpad --api-key testkey --base-url {url}"


async def test_a_port_that_is_taken_is_named() -> None:
    async with DialpadSim(DialpadSimOptions(calls=1)) as sim:
        taken = int(sim.url.rpartition(":")[2])
        with pytest.raises(SettingsError, match=f"Port {taken} of 127.0.0.1 cannot be used"):
            await DialpadSim(replace(sim.options)).start(taken)
