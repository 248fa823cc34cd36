"""A stranger asks, draws, saves, downloads, and puts two queries on the dashboard."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.pages.browsing import Browsing, Scheme, Watched
from tests.pages.serving import served_pages
from tests.pages.sql_home import make_datasets

BY_DAY = """select cast(started_at as date) as day, count(*) as calls, sum(seconds) as seconds
from datasets.calls group by 1 order by 1"""


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_a_stranger_asks(browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme) -> None:
    home = tmp_path / "home"
    make_datasets(home)
    with (
        served_pages(home) as served,
        browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
    ):
        watched.go("/dashboard")
        assert watched.page.get_by_text("Nothing on the dashboard yet").is_visible()
        watched.picture(f"dashboard-empty-{size}-{scheme}")
        types_a_query(watched, f"{size}-{scheme}")
        draws_and_saves(watched, f"{size}-{scheme}")
        puts_on_the_dashboard(watched)
        looks_at_rows(watched, f"{size}-{scheme}")
        looks_at_the_dashboard(watched, f"{size}-{scheme}")


def editor_of(watched: Watched) -> Locator:
    return watched.page.get_by_label("Query", exact=True)


def selected_in(editor: Locator) -> str:
    text: str = editor.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    return text


def types_a_query(watched: Watched, look: str) -> None:
    page, editor = watched.page, editor_of(watched)
    watched.go("/sql")
    page.locator("#tables .table").first.wait_for(state="attached")
    editor.press_sequentially("select so")
    editor.press_sequentially(" from ca")
    page.get_by_role("option", name="calls").wait_for()
    watched.check()
    watched.picture(f"sql-suggestions-{look}")
    editor.press("Tab")
    assert editor.input_value() == "select so from calls"
    editor.press("Control+Enter")
    page.get_by_text("The query cannot be run").wait_for()
    assert selected_in(editor) == "so"
    editor.fill("select 1\nfrom calls wher x")
    editor.press("Control+Enter")
    page.get_by_text("line 2, after the mark").wait_for()
    assert selected_in(editor) == "x"
    watched.check()
    watched.picture(f"sql-mistake-{look}")


def draws_and_saves(watched: Watched, look: str) -> None:
    page = watched.page
    editor_of(watched).fill(BY_DAY)
    page.get_by_role("button", name="Run").click()
    page.get_by_text(re.compile("^30 rows in")).first.wait_for()
    for kind in ("line", "bar"):
        page.get_by_label("Chart", exact=True).select_option(kind)
        page.locator("#chart canvas").wait_for()
        watched.check()
        watched.picture(f"sql-{kind}-{look}")
    page.get_by_role("button", name="Save…").click()
    page.get_by_label("Name").fill("Calls a day")
    page.get_by_label("Description").fill("How many calls came, and how long they were")
    watched.check()
    watched.picture(f"sql-save-{look}")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="Calls a day").wait_for()
    assert "query=" in page.url
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download").click()
    assert coming.value.suggested_filename == "Calls a day.csv"
    assert coming.value.path().read_text().startswith('"day","calls"')


def puts_on_the_dashboard(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("button", name="Put on the dashboard").click()
    page.get_by_text("is on the dashboard").wait_for()
    for name, sql in (
        ("Calls in all", "select count(*) as calls from datasets.calls"),
        (
            "The longest of all notes that anybody ever wrote into this_very_long_column",
            "from datasets.calls",
        ),
        ("Broken", "select nothing from datasets.calls"),
    ):
        watched.go("/sql")
        editor_of(watched).fill(sql)
        page.get_by_role("button", name="Save…").click()
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("button", name="Put on the dashboard").click()
        page.get_by_text("is on the dashboard").wait_for()


def looks_at_rows(watched: Watched, look: str) -> None:
    page = watched.page
    watched.go("/sql?sql=from+datasets.calls")
    assert page.get_by_text("Nothing asked yet").is_visible()
    page.get_by_role("button", name="Run").click()
    page.get_by_text(re.compile("^900 rows in")).first.wait_for()
    page.get_by_role("button", name="whole text").first.click()
    watched.check()
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Later rows").click()
    page.get_by_text("Rows 201 to 400").wait_for()
    watched.check()
    watched.picture(f"sql-rows-{look}")


def looks_at_the_dashboard(watched: Watched, look: str) -> None:
    page = watched.page
    watched.go("/dashboard")
    page.get_by_text("As of").wait_for()
    watched.check()
    assert page.locator(".big").text_content() == "900"
    assert page.get_by_text("The query cannot be run").is_visible()
    watched.picture(f"dashboard-{look}")
    page.get_by_role("button", name="Move Broken earlier").click()
    page.get_by_text("As of").wait_for()
    assert order(page) == ["Calls ", "Calls ", "Broken", "The lo"]
    if look.startswith("narrow"):
        return  # fingers have the arrows
    page.locator(".tile").nth(2).drag_to(page.locator(".tile").nth(0))
    page.locator(".tile:first-child h2", has_text="Broken").wait_for()
    assert order(page) == ["Broken", "Calls ", "Calls ", "The lo"]


def order(page: Page) -> list[str]:
    return [name[:6] for name in page.locator(".tile h2").all_text_contents()]


def test_a_query_is_stopped(browsing: Browsing, tmp_path: Path) -> None:
    home = tmp_path / "home"
    make_datasets(home)
    with (
        served_pages(home, TRUNKLINE_QUERY_SECONDS="50") as served,
        browsing.page(served.address, session=served.session) as watched,
    ):
        page = watched.page
        watched.go("/sql")
        editor = page.get_by_label("Query", exact=True)
        for _ in range(5):  # more than one person may have at once: a stopped one makes room
            editor.fill("select count(*) from range(100000000000) a")
            editor.press("Control+Enter")
            page.get_by_text("Running").wait_for()
            page.get_by_role("button", name="Stop").click()
            page.get_by_text("Stopped.").first.wait_for()
        editor.fill("select 41 + 1 as sum")
        editor.press("Control+Enter")
        page.get_by_role("cell", name="42").wait_for()
