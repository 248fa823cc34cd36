"""Menus of the Dialer360 connector: the account, the days, and what each report is asked about."""

from dataclasses import replace

from trunkline.date_menus import CALLRAIL_DATES, reread_days
from trunkline.options import Kind, Option, choices

OVERLAP_DAYS = 7
DAYS_UNLESS_CHOSEN = 30
SOURCE = "trunkline"

DIALER_DATES = replace(
    CALLRAIL_DATES,
    duration=replace(
        CALLRAIL_DATES.duration,
        help=f"A single date or a date range. Left out: the last {DAYS_UNLESS_CHOSEN} days.",
    ),
)

TIME_ZONE = Option(
    "time_zone",
    "Time Zone",
    Kind.ZONE,
    "IANA zone of the dialer's dates and times. Left out: the account's.",
    advanced=True,
)
DAYS = (*DIALER_DATES.options, TIME_ZONE, reread_days(OVERLAP_DAYS))

AGENTS = Option(
    "agents",
    "Agents",
    Kind.FIELDS,
    "Agents whose recordings are read. Left out: of each day, those whom its agent statistics name.",
)
DIDS = Option("dids", "DIDs", Kind.FIELDS, "The numbers of yours that were called.", required=True)
PHONE_NUMBERS = Option(
    "phone_numbers", "Phone Numbers", Kind.FIELDS, "The numbers whose calls are read.", required=True
)
DIRECTION = Option(
    "direction",
    "Direction",
    Kind.CHOICE,
    "Which calls with these numbers.",
    default="both",
    choices=choices(both="Both", out="Out", **{"in": "In"}),
)
DETAIL = Option(
    "detail",
    "Detail",
    Kind.CHOICE,
    "All calls, or only the last one of each number and direction.",
    default="all",
    choices=choices(all="All", last="Last"),
)
CAMPAIGNS = Option("campaigns", "Campaigns", Kind.FIELDS, "Only agents of these campaigns.")
USER_GROUPS = Option("user_groups", "User Groups", Kind.FIELDS, "Only agents of these user groups.")
GROUPS_SHOWN = Option(
    "user_groups",
    "User Groups",
    Kind.FIELDS,
    "User groups, a row each. Left out: those of the agents who are logged in.",
)
IN_GROUPS = Option("in_groups", "In-Groups", Kind.FIELDS, "In-groups, a row each.", required=True)
CALL_IDS = Option("call_ids", "Call IDs", Kind.FIELDS, "The ids of the calls.", required=True)

ACCOUNT = (
    Option(
        "base_url",
        "Base URL",
        help="The dialer's host, or the whole address of its API, as "
        "https://dialer.example/adminpanel/api.php.",
        required=True,
    ),
    Option("user", "User", help="A user of the dialer with level 7 or more.", required=True),
    Option("password", "Password", Kind.SECRET, "That user's password.", required=True),
    Option(
        "time_zone",
        "Time Zone",
        Kind.ZONE,
        "IANA zone of the dialer's dates and times. It is held against the dialer's own clock.",
        required=True,
    ),
    Option(
        "source",
        "Source",
        help="The word by which the dialer's log tells who asked: 2 to 20 letters and digits.",
        default=SOURCE,
        advanced=True,
    ),
    Option(
        "allow_plain_http",
        "Allow Plain HTTP",
        Kind.BOOL,
        "Let the password travel unencrypted to a base URL that is not on this machine.",
        default=False,
        advanced=True,
    ),
    Option(
        "minute_limit",
        "Requests per Minute",
        Kind.INT,
        "So that agents at work do not feel it, at most 300 a minute are sent.",
        minimum=1,
        advanced=True,
    ),
)
