"""All pages there are: each family declares its own."""

from trunkline.pages import dashboard, home, profile, sign_in, sql
from trunkline.pages.routing import Page

PAGES: tuple[Page, ...] = (*home.PAGES, *sign_in.PAGES, *profile.PAGES, *sql.PAGES, *dashboard.PAGES)
