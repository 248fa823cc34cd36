"""The spend log all processes share: who takes tokens of an account holds that account's row meanwhile."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from trunkline.declare import Limit
from trunkline.fetch.spend_slots import (
    Ruler,
    decide,
    forgotten_before,
    grant_slot,
    in_force,
    milliseconds,
    returning,
    rulers_of,
    usage,
)
from trunkline.fetch.spending import Grant, Wait
from trunkline.store import budget_queries
from trunkline.store.connection import Store

_Spent = dict[Ruler, dict[int, int]]


class StoreSpendLog:
    """Tokens by account, ruler and slot in the application database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, account: str, limits: tuple[Limit, ...], wanted: int, now: datetime) -> Grant | Wait:
        rulers = rulers_of(limits)
        with self._locked(account) as (tx, pause):
            spent = _spent(tx, account, rulers)
            answer = decide(limits, spent, wanted, now, pause)
            if isinstance(answer, Grant):
                for ruler in rulers:
                    _record(tx, account, ruler, spent[ruler], answer.tokens, milliseconds(now))
            return answer

    def give_back(self, account: str, limits: tuple[Limit, ...], grant: Grant, unused: int) -> None:
        with self._locked(account) as (tx, _):
            for ruler in rulers_of(limits):
                budget_queries.take_off_tokens(tx, account, ruler, grant_slot(ruler, grant), unused)

    def pause(self, account: str, until: datetime, reason: str) -> None:
        with self._locked(account) as (tx, former):
            if former is None or former.until < until:
                budget_queries.set_pause(tx, account, until, reason)

    def paused(self, account: str, now: datetime) -> Wait | None:
        with self._store.read() as connection:
            row = budget_queries.pause_of(connection, account)
        return in_force(Wait(row[0], row[1]), now) if row and row[0] else None

    def used(self, account: str, limits: tuple[Limit, ...], now: datetime) -> list[tuple[Limit, int]]:
        with self._store.read() as connection:
            spent = _spent(connection, account, rulers_of(limits))
        return usage(limits, spent, milliseconds(now))

    def returning(
        self, account: str, limits: tuple[Limit, ...], now: datetime
    ) -> list[tuple[Limit, dict[datetime, int]]]:
        with self._store.read() as connection:
            spent = _spent(connection, account, rulers_of(limits))
        return returning(limits, spent, milliseconds(now))

    @contextmanager
    def _locked(self, account: str) -> Iterator[tuple[Connection, Wait | None]]:
        """A transaction that holds the account, and the account's pause."""
        with self._store.begin() as tx:
            row = budget_queries.lock_account(tx, account)
            if row is not None:
                until, reason = row
                yield tx, Wait(until, reason) if until else None
                return
        self._add_account(account)
        with self._locked(account) as held:
            yield held

    def _add_account(self, account: str) -> None:
        """In a transaction of its own: two that both add and then lock could wait for each other."""
        try:
            with self._store.begin() as tx:
                budget_queries.add_account(tx, account)
        except IntegrityError:
            return  # another process was first


def _spent(connection: Connection, account: str, rulers: tuple[Ruler, ...]) -> _Spent:
    spent: _Spent = defaultdict(dict)
    if rulers:
        for ruler, slot, tokens in budget_queries.spends_of(connection, account, rulers):
            spent[ruler][slot] = tokens
    return spent


def _record(
    tx: Connection, account: str, ruler: Ruler, slots: dict[int, int], tokens: int, now_ms: int
) -> None:
    slot = ruler.start(now_ms)
    if slot in slots:
        budget_queries.add_tokens(tx, account, ruler, slot, tokens)
    else:
        budget_queries.start_slot(tx, account, ruler, slot, tokens)
        budget_queries.forget_slots(tx, account, ruler, forgotten_before(ruler, now_ms))
