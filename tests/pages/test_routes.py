"""Every page and every form, held against every role: who may, who may not, who has to sign in."""

import re

import pytest

from tests.pages.conftest import Visitor
from trunkline.access.roles import RIGHTS, Role
from trunkline.pages.every import PAGES
from trunkline.pages.routing import Page

NAMES = [f"{page.method} {page.path}" for page in PAGES]


def path_of(page: Page) -> str:
    """A path with something in its variable parts that is not there."""
    return re.sub(r"{\w+(:\w+)?}", "987654", page.path)


@pytest.mark.parametrize("page", [page for page in PAGES if page.right], ids=lambda p: f"{p.method} {p.path}")
async def test_who_may(page: Page, visitor: Visitor) -> None:
    for role in Role:
        answer = await visitor(role).request(page.method, path_of(page))
        may = page.right in RIGHTS[role]
        assert (answer.status_code != 403) == may, f"{role}: {answer.status_code} {answer.text[:500]}"
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("page", [page for page in PAGES if page.right], ids=lambda p: f"{p.method} {p.path}")
async def test_nobody_is_sent_to_sign_in(page: Page, visitor: Visitor) -> None:
    answer = await visitor(None).request(page.method, path_of(page))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.right and p.method == "POST"], ids=lambda p: f"{p.method} {p.path}"
)
async def test_forms_of_other_sites_are_refused(page: Page, visitor: Visitor) -> None:
    client = visitor(Role.OWNER)
    for token in ("", "0" * 64):
        answer = await client.post(path_of(page), headers={"x-form-token": token})
        assert answer.status_code == 403
        assert "came from another site" in answer.text


def test_no_way_is_declared_twice() -> None:
    assert len(set(NAMES)) == len(NAMES)


async def test_every_answer_has_the_headers_that_keep_others_out(visitor: Visitor) -> None:
    for path in ("/sign-in", "/profile", "/nowhere"):
        answer = await visitor(Role.OWNER).get(path, follow_redirects=True)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
