"""The table of lists: what each can be asked for, and which rows it then keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trunkline.sims.callrail.calls import DEFAULT_FIELDS, MORE_FIELDS
from trunkline.sims.callrail.dates import DATE_PARAMETERS
from trunkline.sims.callrail.directory import Row
from trunkline.sims.callrail.inquiries import (
    CONVERSATION_FIELDS,
    FORM_FIELDS,
    MORE_CONVERSATION_FIELDS,
    MORE_FORM_FIELDS,
)

Test = Callable[[Row, list[str]], bool]


@dataclass(frozen=True)
class Filter:
    """Keeps a row by the values of one parameter; `reads` are the fields it looks at.

    With `means_blank` an empty value filters too; elsewhere it counts as not given.
    """

    reads: tuple[str, ...]
    keep: Test
    means_blank: bool = False


def equals(name: str) -> Filter:
    def keep(row: Row, values: list[str]) -> bool:
        found = row.get(name)
        return found is not None and str(found).lower() in [value.lower() for value in values]

    return Filter((name,), keep)


def holds(name: str) -> Filter:
    """For fields that are arrays: any of the values is in it."""

    def keep(row: Row, values: list[str]) -> bool:
        found = row.get(name)
        return isinstance(found, list) and any(str(v) in values for v in found)

    return Filter((name,), keep)


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _at_least(row: Row, values: list[str]) -> bool:
    found, limit = _number(row.get("duration")), _number(values[0])
    return found is not None and (limit is None or found >= limit)


def _at_most(row: Row, values: list[str]) -> bool:
    found, limit = _number(row.get("duration")), _number(values[0])
    return found is not None and (limit is None or found <= limit)


def _answer_status(row: Row, values: list[str]) -> bool:
    status = "voicemail" if row.get("voicemail") else "answered" if row.get("answered") else "missed"
    return status in values


def _first_time(row: Row, values: list[str]) -> bool:
    return values[0].lower() not in ("true", "1") or row.get("first_call") is True


def _in_companies(row: Row, values: list[str]) -> bool:
    companies = row.get("companies")
    return isinstance(companies, list) and any(
        isinstance(c, dict) and c.get("id") in values for c in companies
    )


def inner(outer: str, name: str) -> Filter:
    """For fields that are objects: the value inside equals one of the values."""

    def keep(row: Row, values: list[str]) -> bool:
        found = row.get(outer)
        return isinstance(found, dict) and str(found.get(name)) in values

    return Filter((outer,), keep)


def _notified_by(row: Row, values: list[str]) -> bool:
    return any(row.get(v) is True for v in values if v in ("send_desktop", "send_email", "send_push"))


def _scope(row: Row, values: list[str]) -> bool:
    scope = row.get("scope")
    if not isinstance(scope, dict):
        return False
    return scope.get("id") in values if values != [""] else scope.get("type") == "Account"


def _mail_to(row: Row, values: list[str]) -> bool:
    user = row.get("user")
    return (user.get("email") if isinstance(user, dict) else row.get("email")) in values


def _person_lead(row: Row, values: list[str]) -> bool:
    return (row.get("person_id") != "anonymous") == (values[0].lower() in ("true", "1"))


def _caller_id_of(row: Row, values: list[str]) -> bool:
    # Rows of a fixture may not say whose they are, as the real ones do not: every company shows them.
    return row.get("_company_id", row.get("company_id")) in (*values, None)


CALL_FILTERS: dict[str, Filter] = {
    "company_id": equals("company_id"),
    "tracker_id": equals("tracker_id"),
    "tracker_ids": equals("tracker_id"),
    "call_type": equals("call_type"),
    "answer_status": Filter(("answered", "voicemail"), _answer_status),
    "device": equals("device_type"),
    "direction": equals("direction"),
    "lead_status": equals("lead_status"),
    "tags": holds("tags"),
}
# `agent` is a user's id; the answering code turns it into the e-mail address that calls carry.
AGGREGATE_FILTERS: dict[str, Filter] = {
    **{name: f for name, f in CALL_FILTERS.items() if name not in ("tracker_id", "call_type")},
    "min_duration": Filter(("duration",), _at_least),
    "max_duration": Filter(("duration",), _at_most),
    "first_time_callers": Filter(("first_call",), _first_time),
    "agent": equals("agent_email"),
}


@dataclass(frozen=True)
class Listing:
    """One list of the API: its key, parameters, sorting, filters, and the fields to choose from.

    A `date` makes it a dated list. `order` is the sort without any asked: a leading minus means newest first.
    """

    key: str
    order: str
    filters: Mapping[str, Filter] = field(default_factory=dict)
    searches: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    date: str = ""
    relative: bool = False

    def parameters(self) -> frozenset[str]:
        """The documented parameter names besides paging."""
        names = {*self.filters}
        names |= {"search"} if self.searches else set()
        names |= {"sort", "order"} if self.sorts else set()
        names |= {"fields"} if self.more or self.default else set()
        names |= {*DATE_PARAMETERS, "time_zone"} if self.date else set()
        names |= {"relative_pagination", "offset"} if self.relative else set()
        return frozenset(names)


CALL_SEARCHES = (
    *("business_phone_number", "customer_name", "customer_phone_number", "note", "source"),
    "tracking_phone_number",
)
_CALL_SORTS = (
    *("customer_name", "customer_phone_number", "duration", "start_time", "source", "customer_city"),
    *("customer_country", "landing_page_url", "device_type", "answered", "first_call", "source_name"),
    *("lead_status", "tags"),
)

LISTINGS: dict[str, Listing] = {
    "calls": Listing(
        "calls",
        "-start_time",
        CALL_FILTERS,
        CALL_SEARCHES,
        _CALL_SORTS,
        tuple(DEFAULT_FIELDS),
        tuple(MORE_FIELDS),
        date="start_time",
        relative=True,
    ),
    "text-messages": Listing(
        "conversations",
        "-last_message_at",
        {"company_id": equals("company_id")},
        ("customer_phone_number", "customer_name"),
        default=tuple(CONVERSATION_FIELDS),
        more=tuple(MORE_CONVERSATION_FIELDS),
        date="last_message_at",
    ),
    "form_submissions": Listing(
        "form_submissions",
        "-submitted_at",
        {
            "company_id": equals("company_id"),
            "person_lead": Filter(("person_id",), _person_lead),
            "lead_status": equals("lead_status"),
            "tags": holds("tags"),
        },
        sorts=("submitted_at", "form_url", "created_at"),
        default=tuple(FORM_FIELDS),
        more=tuple(MORE_FORM_FIELDS),
        date="submitted_at",
    ),
    "companies": Listing("companies", "name", {"status": equals("status")}, ("name",), ("name",)),
    "notifications": Listing(
        "notifications",
        "id",
        {
            "user_id": equals("user_id"),
            "email": equals("email"),
            "notification_type": Filter((), _notified_by),
        },
    ),
    "caller_ids": Listing("caller_ids", "id", {"company_id": Filter((), _caller_id_of)}),
    "summary_emails": Listing(
        "summary_emails",
        "",
        {
            "frequency": holds("frequency"),
            "company_id": Filter((), _scope, means_blank=True),
            "user_id": inner("user", "id"),
            "email": Filter((), _mail_to),
        },
    ),
    "tags": Listing(
        "tags",
        "name",
        {
            "company_id": equals("company_id"),
            "status": equals("status"),
            "tag_level": equals("tag_level"),
        },
        sorts=("name",),
    ),
    "trackers": Listing(
        "trackers",
        "name",
        {"company_id": inner("company", "id"), "type": equals("type"), "status": equals("status")},
        ("name",),
        ("name",),
        more=("campaign_name", "swap_targets"),
    ),
    "users": Listing(
        "users",
        "name",
        {"company_id": Filter((), _in_companies)},
        ("first_name", "last_name", "email"),
        ("email", "created_at"),
    ),
}
ACCOUNTS = Listing("accounts", "", sorts=("name",), searches=("name",), more=("numeric_id",))
