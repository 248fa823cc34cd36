"""The first user makes themselves, and comes back: as a stranger would, in a real browser."""

import re
from pathlib import Path

import pytest

from tests.pages.browsing import Browsing, Scheme
from tests.pages.conftest import PASSWORD
from tests.web.serving import served_for_many
from trunkline.access.links import Links, Purpose
from trunkline.clock import SystemClock
from trunkline.settings import load_settings
from trunkline.store.connection import open_store


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_a_stranger_sets_up_and_signs_in(
    browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme
) -> None:
    home = tmp_path / "home"
    with (
        served_for_many(home, TRUNKLINE_FROZEN_CLOCK="") as address,
        browsing.page(address, size=size, scheme=scheme) as watched,
    ):
        page = watched.page
        watched.go("/")
        assert page.get_by_text("Nobody is here yet").is_visible()
        store = open_store(load_settings(home, {}))
        watched.go(f"/set-up?link={Links(store, SystemClock()).make(Purpose.SETUP)}")
        store.close()
        page.get_by_label("Your name").fill("Ann " + "of a very long name " * 3)
        page.get_by_label("E-mail").fill("ann@example.com")
        page.get_by_label("Password").fill("short")
        page.get_by_role("button", name="Begin").click()
        watched.check()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        watched.go("/profile")
        watched.picture(f"profile-{size}-{scheme}")
        if size == "narrow":
            page.get_by_role("button", name="Menu").click()
        page.get_by_role("button", name="Sign out", exact=True).click()
        assert page.get_by_text("You are signed out.").is_visible()
        page.get_by_label("E-mail").fill("ann@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("^((?!sign-in).)*$"))
        assert watched.wrong == []
