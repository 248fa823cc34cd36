"""What else a dataset of a configuration file may have: each kind is one entry of `PARTS`.

A part is checked, compared, written and printed with its dataset, in the same transaction.
"""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection


class Part(Protocol):
    """One key in the table of a dataset, such as `schedule`."""

    name: str

    def checked(self, value: Any) -> Any:
        """The value in its normal form. Raises SettingsError for one that will not do."""

    def present(self, tx: Connection, dataset_id: int) -> Any:
        """What is kept for the dataset, in its normal form; None for nothing."""

    def write(self, tx: Connection, dataset_id: int, value: Any, now: datetime) -> None:
        """Keep the value instead; None for nothing."""


PARTS: tuple[Part, ...] = ()
