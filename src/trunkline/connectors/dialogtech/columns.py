"""Columns of the click-to report: its thirteen fields as sent, and what is made of them."""

from trunkline.declare import Column, ColumnType, Stamp
from trunkline.fetch.day_columns import DAY
from trunkline.options import Values

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER

CLICK_TIME = "click_date_time"
CLICK_LOCAL, CLOCK_CHANGE, TIME_ZONE = "click_local", "clock_change", "time_zone"
DURATION_UNIT = "duration_unit"

FIELDS = (
    Column("caller_id", TEXT, "The caller's number, digits as sent"),
    Column("name", TEXT, "Name that came with the click"),
    Column("page", TEXT, "Page on which was clicked"),
    Column("ref", TEXT, "Custom reference, the one of the Smart Click-to-Call Report"),
    Column("click_description", TEXT, "Description of the click-to building block"),
    Column(CLICK_TIME, TEXT, "When was clicked: local time as sent, to the minute"),
    Column("number_connected", TEXT, "The number that was connected, digits as sent"),
    Column("call_duration", NUMBER, "Length of the call as sent, in the unit of Duration Unit"),
    Column("referral_keywords", TEXT, "Words searched for before the click"),
    Column("referral_domain", TEXT, "Site that led to the page"),
    Column("ip_address", TEXT, "Network address of the one who clicked"),
    Column("call_1_result", TEXT, "How the first leg of the call ended: ANSWER, or another word as sent"),
    Column("call_2_result", TEXT, "How the second leg of the call ended"),
)
FIELD_NAMES = tuple(column.name for column in FIELDS)

SECONDS_OF: dict[str, float] = {"minutes": 60.0, "tenths_of_minutes": 6.0, "seconds": 1.0}
DEFAULT_UNIT = "minutes"


def click_columns(values: Values) -> tuple[Column, ...]:
    """The columns; a length in seconds depends on the unit that the account says calls are counted in."""
    unit = str(values.get(DURATION_UNIT, DEFAULT_UNIT))
    return (
        Column(DAY, ColumnType.DAY, "Local day of the click"),
        Column(
            "clicked_at",
            ColumnType.INSTANT,
            "When was clicked, to the minute",
            field=CLICK_LOCAL,
            stamp=Stamp.LOCAL,
            zone_field=TIME_ZONE,
        ),
        *FIELDS,
        Column(
            "call_duration_seconds",
            NUMBER,
            "Length of the call in seconds, an estimate: Duration Unit is an assumption",
            field="call_duration",
            factor=SECONDS_OF[unit],
        ),
        Column(DURATION_UNIT, TEXT, "The unit that the length in seconds was made with"),
        Column(TIME_ZONE, TEXT, "IANA zone that the local time was taken to be of"),
        Column(
            CLOCK_CHANGE,
            TEXT,
            "repeated: the local time happened twice, the first counts; skipped: it never happened, the "
            "instant of the clock change counts; empty for all others",
        ),
        Column("row_id", TEXT, "Hash of the thirteen fields, and the number among rows equal in all of them"),
        Column("occurrence", INTEGER, "1, or the number among rows equal in all thirteen fields"),
    )


MADE_HERE = tuple(
    {c.name for c in click_columns({})} - set(FIELD_NAMES) | {CLICK_LOCAL, "_extra", "_run_id", "_loaded_at"}
)
"""Names that a field of the file may not take."""
