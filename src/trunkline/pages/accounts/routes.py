"""All pages of accounts; `/accounts/new` before what could be a name."""

from trunkline.pages.accounts import adding, connecting, editing, listing, one

PAGES = (*listing.PAGES, *adding.PAGES, *connecting.PAGES, *editing.PAGES, *one.PAGES)
