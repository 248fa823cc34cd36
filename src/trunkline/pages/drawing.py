"""Templates, and how times and numbers look in them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trunkline import __version__
from trunkline.access.roles import Right
from trunkline.dates import zone_named
from trunkline.pages.assets import url_of
from trunkline.pages.navigation import areas_for
from trunkline.pages.visit import Visit

FOLDER = Path(__file__).parent / "templates"
NOTHING = "–"
SECONDS = "%Y-%m-%d %H:%M:%S"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
WEEK = 7 * DAY


class Drawing:
    """Draws templates for visits."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals |= {"asset": url_of, "version": __version__, "Right": Right}
        self._templates.filters |= {
            "number": number,
            "size": size,
            "duration": duration,
            "plural": plural,
        }
        self._templates.tests["instant"] = lambda value: isinstance(value, datetime)

    def draw(self, template: str, visit: Visit, values: Mapping[str, Any]) -> str:
        """The text of a template. It knows the visit, its user (or none) and the areas the user may see."""
        user = visit.session.user if visit.session else None
        now, zone = visit.rooms.clock.now(), _zone(visit.zone)
        known = {
            "visit": visit,
            "user": user,
            "areas": areas_for(user, visit.request.url.path),
            "form_token": visit.session.form_token if visit.session else "",
            "when": lambda at: when(at, now, zone),
            "moment": partial(moment, zone),
            "now": now,
        }
        return self._templates.get_template(template).render({"said": None, **known, **values})


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_named(name) if name else ZoneInfo("UTC")
    except ValueError:
        return ZoneInfo("UTC")


def when(at: datetime | None, now: datetime, zone: ZoneInfo) -> str | Markup:
    """A time as people say it, with the exact instant for whoever points at it."""
    if at is None:
        return NOTHING
    local = at.astimezone(zone)
    exact = local.strftime("%A, %-d %B %Y, %H:%M:%S %Z")
    stamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, exact, _said(at, local, now))


def moment(zone: ZoneInfo, at: datetime, form: str = SECONDS) -> Markup:
    """An exact time in the viewer's zone, with that of UTC for whoever points at it."""
    stamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        stamp, stamp, at.astimezone(zone).strftime(form)
    )


def _said(at: datetime, local: datetime, now: datetime) -> str:
    """Near times by their distance, others by date, and the year where it is another."""
    seconds = (now - at).total_seconds()
    distance = abs(seconds)
    if distance < MINUTE:
        return "just now" if seconds >= 0 else "in a moment"
    for most, unit, word in ((HOUR, MINUTE, "min"), (DAY, HOUR, "h"), (WEEK, DAY, "d")):
        if distance < most:
            count = f"{int(distance // unit)} {word}"
            return f"{count} ago" if seconds > 0 else f"in {count}"
    same_year = local.year == now.astimezone(local.tzinfo).year
    return local.strftime("%-d %b %H:%M" if same_year else "%-d %b %Y")


def number(value: float | None) -> str:
    """With thin gaps between thousands; fractions with at most one digit."""
    if value is None:
        return NOTHING
    text = f"{value:,.1f}".removesuffix(".0") if isinstance(value, float) else f"{value:,}"
    return text.replace(",", "\u202f")


def size(count: int | None) -> str:
    """Bytes as people say them."""
    if count is None:
        return NOTHING
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1_000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1_000
    return f"{amount:.1f} TB"


def duration(seconds: float | None) -> str:
    """A length of time as people say it."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    whole = round(seconds)
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


def plural(count: int, word: str, many: str = "") -> str:
    """A number with its word: 1 row, 2 rows."""
    return f"{number(count)} {word if count == 1 else many or word + 's'}"
