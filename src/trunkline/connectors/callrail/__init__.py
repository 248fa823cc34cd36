"""CallRail: the twelve reports of its connector page, on API v3 (v2 by choice).

Paths, list keys, parameters and field types follow the public reference (apidocs.callrail.com,
text of 2026-05-21); where the service is known to answer otherwise, the column says so.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from trunkline.connectors.callrail.columns import (
    ACCOUNTS,
    AGGREGATE_COLUMNS,
    CALLER_IDS,
    CALLS,
    COMPANIES,
    CONVERSATIONS,
    FORMS,
    NOTIFICATIONS,
    SUMMARY,
    SUMMARY_EMAILS,
    TAGS,
    TIME_SERIES,
    TRACKERS,
    USERS,
)
from trunkline.connectors.callrail.options import (
    ACCOUNT,
    ACCOUNT_ID,
    AGENT,
    COMPANY_ID,
    GROUPS,
    HOST,
    OVERLAP_DAYS,
    PAGING,
    REREAD_DAYS,
    TIME_ZONE,
    USER_ID,
    fields,
)
from trunkline.date_menus import CALLRAIL_DATES
from trunkline.declare import (
    DAY,
    HOUR,
    ByLink,
    ByNumber,
    ByPoints,
    ByTotal,
    Column,
    Connector,
    Dates,
    ForEach,
    Limit,
    Method,
    Report,
    Row,
)
from trunkline.fetch.address import checked_address
from trunkline.options import Choice, Kind, Option, Values, choices

VERSIONS = ("v3", "v2")
MONTHS_KEPT = 25


PAGES = ByNumber("page", "per_page", 250, "total_pages", "total_records", in_flight=10)
DATES = Dates(CALLRAIL_DATES, "start_date", "end_date", "time_zone", MONTHS_KEPT)


def headers(account: Values) -> Mapping[str, str]:
    return {"Authorization": f'Token token="{account["api_key"]}"', "Request-From": "trunkline"}


def address(account: Values) -> str:
    """The address with its version; a base URL that ends in a version keeps it."""
    base = checked_address(
        str(account.get("base_url") or HOST), allow_plain_http=bool(account.get("allow_plain_http"))
    )
    if base.rsplit("/", 1)[-1] in VERSIONS:
        return base
    return f"{base}/{account.get('api_version') or VERSIONS[0]}"


def budget_of(values: Values) -> str:
    """CallRail counts requests per account of its own, whichever key or saved name they come by."""
    host = urlsplit(str(values.get("base_url") or HOST)).netloc.lower()
    return f"callrail:{host}:{values.get('account_id', '')}"


# -- rows that need more than a list key ---------------------------------------------------------


def summary_rows(answer: Row, _values: Values) -> Sequence[Row]:
    """One row per group, or one of all; each with the range it summarises."""
    frame = {name: answer.get(name) for name in ("start_date", "end_date", "time_zone", "grouped_by")}
    groups = answer.get("grouped_results")
    if isinstance(groups, list):
        return [{**frame, **group} for group in groups]
    totals = answer.get("total_results")
    return [{**frame, **totals}] if isinstance(totals, dict) else []


def time_series_rows(answer: Row, values: Values) -> Sequence[Row]:
    """One row per point. CallRail repeats `date` as `key` on some accounts; one of them is enough."""
    rows: list[Row] = []
    for point in answer.get("data") or ():
        stamp = str(point.get("date"))
        by_hour = values.get("interval") == "hour"
        extra = {"day": stamp[:10], "starts_at": stamp if by_hour else None}
        kept = {k: v for k, v in point.items() if k != "key" or v != point.get("date")}
        rows.append({**kept, **extra, "time_zone": answer.get("time_zone")})
    return rows


# -- reports -------------------------------------------------------------------------------------


def directory(name: str, label: str, help_text: str, of: tuple[Column, ...], *own: Option) -> Report:
    """A report without dates: read whole, replacing what was there."""
    return Report(
        name,
        label,
        help_text,
        f"/a/{{account_id}}/{name}.json",
        name,
        of,
        key=("id",),
        pages=PAGES,
        options=(ACCOUNT_ID, *own),
    )


def by_time(
    name: str,
    label: str,
    help_text: str,
    path: str,
    rows: str,
    of: tuple[Column, ...],
    cursor: str,
    sort: str,
) -> Report:
    """A dated report of records that change after the fact: merged by id, the last days read again."""
    ordered = {"sort": sort, "order": "asc"} if sort else {}
    relative = ByLink("next_page", "has_next_page", params={"relative_pagination": "true"})
    is_calls = name == "calls"
    return Report(
        name,
        label,
        help_text,
        f"/a/{{account_id}}/{path}.json",
        rows,
        of,
        key=("id",),
        cursor=cursor,
        update=Method.MERGE,
        updates=tuple(Method),
        overlap_days=OVERLAP_DAYS,
        pages=PAGES,
        pages_when={"paging": {"relative": relative}} if is_calls else {},
        windows=ByTotal(),
        options=(
            ACCOUNT_ID,
            COMPANY_ID,
            fields(of),
            *CALLRAIL_DATES.options,
            TIME_ZONE,
            REREAD_DAYS,
            *((PAGING,) if is_calls else ()),
        ),
        dates=DATES,
        params=ordered,
    )


REPORTS = (
    by_time(
        "conversations",
        "All Conversations",
        "Returns all conversations, each with its two most recent messages.",
        "text-messages",
        "conversations",
        CONVERSATIONS,
        "last_message_at",
        "",
    ),
    by_time(
        "calls",
        "Calls",
        "Returns all calls of the account.",
        "calls",
        "calls",
        CALLS,
        "start_time",
        "start_time",
    ),
    directory("companies", "Companies", "Returns all companies of the account.", COMPANIES),
    by_time(
        "form_submissions",
        "Form Submissions",
        "Returns all form submissions of the account.",
        "form_submissions",
        "form_submissions",
        FORMS,
        "submitted_at",
        "submitted_at",
    ),
    directory(
        "notifications",
        "Notifications",
        "Returns the notifications of the account.",
        NOTIFICATIONS,
        USER_ID,
    ),
    Report(
        "caller_ids",
        "Outbound Caller IDs",
        "Returns all outbound caller ids of one company, or of every company in turn.",
        "/a/{account_id}/caller_ids.json",
        "caller_ids",
        CALLER_IDS,
        key=("id",),
        pages=PAGES,
        options=(
            ACCOUNT_ID,
            COMPANY_ID,
            Option(
                "show_validation_code",
                "Show Validation Code",
                Kind.BOOL,
                "Keep the code that verifies a number instead of masking it.",
                default=False,
                advanced=True,
            ),
        ),
        for_each=ForEach("companies", "company_id"),
    ),
    Report(
        "summary",
        "Summarizing Call Data",
        "Returns call figures of the account or of a company, grouped or as one row.",
        "/a/{account_id}/calls/summary.json",
        summary_rows,
        SUMMARY,
        updates=(Method.REPLACE, Method.APPEND),
        options=(
            ACCOUNT_ID,
            COMPANY_ID,
            AGENT,
            Option(
                "group_by",
                "Group By",
                Kind.CHOICE,
                "What the figures are grouped by. Left out: one row of all.",
                choices=tuple(Choice(g, g.replace("_", " ").capitalize()) for g in GROUPS),
                param="group_by",
            ),
            fields(AGGREGATE_COLUMNS, "Figures to return."),
            *CALLRAIL_DATES.options,
            TIME_ZONE,
        ),
        dates=DATES,
    ),
    Report(
        "timeseries",
        "Summarizing Call Data by Time Series",
        "Returns call figures of the account or of a company, per hour, day, week, month or year.",
        "/a/{account_id}/calls/timeseries.json",
        time_series_rows,
        TIME_SERIES,
        key=("date",),
        cursor="day",
        update=Method.MERGE,
        updates=(Method.MERGE, Method.REPLACE),
        overlap_days=OVERLAP_DAYS,
        windows=ByPoints("interval", {"hour": 8, "day": 200}),
        options=(
            ACCOUNT_ID,
            COMPANY_ID,
            AGENT,
            fields(AGGREGATE_COLUMNS, "Figures to return."),
            Option(
                "interval",
                "Interval",
                Kind.CHOICE,
                "The length of a point. Weeks, months and years are read whole at every run.",
                default="day",
                choices=choices(hour="Hour", day="Day", week="Week", month="Month", year="Year"),
                param="interval",
            ),
            *CALLRAIL_DATES.options,
            TIME_ZONE,
            REREAD_DAYS,
        ),
        dates=DATES,
    ),
    Report(
        "summary_emails",
        "Summary Email Subscriptions",
        "Returns the summary e-mails of the account or of a company.",
        "/a/{account_id}/summary_emails",
        "summary_emails",
        SUMMARY_EMAILS,
        key=("id",),
        pages=PAGES,
        options=(ACCOUNT_ID, COMPANY_ID, USER_ID),
    ),
    directory("tags", "Tags", "Returns the tags of the account.", TAGS, COMPANY_ID),
    directory(
        "trackers", "Trackers", "Returns all trackers of the account.", TRACKERS, COMPANY_ID, fields(TRACKERS)
    ),
    directory("users", "Users", "Returns the users of the account.", USERS, COMPANY_ID),
    Report(
        "accounts",
        "Accounts",
        "The accounts a key can see: fills the Account ID menu and proves the key.",
        "/a.json",
        "accounts",
        ACCOUNTS,
        key=("id",),
        pages=PAGES,
        params={"fields": "numeric_id"},
        listed=False,
    ),
)


# -- the connector -------------------------------------------------------------------------------

CONNECTOR = Connector(
    name="callrail",
    label="CallRail",
    docs="https://apidocs.callrail.com/",
    help="Call tracking: calls, texts, forms, trackers, and figures of them.",
    base_url=HOST,
    account=ACCOUNT,
    reports=REPORTS,
    limits=(
        Limit(1_000, HOUR, option="hourly_limit"),
        Limit(10_000, DAY, option="daily_limit"),
    ),
    headers=headers,
    address=address,
    budget_of=budget_of,
    test="accounts",
    questions=(
        (
            "Which key do I need?",
            "An API key of a CallRail user who may see the account. It sees what that user sees.",
        ),
        (
            "Which version of the API is read?",
            "Version 3, the documented one. Version 2, with its numeric ids, is a choice of the account.",
        ),
        (
            "How often can the data be updated?",
            "As often as you like. CallRail allows 1,000 requests an hour and 10,000 a day; a run that comes "
            "to a limit waits.",
        ),
        (
            "Why does my key show no company or user?",
            "Menus hold what the user of the key may see. Ask a CallRail administrator for more, or for "
            "another key.",
        ),
    ),
    prerequisites="A CallRail API key: log in, then My Account > Account, API Access, Add API Key.",
    inherited=("account_id", "time_zone"),
)
