"""What a pretend Dialpad is asked to be."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from trunkline.sims.dialpad.sign_ins import OAuthOptions


@dataclass(frozen=True)
class DialpadSimOptions:
    """Size, look and moods of the pretend Dialpad; the defaults are a small healthy company.

    `calls` counts legs, which are what the API calls calls. `until` is the instant by which all made calls
    have ended (None: now). `company_per_second`, `per_minute` (for each kind of request), `stats_per_hour`
    and `call_per_minute` are switched off by None. `retry_after` is "seconds", "date" or "none". `strict`
    refuses undocumented parameter names. A stats request is processed for `processing_polls` polls, and
    at least for `processing_seconds`; after `expiry_seconds` it is gone. `empty_cursor` ends a list with an
    empty cursor instead of none. `swap_reversed_days` lets a range be named from far to near.
    `separate_downloads` serves exports on a port of their own, `refuse_key_on_download` answers 400 when
    credentials are sent there. `extra_columns` unknown columns stand at the end of every export.
    """

    users: int = 25
    offices: int = 3
    callcenters: int = 6
    departments: int = 3
    rooms: int = 2
    coaching_teams: int = 2
    calls: int = 500
    days: int = 60
    seed: int = 1
    until: datetime | None = None
    latency_ms: float = 0
    api_key: str = "testkey"
    user_key: str = "userkey"
    page_rows: int = 100
    company_per_second: int | None = 20
    per_minute: int | None = 1200
    stats_per_hour: int | None = 200
    call_per_minute: int | None = 10
    retry_after: str = "seconds"
    fail_every: int = 0
    fixture: Path | None = None
    strict: bool = False
    live_per_hour: float = 0
    bom: bool = False
    quoted: bool = False
    extra_columns: int = 0
    processing_polls: int = 1
    processing_seconds: float = 0
    expiry_seconds: float = 3600
    empty_cursor: bool = False
    swap_reversed_days: bool = False
    separate_downloads: bool = False
    refuse_key_on_download: bool = False
    cache_bytes: int = 512 * 1024 * 1024
    oauth: OAuthOptions = field(default_factory=OAuthOptions)
