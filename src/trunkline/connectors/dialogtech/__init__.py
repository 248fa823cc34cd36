"""DialogTech (once Ifbyphone): its click-to report, in XML or CSV.

Parameters, fields and both bodies follow the public page (apidocs.dialogtech.com, Click-to Report, API
1.0); the key forms and the envelope of errors follow other public clients of the same script.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from trunkline.connectors.dialogtech.columns import FIELD_NAMES, click_columns
from trunkline.connectors.dialogtech.options import (
    ACCOUNT,
    CLICK_DATES,
    CLICK_ID,
    DAYS_PER_REQUEST,
    DAYS_UNLESS_CHOSEN,
    FORMAT,
    HOST,
    OVERLAP_DAYS,
    REF,
    REPORT_OPTIONS,
    SINGLE,
)
from trunkline.dates import DaySpan
from trunkline.declare import MINUTE, ByDays, Connector, Dates, FileAnswer, Limit, Method, Report
from trunkline.fetch.address import checked_address
from trunkline.fetch.day_columns import DAY
from trunkline.options import Values

PATH = "/ibp_api.php"
ACTION = "report.clickto"


def headers(_account: Values) -> Mapping[str, str]:
    return {}


def keys(account: Values) -> Mapping[str, str]:
    """The keys as form fields, so that they stand in no address and no log of addresses."""
    names = ("api_key",) if account.get("key_form") == SINGLE else ("access_key", "secret_access_key")
    return {name: str(account[name]) for name in names}


def address(account: Values) -> str:
    """The address below which the script stands; a base URL may name the script or leave it out."""
    given = str(account.get("base_url") or HOST)
    base = checked_address(given, allow_plain_http=bool(account.get("allow_plain_http")))
    return base.removesuffix(PATH)


def budget_of(values: Values) -> str:
    """Requests are counted by key, since nothing else tells one account of DialogTech from another."""
    host = urlsplit(address(values)).netloc.lower()
    proof = str(values.get("access_key") or values.get("api_key") or "")
    return f"dialogtech:{host}:{hashlib.sha256(proof.encode()).hexdigest()[:16]}"


def click_form(values: Values, span: DaySpan) -> Mapping[str, str]:
    """The fields of one request; both days are included."""
    form = {
        "action": ACTION,
        "start_date": f"{span.first:%Y%m%d}",
        "end_date": f"{span.last:%Y%m%d}",
        "format": str(values.get(FORMAT.name, FORMAT.default)),
    }
    return form | {o.name: str(values[o.name]) for o in (CLICK_ID, REF) if o.name in values}


def read(received: Any) -> Iterator[Any]:
    # The readers of XML and Arrow take long to import.
    from trunkline.connectors.dialogtech.answers import click_batches

    return click_batches(received)


CLICKS = FileAnswer(click_form, read, identity=FIELD_NAMES)

REPORTS = (
    Report(
        "clickto",
        "Click-to Report",
        "Used to get a report of all click-to activity in a given date range.",
        PATH,
        "",
        click_columns({}),
        key=("row_id",),
        cursor=DAY,
        update=Method.PARTITION,
        updates=(Method.PARTITION, Method.REPLACE),
        overlap_days=OVERLAP_DAYS,
        pages=CLICKS,
        windows=ByDays(DAYS_PER_REQUEST.name),
        options=REPORT_OPTIONS,
        dates=Dates(CLICK_DATES, days_unless_chosen=DAYS_UNLESS_CHOSEN),
        columns_for=click_columns,
        rights="Any keys of the account.",
    ),
    Report(
        "today",
        "Today's Clicks",
        "The clicks of today: proves the keys.",
        PATH,
        "",
        click_columns({}),
        pages=CLICKS,
        listed=False,
    ),
)

CONNECTOR = Connector(
    name="dialogtech",
    label="DialogTech",
    docs="https://apidocs.dialogtech.com/v1.0/docs/click-to-report",
    help="Click-to activity: click-to-call, -FindMe, -FindMe list, -virtual receptionist, -voicemail, -IVR "
    "and -agent.",
    base_url=HOST + PATH,
    account=ACCOUNT,
    reports=REPORTS,
    limits=(Limit(100, MINUTE, option="minute_limit"),),
    headers=headers,
    address=address,
    budget_of=budget_of,
    test="today",
    questions=(
        (
            "Which key do I need?",
            "An Access Key with its Secret Access Key, or the one API key of an older account. All days are "
            "those of the account's zone, which the account here has to name.",
        ),
        (
            "How often can the data be updated?",
            "As often as you like. Whole days are read and replaced, so that nothing is there twice.",
        ),
    ),
    prerequisites="An Access Key and its Secret Access Key, from the Key Manager of the DialogTech account; "
    "or the one API key of an older account.",
    credentials_option="access_key",
    credentials_with=("secret_access_key",),
    inherited=("time_zone", "duration_unit"),
    form=keys,
)
