"""Repeated requests: one that carries a key again is not done again, it gets the answer it had."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exc

from trunkline.access import queries
from trunkline.clock import Clock
from trunkline.errors import DataError, RetryLater
from trunkline.store.connection import Store

KEPT = timedelta(hours=24)
UNFINISHED = timedelta(minutes=5)
"""A request that has had no answer for so long has died; its key may be used again."""
LONGEST_KEY = 190


@dataclass(frozen=True)
class KeptAnswer:
    status: int
    body: str


class Repeats:
    """The answers kept by token and key."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def begin(self, token_id: int, key: str, request: str) -> KeptAnswer | None:
        """The answer this request has had; None: do it, then `keep` or `forget`.

        Raises DataError where the key belongs to another request, RetryLater where it is still at work.
        """
        now, digest = self._clock.now(), hashlib.sha256(request.encode("utf-8", "replace")).hexdigest()
        values = {"token_id": token_id, "idempotency_key": key, "request_digest": digest, "created_at": now}
        try:
            with self._store.begin() as tx:
                queries.forget_older(tx, now - KEPT)
                queries.begin_answer(tx, values)
        except exc.IntegrityError:
            return self._had(token_id, key, digest)
        return None

    def _had(self, token_id: int, key: str, digest: str) -> KeptAnswer | None:
        with self._store.begin() as tx:
            row = queries.kept_answer(tx, token_id, key)
            if row is not None and row.request_digest != digest:
                raise DataError("This idempotency key belongs to another request.")
            if row is not None and row.status is not None:
                return KeptAnswer(row.status, row.body)
            if row is None or self._clock.now() - row.created_at < UNFINISHED:
                raise RetryLater("The first request with this idempotency key is still at work.")
        return None

    def keep(self, token_id: int, key: str, answer: KeptAnswer) -> None:
        with self._store.begin() as tx:
            queries.keep_answer(tx, token_id, key, answer.status, answer.body)

    def forget(self, token_id: int, key: str) -> None:
        """The request was not done: it may come again."""
        with self._store.begin() as tx:
            queries.forget_answer(tx, token_id, key)
