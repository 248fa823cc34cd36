"""What follows a failed run: whether it is tried again, and when.

A run that waits for its account's budget, or for as long as the provider asked, has not failed: it
goes on by itself and uses up none of its tries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.center.durations import LONGEST_SECONDS, duration_words, seconds_of
from trunkline.errors import Problem, SettingsError

MOST_RETRIES = 10
BACKOFF = 2

TRIED_AGAIN: Mapping[str, bool] = {
    "settings_error": False,
    "key_refused": False,
    "retry_later": True,
    "taken_over": False,
    "provider_error": False,
    "data_error": True,  # a broken answer may well be whole the next time
    "cancelled": False,
    "not_allowed": False,
    "trunkline_error": True,
}
"""For each kind of error whether the same run may succeed later without anybody's doing."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often a failed run is tried again, and how long after its first failure; then twice as long, …"""

    count: int = 3
    delay_seconds: int = 900

    @property
    def delays(self) -> tuple[int, ...]:
        """Seconds before each try, at most a day."""
        return tuple(min(self.delay_seconds * BACKOFF**n, LONGEST_SECONDS) for n in range(self.count))

    @property
    def text(self) -> str:
        """For a person: `3 times, after 15m, 30m, 1h`."""
        if not self.count:
            return "none"
        times = "once" if self.count == 1 else f"{self.count} times"
        return f"{times}, after {', '.join(duration_words(d) for d in self.delays)}"

    def to_json(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "delay": duration_words(self.delay_seconds),
            "delays_seconds": list(self.delays),
            "text": self.text,
        }


NO_RETRIES = RetryPolicy(count=0)


def policy_of(count: int, delay: str) -> RetryPolicy:
    """A checked policy; `delay` such as `15m`. Raises SettingsError with a Problem for `count` or `delay`."""
    if not 0 <= count <= MOST_RETRIES:
        text = f"Retries (--count) is {count}: write a number from 0 (none) to {MOST_RETRIES}."
        raise SettingsError(problems=[Problem("count", text)])
    return RetryPolicy(count, seconds_of(delay, "delay", "Delay (--delay)"))


def is_tried_again(error_kind: str) -> bool:
    """Whether a run that failed so may succeed later by itself; a kind nobody has declared may."""
    return TRIED_AGAIN.get(error_kind, True)


def retry_delay(policy: RetryPolicy, attempt: int) -> int | None:
    """Seconds from the failure of a try (the first is 1) to the next one; None when it was the last."""
    if not 1 <= attempt <= policy.count:
        return None
    return policy.delays[attempt - 1]
