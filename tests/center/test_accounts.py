"""Changing an account: what is asked of the provider again, and what is known of it already."""

from datetime import timedelta

import pytest

from tests.center.conftest import ACCOUNT_ID
from trunkline.center import accounts
from trunkline.center.room import Center
from trunkline.clock import SteppedClock
from trunkline.connectors import connector
from trunkline.errors import SettingsError


def saved(center: Center) -> accounts.Account:
    values = {"api_key": "testkey", "account_id": ACCOUNT_ID}
    return accounts.add(center, "callrail", "main", values, accounts.Verdict(accounts.VALID, "seen"))


@pytest.mark.parametrize(
    "changes",
    [{"hourly_limit": "50"}, {"daily_limit": "500", "hourly_limit": ""}, {"time_zone": "Europe/Vienna"}],
)
def test_limits_and_zones_leave_the_verdict_as_it_is(
    center: Center, clock: SteppedClock, changes: dict[str, str]
) -> None:
    before = saved(center)
    clock.advance(timedelta(hours=1).total_seconds())
    assert not accounts.needs_test(connector("callrail"), changes)
    after = accounts.edit(center, "main", changes)
    assert (after.state, after.state_message, after.checked_at) == (
        accounts.VALID,
        "seen",
        before.checked_at,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"api_key": "other"},
        {"account_id": "ACCother"},
        {"base_url": "http://127.0.0.1:1"},
        {"api_version": "v2"},
        {"hourly_limit": "50", "api_key": "other"},
    ],
)
def test_credentials_address_and_account_have_to_be_tested(center: Center, changes: dict[str, str]) -> None:
    saved(center)
    assert accounts.needs_test(connector("callrail"), changes)
    after = accounts.edit(center, "main", changes)
    assert (after.state, after.checked_at) == (accounts.UNTESTED, None)


def test_an_unknown_account_names_those_there_are_wherever_it_is_asked_for(center: Center) -> None:
    accounts.add(center, "callrail", "main", {"api_key": "k"}, accounts.Verdict(accounts.VALID))
    for ask in (accounts.get, accounts.access, accounts.all_values):
        with pytest.raises(SettingsError) as caught:
            ask(center, "nope")
        assert caught.value.todo == "Known: main."
