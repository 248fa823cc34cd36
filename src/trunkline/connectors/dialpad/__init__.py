"""Dialpad: the four reports of its connector page, and calls, people and numbers beyond it, on API v2.

Paths, parameters and fields follow the official description (dialpad/dialpad-python-sdk, 2026-03-31);
what it does not say follows answers that others have captured.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from trunkline.connectors.dialpad.columns import (
    CALL_CENTERS,
    CALL_LABELS,
    CALLS,
    COACHING_TEAMS,
    COMPANY,
    DEPARTMENTS,
    NUMBERS,
    OFFICES,
    OPERATORS,
    PARTIES,
    ROOMS,
    USERS,
)
from trunkline.connectors.dialpad.options import (
    ACCOUNT,
    ACTIVE_ONLY,
    CALL_CENTER,
    CALL_TARGET,
    CALL_TARGET_TYPE,
    DAYS_PER_REQUEST,
    EXPORT_TYPE,
    GROUP_BY,
    HOSTS,
    OF_TRAINEES,
    OFFICE,
    OVERLAP_DAYS,
    REREAD_DAYS,
    STAT_TYPE,
    STATS_CALL_CENTER,
    STATS_OFFICE,
    STATS_TARGET,
    TARGET_TYPE,
    TIME_ZONE,
    TIMEOUT,
    USER_STATE,
)
from trunkline.connectors.dialpad.stats import check_stats, id_problem, is_id, stats_body
from trunkline.connectors.dialpad.stats_columns import STATS_VARIANTS, stats_columns
from trunkline.date_menus import DIALPAD_DATES
from trunkline.declare import (
    HOUR,
    MINUTE,
    SECOND,
    ByCursor,
    ByDays,
    ByTotal,
    Column,
    Connector,
    Dates,
    ExportJob,
    ForEach,
    Limit,
    Method,
    OAuth,
    Report,
    Row,
    ZoneFrom,
)
from trunkline.errors import Problem
from trunkline.fetch.address import checked_address
from trunkline.options import Option, Values

PATH = "/api/v2"
STATS_GROUP = "stats"
DAYS_UNLESS_CHOSEN = 30
COMPANY_KEY = "A company administrator's API key."
ANY_KEY = "Any API key; a user's own key sees what that user may see."

PAGES = ByCursor()
OFFICE_ZONE = ZoneFrom("offices", "timezone", options=("office_id",), main="is_primary_office")


def headers(account: Values) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {account['api_key']}"}


def address(account: Values) -> str:
    """The address below which the paths stand; a base URL may name the API's folder or leave it out."""
    given = account.get("base_url") or HOSTS[str(account.get("host", "production"))]
    base = checked_address(str(given), allow_plain_http=bool(account.get("allow_plain_http")))
    return base if base.endswith(PATH) else base + PATH


def budget_of(values: Values) -> str:
    """Dialpad counts requests per company; until its id is known, the key stands for it."""
    host = urlsplit(address(values)).netloc.lower()
    proof = str(values.get("api_key") or values.get("client_id") or "")
    return f"dialpad:{host}:{hashlib.sha256(proof.encode()).hexdigest()[:16]}"


# -- rows that need more than a list key ---------------------------------------------------------


def company_rows(answer: Row, _values: Values) -> Sequence[Row]:
    return [answer]


def label_rows(answer: Row, _values: Values) -> Sequence[Row]:
    return [{"label": label} for label in answer.get("labels") or ()]


def operator_rows(answer: Row, values: Values) -> Sequence[Row]:
    """Users and rooms in one list; a room has a name where a user has more."""
    found: list[Row] = []
    for operator_type in ("user", "room"):
        for row in answer.get(f"{operator_type}s") or ():
            found.append({**row, "operator_type": operator_type, "call_center_id": values["call_center_id"]})
    return found


def check_calls(values: Values) -> Sequence[Problem]:
    """A target has a type and an id."""
    given = [o for o in (CALL_TARGET_TYPE, CALL_TARGET) if o.name in values]
    if len(given) == 1:
        other = CALL_TARGET if given[0] is CALL_TARGET_TYPE else CALL_TARGET_TYPE
        text = f"{given[0].label} ({given[0].flag}) needs {other.label} ({other.flag}) too."
        return [Problem(other.name, text)]
    if given and not is_id(values["target_id"]):
        return [id_problem(CALL_TARGET, values["target_id"])]
    return []


# -- reports -------------------------------------------------------------------------------------


def directory(
    name: str,
    label: str,
    help_text: str,
    of: tuple[Column, ...],
    *own: Option,
    path: str = "",
    key: tuple[str, ...] = ("id",),
    rights: str = ANY_KEY,
    **more: Any,
) -> Report:
    """A list read whole, replacing what was there."""
    return Report(
        name,
        label,
        help_text,
        path or f"/{name}",
        more.pop("rows", "items"),
        of,
        key=key,
        pages=more.pop("pages", PAGES),
        options=own,
        absent_is_empty=True,
        rights=rights,
        **more,
    )


OFFICE_PATH = {"office_id": "/offices/{office_id}/callcenters"}

REPORTS = (
    directory("offices", "Offices", "Get a list of all offices.", OFFICES, ACTIVE_ONLY),
    directory(
        "callcenters",
        "Call Centers",
        "List all the call centers of one office, or of all.",
        CALL_CENTERS,
        OFFICE,
        path_when=OFFICE_PATH,
    ),
    Report(
        "operators",
        "Operators",
        "List all the operators of one call center, or of all. The id identifies each operator.",
        "/callcenters/{call_center_id}/operators",
        operator_rows,
        OPERATORS,
        key=("call_center_id", "id"),
        options=(OFFICE, CALL_CENTER),
        for_each=ForEach("callcenters", "call_center_id", in_flight=16),
        rights=ANY_KEY,
    ),
    Report(
        "stats",
        "Stats",
        "Get summary stats and call/text logs.",
        "/stats",
        "",
        stats_columns({}),
        cursor="day",
        update=Method.PARTITION,
        updates=(Method.PARTITION, Method.REPLACE),
        updates_when={"export_type": {"stats": (Method.REPLACE,)}},
        overlap_days=OVERLAP_DAYS,
        pages=ExportJob(
            stats_body, limit_group=STATS_GROUP, day_fields=("date_started", "date", "date_created", "day")
        ),
        windows=ByDays("chunk_days"),
        options=(
            STATS_OFFICE,
            TARGET_TYPE,
            STATS_CALL_CENTER,
            STATS_TARGET,
            STAT_TYPE,
            EXPORT_TYPE,
            GROUP_BY,
            OF_TRAINEES,
            *DIALPAD_DATES.options,
            TIME_ZONE,
            REREAD_DAYS,
            DAYS_PER_REQUEST,
            TIMEOUT,
        ),
        dates=Dates(DIALPAD_DATES, zone_from=OFFICE_ZONE, days_unless_chosen=DAYS_UNLESS_CHOSEN),
        columns_for=stats_columns,
        variants=STATS_VARIANTS,
        figures_when={"export_type": "stats"},
        check=check_stats,
        rights=COMPANY_KEY,
    ),
    directory("users", "Users", "List the people of the company, those who left too.", USERS, USER_STATE),
    Report(
        "calls",
        "Calls",
        "List the company's calls, a row for each leg.",
        "/call",
        "items",
        CALLS,
        key=("call_id",),
        cursor="started_at",
        update=Method.MERGE,
        updates=tuple(Method),
        overlap_days=OVERLAP_DAYS,
        pages=ByCursor(in_flight=8),
        windows=ByTotal(),
        options=(CALL_TARGET_TYPE, CALL_TARGET, *DIALPAD_DATES.options, TIME_ZONE, REREAD_DAYS),
        dates=Dates(
            DIALPAD_DATES,
            "started_after",
            "started_before",
            is_epoch_ms=True,
            within="date_started",
            zone_from=OFFICE_ZONE,
        ),
        spread=PARTIES,
        absent_is_empty=True,
        check=check_calls,
        rights="A company administrator's API key with the right calls:list.",
    ),
    directory(
        "departments",
        "Departments",
        "List the departments of the company.",
        DEPARTMENTS,
        OFFICE,
        path_when={"office_id": "/offices/{office_id}/departments"},
    ),
    directory(
        "numbers",
        "Numbers",
        "List the company's phone numbers.",
        NUMBERS,
        key=("number",),
        rights=COMPANY_KEY,
    ),
    directory("company", "Company", "Get the company.", COMPANY, rows=company_rows, rights=COMPANY_KEY),
    directory(
        "call_labels",
        "Call Labels",
        "List the labels that calls can carry.",
        CALL_LABELS,
        path="/calllabels",
        key=("label",),
        rows=label_rows,
    ),
    directory("rooms", "Rooms", "Rooms, for the Target menu.", ROOMS, listed=False),
    directory(
        "coachingteams",
        "Coaching Teams",
        "Coaching teams, for the Target menu.",
        COACHING_TEAMS,
        listed=False,
    ),
)


# -- the connector -------------------------------------------------------------------------------

CONNECTOR = Connector(
    name="dialpad",
    label="Dialpad",
    docs="https://developers.dialpad.com/",
    help="Calls, stats, offices, call centers, people and numbers of a Dialpad company.",
    base_url=HOSTS["production"],
    account=ACCOUNT,
    reports=REPORTS,
    limits=(
        Limit(20, SECOND),
        Limit(1_200, MINUTE, option="minute_limit"),
        Limit(200, HOUR, group=STATS_GROUP, option="stats_limit"),
    ),
    headers=headers,
    address=address,
    budget_of=budget_of,
    test="company",
    questions=(
        (
            "Which key do I need?",
            "That of a company administrator. A key of a single user shows only that user's data.",
        ),
        (
            "Can I sign in instead of giving a key?",
            "Yes, with an application that Dialpad has registered for you: its Client ID and Client Secret.",
        ),
        ("Which version of the API is read?", "Version 2."),
        (
            "How often can the data be updated?",
            "As often as you like. Dialpad allows 1,200 requests a minute, and 200 an hour for Stats; a run "
            "that comes to a limit waits.",
        ),
        (
            "Why do Stats take minutes?",
            "Dialpad makes an export ready first, and gives the same one again for three hours.",
        ),
    ),
    prerequisites="A company administrator's API key: Admin Settings > Company > Authentication > API Keys.",
    oauth=OAuth(scopes=("calls:list", "recordings_export", "offline_access")),
)
