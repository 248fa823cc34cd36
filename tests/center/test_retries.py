"""What follows a failed run."""

import pytest

from trunkline import errors
from trunkline.center.retries import (
    NO_RETRIES,
    TRIED_AGAIN,
    RetryPolicy,
    is_tried_again,
    policy_of,
    retry_delay,
)
from trunkline.errors import SettingsError, TrunklineError


@pytest.mark.parametrize(
    ("count", "delay", "delays", "text"),
    [
        (3, "15m", (900, 1800, 3600), "3 times, after 15m, 30m, 1h"),
        (1, "90m", (5400,), "once, after 90m"),
        (4, "8h", (28_800, 57_600, 86_400, 86_400), "4 times, after 8h, 16h, 24h, 24h"),
        (0, "15m", (), "none"),
    ],
)
def test_each_wait_is_twice_the_one_before_and_at_most_a_day(
    count: int, delay: str, delays: tuple[int, ...], text: str
) -> None:
    policy = policy_of(count, delay)
    assert (policy.delays, policy.text) == (delays, text)
    assert tuple(retry_delay(policy, attempt) for attempt in range(1, count + 1)) == delays
    assert retry_delay(policy, count + 1) is None


def test_without_a_policy_runs_are_tried_again_three_times() -> None:
    assert RetryPolicy() == policy_of(3, "15m")
    assert retry_delay(NO_RETRIES, 1) is None
    assert retry_delay(RetryPolicy(), 0) is None


@pytest.mark.parametrize(
    ("count", "delay", "field", "said"),
    [
        (11, "15m", "count", "Retries (--count) is 11: write a number from 0 (none) to 10."),
        (-1, "15m", "count", "is -1"),
        (3, "30s", "delay", "Delay (--delay) is '30s': write a number of minutes or hours from 1m to 24h"),
        (3, "48h", "delay", "from 1m to 24h"),
    ],
)
def test_wrong_policies_name_the_field(count: int, delay: str, field: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        policy_of(count, delay)
    assert [p.field for p in caught.value.problems] == [field]
    assert said in str(caught.value)


def test_every_kind_of_error_is_declared_permanent_or_not() -> None:
    kinds = {
        one().kind
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, TrunklineError)
    }
    assert set(TRIED_AGAIN) == kinds


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (errors.RetryLater(), True),
        (errors.DataError(), True),
        (errors.KeyRefused(), False),
        (errors.SettingsError(), False),
        (errors.ProviderError(), False),
        (errors.Cancelled(), False),
        (errors.NotAllowed(), False),
    ],
)
def test_what_a_person_must_change_is_not_tried_again(error: TrunklineError, again: bool) -> None:
    assert is_tried_again(error.kind) is again


def test_kinds_from_elsewhere_are_tried_again() -> None:
    assert is_tried_again("unforeseen")
