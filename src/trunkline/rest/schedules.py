"""When datasets are read, and what follows a failed run."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from trunkline.access.roles import Right
from trunkline.center import timetables
from trunkline.center.datasets import Dataset
from trunkline.center.retries import RetryPolicy, policy_of
from trunkline.center.schedules import MANUAL, schedule_of
from trunkline.center.timetables import Timetable
from trunkline.rest.datasets import named
from trunkline.rest.operations import Call, Here, Model, get, put

SHOWN_TIMES = 5
Kind = Literal["manual", "every", "daily", "weekly", "monthly", "cron"]
Words = Annotated[str, StringConstraints(max_length=190)]
Word = Annotated[str, StringConstraints(max_length=64)]


class ScheduleShown(Model):
    kind: Kind
    words: str = Field(description="`15m`; `06:00`; `mon,thu 06:00`; `1 06:00`; `30 1 * * *`.")
    between: str | None = Field(description="With `every`: only between these times.")
    zone: str
    jitter_seconds: int
    text: str
    is_paused: bool


class UpcomingTimes(Model):
    times: list[datetime]


class ScheduleGiven(Model):
    kind: Kind
    words: Words = Field("", description="In the words of the kind; none for manual.")
    between: Word = Field("", description="With `every`: HH:MM-HH:MM.")
    zone: Word | None = Field(None, description="An IANA zone; null: the one it has.")
    is_paused: bool = False


class RetriesShown(Model):
    count: int
    delay: str
    delays_seconds: list[int]
    text: str


class RetriesGiven(Model):
    count: int = Field(ge=0, le=10, description="How often a failed run is tried again.")
    delay: Word = Field("15m", description="How long after the first failure; then twice as long, ….")


def get_schedule(call: Here, dataset: str) -> dict[str, Any]:
    return timetables.of(call.center, named(call, dataset)).to_json()


def set_schedule(call: Here, dataset: str, given: ScheduleGiven) -> dict[str, Any]:
    saved = named(call, dataset)
    zone = given.zone or timetables.of(call.center, saved).schedule.zone
    schedule_of(given.kind, given.words, zone, given.between)  # first: else a wrong one would be half done
    kept = timetables.set_schedule(
        call.center, saved, given.kind, given.words, between=given.between, zone=zone
    )
    return _paused(call, saved, kept, given).to_json()


def _paused(call: Call, saved: Dataset, kept: Timetable, given: ScheduleGiven) -> Timetable:
    wanted = given.is_paused and given.kind != MANUAL
    if wanted == kept.is_paused:
        return kept
    change = timetables.pause if wanted else timetables.resume
    return change(call.center, saved)


def get_upcoming(call: Here, dataset: str) -> dict[str, Any]:
    timetable = timetables.of(call.center, named(call, dataset))
    return {"times": timetable.next_times(call.rooms.clock.now(), SHOWN_TIMES)}


def get_retries(call: Here, dataset: str) -> dict[str, Any]:
    return _policy(timetables.of(call.center, named(call, dataset)).retries)


def set_retries(call: Here, dataset: str, given: RetriesGiven) -> dict[str, Any]:
    policy = policy_of(given.count, given.delay)
    return _policy(timetables.set_retries(call.center, named(call, dataset), policy).retries)


def _policy(policy: RetryPolicy) -> dict[str, Any]:
    return policy.to_json()


SCHEDULE, RETRIES = "/datasets/{dataset}/schedule", "/datasets/{dataset}/retries"
OPERATIONS = (
    get(*(SCHEDULE, get_schedule, Right.DATA_READ), "When it is read.", answer=ScheduleShown, is_tagged=True),
    put(
        *(SCHEDULE, set_schedule, Right.DATASETS_WRITE),
        "Give it another schedule, pause it, let it go on.",
        answer=ScheduleShown,
        of="get_schedule",
        noted="dataset.scheduled",
    ),
    get(f"{SCHEDULE}/upcoming", get_upcoming, Right.DATA_READ, "Its next times.", answer=UpcomingTimes),
    get(
        *(RETRIES, get_retries, Right.DATA_READ),
        "How often a failed run is tried again.",
        answer=RetriesShown,
        is_tagged=True,
    ),
    put(
        *(RETRIES, set_retries, Right.DATASETS_WRITE),
        "Say how often a failed run is tried again.",
        answer=RetriesShown,
        of="get_retries",
        noted="dataset.retries_changed",
    ),
)
