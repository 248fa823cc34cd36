"""`/metrics`: what is counted, who may see it, and that several processes are added up."""

import asyncio
import json
import os
import timeit
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.store.databases import settings_at
from tests.store.rows import add_one_of_each
from tests.web.serving import run, served
from trunkline.center.room import open_center
from trunkline.web import tallies
from trunkline.web.metrics import is_local
from trunkline.web.tallies import SharedTallies, Tallies, endpoint_of

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


async def asked(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


def requests_of(found: Samples, endpoint: str, status: str) -> float:
    labels = (("endpoint", endpoint), ("status", status))
    return found.get(("trunkline_http_request_seconds_count", labels), 0.0)


async def test_requests_runs_and_rows_are_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert (await run(home, "dialer", "init", "--password", "-", stdin="geheim12345\n"))[0] == 0
    with open_center(settings_at(home)) as center, center.store.begin() as tx:
        add_one_of_each(tx)
    async with served(home) as url:
        for _ in range(3):
            await asked(f"{url}/adminpanel/api.php?function=version")
        for path in ("nowhere", "nowhere/else", "api/v1/nothing", "healthz"):
            await asked(f"{url}/{path}")
        status, text = await asked(f"{url}/metrics")
    assert status == 200
    found = samples(text)
    assert requests_of(found, "/adminpanel/api.php", "200") == 3
    assert requests_of(found, "/healthz", "200") == 1
    assert requests_of(found, "other", "404") == 3
    assert found[("trunkline_runs", (("state", "running"),))] == 1
    assert found[("trunkline_orders", (("state", "waiting"),))] == 1
    assert found[("trunkline_orders", (("state", "given"),))] == 0
    assert ("trunkline_workers", ()) in found
    assert found[("trunkline_incidents", (("kind", "late"),))] == 0
    assert found[("trunkline_accounts", (("state", "untested"),))] == 1
    assert "geheim" not in text


async def test_it_answers_this_machine_alone_or_whoever_has_the_token(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with served(home) as url:
        assert (await asked(f"{url}/metrics"))[0] == 200
        assert (await asked(f"{url}/metrics", **{"X-Forwarded-For": "127.0.0.1"}))[0] == 403
    async with served(home, TRUNKLINE_METRICS_TOKEN="hush-hush") as url:
        assert (await asked(f"{url}/metrics"))[0] == 401
        assert (await asked(f"{url}/metrics", Authorization="Bearer other"))[0] == 401
        assert (await asked(f"{url}/metrics", Authorization="Bearer hush-hush"))[0] == 200
    assert [is_local(a) for a in ("127.0.0.1", "::1", "10.0.0.1", "")] == [True, True, False, False]


async def test_several_processes_are_added_up(tmp_path: Path) -> None:
    async with served(tmp_path / "home", "--workers", "2") as url:
        await asyncio.gather(*(asked(f"{url}/adminpanel/api.php?function=version") for _ in range(40)))
        async with asyncio.timeout(60):
            counted = 0.0
            while counted < 40:  # the other process writes what it has counted every few seconds
                counted = requests_of(
                    samples((await asked(f"{url}/metrics"))[1]), "/adminpanel/api.php", "200"
                )
    assert counted == 40


def test_a_process_that_ended_still_counts_and_what_dead_servers_left_does_not(tmp_path: Path) -> None:
    own, other = Tallies(), Tallies()
    own.note("/x", 200, 0.002)
    other.note("/x", 200, 0.2)
    SharedTallies(tmp_path, other, os.getppid()).write()
    folder = tmp_path / tallies.FOLDER
    (folder / f"{os.getppid()}-1.json").write_text(other.text())
    (folder / f"{os.getppid()}-2.json").write_text("cut o")
    (folder / "999999999-1.json").write_text(json.dumps([["/x", 200, [9] * 15, 1.0]]))
    both = SharedTallies(tmp_path, own, os.getppid()).all()
    assert (sum(both["/x", 200].counts), round(both["/x", 200].seconds, 3)) == (2, 0.202)
    tallies.clear(tmp_path)
    assert {file.name.partition("-")[0] for file in folder.iterdir()} == {str(os.getppid())}


def test_callers_cannot_make_names() -> None:
    assert endpoint_of("/api/v1/dialer/add_lead", 200) == "/api/v1/dialer"
    assert endpoint_of("/wp-admin/x", 404) == "other"
    assert endpoint_of("/ibp_api.php", 200) == "/ibp_api.php"
    counted = Tallies()
    for number in range(1_000):
        counted.note(f"/{number}", 200, 0.1)
    assert len(counted.all()) <= tallies.MOST_ENDPOINTS + 1


def test_counting_costs_about_nothing() -> None:
    """Below a microsecond where it was measured; a busy machine gets five times that."""
    counted = Tallies()
    best = min(
        timeit.repeat(lambda: counted.note("/adminpanel/api.php", 200, 0.0004), number=20_000, repeat=5)
    )
    assert best / 20_000 < 5e-6
