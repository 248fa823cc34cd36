"""Invited, in with a second factor, locked out, in again: as two strangers would, in a real browser."""

import re
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page

from tests.pages.browsing import Browsing, Scheme, Watched
from tests.pages.conftest import PASSWORD
from tests.pages.serving import served_pages

BOB = "bob@example.com"
LONG = "Bob " + "of-a-very-long-name" * 3
NEW_PASSWORD = "another battery staple"


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_from_the_invitation_to_the_second_factor_and_back_in(
    browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme
) -> None:
    look = f"{size}-{scheme}"
    with (
        served_pages(tmp_path / "home") as served,
        browsing.page(served.address, size=size, scheme=scheme, session=served.session) as owner,
        browsing.page(served.address, size=size, scheme=scheme) as bob,
    ):
        link = invited(owner, look)
        secret, recovery = accepted(bob, link, look)
        signed_out(bob.page, size)
        with_code(bob, pyotp.TOTP(secret).now(), recovery, look)
        reset(bob, one_more_link(owner, look), recovery[1])
        seen_by_the_owner(owner, look)


def invited(owner: Watched, look: str) -> str:
    page = owner.page
    owner.go("/users")
    owner.picture(f"people-alone-{look}")
    page.get_by_role("link", name="Invite somebody").first.click()
    page.get_by_label("Name").fill(LONG)
    page.get_by_label("E-mail").fill("owner@example.com")
    page.get_by_role("button", name="Invite").click()
    assert page.get_by_text("is a user already").is_visible()
    page.get_by_label("E-mail").fill(BOB)
    owner.check()
    owner.picture(f"invite-{look}")
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("Pass this link on").wait_for()
    owner.check()
    owner.picture(f"invited-{look}")
    return page.locator("#link").inner_text()


def accepted(bob: Watched, link: str, look: str) -> tuple[str, list[str]]:
    """The secret of the second factor, and the recovery codes."""
    page = bob.page
    bob.go(link.removeprefix(bob.address))
    bob.picture(f"accept-{look}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(re.compile("^((?!set-password).)*$"))
    bob.go("/profile")
    page.get_by_label("Time zone").select_option("Europe/Paris")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    bob.check()
    bob.picture(f"own-profile-{look}")
    page.get_by_role("link", name="Turn on").click()
    secret = page.locator("#secret").inner_text().replace(" ", "")
    bob.check()
    bob.picture(f"second-factor-{look}")
    page.get_by_label("The code it shows now").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    page.get_by_text("This is not the code of now").wait_for()
    assert page.locator("#secret").inner_text().replace(" ", "") == secret
    page.get_by_label("The code it shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn on").click()
    page.get_by_text("Keep these codes").wait_for()
    bob.check()
    bob.picture(f"recovery-{look}")
    return secret, page.locator("#codes").inner_text().split()


def signed_out(page: Page, size: str) -> None:
    if size == "narrow":
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_text("You are signed out.").wait_for()


def with_code(bob: Watched, used: str, recovery: list[str], look: str) -> None:
    """The code that turned it on is not taken again; a recovery code is."""
    page = bob.page
    page.get_by_label("E-mail").fill(BOB)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Now the code").wait_for()
    bob.check()
    bob.picture(f"code-{look}")
    page.get_by_label("Code").fill(used)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("This code is wrong, or was used already.").wait_for()
    page.get_by_label("Code").fill(recovery[0].upper())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("^((?!sign-in).)*$"))
    bob.go("/profile/second-factor")
    assert page.get_by_text("9 are left").is_visible()
    bob.picture(f"second-factor-on-{look}")


def one_more_link(owner: Watched, look: str) -> str:
    page = owner.page
    owner.go("/users")
    owner.picture(f"people-{look}")
    page.get_by_role("link", name=LONG).click()
    owner.check()
    owner.picture(f"person-{look}")
    page.get_by_role("button", name="Make a link").click()
    page.get_by_text("Pass this link on").wait_for()
    return page.locator("#link").inner_text()


def reset(bob: Watched, link: str, code: str) -> None:
    """A new password does not do without the second factor."""
    page = bob.page
    bob.go(link.removeprefix(bob.address))
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("^((?!sign-in).)*$"))
    bob.go(link.removeprefix(bob.address))
    assert page.get_by_text("not good any more").is_visible()


def seen_by_the_owner(owner: Watched, look: str) -> None:
    page = owner.page
    owner.go("/profile/tokens")
    page.get_by_role("textbox", name="Name").fill("laptop " + "x" * 50)
    page.get_by_label("data.read").check()
    owner.picture(f"tokens-{look}")
    page.get_by_role("button", name="Make token").click()
    page.get_by_text("Copy it now").wait_for()
    owner.check()
    owner.picture(f"token-{look}")
    assert page.locator("#token").inner_text().startswith("tl_")
    owner.go("/profile/tokens")
    owner.picture(f"tokens-some-{look}")
    owner.go("/audit")
    owner.picture(f"audit-{look}")
    page.get_by_label("What", exact=True).select_option("sign_in.done")
    page.get_by_role("button", name="Show", exact=True).click()
    assert page.get_by_text("by: second factor").first.is_visible()
    owner.go("/audit?who=nobody@example.com")
    assert page.get_by_text("Nothing fits").is_visible()
    assert owner.wrong == []
