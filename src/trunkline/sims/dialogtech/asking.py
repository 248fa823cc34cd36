"""One request for the report: its parameters, and what is refused about them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hmac import compare_digest

from aiohttp import web

from trunkline.sims.dialogtech.options import DialogtechSimOptions
from trunkline.sims.refusals import Refused

ACTION = "report.clickto"
KEYS = ("access_key", "secret_access_key", "api_key")
PARAMETERS = ("action", *KEYS, "start_date", "end_date", "format", "click_id", "click-id", "ref")

_DAY = re.compile(r"\d{8}", re.ASCII)


@dataclass(frozen=True)
class Ask:
    """What is asked for: days, both included, the form, and the filters."""

    first: date
    last: date
    is_csv: bool
    click_id: str = ""
    ref: str = ""


async def parameters(request: web.Request) -> dict[str, str]:
    """Those of the query and of a form, urlencoded or multipart; nothing between two ampersands is none."""
    posted = await request.post() if request.method == "POST" else {}
    pairs = [*request.query.items(), *((n, v) for n, v in posted.items() if isinstance(v, str))]
    return {name: value for name, value in pairs if name}


def proves_itself(params: Mapping[str, str], options: DialogtechSimOptions) -> bool:
    """Whether the keys are right, in either form."""
    if "api_key" in params:
        return _same(params["api_key"], options.api_key)
    pair = (params.get("access_key", ""), params.get("secret_access_key", ""))
    return _same(pair[0], options.access_key) & _same(pair[1], options.secret_access_key)


def asked(params: Mapping[str, str], *, strict: bool) -> Ask:
    """Raises Refused for parameters that are missing or wrong, and where strict for unknown ones."""
    strange = [name for name in params if name not in PARAMETERS]
    if strict and strange:
        raise Refused(400, f"Unknown parameter {strange[0]}")
    if params.get("action") != ACTION:
        raise Refused(400, f"Unknown action {params.get('action', '')!r}")
    form = params.get("format", "xml")
    if form not in ("xml", "csv"):
        raise Refused(400, f"format is {form!r}: use xml or csv")
    first, last = _day(params, "start_date"), _day(params, "end_date")
    if first > last:
        raise Refused(400, "start_date is after end_date")
    click_id = params.get("click_id") or params.get("click-id", "")
    return Ask(first, last, form == "csv", click_id, params.get("ref", ""))


def _day(params: Mapping[str, str], name: str) -> date:
    text = params.get(name, "")
    try:
        if _DAY.fullmatch(text):
            return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        pass
    raise Refused(400, f"{name} is {text!r}: use YYYYMMDD")


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
