"""Which days a request asks for: words, dates and instants in a zone, with the limits of the service."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from trunkline.sims.callrail.options import OWNER_ZONE
from trunkline.sims.refusals import Refused
from trunkline.sims.timeline import milliseconds

DATE_PARAMETERS = ("date_range", "start_date", "end_date")
RETENTION_MONTHS = 25
_LAST_MOMENT = time(23, 59, 59, 999000)
_ZONE_LABELS = {
    "America/New_York": "Eastern Time (US & Canada)",
    "America/Chicago": "Central Time (US & Canada)",
    "America/Denver": "Mountain Time (US & Canada)",
    "America/Los_Angeles": "Pacific Time (US & Canada)",
}


@dataclass(frozen=True)
class Window:
    """A span of time, both ends included, in the zone of the request."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    zone_label: str

    def span(self) -> tuple[int, int]:
        return milliseconds(self.start), milliseconds(self.end)


def window_of(params: dict[str, list[str]], now: datetime) -> Window:
    """The span a request names; without dates the last 7 days including today.

    A date-only end lasts until its last moment, an end with hours until exactly that instant. A start
    beyond 25 months, an unknown word, an unreadable date and an unknown zone are refused with 400.
    """
    name = params.get("time_zone", ["user"])[0]
    zone = _zone(OWNER_ZONE if name == "user" else name)
    label = _ZONE_LABELS[OWNER_ZONE] if name == "user" else name
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = _ends(params, today)
    if start < today - relativedelta(months=RETENTION_MONTHS):
        raise Refused(
            400,
            f"The requested date range goes back further than {RETENTION_MONTHS} months, "
            "the time call data is kept. Please revise your date range.",
        )
    return Window(start, end, zone, label)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Refused(400, f"{name} is not a valid time zone") from None


def _ends(params: dict[str, list[str]], today: datetime) -> tuple[datetime, datetime]:
    asked_start, asked_end = (params.get(name, [""])[0] for name in ("start_date", "end_date"))
    if not asked_start and not asked_end:
        return _word(params.get("date_range", ["recent"])[0], today)
    end = _instant("end_date", asked_end, today, _LAST_MOMENT) if asked_end else _evening(today)
    if asked_start:
        return _instant("start_date", asked_start, today, time()), end
    return _morning(end - timedelta(days=6)), end


def _instant(name: str, text: str, today: datetime, time_of_day: time) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, f"{name} {text} is invalid: use YYYY-MM-DD or YYYY-MM-DDThh:mm") from None
    if read.tzinfo:
        return read.astimezone(today.tzinfo)
    if len(text) <= len("YYYY-MM-DD"):
        read = datetime.combine(read, time_of_day)
    return read.replace(tzinfo=today.tzinfo)


def _morning(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _evening(moment: datetime) -> datetime:
    return datetime.combine(moment, _LAST_MOMENT, tzinfo=moment.tzinfo)


def _word(word: str, today: datetime) -> tuple[datetime, datetime]:
    if word == "all_time":
        return datetime(2011, 1, 1, tzinfo=today.tzinfo), _evening(today)
    day = timedelta(days=1)
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    spans = {
        "recent": (today - 6 * day, today),
        "today": (today, today),
        "yesterday": (today - day, today - day),
        "last_7_days": (today - 6 * day, today),
        "last_30_days": (today - 29 * day, today),
        "this_month": (month, today),
        "last_month": (month - relativedelta(months=1), month - day),
        "this_year": (year, today),
        "last_year": (year - relativedelta(years=1), year - day),
    }
    if word not in spans:
        raise Refused(400, f"{word} is not a valid date_range")
    first, last = spans[word]
    return first, _evening(last)
