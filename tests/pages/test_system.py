"""The state of the installation as a page: findings, places and settings, and no secret of them."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import Browsing, Scheme
from tests.pages.conftest import Visitor
from tests.pages.serving import served_pages
from trunkline.access.roles import Role
from trunkline.pages.system import _places
from trunkline.settings import load_settings


async def test_what_the_doctor_says_is_shown(visitor: Visitor) -> None:
    admin = visitor(Role.ADMIN)
    page = (await admin.get("/system")).text
    assert "Settings in force" in page
    assert "backup_before_upgrade" in page
    assert "store.sqlite3" in page
    part = await admin.get("/system/findings", headers={"hx-request": "true"})
    assert "tables at the newest version" in part.text
    assert "<html" not in part.text
    assert "<html" in (await admin.get("/system/findings")).text
    asked = await admin.post("/system/check")
    assert asked.status_code == 200
    assert "providers asked just now" in asked.text


def test_places_hold_no_password(tmp_path: Path) -> None:
    env = {
        "TRUNKLINE_STORE_URL": "postgresql://ann:hush@db.example:5432/store",
        "TRUNKLINE_WAREHOUSE_URL": "postgresql://ann:hush@db.example:5432/rows",
    }
    settings = load_settings(tmp_path, env)
    assert "hush" not in str(_places(settings))
    assert "db.example" in str(_places(settings))


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_it_is_read_in_a_browser(browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme) -> None:
    with (
        served_pages(tmp_path / "home") as served,
        browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
    ):
        watched.go("/system")
        expect(watched.page.get_by_text("tables at the newest version")).to_be_visible()
        watched.check()
        watched.picture(f"system-{size}-{scheme}")
        watched.page.get_by_role("button", name="Check providers now").click()
        expect(watched.page.get_by_role("heading", name="providers asked just now")).to_be_visible()
        watched.check()
