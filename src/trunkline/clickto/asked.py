"""What a request asks of `report.clickto`, from its parameters. Names: DialogTech's Click-to Report page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from trunkline.clickto.selection import Form, Selection
from trunkline.clickto.texts import one_line, shown
from trunkline.clickto.times import DAY_FORM, parse_day

ACTION = "report.clickto"
LONGEST_ID = 15


class Refused(Exception):
    """A request that gets no report: why, and the status where statuses are wanted."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status, self.description = status, description


class WrongKey(Refused):
    """The key is not known, its secret is wrong, or it was revoked: nobody is told which."""

    def __init__(self) -> None:
        super().__init__(
            401, "INVALID ACCOUNT: access_key and secret_access_key do not belong to a key in force."
        )


@dataclass(frozen=True)
class Asked:
    """A format and a selection. Other parameters count for nothing."""

    form: Form
    selection: Selection


def check_action(params: Mapping[str, str]) -> None:
    """Raises Refused for another action than this one."""
    action = params.get("action", "")
    if action != ACTION:
        came = f"is {shown(action)}" if action else "is missing"
        raise Refused(400, f"action {came}: only {ACTION} is answered here.")


def asked_of(params: Mapping[str, str]) -> Asked:
    """Raises Refused, which names every parameter that will not do."""
    wrong: list[str] = []
    first, last = (_day(params, name, wrong) for name in ("start_date", "end_date"))
    if first and last and first > last:
        wrong.append(f"start_date {params['start_date']} is after end_date {params['end_date']}.")
    form, block_id = _form(params, wrong), _block_id(params, wrong)
    if wrong or first is None or last is None:
        raise Refused(400, " ".join(wrong))
    ref = one_line(params.get("ref", ""))
    return Asked(form, Selection(first, last, None if block_id is None else (block_id,), ref or None))


def _day(params: Mapping[str, str], name: str, wrong: list[str]) -> date | None:
    text = params.get(name, "")
    if not text:
        wrong.append(f"{name} is missing: write {DAY_FORM}.")
        return None
    try:
        return parse_day(text)
    except ValueError as error:
        wrong.append(f"{name} is {shown(text)}: {error}.")
        return None


def _form(params: Mapping[str, str], wrong: list[str]) -> Form:
    text = params.get("format", "")
    try:
        return Form(text.lower() or Form.XML)
    except ValueError:
        wrong.append(f"format is {shown(text)}: write xml or csv.")
        return Form.XML


def _block_id(params: Mapping[str, str], wrong: list[str]) -> int | None:
    name = "click_id" if "click_id" in params else "click-id"
    text = params.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        wrong.append(f"{name} is {shown(text)}: write the number of a click-to building block.")
        return None
    return int(text)
