"""Help as a stranger meets it: searched, read, and left by a link."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import Browsing, Scheme
from tests.pages.serving import served_pages


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_help_is_searched_and_read(browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme) -> None:
    with (
        served_pages(tmp_path / "home") as served,
        browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
    ):
        page = watched.page
        watched.go("/help")
        watched.picture(f"help-{size}-{scheme}")
        page.get_by_label("Search titles and headings").fill("webhook")
        page.get_by_role("button", name="Search").click()
        watched.check()
        page.get_by_role("link", name="Alerts: ").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Alerts")
        watched.check()
        watched.go("/help/guides/callrail")
        watched.picture(f"help-page-{size}-{scheme}")
        watched.go("/help/reference/connectors/dialpad")
        watched.picture(f"help-reference-{size}-{scheme}")
        watched.go("/help/987654")
