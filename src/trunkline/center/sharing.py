"""Who may use which saved account: its owner, those it is shared with, and those who hold all.

Using one means to make datasets with it; nobody sees its secrets for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from trunkline.center import accounts, sharing_queries
from trunkline.center.accounts import Account
from trunkline.center.room import Center
from trunkline.errors import NotAllowed, SettingsError


@dataclass(frozen=True)
class Hand:
    """Somebody who wants to use accounts; `holds_all`: owners and admins may use every one."""

    user_id: int
    holds_all: bool = False


def usable(center: Center, hand: Hand, connector: str = "") -> list[Account]:
    """The accounts that somebody may use, by name; of one connector where it is named."""
    shared = set() if hand.holds_all else _shared(center, hand)
    return [
        account
        for account in accounts.all_of(center)
        if (not connector or account.connector == connector)
        and (hand.holds_all or account.owner_id == hand.user_id or account.id in shared)
    ]


def may_use(center: Center, hand: Hand, account: Account) -> bool:
    return hand.holds_all or account.owner_id == hand.user_id or account.id in _shared(center, hand)


def may_change(hand: Hand, account: Account) -> bool:
    """Whether somebody may replace its key, share it and remove it: to use it is not enough."""
    return hand.holds_all or account.owner_id == hand.user_id


def account_to_change(center: Center, hand: Hand, name: str) -> Account:
    """The account of that name. Raises NotAllowed for one that is only shared with this one."""
    account = account_for(center, hand, name)
    if not may_change(hand, account):
        raise NotAllowed(
            f"Account {name!r} is shared with you: you may use it, but not change it.",
            todo="Ask its owner.",
        )
    return account


def sharers(center: Center, account: Account) -> Sequence[int]:
    """The ids of the users it is shared with."""
    with center.store.read() as tx:
        return sharing_queries.sharers_of(tx, account.id)


def share(center: Center, account: Account, user_id: int) -> None:
    """Let a user use the account; nothing happens where that is so already."""
    try:
        with center.store.begin() as tx:
            sharing_queries.insert_share(tx, account.id, user_id, center.clock.now())
    except IntegrityError:
        return


def revoke(center: Center, account: Account, user_id: int) -> None:
    """Take that back. Datasets made meanwhile stay, and go on."""
    with center.store.begin() as tx:
        sharing_queries.delete_share(tx, account.id, user_id)


def account_for(center: Center, hand: Hand, name: str) -> Account:
    """The account of that name. Raises SettingsError where it is not there, or not for this one to use.

    Both are told alike, so that nobody learns the names of accounts that are not theirs.
    """
    if accounts.exists(center, name):
        account = accounts.get(center, name)
        if may_use(center, hand, account):
            return account
    raise SettingsError(
        f"There is no account named {name!r} that you may use.",
        todo="Add one of your own, or ask its owner to share it with you.",
    )


def _shared(center: Center, hand: Hand) -> set[int]:
    with center.store.read() as tx:
        return set(sharing_queries.shared_with(tx, hand.user_id))
