"""All pages there are: each family declares its own."""

from trunkline.pages import connectors, home, new_dataset, profile, sign_in
from trunkline.pages.accounts import routes as accounts
from trunkline.pages.datasets import routes as datasets
from trunkline.pages.routing import Page
from trunkline.pages.runs import routes as runs

PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *sign_in.PAGES,
    *profile.PAGES,
    *new_dataset.PAGES,  # before the pages of one dataset, whose name could be `new`
    *connectors.PAGES,
    *accounts.PAGES,
    *datasets.PAGES,
    *runs.PAGES,
)
