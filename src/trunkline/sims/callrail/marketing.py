"""The visit to a website that led to a call or a form: source, campaign, pages, milestones."""

from collections.abc import Callable
from functools import cached_property
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from trunkline.sims.callrail.directory import Row
from trunkline.sims.callrail.words import BROWSERS, SOURCES, Source
from trunkline.sims.chance import Dice, hex_of

_SITE = "https://www.example.com"
_PAGES = ("/", "/prices", "/appointment", "/peststoppers/", "/contact")
_SHARES = (0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 7, 8)
_DAY_SECONDS = 86_400


class Visit:
    """One visit; a source tracker fixes its source, a session tracker leaves it to chance."""

    def __init__(self, seed: int, ref: object, tracker: Row | None = None) -> None:
        self._key = (seed, "visit", ref)
        dice = Dice(*self._key)
        drawn = SOURCES[dice.one_of(_SHARES)]
        fixed = _source_named(tracker["name"]) if tracker and tracker["type"] == "source" else None
        self.source: Source = fixed or drawn
        self.campaign = dice.one_of(self.source.campaigns) if self.source.campaigns else None
        self.keywords = dice.one_of(self.source.keywords) if self.source.keywords else None
        # a number of one source is printed or listed somewhere: whoever calls it was on no page of ours
        self.is_online = fixed is None and self.source.medium != "offline"
        self.device = dice.one_of(("mobile", "mobile", "desktop", "tablet")) if self.is_online else None
        self.browser = dice.one_of(BROWSERS) if self.is_online else None
        self.days_before = dice.below(12)
        self._page = dice.one_of(_PAGES)

    @property
    def referrer(self) -> str | None:
        return self.source.referrer

    @property
    def referrer_domain(self) -> str | None:
        return urlsplit(self.source.referrer).netloc if self.source.referrer else None

    @cached_property
    def parameters(self) -> dict[str, str]:
        known = {
            "campaign": self.campaign,
            "keywords": self.keywords,
            "gclid": self.click_id("Google Ads", "g"),
        }
        return {name: value for name, value in known.items() if value}

    @cached_property
    def landing(self) -> str | None:
        if not self.is_online:
            return None
        query = urlencode(self.parameters)
        return f"{_SITE}{self._page}?{query}" if query else _SITE + self._page

    @property
    def last_page(self) -> str | None:
        return f"{_SITE}/contact" if self.is_online else None

    @cached_property
    def session(self) -> str | None:
        return str(UUID(hex_of("session", *self._key))) if self.is_online else None

    @cached_property
    def analytics_id(self) -> str | None:
        dice = Dice("ga", *self._key)
        return f"GA1.1.{dice.below(10**9)}.{1_500_000_000 + dice.below(10**8)}" if self.is_online else None

    def click_id(self, source: str, prefix: str) -> str | None:
        """The advertiser's click number when the visit came from that source."""
        return f"{prefix}{hex_of(prefix, *self._key, digits=24)}" if self.source.name == source else None


def _source_named(tracker_name: str) -> Source | None:
    return next((s for s in SOURCES if tracker_name.startswith(s.name)), None)


def milestones(visit: Visit, stamp: Callable[[float], str], is_lead: bool) -> Row:
    """First touch, lead, qualified and last touch; a call that is no lead was never qualified."""
    first = stamp(-visit.days_before * _DAY_SECONDS)
    touch = _touch(visit, first)
    return {
        "first_touch": touch,
        "lead_created": touch,
        "qualified": touch if is_lead else _touch(None, None),
        "last_touch": _touch(visit, stamp(-90)) | {"landing": visit.last_page, "landing_page_url_params": {}},
    }


def _touch(visit: Visit | None, event_date: str | None) -> Row:
    return {
        "event_date": event_date,
        "ad_position": None,
        "campaign": visit and visit.campaign,
        "device": visit and visit.device,
        "keywords": visit and visit.keywords,
        "landing": visit and visit.landing,
        "landing_page_url_params": visit.parameters if visit else {},
        "match_type": None,
        "medium": visit and visit.source.medium,
        "referrer": visit and visit.referrer,
        "referrer_url_params": {},
        "session_browser": visit and visit.browser,
        "url_utm_params": {},
        "source": visit and visit.source.name,
    }
