"""Menus of the Dialpad connector page, under its own labels, and those of the reports beyond it."""

from trunkline.date_menus import reread_days
from trunkline.options import Choice, ChoicesFrom, Kind, Option, choices

HOSTS = {"production": "https://dialpad.com", "sandbox": "https://sandbox.dialpad.com"}
OVERLAP_DAYS = 7
CHUNK_DAYS = 31
TIMEOUT_MINUTES = 10

OFFICE = Option(
    "office_id",
    "Office",
    help="Only this office. Left out: all offices.",
    choices_from=ChoicesFrom("offices"),
)
CALL_CENTER = Option(
    "call_center_id",
    "Call Center",
    help="Only this call center. Left out: all call centers.",
    choices_from=ChoicesFrom("callcenters"),
)
TARGET_MENUS = {
    "user": ChoicesFrom("users", label="display_name"),
    "department": ChoicesFrom("departments"),
    "room": ChoicesFrom("rooms"),
    "coachingteam": ChoicesFrom("coachingteams"),
}
TARGET_TYPES = choices(
    office="Office",
    callcenter="Call Center",
    department="Department",
    user="User",
    coachingteam="Coaching Team",
    coachinggroup="Coaching Group",
    room="Room",
    staffgroup="Staff Group",
)
ALL_TARGET_MENUS = {
    **TARGET_MENUS,
    "office": ChoicesFrom("offices"),
    "callcenter": ChoicesFrom("callcenters"),
}
CALL_TARGET_TYPE = Option(
    "target_type",
    "Target Type",
    Kind.CHOICE,
    "The type of the target whose calls are read. Left out: all calls of the company.",
    choices=(*TARGET_TYPES, Choice("callrouter", "Call Router"), Choice("channel", "Channel")),
    param="target_type",
)
CALL_TARGET = Option(
    "target_id",
    "Target",
    help="The id of the target whose calls are read.",
    choices_by=("target_type", ALL_TARGET_MENUS),
    param="target_id",
)
ACTIVE_ONLY = Option(
    "active_only",
    "Active Only",
    Kind.BOOL,
    "Leave out offices that are not active.",
    default=False,
    advanced=True,
    param="active_only",
)
USER_STATE = Option(
    "state",
    "State",
    Kind.CHOICE,
    "Users of this state; all, so that calls of people who left can be told.",
    default="all",
    choices=choices(
        all="All",
        active="Active",
        suspended="Suspended",
        deleted="Deleted",
        cancelled="Cancelled",
        pending="Pending",
    ),
    param="state",
)
TIME_ZONE = Option(
    "time_zone",
    "Time Zone",
    Kind.ZONE,
    "IANA zone of the report's days. Left out: that of the chosen office, else of the main office.",
    advanced=True,
)
REREAD_DAYS = reread_days(OVERLAP_DAYS)

STAT_TYPE = Option(
    "stat_type",
    "Stat Type",
    Kind.CHOICE,
    "What is counted or listed. Satisfaction surveys and dispositions need a target, and records.",
    default="calls",
    choices=choices(
        calls="Calls",
        csat="Satisfaction Surveys",
        dispositions="Dispositions",
        onduty="On Duty",
        recordings="Recordings",
        screenshare="Screen Shares",
        texts="Texts",
        voicemails="Voicemails",
    ),
)
EXPORT_TYPE = Option(
    "export_type",
    "Export Type",
    Kind.CHOICE,
    "Stats are figures, records are single rows.",
    default="records",
    choices=choices(stats="Stats", records="Records"),
)
GROUP_BY = Option(
    "group_by",
    "Group By",
    Kind.CHOICE,
    "What the figures of calls are grouped by. Group is departments and call centers, of one office.",
    choices=choices(user="User", date="Date", group="Group"),
    when={"stat_type": ("calls",), "export_type": ("stats",)},
)
TARGET_TYPE = Option(
    "target_type",
    "Target Type",
    Kind.CHOICE,
    "The type of the target whose stats are read. Left out: the chosen office with all below it, else "
    "the whole company.",
    choices=TARGET_TYPES,
)
STATS_OFFICE = Option(
    "office_id",
    "Office",
    help="Only this office with all below it; as Target Type: only the office's own lines.",
    choices_from=ChoicesFrom("offices"),
)
STATS_CALL_CENTER = Option(
    "call_center_id",
    "Call Center",
    help="The call center whose stats are read.",
    choices_from=ChoicesFrom("callcenters"),
    when={"target_type": ("callcenter",)},
)
STATS_TARGET = Option(
    "target_id",
    "Target",
    help="The id of the user, department, room or team whose stats are read.",
    choices_by=("target_type", TARGET_MENUS),
    when={"target_type": ("user", "department", "room", "coachingteam", "coachinggroup", "staffgroup")},
)
OF_TRAINEES = Option(
    "of_trainees",
    "Of the Trainees",
    Kind.BOOL,
    "The stats of those whom the coaching team or group trains.",
    when={"target_type": ("coachingteam", "coachinggroup")},
    advanced=True,
)
DAYS_PER_REQUEST = Option(
    "chunk_days",
    "Days per Request",
    Kind.INT,
    "Longer ranges are asked for in pieces of so many days; each costs one of 200 requests an hour.",
    default=CHUNK_DAYS,
    minimum=1,
    advanced=True,
)
TIMEOUT = Option(
    "timeout_minutes",
    "Time-out",
    Kind.INT,
    "How many minutes Dialpad may take to prepare an export.",
    default=TIMEOUT_MINUTES,
    minimum=1,
    advanced=True,
)

ACCOUNT = (
    Option(
        "api_key",
        "API Key",
        Kind.SECRET,
        "In Dialpad: Admin Settings > Company > Authentication > API Keys. A company administrator's key.",
    ),
    Option(
        "host",
        "Host",
        Kind.CHOICE,
        "Dialpad itself, or its sandbox.",
        default="production",
        choices=choices(production="Production", sandbox="Sandbox"),
        advanced=True,
    ),
    Option(
        "client_id",
        "Client ID",
        help="The id Dialpad gave this installation, to sign in instead of giving a key.",
        advanced=True,
    ),
    Option(
        "client_secret",
        "Client Secret",
        Kind.SECRET,
        "The secret that belongs to the Client ID.",
        advanced=True,
    ),
    Option("base_url", "Base URL", help="Another server than the host's.", advanced=True),
    Option(
        "allow_plain_http",
        "Allow Plain HTTP",
        Kind.BOOL,
        "Let the key travel unencrypted to a base URL that is not on this machine.",
        default=False,
        advanced=True,
    ),
    Option(
        "minute_limit",
        "Requests per Minute",
        Kind.INT,
        "Dialpad's own limit is 1,200 a minute, and 20 a second for a company.",
        minimum=1,
        advanced=True,
    ),
    Option(
        "stats_limit",
        "Stats Requests per Hour",
        Kind.INT,
        "Dialpad's own limit is 200 an hour.",
        minimum=1,
        advanced=True,
    ),
)
