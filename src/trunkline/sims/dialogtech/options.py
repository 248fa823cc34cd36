"""What a pretend DialogTech is asked to be."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

OWNER_ZONE = "America/New_York"
EMPTY_ANSWERS = ("data", "failed", "blank")


@dataclass(frozen=True)
class DialogtechSimOptions:
    """Size, look and moods of the pretend DialogTech; the defaults are a small healthy account.

    `until` is the instant of the newest click (None: now); days and times are those of `zone`. An answer
    without clicks is a report without records (`data`), a failed envelope or nothing at all (`blank`).
    `error_statuses` answers errors with 4xx, else with 200 as clients of the service expect.
    `header_every` repeats the CSV's header after so many rows. `strict` refuses undocumented parameters.
    """

    clicks: int = 500
    days: int = 60
    seed: int = 1
    until: datetime | None = None
    zone: str = OWNER_ZONE
    latency_ms: float = 0
    per_minute: int | None = None
    retry_after: str = "seconds"
    fail_every: int = 0
    fixture: Path | None = None
    empty: str = "data"
    error_statuses: bool = False
    csv_utf8: bool = False
    header_every: int = 0
    strict: bool = False
    access_key: str = "testkey"
    secret_access_key: str = "testsecret"
    api_key: str = "oldtestkey"
