"""What the functions are asked with: form fields, in a POST to a path that names the function.

The function stands in the address on purpose: a dialer that keeps the addresses of requests keeps the form
of a POST instead where the address has no parameters, and the password with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from trunkline.connectors.dialer360.options import (
    AGENTS,
    CALL_IDS,
    CAMPAIGNS,
    DETAIL,
    DIDS,
    DIRECTION,
    GROUPS_SHOWN,
    IN_GROUPS,
    PHONE_NUMBERS,
    USER_GROUPS,
)
from trunkline.dates import DaySpan
from trunkline.errors import Problem
from trunkline.options import Option, Values

Form = Mapping[str, str]
Asking = Sequence[tuple[str, Values]]

AS_TABLE = {"stage": "tab", "header": "YES"}
"""Of the separators a tabulator is the one that people do not type into fields."""

ONE = "_asked_for"
"""Holds what a single request is about, where a window takes several."""


def path(function: str) -> str:
    return f"?function={function}"


def entries(values: Values, option: Option) -> tuple[str, ...]:
    found = values.get(option.name, ())
    return found if isinstance(found, tuple) else (str(found),)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


# -- what is asked of each function ----------------------------------------------------------------


def agent_stats_form(_values: Values, span: DaySpan) -> Form:
    return {
        "datetime_start": f"{span.first} 00:00:00",
        "datetime_end": f"{span.last} 23:59:59",
        "time_format": "S",
        **AS_TABLE,
    }


def did_form(values: Values, span: DaySpan) -> Form:
    return {"phone_number": str(values[ONE]), "date": str(span.first), **AS_TABLE}


def recordings_form(values: Values, span: DaySpan) -> Form:
    return {"agent_user": str(values[ONE]), "date": str(span.first), **AS_TABLE}


def phone_form(values: Values, _span: DaySpan) -> Form:
    return {
        "phone_number": str(values[ONE]),
        "type": str(values[DIRECTION.name]).upper(),
        "detail": str(values[DETAIL.name]).upper(),
        **AS_TABLE,
    }


def logged_in_form(values: Values, _span: DaySpan) -> Form:
    wanted = {o.name: "|".join(entries(values, o)) for o in (CAMPAIGNS, USER_GROUPS) if o.name in values}
    return {"show_sub_status": "YES", **wanted, **AS_TABLE}


def everybody_form(_values: Values, _span: DaySpan) -> Form:
    return {"show_sub_status": "YES", **AS_TABLE}


def user_group_form(values: Values, _span: DaySpan) -> Form:
    return {"user_groups": str(values[ONE]), **AS_TABLE}


def in_group_form(values: Values, _span: DaySpan) -> Form:
    return {"in_groups": str(values[ONE]), **AS_TABLE}


def call_form(values: Values, _span: DaySpan) -> Form:
    return {"call_id": str(values[ONE]), "detail": "YES", **AS_TABLE}


# -- several requests for one window ---------------------------------------------------------------


def each_entry(option: Option, word: str, plain: Callable[[str], str] = str) -> Callable[[Values], Asking]:
    """A request for each entry of an option, `plain` being how it is sent."""

    def each(values: Values) -> Asking:
        wanted = dict.fromkeys(map(plain, entries(values, option)))
        return [(f"{word} {one}", {**values, ONE: one}) for one in wanted]

    return each


each_did = each_entry(DIDS, "DID", _digits)
each_agent = each_entry(AGENTS, "agent")
each_user_group = each_entry(GROUPS_SHOWN, "user group")
each_in_group = each_entry(IN_GROUPS, "in-group")
each_call = each_entry(CALL_IDS, "call")
_each_number = each_entry(PHONE_NUMBERS, "number", _digits)


def each_number_and_direction(values: Values) -> Asking:
    """Directions are asked for one by one, since rows do not tell theirs."""
    chosen = str(values[DIRECTION.name])
    directions = ("out", "in") if chosen == "both" else (chosen,)
    return [
        (f"{words} ({direction})", {**asked, DIRECTION.name: direction})
        for words, asked in _each_number(values)
        for direction in directions
    ]


# -- what cannot be asked --------------------------------------------------------------------------


def entries_like(option: Option, wanted: str, words: str) -> Callable[[Values], Sequence[Problem]]:
    """A check that each entry of an option matches, so that the server does not read it as another."""
    pattern = re.compile(wanted)

    def check(values: Values) -> Sequence[Problem]:
        return [
            Problem(option.name, f"{option.label} ({option.flag}) holds {one!r}; {words}.")
            for one in entries(values, option)
            if not pattern.fullmatch(one)
        ]

    return check


_NUMBER = r"[-+(). ]*(?:\d[-+(). ]*){%s}"
_GROUP = r"[^|\s]{1,40}"

check_dids = entries_like(DIDS, _NUMBER % "2,20", "a DID has 2 to 20 digits")
check_numbers = entries_like(PHONE_NUMBERS, _NUMBER % "4,18", "a number has 4 to 18 digits")
check_agents = entries_like(AGENTS, r"[^|\s]{2,20}", "an agent's name has 2 to 20 characters")
check_user_groups = entries_like(USER_GROUPS, _GROUP, "a user group's name has no blank and no bar")
check_groups_shown = entries_like(GROUPS_SHOWN, _GROUP, "a user group's name has no blank and no bar")
check_in_groups = entries_like(IN_GROUPS, _GROUP, "an in-group's name has no blank and no bar")
check_calls = entries_like(CALL_IDS, r"[A-Za-z0-9]{16,40}", "a call's id has 16 to 40 letters and digits")
check_campaigns = entries_like(CAMPAIGNS, _GROUP, "a campaign's id has no blank and no bar")


def check_logged_in(values: Values) -> Sequence[Problem]:
    return [*check_campaigns(values), *check_user_groups(values)]
