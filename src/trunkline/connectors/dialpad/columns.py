"""Columns of the Dialpad reports that answer in JSON.

Names follow the official description (API v2). Whole numbers of 64 bits travel as texts there and are
stored as integers, exactly. Instants of calls are milliseconds since 1970, those of users have no
offset and are read as UTC.
"""

from trunkline.declare import Column, ColumnType, Stamp, columns

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER
BOOLEAN, INSTANT, JSON = ColumnType.BOOLEAN, ColumnType.INSTANT, ColumnType.JSON

MILLISECOND = 0.001

HOURS = columns(
    JSON,
    "monday_hours tuesday_hours wednesday_hours thursday_hours friday_hours saturday_hours sunday_hours",
)
GROUP = (
    Column("timezone", TEXT, "IANA zone of its opening hours"),
    Column("phone_numbers", JSON, "Its numbers, E.164"),
    Column("availability_status", TEXT, "open, closed, holiday_open or holiday_closed"),
    Column("ring_seconds", INTEGER, "Seconds of ringing before the call goes on"),
    Column("first_action", TEXT, "What happens to a new call: operators or menu"),
    Column("no_operators_action", TEXT, "What happens when nobody can take a call"),
    Column("routing_options", JSON, "Routing while open and while closed"),
    *HOURS,
)

OFFICES = (
    Column("id", INTEGER, "The office's id"),
    Column("office_id", INTEGER, "The office's id once more"),
    *columns(TEXT, "name state country"),
    Column("is_primary_office", BOOLEAN, "Whether it is the company's main office"),
    *GROUP,
    Column("e911_address", JSON, "Address for emergency calls"),
    Column("office_settings", JSON, "Switches of the office"),
)
CALL_CENTERS = (
    Column("id", INTEGER, "The call center's id"),
    Column("office_id", INTEGER, "The office it belongs to"),
    *columns(TEXT, "name state country group_description"),
    Column("hours_on", BOOLEAN, "Whether opening hours are in force"),
    *GROUP,
    Column("advanced_settings", JSON, "Recording and wrap-up"),
    Column("alerts", JSON, "Service level in percent and seconds"),
    Column("hold_queue", JSON, "How callers wait"),
    Column("voice_intelligence", JSON, "Whether calls are transcribed"),
)
DEPARTMENTS = (
    Column("id", INTEGER, "The department's id"),
    Column("office_id", INTEGER, "The office it belongs to"),
    *columns(TEXT, "name state country group_description"),
    Column("auto_call_recording", BOOLEAN, "Whether all of its calls are recorded"),
    Column("hours_on", BOOLEAN, "Whether opening hours are in force"),
    *GROUP,
    Column("hold_queue", JSON, "How callers wait"),
    Column("voice_intelligence", JSON, "Whether calls are transcribed"),
)
ROOMS = (
    Column("id", INTEGER, "The room's id"),
    *columns(INTEGER, "company_id office_id"),
    *columns(TEXT, "name state country image_url"),
    *columns(BOOLEAN, "is_free is_on_duty"),
    Column("phone_numbers", JSON, "Its numbers, E.164"),
)
COACHING_TEAMS = (
    Column("id", INTEGER, "The team's id"),
    *columns(INTEGER, "company_id office_id ring_seconds"),
    *columns(TEXT, "name state country team_description"),
    Column("allow_trainee_eavesdrop", BOOLEAN, "Whether trainees may listen in"),
    Column("phone_numbers", JSON, "Its numbers, E.164"),
)


def _utc(name: str, field: str, meaning: str) -> Column:
    return Column(name, INSTANT, meaning, field=field, stamp=Stamp.UTC)


_PERSON = (
    *columns(INTEGER, "company_id office_id"),
    *columns(TEXT, "first_name last_name display_name"),
    Column("emails", JSON, "The user's addresses"),
    Column("phone_numbers", JSON, "The user's numbers, E.164"),
    Column("forwarding_numbers", JSON, "Numbers that ring too"),
    *columns(TEXT, "extension state license country language location timezone job_title image_url"),
    *columns(BOOLEAN, "is_admin is_super_admin is_available is_on_duty is_online do_not_disturb muted"),
    Column("international_dialing_enabled", BOOLEAN, "Whether the user may call abroad"),
    Column("admin_office_ids", JSON, "Offices the user administers"),
    Column("on_duty_status", TEXT, "available, busy, occupied, wrapup, unavailable, …"),
    *columns(TEXT, "duty_status_reason status_message"),
    Column("group_details", JSON, "Groups the user belongs to, with the role there"),
    _utc("on_duty_started_at", "on_duty_started", "When the user became available to a group"),
    _utc("duty_status_started_at", "duty_status_started", "Since when the duty status holds"),
    _utc("active_at", "date_active", "When the user activated the account"),
    _utc("added_at", "date_added", "When the user was made"),
    _utc("first_login_at", "date_first_login", "When the user signed in first"),
)
USERS = (Column("id", INTEGER, "The user's id"), *_PERSON)
OPERATORS = (
    Column("call_center_id", INTEGER, "The call center the operator belongs to"),
    Column("id", INTEGER, "The operator's id: of a user or of a room"),
    Column("operator_type", TEXT, "user or room"),
    *_PERSON,
    Column("name", TEXT, "A room's name"),
    Column("is_free", BOOLEAN, "Whether a room takes no license"),
)
NUMBERS = (
    Column("number", TEXT, "The number, E.164"),
    Column("status", TEXT, "What it is used for: available, user, office, department, …"),
    Column("type", TEXT, "free, local, mobile, softbank or tollfree"),
    Column("target_id", INTEGER, "Whom it belongs to"),
    Column("target_type", TEXT, "What that is"),
    *columns(INTEGER, "office_id company_id"),
    Column("area_code", TEXT, "The number's area code"),
    Column("deleted", BOOLEAN, "Whether it was ported out"),
)
COMPANY = (
    Column("id", INTEGER, "The company's id"),
    *columns(TEXT, "name account_type admin_email country domain state"),
    Column("office_count", INTEGER, "How many offices it has"),
)
CALL_LABELS = (Column("label", TEXT, "A label that calls can carry"),)


def _party(name: str, what: str, id_type: ColumnType = INTEGER) -> tuple[Column, ...]:
    """The columns of an object in a call: {id, type, name, email, phone}."""
    return (
        Column(f"{name}_id", id_type, f"Id of {what}"),
        Column(f"{name}_type", TEXT, f"What that is: user, office, department, call_center, … ({what})"),
        Column(f"{name}_name", TEXT, f"Name of {what}"),
        Column(f"{name}_email", TEXT, f"E-mail of {what}"),
        Column(f"{name}_phone", TEXT, f"Number of {what}"),
    )


def _at(name: str, field: str, meaning: str) -> Column:
    return Column(name, INSTANT, meaning, field=field, stamp=Stamp.EPOCH_MS)


PARTIES = ("target", "contact", "entry_point_target", "proxy_target")
CALLS = (
    Column("call_id", INTEGER, "The id of this leg of a call"),
    Column("master_call_id", INTEGER, "The leg that this one belongs to"),
    Column("entry_point_call_id", INTEGER, "The leg by which the call came in"),
    Column("operator_call_id", INTEGER, "The operator's leg"),
    _at("started_at", "date_started", "When the call began in Dialpad's system"),
    _at("rang_at", "date_rang", "When it began to ring"),
    _at("connected_at", "date_connected", "When it was answered; empty for a call nobody took"),
    _at("ended_at", "date_ended", "When it was hung up"),
    _at("event_at", "event_timestamp", "When Dialpad wrote the record"),
    Column("duration", NUMBER, "Length in milliseconds, as sent; 0 for a call nobody took"),
    Column("duration_seconds", NUMBER, "Length in seconds", field="duration", factor=MILLISECOND),
    Column("total_duration", NUMBER, "Length with ringing in milliseconds, as sent"),
    Column(
        "total_duration_seconds",
        NUMBER,
        "Length with ringing in seconds",
        field="total_duration",
        factor=MILLISECOND,
    ),
    Column("direction", TEXT, "inbound or outbound"),
    Column("state", TEXT, "State of the record, mostly hangup"),
    Column("external_number", TEXT, "The other side's number, E.164"),
    Column("internal_number", TEXT, "The company's number, E.164"),
    *_party("target", "who made or took the call"),
    *_party("contact", "the other side", TEXT),
    *_party("entry_point_target", "what an inbound call first reached"),
    *_party("proxy_target", "whose caller id an outbound call showed"),
    Column("group_id", TEXT, "The department, main line or call center, such as Office:124"),
    *columns(BOOLEAN, "is_transferred was_recorded"),
    Column("labels", JSON, "Labels of the call"),
    Column("recording_details", JSON, "Recordings: id, type, length in milliseconds, start, address"),
    *columns(JSON, "call_recording_share_links admin_call_recording_share_links screen_recording_urls"),
    Column("voicemail_share_link", TEXT, "Where the voicemail can be heard"),
    Column("transcription_text", TEXT, "What was said"),
    Column("csat_score", TEXT, "Score of the satisfaction survey"),
    *columns(JSON, "csat_recording_urls csat_transcriptions"),
    Column("mos_score", NUMBER, "Sound quality, mean opinion score"),
    Column("routing_breadcrumbs", JSON, "Steps of the call's way"),
    Column("custom_data", TEXT, "What a caller of the API attached"),
)
