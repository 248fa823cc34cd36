"""Columns of the CallRail reports, typed as the service answers, not always as its reference says."""

from trunkline.declare import Column, ColumnType, columns

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER
BOOLEAN, INSTANT, JSON = ColumnType.BOOLEAN, ColumnType.INSTANT, ColumnType.JSON

CALLS = (
    Column("id", TEXT, "The call's id (CAL…)"),
    Column("start_time", INSTANT, "When the call began"),
    Column("duration", INTEGER, "Length of the call in seconds"),
    Column("direction", TEXT, "inbound or outbound"),
    Column("answered", BOOLEAN, "Whether somebody answered"),
    Column("voicemail", BOOLEAN, "Whether the caller left a voicemail"),
    Column("customer_name", TEXT, "The caller's name"),
    Column("customer_phone_number", TEXT, "The caller's number, E.164"),
    Column("customer_city", TEXT, "City of the caller's number"),
    Column("customer_state", TEXT, "State of the caller's number"),
    Column("customer_country", TEXT, "Country of the caller's number"),
    Column("business_phone_number", TEXT, "The number that took the call"),
    Column("tracking_phone_number", TEXT, "The tracking number that was called"),
    Column("recording", TEXT, "Address of the recording's record; the sound itself is not stored"),
    Column("recording_duration", INTEGER, "Length of the recording in seconds (sent as text)"),
    Column("recording_player", TEXT, "Address of the recording's player"),
    Column("agent_email", TEXT, "E-mail of the agent who took the call", selectable=True),
    Column("call_type", TEXT, "answered, missed, voicemail, outbound, abandonded [sic], …", selectable=True),
    Column("created_at", INSTANT, "When CallRail made the record", selectable=True),
    Column("first_call", BOOLEAN, "Whether it is this caller's first call", selectable=True),
    Column("prior_calls", INTEGER, "Calls of this caller before", selectable=True),
    Column("total_calls", INTEGER, "Calls of this caller in all", selectable=True),
    Column("value", NUMBER, "Value given to the call, in the account's currency", selectable=True),
    Column("good_lead_call_id", TEXT, "Id of the call that made the lead", selectable=True),
    Column("good_lead_call_time", INSTANT, "Time of the call that made the lead", selectable=True),
    Column("custom", JSON, "Custom fields", selectable=True),
    Column("keypad_entries", JSON, "Keys the caller pressed", selectable=True),
    Column("keywords_spotted", JSON, "Key words heard, with speaker and second", selectable=True),
    Column("milestones", JSON, "First touch, lead created, qualified, last touch", selectable=True),
    Column("speaker_percent", JSON, "Share of the talk per speaker", selectable=True),
    Column("tags", JSON, "Tags of the call", selectable=True),
    Column("voice_assist_message", JSON, "What Voice Assist noted", selectable=True),
    Column("waveforms", JSON, "Addresses of the waveform pictures", selectable=True),
    Column("zip_code", JSON, "Postal codes of the caller", selectable=True),
    Column("call_highlights", JSON, "Highlights found in the call", selectable=True),
    Column("call_summary", TEXT, "Summary of the call (text, or a list as JSON)", selectable=True),
    Column("transcription", TEXT, "Transcript of the call", selectable=True),
    *columns(
        TEXT,
        "campaign company_id company_name company_time_zone device_type fbclid ga gclid keywords "
        "landing_page_url last_requested_url lead_explanation lead_score lead_status medium msclkid note "
        "person_id referrer_domain referring_url sentiment session_uuid source source_name timeline_url "
        "tracker_id utm_campaign utm_content utm_medium utm_source utm_term formatted_call_type "
        "formatted_customer_location formatted_business_phone_number formatted_customer_name "
        "formatted_customer_name_or_phone_number formatted_customer_phone_number formatted_duration "
        "formatted_tracking_phone_number formatted_tracking_source formatted_value",
        selectable=True,
    ),
)
COMPANIES = (
    Column("id", TEXT, "The company's id (COM…)"),
    *columns(TEXT, "name status time_zone"),
    *columns(INSTANT, "created_at disabled_at"),
    *columns(BOOLEAN, "dni_active callscore_enabled lead_scoring_enabled swap_exclude_jquery"),
    *columns(BOOLEAN, "swap_ppc_override callscribe_enabled keyword_spotting_enabled form_capture"),
    *columns(TEXT, "script_url swap_landing_override swap_cookie_duration_unit"),
    Column("swap_cookie_duration", INTEGER, "Life of the swap cookie in its unit; may be empty"),
)
CONVERSATIONS = (
    Column("id", TEXT, "The conversation's id"),
    Column("last_message_at", INSTANT, "When the newest message was sent"),
    *columns(TEXT, "company_id initial_tracker_id current_tracker_id customer_name"),
    *columns(TEXT, "customer_phone_number initial_tracking_number current_tracking_number"),
    *columns(TEXT, "state company_time_zone formatted_customer_phone_number"),
    *columns(TEXT, "formatted_initial_tracking_number formatted_current_tracking_number"),
    Column("formatted_customer_name", TEXT, "Formatted customer name"),
    Column("recent_messages", JSON, "The two newest messages"),
    *columns(TEXT, "lead_status source", selectable=True),
)
FORMS = (
    Column("id", TEXT, "The submission's id (FOR…)"),
    Column("submitted_at", INSTANT, "When the form was sent"),
    Column("company_id", TEXT, "Company id"),
    Column("person_id", TEXT, "The person's id, or the word anonymous"),
    Column("form_data", JSON, "What was filled in"),
    Column("first_form", BOOLEAN, "Whether it is this person's first form"),
    *columns(TEXT, "form_url landing_page_url referrer referring_url customer_phone_number"),
    *columns(TEXT, "customer_name customer_email formatted_customer_phone_number"),
    *columns(TEXT, "formatted_customer_name source keywords campaign medium"),
    *columns(TEXT, "company_name lead_status note utm_source utm_medium", selectable=True),
    *columns(TEXT, "utm_campaign form_name timeline_url", selectable=True),
    Column("value", NUMBER, "Value given to the submission", selectable=True),
    *columns(JSON, "tags milestones", selectable=True),
)
NOTIFICATIONS = (
    Column("id", TEXT, "The notification's id (a number)"),
    *columns(TEXT, "user_id email alert_type company_id name tracker_id"),
    *columns(TEXT, "agent_id agent_name company_name tracker_name"),
    *columns(BOOLEAN, "call_enabled send_desktop send_email send_push sms_enabled"),
)
CALLER_IDS = (
    Column("id", TEXT, "The caller id's id (a number)"),
    Column("company_id", TEXT, "The company it was asked for"),
    *columns(TEXT, "phone_number name"),
    Column("verified", BOOLEAN, "Whether the number was verified"),
    Column("created_at", INSTANT, "When it was made"),
    Column("validation_code", TEXT, "Code that verifies the number; masked unless asked for", secret=True),
)
AGGREGATE_COLUMNS = (
    *columns(INTEGER, "total_calls missed_calls answered_calls first_time_callers", selectable=True),
    Column("average_duration", NUMBER, "Average length in seconds", selectable=True),
    Column("formatted_average_duration", TEXT, "Average length for people", selectable=True),
    Column("leads", INTEGER, "Leads", selectable=True),
)
SUMMARY = (
    Column("grouped_by", TEXT, "What the rows are grouped by; empty for one row of all"),
    Column("key", TEXT, "The group"),
    *AGGREGATE_COLUMNS,
    Column("range_start_at", INSTANT, "First instant summarised", field="start_date"),
    Column("range_end_at", INSTANT, "Last second summarised", field="end_date"),
    Column("time_zone", TEXT, "Zone of the range, as CallRail names it"),
)
TIME_SERIES = (
    Column("date", TEXT, "The point as sent: a day, or a stamp with offset for hours"),
    Column("day", ColumnType.DAY, "The local day of the point"),
    Column("starts_at", INSTANT, "The instant of the point, for hours"),
    *AGGREGATE_COLUMNS,
    Column("time_zone", TEXT, "Zone of the points, as CallRail names it"),
)
SUMMARY_EMAILS = (
    Column("id", TEXT, "The subscription's id (CSS…)"),
    Column("email", TEXT, "Address, where it is no user's"),
    *columns(JSON, "scope frequency config user filters"),
)
TAGS = (
    Column("id", TEXT, "The tag's id (a number)"),
    *columns(TEXT, "name tag_level color background_color company_id status"),
    Column("created_at", INSTANT, "When it was made"),
)
TRACKERS = (
    Column("id", TEXT, "The tracker's id (TRK…)"),
    *columns(TEXT, "name type status destination_number whisper_message"),
    *columns(JSON, "tracking_numbers company call_flow source"),
    *columns(BOOLEAN, "sms_enabled sms_supported"),
    *columns(INSTANT, "created_at disabled_at"),
    Column("campaign_name", TEXT, "Campaign name", selectable=True),
    Column("swap_targets", JSON, "Numbers swapped on the page", selectable=True),
)
USERS = (
    Column("id", TEXT, "The user's id (USR…)"),
    *columns(TEXT, "email role first_name last_name name"),
    Column("accepted", BOOLEAN, "Whether the invitation was accepted"),
    Column("created_at", INSTANT, "When the user was made"),
    Column("companies", JSON, "Companies the user can see"),
)
ACCOUNTS = (
    *columns(TEXT, "id name numeric_id"),
    *columns(BOOLEAN, "outbound_recording_enabled inbound_recording_enabled hipaa_account"),
    Column("created_at", INSTANT, "When it was made"),
)
