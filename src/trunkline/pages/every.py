"""All pages there are: each family declares its own."""

from trunkline.pages import (
    audit,
    home,
    links,
    people,
    profile,
    second_factor,
    sign_in,
    single_sign_on,
    tokens,
)
from trunkline.pages.routing import Page

PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *sign_in.PAGES,
    *single_sign_on.PAGES,
    *links.PAGES,
    *profile.PAGES,
    *second_factor.PAGES,
    *tokens.PAGES,
    *people.PAGES,
    *audit.PAGES,
)
