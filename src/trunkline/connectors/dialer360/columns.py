"""Columns of the Dialer360 reports: its values under its own names, and what is made of them."""

from trunkline.declare import Column, ColumnType, Stamp
from trunkline.fetch.day_columns import DAY

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER

TIME_ZONE, CLOCK_CHANGE = "time_zone", "clock_change"


def _texts(**meanings: str) -> tuple[Column, ...]:
    return tuple(Column(name, TEXT, meaning) for name, meaning in meanings.items())


def _integers(**meanings: str) -> tuple[Column, ...]:
    return tuple(Column(name, INTEGER, meaning) for name, meaning in meanings.items())


def _instant(name: str, field: str, meaning: str) -> Column:
    """The instant of a local time that stands beside it as sent."""
    return Column(name, ColumnType.INSTANT, meaning, field=field, stamp=Stamp.LOCAL, zone_field=TIME_ZONE)


def _of_a_time(what: str) -> tuple[Column, ...]:
    return (
        Column(TIME_ZONE, TEXT, f"IANA zone that {what} was taken to be of"),
        Column(
            CLOCK_CHANGE,
            TEXT,
            "repeated: the local time happened twice, the first counts; skipped: it never happened, the "
            "instant of the clock change counts; empty for all others",
        ),
    )


_EQUAL = (
    Column("row_id", TEXT, "Hash of the row's values, and the number among equal rows"),
    Column("occurrence", INTEGER, "1, or the number among equal rows"),
)

AGENT_STATS = (
    Column(DAY, ColumnType.DAY, "The day, in the dialer's zone"),
    *_texts(user="The agent", full_name="The agent's name", user_group="The agent's user group"),
    *_integers(
        calls="Calls with a lead",
        login_time="Seconds at work",
        total_talk_time="Seconds of talk, without those after the caller was gone",
        avg_talk_time="Seconds of talk by calls",
        avg_wait_time="Seconds of waiting by calls",
    ),
    Column("pct_of_queue", NUMBER, "The agent's share in the calls of all agents of the day, in percent"),
    *_integers(
        pause_time="Seconds of pauses",
        sessions="How often the agent began to work",
        avg_session="Seconds at work by sessions",
        pauses="Pauses",
        avg_pause_time="Seconds of pauses by pauses",
    ),
    Column("pause_pct", NUMBER, "The share of pauses in the time at work, in percent"),
    *_integers(pauses_per_session="Pauses by sessions", total_wait_time="Seconds of waiting for calls"),
)

DID_CALLS = (
    Column(DAY, ColumnType.DAY, "The day of the call, in the dialer's zone"),
    _instant("called_at", "call_date", "When the call came in"),
    *_texts(
        did_number="The number that was called",
        caller_id_number="The number of the caller",
        call_date="When the call came in: local time as sent",
    ),
    *_integers(length_in_sec="Seconds from the moment the call came in to its end; 0 where nobody took it"),
    *_of_a_time("the local time"),
    *_EQUAL,
)

PHONE_CALLS = (
    Column(DAY, ColumnType.DAY, "The day of the call, in the dialer's zone"),
    _instant("called_at", "call_date", "When the call began"),
    *_texts(
        phone_number="The number",
        direction="out: the dialer called the number; in: the number called",
        call_date="When the call began: local time as sent",
        list_id="The list of the lead when it was called",
    ),
    *_integers(length_in_sec="Seconds"),
    *_texts(
        lead_status="The lead's status now",
        hangup_reason="Who or what ended the call",
        call_status="The status that the call ended with",
        source_id="Where the lead comes from",
        user="The agent",
    ),
    *_of_a_time("the local time"),
    *_EQUAL,
)

RECORDINGS = (
    Column(DAY, ColumnType.DAY, "The day on which the recording began, in the dialer's zone"),
    _instant("started_at", "start_time", "When the recording began"),
    *_integers(recording_id="The recording's id"),
    *_texts(
        user="The agent",
        lead_id="The lead's id",
        location="Where the recording can be fetched, if it is there yet",
        start_time="When the recording began: local time as sent",
    ),
    *_of_a_time("the local time"),
)

LOGGED_IN = (
    *_texts(
        user="The agent",
        campaign_id="The campaign",
        session_id="The agent's conference",
        status="What the agent does: READY, QUEUE, INCALL, PAUSED, CLOSER or MQUEUE",
        lead_id="The lead in hand",
        callerid="The id of the agent's call",
    ),
    *_integers(calls_today="Calls of today"),
    *_texts(full_name="The agent's name", user_group="The agent's user group"),
    *_integers(user_level="The agent's level"),
    *_texts(
        pause_code="Why the agent pauses",
        sub_status="What the agent does more exactly: DEAD, DISPO, PARK, 3-WAY, PREVIEW or RING",
    ),
)

_AGENTS_COUNTED = _integers(
    agents_logged_in="Agents who are logged in",
    agents_in_calls="Those of them in calls",
    agents_waiting="Those who wait for calls",
    agents_paused="Those who pause",
)
_IN_DISPO = _integers(agents_in_dispo="Those who say how their call ended")

USER_GROUP_STATUS = (
    Column("user_group", TEXT, "The user group", field="usergroups"),
    *_integers(calls_waiting="Calls that wait for an agent, of all campaigns that the user may see"),
    *_AGENTS_COUNTED,
    *_integers(agents_in_dead_calls="Those whose caller is gone"),
    *_IN_DISPO,
)

IN_GROUP_STATUS = (
    Column("in_group", TEXT, "The in-group", field="ingroups"),
    *_integers(total_calls="Calls in the in-group", calls_waiting="Those that wait for an agent"),
    *_AGENTS_COUNTED,
    *_IN_DISPO,
)

CALL_INFO = (
    Column(DAY, ColumnType.DAY, "The day of the call, in the dialer's zone"),
    _instant("called_at", "call_date", "When the call began"),
    *_texts(call_id="The id of the call"),
    *_integers(custtime="Seconds that the customer talked"),
    *_texts(
        call_date="When the call began: local time as sent",
        phone="The number",
        call_type="INBOUND, OUTBOUND_AUTO, OUTBOUND_MANUAL or OUTBOUND_OTHER; not every server tells it",
        campaign_id="The campaign or in-group",
        list_id="The list of the lead",
        status="The status that the call ended with",
        user="The agent",
    ),
    *_of_a_time("the local time"),
)
