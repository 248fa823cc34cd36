"""What the settings say of the report: the zone of its days and times, the unit of its durations."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from trunkline.dates import zone_named
from trunkline.settings import Settings


class Unit(StrEnum):
    """What Call Duration counts."""

    MINUTES = "minutes"
    SECONDS = "seconds"

    @property
    def seconds(self) -> int:
        return 60 if self is Unit.MINUTES else 1


@dataclass(frozen=True)
class Account:
    """The account the report is of, which is the installation."""

    zone: ZoneInfo
    unit: Unit


def account_of(settings: Settings) -> Account:
    return Account(
        zone_named(settings.text("clickto_timezone")), Unit(settings.text("clickto_duration_unit"))
    )
