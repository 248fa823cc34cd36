"""What a pretend CallRail is asked to be."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

DATA_ACCOUNT = "ACC8154748ae6bd4e278a7cddd38a662f4f"
EMPTY_ACCOUNT = "ACC8154748ae6bd4e278a7cddd38a662d4d"
OWNER_ZONE = "America/New_York"


@dataclass(frozen=True)
class CallrailSimOptions:
    """Size, look and moods of the pretend CallRail; the defaults are a small healthy account.

    `until` is the instant of the newest call (None: now, without seconds). `retry_after` is "seconds",
    "date" or "none". `strict` refuses undocumented parameter names and dated reports without dates.
    """

    calls: int = 500
    days: int = 60
    seed: int = 1
    latency_ms: float = 0
    hourly: int | None = None
    daily: int | None = None
    fail_every: int = 0
    fixture: Path | None = None
    retry_after: str = "seconds"
    live_per_hour: float = 0
    strict: bool = False
    until: datetime | None = None
    total_pages: bool = True
    link_header: bool = True
    api_key: str = "testkey"
    cache_bytes: int = 512 * 1024 * 1024
