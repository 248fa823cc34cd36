"""All pages of datasets: the list, and one with its rows, columns, runs and exports."""

from trunkline.pages.datasets import columns, exports, listing, one, rows, settings

PAGES = (*listing.PAGES, *rows.PAGES, *columns.PAGES, *exports.PAGES, *settings.PAGES, *one.PAGES)
"""`/datasets/{name}/…` before what could be a name."""
