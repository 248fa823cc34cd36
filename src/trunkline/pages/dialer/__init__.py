"""The dialer's pages: its functions with a form each, its API users, its floor, its audit."""

from trunkline.pages.dialer import audit, floor, functions, users
from trunkline.pages.routing import Page

PAGES: tuple[Page, ...] = (*floor.PAGES, *users.PAGES, *audit.PAGES, *functions.PAGES)
"""The functions come last: their path takes any name."""
