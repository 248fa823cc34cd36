"""The generated directories of the agency: companies, users, trackers, tags and what hangs on them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from trunkline.sims.callrail.options import DATA_ACCOUNT, EMPTY_ACCOUNT, OWNER_ZONE
from trunkline.sims.callrail.words import COMPANIES, SOURCES, TAGS
from trunkline.sims.chance import Dice, hex_of
from trunkline.sims.names import FIRST_NAMES, LAST_NAMES, phone

Row = dict[str, Any]

_TRACKERS_PER_COMPANY = (4, 4, 3, 3, 3, 3)
_DISABLED_COMPANY = 5
_FIRST_NUMERIC = {
    "companies": 385_497_220,
    "users": 170_499_600,
    "trackers": 452_118_000,
    "summary_emails": 31_200,
}


@dataclass
class Directory:
    """Rows per list key, and the old numbers of those rows (number as text -> id)."""

    lists: dict[str, list[Row]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, kind: str) -> list[Row]:
        return self.lists[kind]

    @cached_property
    def active_trackers(self) -> list[Row]:
        return [tracker for tracker in self["trackers"] if tracker["status"] == "active"]

    @cached_property
    def _companies(self) -> dict[str, Row]:
        return {company["id"]: company for company in self["companies"]}

    def company_of(self, tracker: Row) -> Row:
        return self._companies[tracker["company"]["id"]]

    def add(self, kind: str, rows: list[Row]) -> None:
        self.lists[kind] = rows
        if kind in _FIRST_NUMERIC:
            self.numbers |= {str(_FIRST_NUMERIC[kind] + i): row["id"] for i, row in enumerate(rows)}


def directory(seed: int) -> Directory:
    """Everything that is not dated; it follows from the seed alone."""
    made = Directory()
    made.add("accounts", _accounts())
    made.add("companies", [_company(seed, n) for n in range(len(COMPANIES))])
    made.add("users", [_user(seed, n, made["companies"]) for n in range(12)])
    made.add("trackers", _trackers(seed, made["companies"]))
    made.add("tags", [_tag(seed, n, made["companies"]) for n in range(len(TAGS))])
    made.add("caller_ids", [_caller_id(seed, n, made["companies"]) for n in range(7)])
    made.add("notifications", [_notification(n, made) for n in range(18)])
    made.add("summary_emails", [_summary_email(seed, n, made) for n in range(8)])
    return made


def _accounts() -> list[Row]:
    names = ((DATA_ACCOUNT, "Example Agency"), (EMPTY_ACCOUNT, "Example Account"))
    return [
        {
            "id": id,
            "name": name,
            "outbound_recording_enabled": True,
            "hipaa_account": False,
            "numeric_id": 227_799_611 + n,
        }
        for n, (id, name) in enumerate(names)
    ]


def _made_on(dice: Dice) -> datetime:
    return datetime(2019, 1, 7, 14, tzinfo=UTC) + timedelta(
        minutes=dice.below(900_000), milliseconds=dice.below(1000)
    )


def _utc(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _local(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo(OWNER_ZONE)).isoformat(timespec="milliseconds")


def _company(seed: int, n: int) -> Row:
    dice = Dice(seed, "company", n)
    name, zone = COMPANIES[n]
    created = _made_on(dice)
    is_disabled = n == _DISABLED_COMPANY
    return {
        "id": "COM" + hex_of(seed, "company", n),
        "name": name,
        "status": "disabled" if is_disabled else "active",
        "time_zone": zone,
        "created_at": _utc(created),
        "disabled_at": _utc(created + timedelta(days=400)) if is_disabled else None,
        "dni_active": (True, False, None)[n % 3],
        "script_url": f"//cdn.callrail.com/companies/{_FIRST_NUMERIC['companies'] + n}/example/12/swap.js",
        "callscribe_enabled": n % 2 == 0,
        "lead_scoring_enabled": n != 3,
        "swap_exclude_jquery": (None, False, None)[n % 3],
        "swap_ppc_override": (None, None, True)[n % 3],
        "swap_landing_override": (None, "utm_campaign")[n % 2],
        "swap_cookie_duration": (6, 30, None)[n % 3],
        "swap_cookie_duration_unit": ("months", "days", "weeks")[n % 3],
        "callscore_enabled": False,
        "keyword_spotting_enabled": n % 2 == 0,
        "form_capture": n != 2,
    }


def _user(seed: int, n: int, companies: list[Row]) -> Row:
    dice = Dice(seed, "user", n)
    first, last = FIRST_NAMES[n], LAST_NAMES[(n * 5 + dice.below(len(LAST_NAMES))) % len(LAST_NAMES)]
    role = ("admin", "manager", "reporting", "reporting")[n % 4] if n else "admin"
    seen = companies if role == "admin" else dice.some_of(companies, 2)
    return {
        "email": f"{first}.{last}@example.com".lower(),
        "id": "USR" + hex_of(seed, "user", n),
        "created_at": _local(_made_on(dice)),
        "role": role,
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}",
        "accepted": n != 11,
        "companies": [{"id": c["id"], "name": c["name"]} for c in seen],
    }


def _trackers(seed: int, companies: list[Row]) -> list[Row]:
    owners = [c for c, count in zip(companies, _TRACKERS_PER_COMPANY, strict=True) for _ in range(count)]
    first_of_company = [owner is not owners[n - 1] for n, owner in enumerate(owners)]
    return [_tracker(seed, n, owner, first_of_company[n]) for n, owner in enumerate(owners)]


def _tracker(seed: int, n: int, company: Row, is_session: bool) -> Row:
    dice = Dice(seed, "tracker", n)
    source = SOURCES[(n * 3 + dice.below(len(SOURCES))) % len(SOURCES)]
    is_disabled = company["status"] == "disabled" or n % 9 == 7
    created = _made_on(dice)
    destination = phone("404", 50 + n)
    return {
        "id": "TRK" + hex_of(seed, "tracker", n),
        "name": f"{company['name']} website" if is_session else f"{source.name} line {n}",
        "type": "session" if is_session else "source",
        "status": "disabled" if is_disabled else "active",
        "destination_number": destination,
        "tracking_numbers": [phone("770", n * 4 + k) for k in range(4 if is_session else 1)],
        "whisper_message": "Call from [source]." if is_session else None,
        "sms_enabled": n % 2 == 0,
        "sms_supported": True,
        "company": {"id": company["id"], "name": company["name"]},
        "call_flow": _advanced_flow() if n % 6 == 5 else _basic_flow(destination, n),
        "source": _session_source(n) if is_session else _tracker_source(source.source_type),
        "created_at": _utc(created),
        "disabled_at": _utc(created + timedelta(days=300)) if is_disabled else None,
        "campaign_name": source.campaigns[0] if source.campaigns and not is_session else None,
        "swap_targets": [destination] if is_session else [],
    }


def _basic_flow(destination: str, n: int) -> Row:
    return {
        "type": "basic",
        "recording_enabled": n % 5 != 4,
        "destination_number": destination,
        "greeting_text": "This call will be recorded for quality assurance",
        "greeting_recording_url": None,
    }


def _advanced_flow() -> Row:
    steps = [
        {"id": "step_1", "type": "menu", "options": [{"key": "1", "next_step_id": "step_2"}]},
        {"id": "step_2", "type": "round_robin", "destinations": [phone("404", 81), phone("404", 82)]},
    ]
    return {"type": "advanced", "initial_step_id": "step_1", "steps": steps}


def _session_source(n: int) -> Row:
    if n % 2:
        return {"type": "all"}
    return {"google": ["paid", "organic"], "bing": ["paid", "organic"], "yahoo": ["paid", "organic"]}


def _tracker_source(source_type: str) -> Row:
    engine, _, kind = source_type.partition("_")
    if kind in ("paid", "organic"):
        return {"type": "search", "search_engine": engine, "search_type": kind}
    return {"type": source_type}


def _tag(seed: int, n: int, companies: list[Row]) -> Row:
    dice = Dice(seed, "tag", n)
    is_account_wide = n % 5 == 2
    row = {
        "id": 993_186 + n * 1_117 + dice.below(1000),
        "name": TAGS[n],
        "tag_level": "account" if is_account_wide else "company",
        "color": dice.one_of(("gray1", "orange3", "blue1")),
        "background_color": dice.one_of(("green2", "blue2", "gray1", "red2")),
        "company_id": None if is_account_wide else companies[n % len(companies)]["id"],
        "status": "disabled" if n == 12 else "enabled",
    }
    # The reference's own third tag has no created_at.
    return row if n == 7 else row | {"created_at": _local(_made_on(dice))}


def _caller_id(seed: int, n: int, companies: list[Row]) -> Row:
    dice = Dice(seed, "caller_id", n)
    return {
        "id": 13 + n,
        "phone_number": phone("404", 20 + n),
        "name": f"{FIRST_NAMES[n]}'s Cell",
        "verified": n != 4,
        "created_at": _local(_made_on(dice)),
        "validation_code": f"{dice.below(1_000_000):06d}",
        # Not delivered: the real rows do not say whose they are.
        "_company_id": companies[n % 3]["id"],
    }


def _notification(n: int, made: Directory) -> Row:
    user = made["users"][n % len(made["users"])]
    tracker = made["trackers"][n] if n % 3 == 2 else None
    company = made["companies"][n % 5] if n % 4 else None
    about = tracker["name"] if tracker else company["name"] if company else "all companies"
    return {
        "id": 100 + n,
        "user_id": user["id"],
        "email": user["email"],
        "alert_type": ("all", "first_call", "missed_and_vm", "vm_only")[n % 4],
        "call_enabled": n % 5 != 4,
        "company_id": company["id"] if company else None,
        "name": f"All Calls and All Texts for {about}",
        "send_desktop": n % 3 == 0,
        "send_email": n % 2 == 0,
        "send_push": n % 4 == 1,
        "sms_enabled": n % 3 != 1,
        "tracker_id": tracker["id"] if tracker else None,
    }


def _summary_email(seed: int, n: int, made: Directory) -> Row:
    account, company = made["accounts"][0], made["companies"][n % 5]
    of_account = {"id": account["id"], "type": "Account", "name": account["name"]}
    of_company = {"id": company["id"], "type": "Company", "name": company["name"]}
    user = made["users"][n]
    to: Row = {"user": {"id": user["id"], "name": user["name"], "email": user["email"]}}
    if n == 6:
        to = {"email": "reports@example.com"}
    return {
        "id": "CSS" + hex_of(seed, "summary_email", n),
        "scope": of_account if n % 3 == 0 else of_company,
        "frequency": (["daily", "weekly"], ["daily"], ["weekly"], ["monthly"])[n % 4],
        "config": {
            "summary_statistics": True,
            "top_sources": n % 2 == 0,
            "top_keywords": n % 3 == 0,
            "call_log": n != 5,
        },
    } | to
