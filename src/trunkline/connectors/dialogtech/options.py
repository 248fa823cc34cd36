"""Menus of the DialogTech connector, under the names of the provider's page."""

from dataclasses import replace

from trunkline.connectors.dialogtech.columns import DEFAULT_UNIT
from trunkline.date_menus import CALLRAIL_DATES, reread_days
from trunkline.options import Kind, Option, choices

HOST = "https://secure.dialogtech.com"
ASSUMED_ZONE = "America/New_York"
OVERLAP_DAYS = 7
DAYS_OF_A_REQUEST = 7
DAYS_UNLESS_CHOSEN = 30

CLICK_DATES = replace(
    CALLRAIL_DATES,
    duration=replace(
        CALLRAIL_DATES.duration,
        help=f"A single date or a date range. Left out: the last {DAYS_UNLESS_CHOSEN} days.",
    ),
)

PAIR, SINGLE = "pair", "single"

FORMAT = Option(
    "format",
    "Format",
    Kind.CHOICE,
    "What DialogTech is asked for. XML tells its encoding and its end; CSV does not.",
    default="xml",
    choices=choices(xml="XML", csv="CSV"),
    advanced=True,
)
CLICK_ID = Option(
    "click_id",
    "Click-to ID",
    help="Only clicks of this click-to building block. Left out: all click-to's.",
)
REF = Option(
    "ref",
    "Custom Reference",
    help="Only clicks with this custom reference of the Smart Click-to-Call Report.",
)
DAYS_PER_REQUEST = Option(
    "chunk_days",
    "Days per Request",
    Kind.INT,
    "Longer ranges are asked for in pieces of so many days. Fewer help where a day has thousands of clicks.",
    default=DAYS_OF_A_REQUEST,
    minimum=1,
    advanced=True,
)
BLANK_ANSWERS = Option(
    "blank_answers",
    "Blank Answers",
    Kind.CHOICE,
    "What an answer without any content means: a failure, or that there are no rows.",
    default="failure",
    choices=choices(failure="A failure", no_rows="No rows"),
    advanced=True,
)

_UNITS = choices(minutes="Minutes", tenths_of_minutes="Tenths of Minutes", seconds="Seconds")
TIME_ZONE = Option(
    "time_zone",
    "Time Zone",
    Kind.ZONE,
    "IANA zone of the report's dates and times. Left out: the account's.",
    advanced=True,
)
DURATION_UNIT = Option(
    "duration_unit",
    "Duration Unit",
    Kind.CHOICE,
    "Unit of Call Duration. Left out: the account's.",
    choices=_UNITS,
    advanced=True,
)

REPORT_OPTIONS = (
    CLICK_ID,
    REF,
    *CLICK_DATES.options,
    TIME_ZONE,
    DURATION_UNIT,
    FORMAT,
    reread_days(OVERLAP_DAYS),
    DAYS_PER_REQUEST,
    BLANK_ANSWERS,
)

ACCOUNT = (
    Option(
        "key_form",
        "Key Form",
        Kind.CHOICE,
        "The two keys of the Key Manager, or the one API key of older accounts.",
        default=PAIR,
        choices=choices(pair="Access Key and Secret Access Key", single="API Key"),
        advanced=True,
    ),
    Option(
        "access_key",
        "Access Key",
        Kind.SECRET,
        "In DialogTech: Key Manager.",
        required=True,
        when={"key_form": (PAIR,)},
    ),
    Option(
        "secret_access_key",
        "Secret Access Key",
        Kind.SECRET,
        "In DialogTech: Key Manager, beside the Access Key.",
        required=True,
        when={"key_form": (PAIR,)},
    ),
    Option(
        "api_key",
        "API Key",
        Kind.SECRET,
        "The one key of an older account, in place of the two of the Key Manager.",
        required=True,
        when={"key_form": (SINGLE,)},
    ),
    Option(
        "time_zone",
        "Time Zone",
        Kind.ZONE,
        "IANA zone of the account's dates and times. DialogTech does not tell it: an assumption.",
        default=ASSUMED_ZONE,
    ),
    Option(
        "duration_unit",
        "Duration Unit",
        Kind.CHOICE,
        "Unit of Call Duration. DialogTech does not tell it: an assumption.",
        default=DEFAULT_UNIT,
        choices=_UNITS,
    ),
    Option("base_url", "Base URL", help=f"Another server than {HOST}.", advanced=True),
    Option(
        "allow_plain_http",
        "Allow Plain HTTP",
        Kind.BOOL,
        "Let the keys travel unencrypted to a base URL that is not on this machine.",
        default=False,
        advanced=True,
    ),
    Option(
        "minute_limit",
        "Requests per Minute",
        Kind.INT,
        "DialogTech names no limit of this report; that of its newer API, 100 a minute, is kept.",
        minimum=1,
        advanced=True,
    ),
)
