"""Columns of the Dialpad stats exports, which are CSV files.

Dialpad documents none of them. The lists of calls, recordings, on-duty and text records are those of
captured files; what else a file holds becomes a text column. Lengths are minutes with decimals; local
times have no offset and are of the zone that the row's `timezone` column names.
"""

from trunkline.declare import Column, ColumnType, Stamp, columns
from trunkline.options import Values

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER
BOOLEAN, INSTANT, DAY = ColumnType.BOOLEAN, ColumnType.INSTANT, ColumnType.DAY

SECONDS_A_MINUTE = 60.0

RANGE = (
    Column("first_day", DAY, "First local day that the row was asked for"),
    Column("last_day", DAY, "Last local day that the row was asked for"),
)
OF_A_DAY = (Column("day", DAY, "The row's local day"),)
ZONE = Column("timezone", TEXT, "IANA zone of the row's local times")


def lengths(names: str) -> tuple[Column, ...]:
    """Minutes as sent, each with a column of seconds beside it."""
    return tuple(
        column
        for name in names.split()
        for column in (
            Column(name, NUMBER, f"{_words(name)}, in minutes as sent"),
            Column(
                f"{name.removesuffix('_minutes')}_seconds",
                NUMBER,
                f"{_words(name)}, in seconds",
                field=name,
                factor=SECONDS_A_MINUTE,
            ),
        )
    )


def times(names: str) -> tuple[Column, ...]:
    """Local times as sent, each with the instant it is."""
    return tuple(
        column
        for name in names.split()
        for column in (
            Column(name, TEXT, f"{_words(name)}, local time as sent"),
            Column(
                instant_name(name),
                INSTANT,
                f"{_words(name)}",
                field=name,
                stamp=Stamp.LOCAL,
                zone_field="timezone",
            ),
        )
    )


def instant_name(field: str) -> str:
    """`date_started` becomes `started_at`."""
    return f"{field.removeprefix('date_')}_at"


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


CALL_RECORDS = (
    Column("call_id", INTEGER, "The id of this leg of a call"),
    Column("category", TEXT, "incoming, outgoing, abandoned, missed, cancelled, forwarded, …"),
    Column("direction", TEXT, "inbound or outbound"),
    *columns(TEXT, "external_number internal_number"),
    *times(
        "date_started date_first_rang date_queued date_rang date_connected date_ended "
        "date_callback_connected date_callback_ended date_anonymized"
    ),
    Column("target_id", INTEGER, "Who made or took the call"),
    Column("target_kind", TEXT, "UserProfile for an employee's leg, CallCenter for the leg that came in, …"),
    *columns(TEXT, "target_type name email"),
    Column("was_recorded", BOOLEAN, "Whether the call was recorded"),
    *columns(INTEGER, "entry_point_call_id entry_point_target_id"),
    Column("entry_point_target_kind", TEXT, "What an inbound call first reached"),
    Column("proxy_target_id", INTEGER, "Whose caller id an outbound call showed"),
    *columns(TEXT, "voicemail transferred_to transferred_to_contact_id"),
    *columns(INTEGER, "transferred_from_target_id office_id company_id"),
    *columns(TEXT, "device salesforce_activity_id"),
    ZONE,
    *columns(TEXT, "availability callback_type callback_id"),
    Column("master_call_id", INTEGER, "The leg that this one belongs to"),
    Column("categories", TEXT, "Further categories, with commas"),
    *lengths(
        "time_in_system time_to_answer ringing_duration hold_duration talk_duration queued_duration "
        "wrapup_duration"
    ),
    *columns(INTEGER, "ringing_occurrences hold_occurrences queued_occurrences"),
    Column("participant_type", TEXT, "operator for the leg of a group's operator"),
    *columns(NUMBER, "percent_ai_talk_time percent_ai_listen_time percent_ai_silent_time"),
    Column("campaign_id", TEXT, "Campaign of the call"),
    Column("is_internal", BOOLEAN, "Whether both sides belong to the company"),
)
RECORDING_RECORDS = (
    *columns(INTEGER, "call_id target_id"),
    *columns(TEXT, "name email"),
    Column("operator_id", INTEGER, "The operator's id"),
    *columns(TEXT, "operator_name operator_email external_number internal_number"),
    *times("date"),
    Column("recording_url", TEXT, "Where the recording can be heard"),
    *lengths("duration"),
    ZONE,
)
VOICEMAIL_RECORDS = (
    *columns(INTEGER, "call_id target_id"),
    *columns(TEXT, "target_type name email external_number internal_number"),
    *times("date"),
    Column("recording_url", TEXT, "Where the voicemail can be heard"),
    *lengths("duration"),
    ZONE,
)
ON_DUTY_RECORDS = (
    *times("date"),
    Column("record_id", TEXT, "The id of the change"),
    Column("target_id", INTEGER, "Whose status changed"),
    *columns(TEXT, "target_type name email availability_status on_duty_status reason"),
    Column("call_center_id", INTEGER, "The call center it changed for"),
    *columns(TEXT, "setter_name setter_email setter_role"),
    ZONE,
)
TEXT_RECORDS = (
    *times("date"),
    Column("message_id", TEXT, "The message's id"),
    *columns(TEXT, "name email target_type"),
    Column("target_id", INTEGER, "Whose message it is"),
    Column("sender_id", TEXT, "Who sent it"),
    Column("direction", TEXT, "inbound, outbound or internal"),
    *columns(TEXT, "to_phone from_phone encrypted_text encrypted_aes_text mms"),
    ZONE,
)
DISPOSITION_RECORDS = (
    Column("call_id", INTEGER, "The id of the call"),
    Column("disposition", TEXT, "What the operator chose, such as Category~Sub"),
    *columns(TEXT, "direction external_number internal_number operator_name"),
    *times("date_started date_connected date_ended"),
    ZONE,
)
CSAT_RECORDS = (
    Column("call_id", INTEGER, "The id of the call"),
    Column("target_id", INTEGER, "Whose call it was"),
    *columns(TEXT, "target_type name email"),
    *times("date"),
    ZONE,
)
SCREENSHARE_RECORDS = (
    Column("target_id", INTEGER, "Who shared the screen"),
    *columns(TEXT, "target_type name email"),
    *times("date"),
    *lengths("duration"),
    ZONE,
)

_COUNTS = (
    "all_calls inbound_calls outbound_calls voicemails missed abandoned forwarded cancelled service_level "
    "callbacks_requested callbacks_completed callbacks_cancelled open_inbound_calls open_missed_calls "
    "open_abandoned_calls callbacks_connected callbacks_unconnected missed_voicemails other_voicemails "
    "missed_transferred open_transferred short_abandoned handled answered answered_transferred message spam "
    "in_queue_voicemail dtmf_voicemail direct_to_voicemail transfer_voicemail outbound_connected "
    "connected_transferred transferred_out transferred_in dtmf_transfer auto_transfer router_transfer "
    "forward_transfer callback_agent_missed_rejected direct_callback_agent_missed_rejected "
    "direct_callback_cancelled scripted_ivr_transfer total_voicemails unresolved_voicemails "
    "resolved_voicemails"
)
_LENGTHS = (
    "minutes inbound_minutes outbound_minutes acd aht asa time_in_system ringing_duration "
    "avg_ringing_duration hold_duration avg_hold_duration talk_duration avg_talk_duration queued_duration "
    "avg_queued_duration wrapup_duration avg_wrapup_duration avg_voicemail_handle_time_minutes "
    "avg_voicemail_assignment_time_minutes avg_time_open_minutes"
)
CALL_STATS_BY_DATE = (
    Column("date", TEXT, "The local day of the figures"),
    *columns(INTEGER, _COUNTS),
    *lengths(_LENGTHS),
    ZONE,
)
CALL_STATS = (
    *CALL_STATS_BY_DATE,
    Column("user_id", INTEGER, "Whose figures they are"),
    *columns(TEXT, "name email type"),
    *columns(INTEGER, "internal_calls rejected ring_no_answer"),
)

RECORDS = {
    "calls": CALL_RECORDS,
    "recordings": RECORDING_RECORDS,
    "voicemails": VOICEMAIL_RECORDS,
    "onduty": ON_DUTY_RECORDS,
    "texts": TEXT_RECORDS,
    "dispositions": DISPOSITION_RECORDS,
    "csat": CSAT_RECORDS,
    "screenshare": SCREENSHARE_RECORDS,
}


def stats_columns(values: Values) -> tuple[Column, ...]:
    """The known columns of the export that is chosen."""
    stat_type = str(values.get("stat_type", "calls"))
    if values.get("export_type", "records") == "records":
        return (*OF_A_DAY, *RECORDS[stat_type])
    if stat_type != "calls":
        return (*RANGE, ZONE)
    by_user = values.get("group_by", "user") == "user"
    return (*RANGE, *(CALL_STATS if by_user else CALL_STATS_BY_DATE))


STATS_VARIANTS: dict[str, Values] = {
    **{f"records of {name}": {"stat_type": name, "export_type": "records"} for name in RECORDS},
    "stats of calls by user": {"stat_type": "calls", "export_type": "stats"},
    "stats of calls by date or group": {"stat_type": "calls", "export_type": "stats", "group_by": "date"},
    "stats of anything else": {"stat_type": "texts", "export_type": "stats"},
}
