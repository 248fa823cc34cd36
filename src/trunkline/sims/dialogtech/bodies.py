"""The two bodies of the report and the envelope of messages, byte for byte as the public page prints them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

Click = Mapping[str, str]

# XML element and CSV header of each column.
COLUMNS = {
    "Caller_ID": "Caller ID",
    "Name": "Name",
    "Page": "Page",
    "Ref": "Ref",
    "Click_Description": "Click Description",
    "Click_Date_Time": "Click Date/Time",
    "Number_Connected": "Number Connected",
    "Call_Duration": "Call Duration",
    "Referral_Keywords": "Referral Keywords",
    "Referral_Domain": "Referral Domain",
    "IP_Address": "IP Address",
    "Call_1_Result": "Call 1 Result",
    "Call_2_Result": "Call 2 Result",
}
NAMES = tuple(COLUMNS)
ROWS_OF_A_PART = 2_000

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = re.compile(r"([A-Z][a-z]{2}) (\d{2}) (\d{4}) (\d{1,2}):(\d{2}) ([AP])M")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile("\r\n|\r|\n")
_ENVELOPE = """<?xml version='1.0' encoding='utf-8'?>
<!DOCTYPE response [
  <!ELEMENT response (result,result_description)>
   <!ELEMENT result (#PCDATA)>
   <!ELEMENT result_description (#PCDATA)>
]>
<response>
    <result>{}</result>
    <result_description>{}</result_description>
</response>"""


def written_time(local: datetime) -> str:
    """`Feb 01 2017 3:57 PM`: the hour is not padded, and the month is English everywhere."""
    hour = local.hour % 12 or 12
    half = "AM" if local.hour < 12 else "PM"
    return f"{_MONTHS[local.month - 1]} {local.day:02} {local.year} {hour}:{local.minute:02} {half}"


def read_time(text: str) -> datetime:
    """The local time that a text of the report tells. Raises ValueError."""
    found = _TIME.fullmatch(text)
    if found is None or found[1] not in _MONTHS or not 1 <= int(found[4]) <= 12:
        raise ValueError(f"{text!r} is no time like Jan 13 2017 10:52 PM")
    hour = int(found[4]) % 12 + 12 * (found[6] == "P")
    return datetime(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]), hour, int(found[5]))


def xml_report(clicks: Iterable[Click], names: Sequence[str] = NAMES) -> Iterator[bytes]:
    """The report as XML, in parts; what Latin-1 lacks becomes character references."""
    records = f"  <!ELEMENT record ({','.join(names)})>"
    elements = [f"   <!ELEMENT {name} (#PCDATA)>" for name in names]
    lines = ["<?xml version='1.0' encoding='iso-8859-1'?>", "<!DOCTYPE data ["]
    lines += ["  <!ELEMENT data (record+)>", records, *elements, "]>", "<data>", ""]
    yield "\n".join(lines).encode()
    for part in _parts(_record(click, names) for click in clicks):
        yield part.encode("iso-8859-1", "xmlcharrefreplace")
    yield b"</data>"


def _record(click: Click, names: Sequence[str]) -> str:
    fields = [f"        <{n}>{_xml_text(click[n])}</{n}>" for n in names if n in click]
    return "\n".join(["    <record>", *fields, "    </record>", ""])


def _xml_text(value: str) -> str:
    return escape(_NOT_IN_XML.sub("", value), {"\r": "&#13;"})


def csv_report(
    clicks: Iterable[Click], names: Sequence[str] = NAMES, *, utf8: bool = False, header_every: int = 0
) -> Iterator[bytes]:
    """The report as CSV, in parts; what Latin-1 lacks becomes a question mark, line breaks become blanks."""
    codec = "utf-8" if utf8 else "iso-8859-1"
    header = ",".join(f'"{COLUMNS.get(name, name)}"' for name in names)
    yield header.encode()
    for part in _parts(_lines(clicks, names, header, header_every)):
        yield part.encode(codec, "replace")


def _lines(clicks: Iterable[Click], names: Sequence[str], header: str, header_every: int) -> Iterator[str]:
    for n, click in enumerate(clicks):
        if header_every and n and n % header_every == 0:
            yield f"\n{header}"
        yield "\n" + ",".join(f'"{_csv_text(click[name])}"' for name in names if name in click)


def _csv_text(value: str) -> str:
    return _LINE_BREAKS.sub(" ", _NOT_IN_XML.sub("", value)).replace('"', '""')


def _parts(texts: Iterable[str]) -> Iterator[str]:
    part: list[str] = []
    for text in texts:
        part.append(text)
        if len(part) == ROWS_OF_A_PART:
            yield "".join(part)
            part.clear()
    yield "".join(part)


def envelope(result: str, description: str) -> bytes:
    """A message in place of a report: the same in XML and CSV mode."""
    return _ENVELOPE.format(_xml_text(result), _xml_text(description)).encode()
