"""The console and click-to as a stranger meets them."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pages.browsing import Browsing, Scheme, Watched
from tests.pages.dialing import PASSWORD
from tests.pages.serving import Served, served_pages
from trunkline.clickto.account import account_of
from trunkline.clickto.activity import Activity, Click, Ending
from trunkline.clock import FrozenWallClock, SystemClock
from trunkline.dialer.setting_up import First, set_up
from trunkline.settings import load_settings
from trunkline.store.connection import open_store

LONG = "Front desk of a very long name " * 3
LOOKS = [("wide", "light"), ("narrow", "dark")]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("console") / "home"
    first = First("apiuser", PASSWORD, "FIRST", 1001)
    with ThreadPoolExecutor() as threads:  # the browser's loop runs in this one
        threads.submit(lambda: asyncio.run(set_up(load_settings(home, {}), first))).result()
    with served_pages(home) as found:
        yield found


@contextmanager
def pretend_floor(home: Path) -> Iterator[None]:
    words = ["sim", "floor", "--days", "0", "--speed", "20", "--agents", "120", "--home", str(home)]
    with subprocess.Popen([sys.executable, "-m", "trunkline", *words], stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_trying_a_function(browsing: Browsing, served: Served, size: str, scheme: Scheme) -> None:
    with browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched:
        page = watched.page
        watched.go("/dialer")
        watched.picture(f"functions-{size}")
        page.get_by_role("searchbox", name="Search").press_sequentially("new list")
        page.get_by_text("No function has all").wait_for()
        page.get_by_role("searchbox", name="Search").fill("add_list")
        page.get_by_text("No function has all").wait_for(state="detached")
        page.get_by_role("link", name="add_list").click()
        page.get_by_role("heading", name="add_list").wait_for()
        watched.check()
        list_id = "2001" if size == "wide" else "2002"
        for name, value in (("list_id", list_id), ("list_name", "Spring"), ("campaign_id", "FIRST")):
            page.locator(f"[id='f-p.{name}']").fill(value)
        page.get_by_label("This changes the dialer's data").check()
        page.get_by_role("button", name="Call add_list").click()
        page.get_by_text("LIST HAS BEEN ADDED - apiuser").first.wait_for()
        watched.check()
        page.locator("label", has_text="JSON").click()
        assert page.get_by_text("status 200").is_visible()
        watched.check()
        watched.picture(f"tried-{size}")
        watched.go("/dialer/update_lead")
        watched.go("/dialer/users")
        page.get_by_role("link", name="apiuser").click()
        page.get_by_label("Full name").fill("Ann " + "Long " * 8)
        page.get_by_role("button", name="Save").click()
        page.get_by_text("apiuser was changed.").wait_for()
        watched.check()
        watched.picture(f"user-{size}")
        watched.go("/dialer/users")
        watched.picture(f"users-{size}")
        watched.go("/dialer/audit")
        assert page.get_by_text(f"lists/{list_id}").first.is_visible()
        watched.picture(f"audit-{size}")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_watching_the_floor(browsing: Browsing, served: Served, size: str, scheme: Scheme) -> None:
    with browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched:
        page = watched.page
        watched.go("/dialer/floor")
        page.get_by_text("live, heard just now").wait_for()
        with pretend_floor(served.home):
            page.locator("#floor-agents tr .tag").first.wait_for()
            page.locator("#floor-agents tr").nth(3).wait_for()
            page.locator("[data-since]", has_text=re.compile(r"^\d+:\d\d")).first.wait_for()
            watched.check()
            watched.picture(f"floor-{size}")
        hide(watched, True)
        page.get_by_text("paused while nobody looks").wait_for()
        hide(watched, False)
        page.get_by_text("live, heard just now").wait_for()
        assert watched.wrong == []


def hide(watched: Watched, hidden: bool) -> None:
    """As where another tab is brought to the front, and this one again."""
    watched.page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_from_a_block_to_its_activity(browsing: Browsing, served: Served, size: str, scheme: Scheme) -> None:
    with browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched:
        page = watched.page
        watched.go("/clickto")
        watched.go("/clickto/new")
        page.get_by_label("Description").fill(LONG)
        page.locator("#f-numbers").fill("nonsense")
        page.get_by_role("button", name="Make the block").click()
        page.get_by_text("is no number").wait_for()
        watched.check()
        page.locator("#f-numbers").fill("+13125550100\n101")
        page.get_by_label("Hours").fill("mon-fri 09:00-17:30")
        page.get_by_label("Web pages").fill("https://www.example.com")
        page.get_by_role("button", name="Make the block").click()
        page.get_by_text("was made.").wait_for()
        watched.check()
        watched.picture(f"block-{size}")
        block_id = int(re.findall(r"/clickto/(\d+)", page.url)[0])
        make_key(watched, f"Shop {size}", size)
        watched.go(f"/clickto/{block_id}/snippet")
        page.locator("trunkline-clickto").wait_for()
        assert f'data-block="{block_id}"' in (page.locator("#snippet").text_content() or "")
        watched.picture(f"snippet-{size}")
        watched.go("/clickto")
        watched.picture(f"blocks-{size}")
        click(served.home, block_id)
        watched.go(f"/clickto/activity?block={block_id}")
        page.locator("#by-day canvas").wait_for()
        page.locator("#by-outcome canvas").wait_for()
        watched.check()
        watched.picture(f"activity-{size}")
        watched.go("/clickto/activity/calls")


def make_key(watched: Watched, name: str, size: str) -> None:
    page = watched.page
    watched.go("/clickto/keys")
    page.locator("#f-name").fill(name)
    page.get_by_label("Only of these:").check()
    page.locator("input[name=block]").first.check()
    page.get_by_role("button", name="Make the key").click()
    page.get_by_text("shown this once").wait_for()
    watched.check()
    watched.picture(f"key-{size}")


def click(home: Path, block_id: int) -> None:
    """A month of clicks on a block."""
    settings = load_settings(home, {})
    store = open_store(settings)
    endings = (Ending("ANSWER", "ANSWER", 140), Ending("BUSY", "", 0), Ending("ANSWER", "NOANSWER", 0))
    for number in range(60):
        clock = FrozenWallClock(SystemClock().now() - timedelta(days=number % 25))
        activity = Activity(store, clock, account_of(settings))
        page = "https://www.example.com/" + "a-long-path/" * 8
        found = activity.begin(Click(block_id, LONG, f"+1312555{number:04}", page=page))
        activity.end(found, endings[number % 7 % 3])
    store.close()
