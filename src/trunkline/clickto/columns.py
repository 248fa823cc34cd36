"""The thirteen columns of the click-to report, declared once: table, XML and CSV follow from them.

Names and order are those of DialogTech's Click-to Report page.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportColumn:
    """A column: its name in the table, its XML element, its CSV header."""

    name: str
    element: str
    header: str


REPORT_COLUMNS = (
    ReportColumn("caller_id", "Caller_ID", "Caller ID"),
    ReportColumn("name", "Name", "Name"),
    ReportColumn("page", "Page", "Page"),
    ReportColumn("ref", "Ref", "Ref"),
    ReportColumn("click_description", "Click_Description", "Click Description"),
    ReportColumn("click_time", "Click_Date_Time", "Click Date/Time"),
    ReportColumn("number_connected", "Number_Connected", "Number Connected"),
    ReportColumn("call_duration", "Call_Duration", "Call Duration"),
    ReportColumn("referral_keywords", "Referral_Keywords", "Referral Keywords"),
    ReportColumn("referral_domain", "Referral_Domain", "Referral Domain"),
    ReportColumn("ip_address", "IP_Address", "IP Address"),
    ReportColumn("call_1_result", "Call_1_Result", "Call 1 Result"),
    ReportColumn("call_2_result", "Call_2_Result", "Call 2 Result"),
)

NAMES = tuple(column.name for column in REPORT_COLUMNS)
ELEMENTS = tuple(column.element for column in REPORT_COLUMNS)
HEADERS = tuple(column.header for column in REPORT_COLUMNS)
TIME = NAMES.index("click_time")
DURATION = NAMES.index("call_duration")
