"""Attempts at one request that may be repeated: how often, and how long the pause before the next is."""

from typing import NoReturn

from tenacity import RetryCallState, wait_random_exponential

from trunkline.errors import TrunklineError

LONGEST_BACKOFF_SECONDS = 300.0
LEAST_PAUSE_SECONDS = 1.0
BUSY_TRUSTED = 5
"""So many times a provider's own Retry-After is taken at its word; after that backoff may lengthen it."""
_BACKOFF = wait_random_exponential(multiplier=1, max=LONGEST_BACKOFF_SECONDS)


class Again(Exception):
    """An attempt that may be repeated, at most `tries` times in all, and the error when it may not."""

    def __init__(self, error: TrunklineError, tries: int, after_seconds: float | None = None) -> None:
        self.error = error
        self.tries = tries
        self.after_seconds = after_seconds
        super().__init__(str(error))


class Busy(Again):
    """Status 429: the whole account must pause, or one group of its requests."""

    group = ""


def failure_of(state: RetryCallState) -> Again:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Again), "only repeatable failures are retried"
    return error


def is_enough(state: RetryCallState) -> bool:
    return state.attempt_number >= failure_of(state).tries


def pause_before_next(state: RetryCallState) -> float:
    """The provider's own wish, or exponential backoff with full jitter; after 429 the budget waits."""
    failure = failure_of(state)
    if isinstance(failure, Busy):
        return 0.0
    return _BACKOFF(state) if failure.after_seconds is None else failure.after_seconds


def pause_seconds(state: RetryCallState) -> float:
    """How long the account pauses after 429."""
    wish = failure_of(state).after_seconds
    if wish is None or state.attempt_number > BUSY_TRUSTED:
        wish = max(wish or 0.0, _BACKOFF(state))
    return max(wish, LEAST_PAUSE_SECONDS)


def raise_its_error(state: RetryCallState) -> NoReturn:
    raise failure_of(state).error from None
