"""All pages there are: each family declares its own."""

from trunkline.pages import home, new_dataset, profile, sign_in
from trunkline.pages.routing import Page

PAGES: tuple[Page, ...] = (*home.PAGES, *sign_in.PAGES, *profile.PAGES, *new_dataset.PAGES)
