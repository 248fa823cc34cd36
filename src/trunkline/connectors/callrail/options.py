"""Menus of the CallRail connector page, under its own labels."""

from collections.abc import Sequence

from trunkline.date_menus import reread_days
from trunkline.declare import Column
from trunkline.options import Choice, ChoicesFrom, Kind, Option, choices

HOST = "https://api.callrail.com"
OVERLAP_DAYS = 7

ACCOUNT_ID = Option(
    "account_id",
    "Account ID",
    help="The CallRail account to read (ACC…).",
    required=True,
    choices_from=ChoicesFrom("accounts", aliases=("numeric_id",)),
)
COMPANY_ID = Option(
    "company_id",
    "Company ID",
    help="Only this company (COM…). Left out: all companies.",
    choices_from=ChoicesFrom("companies"),
    param="company_id",
)
USER_ID = Option(
    "user_id",
    "User ID",
    help="Only this user (USR…). Left out: all users.",
    choices_from=ChoicesFrom("users"),
    param="user_id",
)
AGENT = Option(
    "user_id",
    "User ID",
    help="Only calls handled by this user (USR…).",
    choices_from=ChoicesFrom("users"),
    param="agent",
)
TIME_ZONE = Option(
    "time_zone",
    "Time Zone",
    Kind.ZONE,
    "IANA zone of the report's days. Left out: the account's, else the setting timezone.",
    advanced=True,
)
REREAD_DAYS = reread_days(OVERLAP_DAYS)
PAGING = Option(
    "paging",
    "Paging",
    Kind.CHOICE,
    "Numbered pages are read ten at a time; relative paging follows each answer's link.",
    default="numbered",
    choices=choices(numbered="Numbered", relative="Relative"),
    advanced=True,
)
GROUPS = ("source", "keywords", "campaign", "referrer", "landing_page", "company", "company_id")


def fields(of: Sequence[Column], help_text: str = "Fields to ask for beyond the default ones.") -> Option:
    names = tuple(c.source for c in of if c.selectable)
    return Option(
        "fields",
        "Fields",
        Kind.FIELDS,
        f"{help_text} Left out: all.",
        default=names,
        choices=tuple(Choice(n, n) for n in names),
        param="fields",
    )


ACCOUNT = (
    Option(
        "api_key",
        "API Key",
        Kind.SECRET,
        "In CallRail: My Account > Account > API Access > Add API Key.",
        required=True,
    ),
    Option(
        "account_id",
        "Account ID",
        help="Default of the datasets' Account ID menu (ACC…).",
        choices_from=ChoicesFrom("accounts", aliases=("numeric_id",)),
    ),
    TIME_ZONE,
    Option(
        "api_version",
        "API Version",
        Kind.CHOICE,
        "v3 is the documented one; v2 has numeric ids.",
        default="v3",
        choices=choices(v3="v3", v2="v2"),
        advanced=True,
    ),
    Option("base_url", "Base URL", help=f"Another server than {HOST}.", advanced=True),
    Option(
        "allow_plain_http",
        "Allow Plain HTTP",
        Kind.BOOL,
        "Let the key travel unencrypted to a base URL that is not on this machine.",
        default=False,
        advanced=True,
    ),
    Option(
        "hourly_limit",
        "Requests per Hour",
        Kind.INT,
        "CallRail's own limit is 1,000 an hour per account.",
        minimum=1,
        advanced=True,
    ),
    Option(
        "daily_limit",
        "Requests per Day",
        Kind.INT,
        "CallRail's own limit is 10,000 a day per account.",
        minimum=1,
        advanced=True,
    ),
)
