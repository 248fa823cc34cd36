"""Changing an account: what is asked of the provider again, and what is known of it already."""

from datetime import timedelta

import pytest

from tests.center.conftest import ACCOUNT_ID
from trunkline.center import accounts
from trunkline.center.room import Center, open_center
from trunkline.clock import SteppedClock
from trunkline.connectors import connector
from trunkline.errors import SettingsError
from trunkline.settings import load_settings


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


def test_a_key_of_another_form_takes_the_place_of_the_old_ones(center: Center) -> None:
    pair = {"access_key": "a-key", "secret_access_key": "s-key"}
    accounts.add(center, "dialogtech", "main", pair, accounts.Verdict(accounts.VALID))
    after = accounts.edit(center, "main", {"api_key": "one-key"})
    assert (after.secret_names, after.values["key_form"]) == (("api_key",), "single")
    with pytest.raises(SettingsError, match=r"Secret Access Key .* is missing"):
        accounts.edit(center, "main", {"access_key": "a-key"})
    after = accounts.edit(center, "main", pair)
    assert (after.secret_names, after.values["key_form"]) == (("access_key", "secret_access_key"), "pair")
    with pytest.raises(SettingsError, match="Leave one of them out"):
        accounts.edit(center, "main", {"key_form": "pair", "api_key": "one-key"})
    after = accounts.edit(center, "main", {"access_key": "b-key"})
    assert accounts.all_values(center, "main")["secret_access_key"] == "s-key"


def test_keys_that_no_key_opens_are_replaced_by_those_of_the_chosen_form(center: Center) -> None:
    pair = {"access_key": "a-key", "secret_access_key": "s-key"}
    accounts.add(center, "dialogtech", "main", pair, accounts.Verdict(accounts.VALID))
    for path in center.settings.home.glob("secret.key*"):
        path.unlink()
    with open_center(load_settings(center.settings.home, {}), center.clock) as anew:
        with pytest.raises(SettingsError):
            accounts.edit(anew, "main", {"access_key": "new-a-key"})
        accounts.edit(anew, "main", {"access_key": "new-a-key", "secret_access_key": "new-s-key"})
        assert accounts.all_values(anew, "main")["secret_access_key"] == "new-s-key"
