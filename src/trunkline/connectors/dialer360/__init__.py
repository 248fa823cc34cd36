"""Dialer360, and the dialers whose API it shares: statistics, call logs, recordings, the floor right now.

Functions, parameters and answers follow the published page of the API (2017-06-01) and the server it was
written for, whose answers differ in words, headers and order.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from trunkline.connectors.dialer360 import columns, requests
from trunkline.connectors.dialer360.options import (
    ACCOUNT,
    AGENTS,
    CALL_IDS,
    CAMPAIGNS,
    DAYS,
    DAYS_UNLESS_CHOSEN,
    DETAIL,
    DIALER_DATES,
    DIDS,
    DIRECTION,
    GROUPS_SHOWN,
    IN_GROUPS,
    OVERLAP_DAYS,
    PHONE_NUMBERS,
    SOURCE,
    TIME_ZONE,
    USER_GROUPS,
)
from trunkline.declare import (
    MINUTE,
    AskedFirst,
    Connector,
    Dates,
    EachDay,
    FileAnswer,
    Greeting,
    Limit,
    Method,
    Report,
)
from trunkline.errors import Problem
from trunkline.fetch.address import checked_address, is_loopback
from trunkline.fetch.day_columns import DAY
from trunkline.options import Values

RIGHTS = (
    "A user of level 7 or more with Agent API Access and View Reports, whose allowed functions include {}."
)


def headers(_account: Values) -> Mapping[str, str]:
    return {}


def login(account: Values) -> Mapping[str, str]:
    """The login as form fields, so that it stands in no address and no log of addresses."""
    return {
        "user": str(account["user"]),
        "pass": str(account["password"]),
        "source": str(account.get("source") or SOURCE),
    }


def address(account: Values) -> str:
    """The base URL; a host alone is taken to speak https, unless it is this machine."""
    given = str(account["base_url"]).strip()
    if "://" not in given:
        host = given.partition("/")[0].rpartition(":")[0] or given.partition("/")[0]
        given = f"{'http' if is_loopback(host) else 'https'}://{given}"
    return checked_address(given, allow_plain_http=bool(account.get("allow_plain_http")))


def budget_of(values: Values) -> str:
    """Requests are counted by host: it is the dialer that must not feel them."""
    return f"dialer360:{urlsplit(address(values)).netloc.lower()}"


def _reader(function: str) -> Callable[[Any], Iterator[Any]]:
    def read(received: Any) -> Iterator[Any]:
        # The reader of Arrow takes long to import.
        from trunkline.connectors.dialer360.answers import batches
        from trunkline.connectors.dialer360.shapes import SHAPES

        return batches(received, SHAPES[function])

    return read


def _agents_named(received: Any) -> Sequence[str]:
    from trunkline.connectors.dialer360.answers import agents_named

    return agents_named(received)


def _groups_named(received: Any) -> Sequence[str]:
    from trunkline.connectors.dialer360.answers import groups_named

    return groups_named(received)


def _zone_mismatch(received: Any) -> Problem | None:
    from trunkline.connectors.dialer360.version import zone_mismatch

    return zone_mismatch(received)


def _addresses(base: str) -> Sequence[str]:
    from trunkline.connectors.dialer360.version import addresses

    return addresses(base)


BY_DAY = (Method.PARTITION, Method.REPLACE)
SNAPSHOT = (Method.REPLACE, Method.APPEND)
DATES = Dates(DIALER_DATES, days_unless_chosen=DAYS_UNLESS_CHOSEN)

AGENT_STATS = FileAnswer(requests.agent_stats_form, _reader("agent_stats_export"), identity=())
DID_CALLS = FileAnswer(
    requests.did_form,
    _reader("did_log_export"),
    identity=("did_number", "call_date", "caller_id_number", "length_in_sec"),
    each=requests.each_did,
)
RECORDINGS = FileAnswer(
    requests.recordings_form,
    _reader("recording_lookup"),
    identity=(),
    each=requests.each_agent,
    asked_first=AskedFirst(
        AGENTS.name, requests.path("agent_stats_export"), requests.agent_stats_form, _agents_named
    ),
)
PHONE_CALLS = FileAnswer(
    requests.phone_form,
    _reader("phone_number_log"),
    identity=(
        *("phone_number", "direction", "call_date", "list_id", "length_in_sec", "lead_status"),
        *("hangup_reason", "call_status", "source_id", "user"),
    ),
    each=requests.each_number_and_direction,
)
LOGGED_IN = FileAnswer(requests.logged_in_form, _reader("logged_in_agents"), identity=())
EVERYBODY = FileAnswer(requests.everybody_form, _reader("logged_in_agents"), identity=())
USER_GROUPS_NOW = FileAnswer(
    requests.user_group_form,
    _reader("user_group_status"),
    identity=(),
    each=requests.each_user_group,
    asked_first=AskedFirst(
        GROUPS_SHOWN.name, requests.path("logged_in_agents"), requests.everybody_form, _groups_named
    ),
)
IN_GROUPS_NOW = FileAnswer(
    requests.in_group_form, _reader("in_group_status"), identity=(), each=requests.each_in_group
)
CALLS = FileAnswer(requests.call_form, _reader("callid_info"), identity=(), each=requests.each_call)

REPORTS = (
    Report(
        "agent_stats",
        "Agent Statistics",
        "What each agent did on each day: calls, talk, waiting, pauses. All times in seconds.",
        requests.path("agent_stats_export"),
        "",
        columns.AGENT_STATS,
        key=(DAY, "user"),
        cursor=DAY,
        update=Method.PARTITION,
        updates=BY_DAY,
        overlap_days=OVERLAP_DAYS,
        pages=AGENT_STATS,
        windows=EachDay(),
        options=DAYS,
        dates=DATES,
        rights=RIGHTS.format("agent_stats_export"),
    ),
    Report(
        "did_log",
        "DID Log",
        "The calls that came to numbers of yours (DIDs).",
        requests.path("did_log_export"),
        "",
        columns.DID_CALLS,
        key=("row_id",),
        cursor=DAY,
        update=Method.PARTITION,
        updates=BY_DAY,
        overlap_days=OVERLAP_DAYS,
        pages=DID_CALLS,
        windows=EachDay(),
        options=(DIDS, *DAYS),
        dates=DATES,
        check=requests.check_dids,
        rights=RIGHTS.format("did_log_export"),
    ),
    Report(
        "phone_log",
        "Phone Number Log",
        "All calls with given numbers, in both directions, as far back as the dialer keeps them.",
        requests.path("phone_number_log"),
        "",
        columns.PHONE_CALLS,
        key=("row_id",),
        updates=(Method.REPLACE, Method.APPEND),
        pages=PHONE_CALLS,
        options=(PHONE_NUMBERS, DIRECTION, DETAIL, TIME_ZONE),
        check=requests.check_numbers,
        rights=RIGHTS.format("phone_number_log"),
    ),
    Report(
        "recordings",
        "Recordings",
        "The recordings of each agent on each day, and where they can be fetched.",
        requests.path("recording_lookup"),
        "",
        columns.RECORDINGS,
        key=("recording_id",),
        cursor=DAY,
        update=Method.PARTITION,
        updates=(*BY_DAY, Method.MERGE),
        overlap_days=OVERLAP_DAYS,
        pages=RECORDINGS,
        windows=EachDay(),
        options=(AGENTS, *DAYS),
        dates=DATES,
        check=requests.check_agents,
        rights=RIGHTS.format("recording_lookup, and agent_stats_export where no agents are chosen"),
    ),
    Report(
        "logged_in_agents",
        "Logged-in Agents",
        "The agents at work at the moment of the run.",
        requests.path("logged_in_agents"),
        "",
        columns.LOGGED_IN,
        key=("user",),
        updates=SNAPSHOT,
        pages=LOGGED_IN,
        options=(CAMPAIGNS, USER_GROUPS, TIME_ZONE),
        check=requests.check_logged_in,
        rights=RIGHTS.format("logged_in_agents"),
    ),
    Report(
        "user_group_status",
        "User Group Status",
        "What the agents of user groups do at the moment of the run.",
        requests.path("user_group_status"),
        "",
        columns.USER_GROUP_STATUS,
        key=("user_group",),
        updates=SNAPSHOT,
        pages=USER_GROUPS_NOW,
        options=(GROUPS_SHOWN, TIME_ZONE),
        check=requests.check_groups_shown,
        rights=RIGHTS.format("user_group_status, and logged_in_agents where no groups are chosen"),
    ),
    Report(
        "in_group_status",
        "In-Group Status",
        "The calls and the agents of in-groups at the moment of the run.",
        requests.path("in_group_status"),
        "",
        columns.IN_GROUP_STATUS,
        key=("in_group",),
        updates=SNAPSHOT,
        pages=IN_GROUPS_NOW,
        options=(IN_GROUPS, TIME_ZONE),
        check=requests.check_in_groups,
        rights=RIGHTS.format("in_group_status"),
    ),
    Report(
        "call_info",
        "Call Information",
        "Calls by their ids, and how long the customer talked.",
        requests.path("callid_info"),
        "",
        columns.CALL_INFO,
        key=("call_id",),
        updates=(Method.REPLACE, Method.MERGE),
        pages=CALLS,
        options=(CALL_IDS, TIME_ZONE),
        check=requests.check_calls,
        rights=RIGHTS.format("callid_info"),
    ),
    Report(
        "login",
        "Login",
        "The agents at work: proves the login.",
        requests.path("logged_in_agents"),
        "",
        columns.LOGGED_IN,
        pages=EVERYBODY,
        listed=False,
    ),
)

CONNECTOR = Connector(
    name="dialer360",
    label="Dialer360",
    docs="",
    help="Agent statistics, call logs, recordings and the floor as it is now, over the API of a Dialer360 "
    "server or of a dialer that answers the same.",
    base_url="https://dialer.example/adminpanel/api.php",
    account=ACCOUNT,
    reports=REPORTS,
    limits=(Limit(300, MINUTE, option="minute_limit"),),
    headers=headers,
    address=address,
    budget_of=budget_of,
    test="login",
    questions=(
        (
            "Which user do I need?",
            "One of level 7 or more who may use the API and view reports, and whose allowed functions "
            "include those of the reports.",
        ),
        (
            "Why is a right password refused?",
            "Dialers may take requests from listed addresses only: this machine's has to be on the list.",
        ),
        (
            "How often can the data be updated?",
            "As often as you like; at most 300 requests a minute are sent, unless told otherwise.",
        ),
    ),
    prerequisites="A user of the dialer with level 7 or more, Agent API Access and View Reports, whose "
    "allowed functions include those of the reports (or all of them); and this machine's address in the "
    "dialer's address lists, where it keeps any.",
    credentials_option="password",
    inherited=("time_zone",),
    form=login,
    greeting=Greeting(_addresses, requests.path("version"), _zone_mismatch),
)
