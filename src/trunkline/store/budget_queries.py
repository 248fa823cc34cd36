"""Statements of the shared request budget."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, true, update

from trunkline.fetch.spend_slots import Ruler
from trunkline.store.tables import budget_accounts, budget_spends

_pause = select(budget_accounts.c.paused_until, budget_accounts.c.pause_reason).where(
    budget_accounts.c.account_key == bindparam("account")
)
_locked_pause = _pause.with_for_update()
_spends = budget_spends.c
_one_slot = and_(
    _spends.account_key == bindparam("account"),
    _spends.limit_group == bindparam("in_group"),
    _spends.slot_ms == bindparam("in_slot_ms"),
    _spends.slot == bindparam("in_slot"),
)
_add = update(budget_spends).where(_one_slot).values(spent=_spends.spent + bindparam("tokens"))
_take_off = (
    update(budget_spends)
    .where(_one_slot, _spends.spent >= bindparam("tokens"))
    .values(spent=_spends.spent - bindparam("tokens"))
)
_forget = delete(budget_spends).where(
    _spends.account_key == bindparam("account"),
    _spends.limit_group == bindparam("in_group"),
    _spends.slot_ms == bindparam("in_slot_ms"),
    _spends.slot < bindparam("in_slot"),
)


def lock_account(tx: Connection, account: str) -> tuple[datetime | None, str] | None:
    """The account's pause, its row locked to the end of the transaction; None when it has no row."""
    row = tx.execute(_locked_pause, {"account": account}).first()
    return None if row is None else (row.paused_until, row.pause_reason)


def pause_of(tx: Connection, account: str) -> tuple[datetime | None, str] | None:
    """The account's pause, over or not; None when it has no row."""
    row = tx.execute(_pause, {"account": account}).first()
    return None if row is None else (row.paused_until, row.pause_reason)


def add_account(tx: Connection, account: str) -> None:
    """Raises IntegrityError when the account has a row already."""
    tx.execute(insert(budget_accounts).values(account_key=account))


def set_pause(tx: Connection, account: str, until: datetime, reason: str) -> None:
    its_row = budget_accounts.c.account_key == account
    tx.execute(update(budget_accounts).where(its_row).values(paused_until=until, pause_reason=reason))


def spends_of(tx: Connection, account: str, rulers: Sequence[Ruler]) -> list[tuple[Ruler, int, int]]:
    """Ruler, slot and tokens of all slots kept for these rulers."""
    wanted = [and_(_spends.limit_group == r.group, _spends.slot_ms == r.slot_ms) for r in rulers]
    statement = select(_spends.limit_group, _spends.slot_ms, _spends.slot, _spends.spent).where(
        _spends.account_key == account, or_(*wanted) if wanted else true()
    )
    return [(Ruler(group, slot_ms), slot, tokens) for group, slot_ms, slot, tokens in tx.execute(statement)]


def add_tokens(tx: Connection, account: str, ruler: Ruler, slot: int, tokens: int) -> None:
    """Add to a slot that has a row."""
    tx.execute(_add, {**_place(account, ruler, slot), "tokens": tokens})


def start_slot(tx: Connection, account: str, ruler: Ruler, slot: int, tokens: int) -> None:
    """Add to a slot that has no row yet."""
    tx.execute(
        insert(budget_spends),
        {
            "account_key": account,
            "limit_group": ruler.group,
            "slot_ms": ruler.slot_ms,
            "slot": slot,
            "spent": tokens,
        },
    )


def take_off_tokens(tx: Connection, account: str, ruler: Ruler, slot: int, tokens: int) -> None:
    """Take tokens off a slot, unless it holds fewer."""
    tx.execute(_take_off, {**_place(account, ruler, slot), "tokens": tokens})


def forget_slots(tx: Connection, account: str, ruler: Ruler, before: int) -> None:
    tx.execute(_forget, _place(account, ruler, before))


def _place(account: str, ruler: Ruler, slot: int) -> dict[str, str | int]:
    return {"account": account, "in_group": ruler.group, "in_slot_ms": ruler.slot_ms, "in_slot": slot}
