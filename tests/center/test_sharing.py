"""Accounts belong to whoever made them, and may be used by those they are shared with."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from trunkline.access.roles import Role
from trunkline.access.users import User, Users
from trunkline.center import accounts
from trunkline.center.room import Center
from trunkline.center.sharing import Hand, account_for, usable
from trunkline.center.tables import account_shares
from trunkline.center.tags import checked_tags, tags_in
from trunkline.errors import SettingsError

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def user(center: Center, name: str) -> User:
    return Users(center.store, center.clock).add(f"{name}@example.com", name, Role.ANALYST)


def account(center: Center, name: str, owner: User | None) -> None:
    untested = accounts.Verdict(accounts.UNTESTED)
    values = {"api_key": "k", "base_url": "http://127.0.0.1:1"}
    accounts.add(center, "callrail", name, values, untested, owner.id if owner else None)


def test_an_account_is_for_its_owner_and_those_it_is_shared_with(center: Center) -> None:
    ann, bob = user(center, "ann"), user(center, "bob")
    for name, owner in (("anns", ann), ("bobs", bob), ("of_commands", None)):
        account(center, name, owner)
    assert [a.name for a in usable(center, Hand(ann.id))] == ["anns"]
    shared = {"account_id": accounts.get(center, "bobs").id, "user_id": ann.id, "created_at": NOON}
    with center.store.begin() as tx:
        tx.execute(insert(account_shares).values(**shared))
    assert [a.name for a in usable(center, Hand(ann.id))] == ["anns", "bobs"]
    assert [a.name for a in usable(center, Hand(bob.id))] == ["bobs"]
    assert len(usable(center, Hand(bob.id, holds_all=True))) == 3
    assert usable(center, Hand(ann.id), "dialpad") == []
    assert account_for(center, Hand(ann.id), "bobs").owner_id == bob.id


def test_what_is_not_shared_is_told_as_what_is_not_there(center: Center) -> None:
    ann, bob = user(center, "ann"), user(center, "bob")
    account(center, "bobs", bob)
    for name in ("bobs", "nobodys"):
        with pytest.raises(SettingsError, match=f"no account named '{name}' that you may use"):
            account_for(center, Hand(ann.id), name)


def test_tags_are_words_without_repeats() -> None:
    assert checked_tags(tags_in(" sales,  east   coast ,Sales,,")) == ("sales", "east coast")
    for wrong in ("x" * 41, ",".join(f"t{n}" for n in range(21))):
        with pytest.raises(SettingsError):
            checked_tags(tags_in(wrong))
