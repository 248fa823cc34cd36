"""A stranger makes a dataset in four panes, with the mistakes people make, in a real browser."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import Browsing, Scheme
from tests.pages.serving import served_pages
from trunkline.center import accounts, datasets
from trunkline.center.room import open_center
from trunkline.settings import load_settings

ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662f4f"
BOTH = pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])


@contextmanager
def pretend(what: str, *flags: str) -> Iterator[str]:
    """The address of a pretend provider in a process of its own."""
    command = [sys.executable, "-m", "trunkline", "sim", what, "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = next(line for line in process.stdout if "listening on " in line)
            yield line.rsplit("listening on ", 1)[1].split()[0]
        finally:
            process.terminate()


def fault(sim: str, **what: object) -> None:
    """Let something go wrong at a pretend provider; nothing named: all is well again."""
    body = json.dumps(what).encode() if what else None
    request = urllib.request.Request(f"{sim}/_sim/faults", body, method="POST" if what else "DELETE")
    urllib.request.urlopen(request).close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@BOTH
def test_a_stranger_makes_a_dataset_of_callrail(
    browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme
) -> None:
    home = tmp_path / "home"
    with (
        pretend("callrail", "--calls", "300", "--days", "30") as sim,
        served_pages(home) as served,
        browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
    ):
        page = watched.page
        watched.go("/datasets/new")
        watched.picture(f"connectors-{size}-{scheme}")
        page.get_by_role("link", name="CallRail").click()
        page.get_by_label("Name of the account").fill("main")
        page.get_by_label("API Key").fill("wrong key")
        page.get_by_text("More options").click()
        page.get_by_label("Base URL").fill(sim)
        press(page, "Next: Details")
        expect(page.locator("[id='o.api_key-problem']")).to_be_visible()
        watched.check()
        watched.picture(f"refused-{size}-{scheme}")
        expect(page.get_by_label("API Key")).to_have_value("")
        page.get_by_label("API Key").fill("testkey")
        press(page, "Next: Details")
        expect(page.get_by_label("Report", exact=True)).to_be_visible()
        page.get_by_label("Report", exact=True).select_option("calls")
        expect(page.get_by_text("Choose Account ID first")).to_be_visible()
        page.get_by_label("Example Agency").check()
        expect(page.get_by_role("group", name="Company ID").first).to_be_visible()
        page.get_by_label("Date Range").check()
        page.get_by_role("group", name="Start Date").get_by_label("Relative Date").check()
        page.get_by_role("group", name="End Date").get_by_label("Relative Date").check()
        page.get_by_label("Days Back to Start From").fill("soon")
        page.get_by_label("Days Back to End At").fill("5")
        page.get_by_label("Days Back to End At").press("Tab")
        expect(page.locator("[id='o.days_back_start-problem']")).to_be_visible()
        page.get_by_label("Days Back to Start From").fill("10")
        page.get_by_label("Days Back to Start From").press("Tab")
        expect(page.get_by_text("10 to 5 days ago = ")).to_be_visible()
        expect(page.get_by_label("Days Back to End At")).to_have_value("5")
        press(page, "Preview rows")
        expect(page.get_by_role("region", name="Preview of rows")).to_be_visible()
        press(page, "Cost of the first load")
        expect(page.get_by_text("rows in 1 request")).to_be_visible()
        watched.check()
        watched.picture(f"details-{size}-{scheme}")
        page.reload()
        expect(page.get_by_label("Days Back to Start From")).to_have_value("10")
        press(page, "Next: Scheduling")
        page.get_by_label("Schedule").select_option("weekly")
        expect(page.get_by_label("Mon", exact=True)).to_be_checked()
        page.get_by_label("Time zone").fill("Europe/Nowhere")
        page.get_by_label("Time zone").press("Tab")
        expect(page.locator("[id='t.zone-problem']")).to_be_visible()
        page.get_by_label("Time zone").fill("Europe/Paris")
        page.get_by_label("Time zone").press("Tab")
        expect(page.get_by_text("Next:", exact=True)).to_be_visible()
        watched.check()
        watched.picture(f"scheduling-{size}-{scheme}")
        press(page, "Next: Name & Describe")
        page.get_by_label("Name").fill("Wrong Name")
        expect(page.get_by_text("will not do")).to_be_visible()
        page.get_by_label("Name").fill("calls_of_ten_to_five_days_ago_" + "x" * 30)
        expect(page.get_by_text("Free. Its rows will be the table")).to_be_visible()
        page.get_by_label("Tags").fill("sales, east coast")
        watched.check()
        watched.picture(f"name-{size}-{scheme}")
        page.go_back()
        expect(page.get_by_label("Schedule")).to_have_value("weekly")
        press(page, "Next: Name & Describe")
        page.get_by_label("Name").fill("calls")
        press(page, "Save and run now")
        page.wait_for_url("**/datasets/calls")
        with open_center(load_settings(home, {})) as center:
            saved = datasets.get(center, "calls")
            assert saved.options["days_back_start"] == "10"
            assert accounts.get(center, "main").owner_id is not None


@BOTH
def test_a_dataset_of_dialpad_while_the_provider_is_down_and_back(
    browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme
) -> None:
    home = tmp_path / "home"
    with (
        pretend("dialpad", "--calls", "100", "--users", "60") as sim,
        served_pages(home) as served,
        browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
    ):
        with open_center(load_settings(home, {})) as center:
            values = {"api_key": "testkey", "base_url": sim}
            accounts.add(center, "dialpad", "head-office", values, accounts.Verdict(accounts.UNTESTED))
        page = watched.page
        watched.go("/connectors/dialpad/new")
        press(page, "Test head-office")
        expect(page.get_by_text("valid", exact=True)).to_be_visible()
        watched.check()
        watched.picture(f"credentials-{size}-{scheme}")
        fault(sim, kind="status", status=503, times=1000)
        press(page, "Next: Details")
        page.get_by_label("Report", exact=True).select_option("stats")
        expect(page.get_by_text("The menu could not be read").first).to_be_visible()
        watched.check()
        watched.picture(f"down-{size}-{scheme}")
        fault(sim)
        page.get_by_role("button", name="Ask again").first.click()
        expect(page.get_by_role("group", name="Office").first).to_be_visible()
        page.get_by_label("Stat Type").select_option("csat")
        expect(page.locator("[id='o.target_type-problem']")).to_contain_text("needs a target")
        page.get_by_label("Target Type").select_option("user")
        find = page.get_by_label("Search in Target")
        find.fill("no such person")
        users = page.get_by_role("group", name="Target", exact=True).last
        expect(users.get_by_role("radio")).to_have_count(0)
        find.fill("")
        users.get_by_role("radio").nth(2).check()
        expect(page.locator("[id='o.target_type-problem']")).to_have_count(0)
        watched.check()
        watched.picture(f"menus-{size}-{scheme}")
        page.get_by_label("Report", exact=True).select_option("offices")
        press(page, "Preview rows")
        expect(page.get_by_role("region", name="Preview of rows")).to_be_visible()
        press(page, "Next: Scheduling")
        press(page, "Next: Name & Describe")
        press(page, "Save")
        page.wait_for_url("**/datasets/offices")
        watched.go("/datasets/offices/edit")
        page.get_by_label("Schedule").select_option("every")
        expect(page.get_by_label("Every", exact=True)).to_be_visible()
        page.get_by_label("Description").fill("Where people sit.")
        watched.check()
        watched.picture(f"edit-{size}-{scheme}")
        press(page, "Save")
        page.wait_for_url("**/datasets/offices")
