"""All pages there are: each family declares its own."""

from trunkline.pages import (
    audit,
    clickto,
    connectors,
    dashboard,
    dialer,
    home,
    links,
    new_dataset,
    people,
    profile,
    second_factor,
    sign_in,
    single_sign_on,
    sql,
    system,
    tokens,
)
from trunkline.pages.accounts import routes as accounts
from trunkline.pages.datasets import routes as datasets
from trunkline.pages.help import routes as help_pages
from trunkline.pages.routing import Page
from trunkline.pages.runs import routes as runs

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
    *new_dataset.PAGES,  # before the pages of one dataset, whose name could be `new`
    *connectors.PAGES,
    *accounts.PAGES,
    *datasets.PAGES,
    *runs.PAGES,
    *sql.PAGES,
    *dashboard.PAGES,
    *dialer.PAGES,
    *clickto.PAGES,
    *help_pages.PAGES,
    *system.PAGES,
)
