"""All pages there are: each family declares its own."""

from trunkline.pages import home, profile, sign_in, system
from trunkline.pages.datasets import routes as datasets
from trunkline.pages.help import routes as help_pages
from trunkline.pages.routing import Page
from trunkline.pages.runs import routes as runs

PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *sign_in.PAGES,
    *profile.PAGES,
    *datasets.PAGES,
    *runs.PAGES,
    *help_pages.PAGES,
    *system.PAGES,
)
