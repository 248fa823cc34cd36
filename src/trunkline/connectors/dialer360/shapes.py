"""How each function's answer is laid out: the values of a line, for each header that servers send above them.

The headers are those of the published page and of the server it was written for. They name the columns
there in other orders, and not always truly: sixteen names over seventeen values, or other names than the
values below them have.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trunkline.connectors.dialer360.options import (
    AGENTS,
    CALL_IDS,
    CAMPAIGNS,
    DIDS,
    GROUPS_SHOWN,
    IN_GROUPS,
    PHONE_NUMBERS,
)

Names = tuple[str, ...]

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Shape:
    """The lines of one function. `names` are those of the published page, in the order of the values.

    `under` has the names of the values below other headers. `free` is the one value that may hold
    separators and line ends, since people type it; a line that does not match `begins` then goes on with
    the value of the line before. `swapped` are two values that some servers send in the other's place.
    A server sends at most so many rows (`most`), and does not say that there are more.
    """

    function: str
    names: Names
    asked_by: str
    """The option that an answer about wrong parameters speaks of."""
    under: Mapping[Names, Names] = field(default_factory=dict)
    free: str = ""
    begins: re.Pattern[str] = re.compile("")
    swapped: tuple[str, str] | None = None
    time: str = ""
    percents: Names = ()
    key: Names = ()
    most: int = 0
    tells_absence: bool = False
    """Whether it is worth a note that there is nothing."""

    def names_below(self, header: Names) -> Names | None:
        """The names of the values below a header; None for one that lacks some of them."""
        if header == self.names:
            return self.names
        if header in self.under:
            return self.under[header]
        whole = len(set(header)) == len(header) and set(self.names) <= set(header)
        return header if whole else None

    def righted(self, names: Names, values: list[str]) -> Sequence[str]:
        """The values of a row in the order of the names."""
        if self.swapped is None:
            return values
        time, other = (names.index(name) for name in self.swapped)
        if TIME.fullmatch(values[other]) and not TIME.fullmatch(values[time]):
            values[time], values[other] = values[other], values[time]
        return values


MOST_ROWS = 100_000

_STATISTICS = (
    *("user", "full_name", "user_group", "calls", "login_time", "total_talk_time", "avg_talk_time"),
    *("avg_wait_time", "pct_of_queue", "pause_time", "sessions", "avg_session", "pauses"),
    *("avg_pause_time", "pause_pct", "pauses_per_session", "total_wait_time"),
)
AGENT_STATS = Shape(
    "agent_stats_export",
    _STATISTICS,
    AGENTS.name,
    under={_STATISTICS[:-1]: _STATISTICS},
    free="full_name",
    begins=re.compile(r"[^\t]{1,20}\t"),
    percents=("pct_of_queue", "pause_pct"),
    key=("user",),
)

DID_CALLS = Shape(
    "did_log_export",
    ("did_number", "call_date", "caller_id_number", "length_in_sec"),
    DIDS.name,
    swapped=("call_date", "caller_id_number"),
    time="call_date",
    most=MOST_ROWS,
)

PHONE_CALLS = Shape(
    "phone_number_log",
    (
        *("phone_number", "call_date", "list_id", "length_in_sec", "lead_status", "hangup_reason"),
        *("call_status", "source_id", "user"),
    ),
    PHONE_NUMBERS.name,
    free="source_id",
    begins=re.compile(r"[^\t]*\t" + TIME.pattern + r"\t"),
    time="call_date",
    most=MOST_ROWS,
)

RECORDINGS = Shape(
    "recording_lookup",
    ("start_time", "user", "recording_id", "lead_id", "location"),
    AGENTS.name,
    time="start_time",
    key=("recording_id",),
    most=MOST_ROWS,
)

_AGENT = (
    *("user", "campaign_id", "session_id", "status", "lead_id", "callerid", "calls_today", "full_name"),
    *("user_group", "user_level"),
)
LOGGED_IN = Shape(
    "logged_in_agents",
    (*_AGENT, "pause_code", "sub_status"),
    CAMPAIGNS.name,
    # Servers that do not know sub statuses.
    under={_AGENT: _AGENT},
    free="full_name",
    begins=re.compile(r"[^\t]*\t[^\t]*\t\d*\t[-A-Z0-9]*\t\d*\t[^\t]*\t\d*\t"),
    key=("user",),
)

USER_GROUP_STATUS = Shape(
    "user_group_status",
    (
        *("usergroups", "calls_waiting", "agents_logged_in", "agents_in_calls", "agents_waiting"),
        *("agents_paused", "agents_in_dead_calls", "agents_in_dispo"),
    ),
    GROUPS_SHOWN.name,
    key=("usergroups",),
)

IN_GROUP_STATUS = Shape(
    "in_group_status",
    (
        *("ingroups", "total_calls", "calls_waiting", "agents_logged_in", "agents_in_calls"),
        *("agents_waiting", "agents_paused", "agents_in_dispo"),
    ),
    IN_GROUPS.name,
    key=("ingroups",),
)

_CALL = ("call_id", "custtime", "call_date", "campaign_id", "list_id", "status", "user", "phone")
CALL_INFO = Shape("callid_info", _CALL, CALL_IDS.name, time="call_date", key=("call_id",), tells_absence=True)

SHAPES = {
    shape.function: shape
    for shape in (
        *(AGENT_STATS, DID_CALLS, PHONE_CALLS, RECORDINGS, LOGGED_IN, USER_GROUP_STATUS),
        *(IN_GROUP_STATUS, CALL_INFO),
    )
}
