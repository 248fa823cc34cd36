"""All pages there are: each family declares its own."""

from trunkline.pages import clickto, dialer, home, profile, sign_in
from trunkline.pages.routing import Page

PAGES: tuple[Page, ...] = (*home.PAGES, *sign_in.PAGES, *profile.PAGES, *dialer.PAGES, *clickto.PAGES)
