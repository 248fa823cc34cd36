"""Schedules and retry policies in configuration files: `schedule` and `retries` of a dataset."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from trunkline.center import timetables
from trunkline.center.retries import RetryPolicy, policy_of
from trunkline.center.room import Center
from trunkline.center.schedules import ALL_KINDS, EVERY, MANUAL, Schedule, schedule_of
from trunkline.errors import Problem, SettingsError

TIMED = tuple(kind for kind in ALL_KINDS if kind != MANUAL)
SCHEDULE_KEYS = (*TIMED, "between", "zone", "paused")
RETRIES_KEYS = ("count", "delay")


class SchedulePart:
    """`schedule = { every = "15m", zone = "UTC" }`; without it a dataset is started by hand."""

    name = "schedule"

    def checked(self, value: Any) -> dict[str, Any] | None:
        given = _table(value, SCHEDULE_KEYS, 'daily = "06:00" and zone = "America/New_York"')
        kinds = [kind for kind in TIMED if kind in given]
        if len(kinds) != 1:
            which = " and ".join(kinds) or "none"
            raise _wrong("", f"One of {', '.join(TIMED)} must be given; {which} came.")
        if "zone" not in given:
            raise _wrong("zone", 'zone is missing: write one such as zone = "America/New_York".')
        for key in (kinds[0], "between", "zone"):
            if not isinstance(given.get(key, ""), str):
                raise _wrong(key, f"{key} is {given[key]!r}; it must be a text.")
        if not isinstance(given.get("paused", False), bool):
            raise _wrong("paused", f"paused is {given['paused']!r}; it must be true or false.")
        schedule = schedule_of(kinds[0], given[kinds[0]], given["zone"], given.get("between", ""))
        return _words(schedule, is_paused=given.get("paused", False))

    def present(self, tx: Connection, dataset_id: int) -> dict[str, Any] | None:
        found = timetables.in_transaction(tx, dataset_id)
        if found is None or found.schedule.kind == MANUAL:
            return None
        return _words(found.schedule, is_paused=found.is_paused)

    def write(self, center: Center, tx: Connection, dataset_id: int, value: Any) -> None:
        with timetables.changed_in(center, tx, dataset_id) as change:
            before = change.before
            if value is None:
                manual = Schedule(MANUAL, "", before.schedule.zone)
                change.after = replace(before, schedule=manual, is_paused=False)
                return
            (kind,) = (kind for kind in TIMED if kind in value)
            schedule = schedule_of(kind, value[kind], value["zone"], value.get("between", ""))
            change.after = replace(before, schedule=schedule, is_paused=value.get("paused", False))


class RetriesPart:
    """`retries = { count = 3, delay = "15m" }`, which is also what a dataset has without it."""

    name = "retries"

    def checked(self, value: Any) -> dict[str, Any] | None:
        usual = _policy_words(RetryPolicy())
        given = {**usual, **_table(value, RETRIES_KEYS, 'count = 3 and delay = "15m"')}
        if not isinstance(given["count"], int) or isinstance(given["count"], bool):
            raise _wrong("count", f"count is {given['count']!r}; it must be a number.")
        if not isinstance(given["delay"], str):
            raise _wrong("delay", f"delay is {given['delay']!r}; it must be a text such as 15m.")
        return _unless_usual(policy_of(given["count"], given["delay"]))

    def present(self, tx: Connection, dataset_id: int) -> dict[str, Any] | None:
        found = timetables.in_transaction(tx, dataset_id)
        return _unless_usual(found.retries) if found else None

    def write(self, center: Center, tx: Connection, dataset_id: int, value: Any) -> None:
        policy = policy_of(value["count"], value["delay"]) if value else RetryPolicy()
        with timetables.changed_in(center, tx, dataset_id) as change:
            change.after = replace(change.before, retries=policy)


def _table(value: Any, keys: tuple[str, ...], example: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong("", f"It is {value!r}; it must be a table with {example}.")
    for key in value:
        if key not in keys:
            raise _wrong(key, f"{key} is not known. There are: {', '.join(keys)}.")
    return value


def _wrong(field: str, text: str) -> SettingsError:
    return SettingsError(problems=[Problem(field, text)])


def _words(schedule: Schedule, *, is_paused: bool) -> dict[str, Any]:
    between = {"between": schedule.between} if schedule.kind == EVERY and schedule.between else {}
    paused = {"paused": True} if is_paused else {}
    return {schedule.kind: schedule.words, **between, "zone": schedule.zone, **paused}


def _policy_words(policy: RetryPolicy) -> dict[str, Any]:
    told = policy.to_json()
    return {"count": told["count"], "delay": told["delay"]}


def _unless_usual(policy: RetryPolicy) -> dict[str, Any] | None:
    return None if policy == RetryPolicy() else _policy_words(policy)
