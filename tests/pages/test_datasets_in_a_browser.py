"""Datasets and runs as a stranger meets them: a run is begun, watched, and its rows looked through."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.center.conftest import ACCOUNT_ID
from tests.pages.browsing import Browsing, Scheme
from tests.pages.serving import loop_beside, served_pages
from trunkline.center import accounts, datasets
from trunkline.center.room import open_center
from trunkline.center.running import run
from trunkline.center.writer import Writer
from trunkline.settings import load_settings
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions

LONG_NAME = "a_dataset_with_a_name_that_goes_on_and_on_until_it_is_too_long"


@contextmanager
def pretend_callrail(**options: Any) -> Iterator[str]:
    """The address of a pretend CallRail on a loop of its own."""
    with loop_beside() as work:
        sim = CallrailSim(CallrailSimOptions(**options))
        work(sim.__aenter__())
        try:
            yield sim.url
        finally:
            work(sim.__aexit__(None, None, None))


def prepare(home: Path, url: str) -> None:
    """An account and two datasets, none of them read yet."""
    with open_center(load_settings(home, {})) as center:
        values: dict[str, Any] = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": url}
        accounts.add(center, "callrail", "main", values, accounts.Verdict(accounts.VALID))
        for name in ("calls", LONG_NAME):
            with loop_beside() as work:
                work(datasets.add(center, name, "main", "calls", {}))


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_a_run_is_begun_watched_and_looked_through(
    browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme
) -> None:
    home = tmp_path / "home"
    with pretend_callrail(calls=2_000) as url:
        prepare(home, url)
        with (
            served_pages(home) as served,
            browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
        ):
            page = watched.page
            watched.go("/datasets")
            page.get_by_label("Search").fill("calls")
            expect(page.get_by_role("link", name=LONG_NAME)).to_be_hidden()
            page.get_by_role("link", name="calls", exact=True).click()
            page.get_by_role("button", name="Run now").click()
            expect(page.get_by_text("will be read in a moment")).to_be_visible()
            watched.check()
            expect(page.get_by_text("2\u202f000").first).to_be_visible()  # the page came anew by itself
            for tab in ("Data", "Columns", "History", "Export", "Settings"):
                page.get_by_role("link", name=tab, exact=True).click()
                watched.check()
                watched.picture(f"dataset-{tab.lower()}-{size}-{scheme}")
            watched.go("/datasets/calls/rows")
            page.get_by_role("button", name="What direction holds").click()
            expect(page.get_by_text("Most frequent")).to_be_visible()
            watched.check()
            page.get_by_role("link", name="Next rows").click()
            page.get_by_label("Column", exact=True).select_option("duration")
            page.get_by_label("Condition", exact=True).select_option("from")
            page.get_by_label("Value", exact=True).fill("600")
            page.get_by_role("button", name="Filter").click()
            expect(page.get_by_text("duration from 600")).to_be_visible()
            watched.check()
            watched.go("/runs")
            page.locator("tbody a").first.click()
            expect(page.get_by_role("heading", name="Log")).to_be_visible()
            watched.check()
            watched.picture(f"run-{size}-{scheme}")


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_a_failed_run_leads_to_what_helps(
    browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme
) -> None:
    home = tmp_path / "home"
    with pretend_callrail(calls=20) as url:
        prepare(home, url)
        settings = load_settings(home, {})
        with open_center(settings) as center, Writer(settings) as writer, loop_beside() as work:
            accounts.edit(center, "main", {"api_key": "withdrawn"})
            failed = work(run(center, writer, "calls"))
        with (
            served_pages(home) as served,
            browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
        ):
            watched.go(f"/runs/{failed.id}")
            watched.picture(f"failed-{size}-{scheme}")
            watched.page.get_by_role("button", name="Test the account").click()
            expect(watched.page.get_by_text("CallRail refused the API Key").first).to_be_visible()
            watched.check()
            watched.picture(f"failed-account-{size}-{scheme}")
