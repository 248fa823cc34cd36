"""Debian's Chromium, driven by Playwright, that notes whatever a page does wrong."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from trunkline.pages.assets import ROOT, assets

AXE = Path(__file__).parents[1] / "data" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = {"wide": (1280, 800), "narrow": (360, 740)}
MOST_ASSETS = 100_000
"""Bytes that a page may take of styles and scripts, packed."""
HEAVY = ("/assets/plot.", "/assets/d3.")
"""Loaded only where it draws, and counted apart."""
SECONDS = 20.0
PICTURES = os.environ.pop("TRUNKLINE_PICTURES", "")
"""Taken out of the environment: servers started here would say that it is no setting of theirs."""

Scheme = Literal["light", "dark"]


@dataclass
class Watched:
    """A page, and what it did wrong so far."""

    page: Page
    address: str
    wrong: list[str] = field(default_factory=list)
    assets: set[str] = field(default_factory=set)

    def go(self, path: str) -> None:
        """Open a page, and hold it against all rules."""
        self.assets.clear()
        self.page.goto(self.address + path)
        self.check()

    def check(self) -> None:
        """Raises AssertionError for what the page did wrong, what shuts people out, or is too wide."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found: Any = self.page.evaluate(
            "rules => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES
        )
        for violation in found["violations"]:
            for node in violation["nodes"][:3]:
                self.wrong.append(f"{violation['id']}: {node['html'][:200]} ({node['failureSummary']})")
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            self.wrong.append(f"{wide} pixels wider than the window")
        if (packed := packed_size(self.assets)) > MOST_ASSETS:
            self.wrong.append(f"{packed} bytes of assets")
        assert self.wrong == [], f"{self.page.url}: {self.wrong}"

    def picture(self, name: str) -> None:
        """Keep a picture where TRUNKLINE_PICTURES names a folder: for people to look at."""
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


class Browsing:
    """An open browser. Use `opened`."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator["Browsing"]:
        path = shutil.which("chromium")
        if path is None:
            if os.environ.get("CI"):
                pytest.fail("Chromium is not installed.")
            pytest.skip("Chromium is not installed")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            yield cls(browser)
            browser.close()

    @contextmanager
    def page(
        self, address: str, *, size: str = "wide", scheme: Scheme = "light", session: str = ""
    ) -> Iterator[Watched]:
        """A page of a fresh browser profile; `session`: the cookie of who is signed in."""
        width, height = SIZES[size]
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, timezone_id="America/New_York"
        )
        context.set_default_timeout(SECONDS * 1000)
        if session:
            host = urlsplit(address).hostname or ""
            cookie: Any = {"name": "trunkline_session", "value": session, "domain": host, "path": "/"}
            context.add_cookies([cookie])
        watched = Watched(context.new_page(), address)
        watch(watched)
        try:
            yield watched
        finally:
            context.close()


def watch(watched: Watched) -> None:
    """Note errors of scripts, words on the console, and requests to other machines."""
    page = watched.page
    page.on("pageerror", lambda error: watched.wrong.append(f"script: {error}"))
    page.on("console", lambda said: _console(watched, said.type, said.text))
    page.on("request", lambda request: _asked(watched, request))


def _console(watched: Watched, kind: str, text: str) -> None:
    """The browser also tells every form that was refused; that is no fault of the page."""
    if kind in ("error", "warning") and "status of 4" not in text:
        watched.wrong.append(f"console: {text}")


def _asked(watched: Watched, request: Request) -> None:
    if not request.url.startswith((watched.address, "data:", "blob:", "about:")):
        watched.wrong.append(f"asked another machine: {request.url}")
    path = urlsplit(request.url).path
    if path.startswith(ROOT) and not path.startswith(HEAVY):
        watched.assets.add(path)


def packed_size(paths: set[str]) -> int:
    """Bytes on the wire of these assets, whether or not the browser had them already."""
    return sum(len(one.packed or one.body) for one in assets().values() if one.url in paths)
