"""Repeated requests: one that carries a key again is not done again, it gets the answer it had.

Where a request's changes are kept in the same database as the answers, its answer is kept with them, in one
transaction (`answer_kept`): whoever dies in between leaves both or neither. Where they are kept elsewhere, a
process may die between the two; then nobody knows whether the request was done, and a repeated one is told.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ClauseElement, exc

from trunkline.access import queries
from trunkline.clock import Clock
from trunkline.errors import DataError, RetryLater
from trunkline.store.connection import Store

KEPT = timedelta(hours=24)
UNFINISHED = timedelta(minutes=5)
"""A request that has had no answer for so long has died."""
LONGEST_KEY = 190
NOBODY_KNOWS = 0
"""The status of a request that may have been done or not."""


class OutcomeUnknown(DataError):
    """The first request with this idempotency key was cut off; it may have been done or not."""


@dataclass(frozen=True)
class KeptAnswer:
    status: int
    body: str


@dataclass(frozen=True)
class Claim:
    """The right to do a request, and to keep its answer. There is one at a time for a key."""

    token_id: int
    key: str
    mark: str

    def values(self, answer: KeptAnswer) -> dict[str, Any]:
        """The values of `answer_kept`."""
        whose = {"of_token": self.token_id, "of_key": self.key, "of_mark": self.mark}
        return {**whose, "new_status": answer.status, "new_body": answer.body}


def answer_kept(_: object) -> ClauseElement:
    """Keeps an answer; no row changes where the claim has gone to somebody else."""
    return queries.keep_claimed()


class Repeats:
    """The answers kept by token and key. `with_changes`: they are kept where the changes are."""

    def __init__(self, store: Store, clock: Clock, *, with_changes: bool) -> None:
        self._store, self._clock = store, clock
        self.with_changes = with_changes

    def begin(self, token_id: int, key: str, request: str) -> KeptAnswer | Claim:
        """The answer this request has had; or the claim to do it, after which comes `keep` or `forget`.

        Raises DataError where the key belongs to another request, RetryLater where it is still at work,
        OutcomeUnknown where it died.
        """
        now, digest = self._clock.now(), hashlib.sha256(request.encode("utf-8", "replace")).hexdigest()
        claim = Claim(token_id, key, secrets.token_hex(16))
        values = {"token_id": token_id, "idempotency_key": key, "request_digest": digest, "created_at": now}
        try:
            with self._store.begin() as tx:
                queries.forget_older(tx, now - KEPT)
                queries.begin_answer(tx, {**values, "body": claim.mark})
        except exc.IntegrityError:
            return self._had(claim, digest)
        return claim

    def _had(self, claim: Claim, digest: str) -> KeptAnswer | Claim:
        with self._store.begin() as tx:
            row = queries.kept_answer(tx, claim.token_id, claim.key)
            if row is not None and row.request_digest != digest:
                raise DataError("This idempotency key belongs to another request.")
            if row is not None and row.status == NOBODY_KNOWS:
                raise OutcomeUnknown
            if row is not None and row.status is not None:
                return KeptAnswer(row.status, row.body)
            now = self._clock.now()
            if row is None or now - row.created_at < UNFINISHED:
                raise RetryLater("The first request with this idempotency key is still at work.")
            if not self.with_changes:
                raise OutcomeUnknown
            # It left no changes, or its answer would be there.
            if not queries.take_over(tx, claim.token_id, claim.key, row.body, claim.mark, now):
                raise RetryLater("Another request with this idempotency key is at work.")
        return claim

    def keep(self, claim: Claim, answer: KeptAnswer) -> None:
        with self._store.begin() as tx:
            tx.execute(queries.keep_claimed(), claim.values(answer))

    def forget(self, claim: Claim) -> None:
        """The request was not done: it may come again. An answer that is kept all the same stays."""
        with self._store.begin() as tx:
            queries.forget_claimed(tx, claim.token_id, claim.key, claim.mark)

    def give_up(self, claim: Claim) -> None:
        """Nobody knows whether the request was done."""
        self.keep(claim, KeptAnswer(NOBODY_KNOWS, ""))
