"""What a stats export is asked, and which choices do not go together.

Rules of the official description's prose and of observed answers: the nearer day is `days_ago_start`,
day 0 is not part of a range, `is_today` stands alone, a target overrides an office.
"""

from collections.abc import Sequence

from trunkline.connectors.dialpad.options import (
    CALL_CENTER,
    EXPORT_TYPE,
    STAT_TYPE,
    STATS_OFFICE,
    STATS_TARGET,
    TARGET_TYPE,
)
from trunkline.declare import DaysAgo, Row
from trunkline.errors import Problem
from trunkline.options import Option, Values

NEED_A_TARGET = ("csat", "dispositions")


def stats_body(values: Values, days: DaysAgo) -> Row:
    """The request for one piece of days."""
    body: Row = {
        "stat_type": values["stat_type"],
        "export_type": values["export_type"],
        "timezone": values["time_zone"],
    }
    if days.is_today:
        body["is_today"] = True
    else:
        body |= {"days_ago_start": days.nearer, "days_ago_end": days.farther}
    if values.get("group_by"):
        body["group_by"] = values["group_by"]
    return body | _target(values)


def _target(values: Values) -> Row:
    target_type = values.get("target_type")
    if not target_type:
        return {"office_id": int(str(values["office_id"]))} if values.get("office_id") else {}
    body: Row = {"target_type": target_type, "target_id": int(str(values[_id_option(values).name]))}
    if values.get("of_trainees"):
        body["coaching_team" if target_type == "coachingteam" else "coaching_group"] = True
    return body


def _id_option(values: Values) -> Option:
    """The menu that holds the id of the target."""
    return {"office": STATS_OFFICE, "callcenter": CALL_CENTER}.get(str(values["target_type"]), STATS_TARGET)


def check_stats(values: Values) -> Sequence[Problem]:
    """One problem for each choice that Dialpad would refuse or misunderstand."""
    return [*_target_problems(values), *_export_problems(values), *_id_problems(values)]


def _target_problems(values: Values) -> list[Problem]:
    stat_type = str(values.get("stat_type"))
    if not values.get("target_type"):
        if stat_type in NEED_A_TARGET:
            needed = f"give {TARGET_TYPE.label} ({TARGET_TYPE.flag})"
            return [Problem(TARGET_TYPE.name, f"{STAT_TYPE.label} {stat_type} needs a target: {needed}.")]
        return []
    option = _id_option(values)
    if values.get(option.name):
        return []
    chosen = f"{TARGET_TYPE.label} {values['target_type']}"
    return [Problem(option.name, f"{chosen} needs its id: give {option.label} ({option.flag}).")]


def _export_problems(values: Values) -> list[Problem]:
    stat_type, problems = str(values.get("stat_type")), []
    if stat_type in NEED_A_TARGET and values.get("export_type") != "records":
        text = f"{STAT_TYPE.label} {stat_type} comes as records only: choose {EXPORT_TYPE.flag} records."
        problems.append(Problem(EXPORT_TYPE.name, text))
    if values.get("group_by") == "group" and not values.get("office_id"):
        text = f"Group By group needs one office: give {STATS_OFFICE.label} ({STATS_OFFICE.flag})."
        problems.append(Problem("group_by", text))
    return problems


def _id_problems(values: Values) -> list[Problem]:
    options = (STATS_OFFICE, CALL_CENTER, STATS_TARGET)
    return [id_problem(o, values[o.name]) for o in options if o.name in values and not is_id(values[o.name])]


def is_id(value: object) -> bool:
    text = str(value)
    return text.isascii() and text.isdecimal()


def id_problem(option: Option, value: object) -> Problem:
    text = f"{option.label} ({option.flag}) is {value!r}; it must be the number Dialpad knows it by."
    return Problem(option.name, text)
