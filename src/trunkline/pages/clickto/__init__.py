"""The pages of click-to: blocks, the button for web pages, keys, activity."""

from trunkline.pages.clickto import activity, blocks, keys
from trunkline.pages.routing import Page

PAGES: tuple[Page, ...] = (*activity.PAGES, *keys.PAGES, *blocks.PAGES)
"""Blocks come last: their path takes any number."""
