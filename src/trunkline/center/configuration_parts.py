"""What else a dataset of a configuration file may have: each kind is one entry of `PARTS`.

A part is checked, compared, written and printed with its dataset, in the same transaction.
"""

from typing import Any, Protocol

from sqlalchemy import Connection

from trunkline.center.room import Center
from trunkline.center.timetable_parts import RetriesPart, SchedulePart


class Part(Protocol):
    """One key in the table of a dataset, such as `schedule`."""

    name: str

    def checked(self, value: Any) -> Any:
        """The value in its normal form, None for what a dataset has without it.

        Raises SettingsError for one that will not do.
        """

    def present(self, tx: Connection, dataset_id: int) -> Any:
        """What is kept for the dataset, in its normal form; None for nothing."""

    def write(self, center: Center, tx: Connection, dataset_id: int, value: Any) -> None:
        """Keep the value instead; None for nothing."""


PARTS: tuple[Part, ...] = (SchedulePart(), RetriesPart())
