"""The pages of runs: all of them, and one with its progress and its log."""

from trunkline.pages.runs import listing, one

PAGES = (*listing.PAGES, *one.PAGES)
