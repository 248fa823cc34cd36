"""Sign-ins of accounts: a token pair kept encrypted, renewed before it ends, and by one process at a time.

A refresh token may be spent once. So whoever renews holds the account's lock, reads the pair again,
renews only if nobody else has, and saves the new pair before anybody uses it. If a process is killed
between the provider's answer and the saving, the old refresh token is tried once more; a provider that
does not take it ends the sign-in, which is written down, and a person is asked to connect again.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trunkline.center import grant_queries, queries
from trunkline.center.alerts.deciding import note_account
from trunkline.center.alerts.kinds import ACCOUNT
from trunkline.center.alerts.notices import Subject as AlertSubject
from trunkline.declare import Connector
from trunkline.errors import KeyRefused, RetryLater, SettingsError, TrunklineError
from trunkline.fetch.refusals import Subject, sign_in_refused
from trunkline.options import Values
from trunkline.store.locks import locked

if TYPE_CHECKING:
    from trunkline.center.room import Center
    from trunkline.fetch.sign_in import SignIn, TokenPair

RENEW_BEFORE_SECONDS = 60
LOCK = "grant"
SAVE_TRIES = 3
INVALID = "invalid"


@dataclass(frozen=True)
class Kept:
    """A pair as it stands in the store. Without `renew_at` it is good until it is refused."""

    version: int
    pair: "TokenPair"
    renew_at: datetime | None
    refused: bool

    def is_good(self, now: datetime, refused: str | None) -> bool:
        due = self.renew_at is not None and self.renew_at <= now
        return not self.refused and not due and self.pair.access_token != refused


class AccountGrant:
    """The sign-in of a saved account. Safe among threads; other processes may use the same one."""

    def __init__(self, center: "Center", account_id: int, sign_in: "SignIn", subject: Subject) -> None:
        self.seen: tuple[str, ...] = ()
        self._center = center
        self._account_id = account_id
        self._sign_in = sign_in
        self._subject = subject
        self._held: Kept | None = None
        self._alone = threading.Lock()

    async def token(self, refused: str | None = None) -> str:
        held = self._held
        if held is None or not held.is_good(self._center.clock.now(), refused):
            held = await asyncio.to_thread(self._found, refused)
        return held.pair.access_token

    def farewell(self) -> Callable[[], str]:
        """What tells the provider that the sign-in ends; it returns what a person should know of it.

        To be made while the pair is still kept, and called when it is not.
        """
        try:
            token = self._read().pair.access_token
        except TrunklineError:
            return lambda: ""  # one that has ended already, or that no key opens, cannot be ended
        return lambda: self._revoked(token)

    def _revoked(self, token: str) -> str:
        try:
            self._sign_in.revoke(token)
        except TrunklineError as error:
            provider = self._subject.provider
            return f"{provider} was not told that the sign-in ends: {error} Take it away at {provider} too."
        return ""

    def _found(self, refused: str | None) -> Kept:
        """The pair in the store, or the next one. Raises KeyRefused for a sign-in that has ended."""
        with self._alone:
            held = self._read()
            if not held.is_good(self._center.clock.now(), refused):
                with locked(self._center.store, LOCK, self._account_id):
                    held = self._read()
                    if not held.is_good(self._center.clock.now(), refused):
                        held = self._renewed(held)
            self._held = held
            return held

    def _read(self) -> Kept:
        with self._center.store.read() as tx:
            row = grant_queries.grant_of(tx, self._account_id)
        if row is None or row["refused"]:
            raise sign_in_refused(self._subject)
        pair = opened(self._center, row["pair"], self._subject)
        self._see(pair)
        return Kept(row["version"], pair, row["renew_at"], row["refused"])

    def _see(self, pair: "TokenPair") -> None:
        tokens = (pair.access_token, pair.refresh_token)
        self.seen = tuple(dict.fromkeys((*self.seen, *(t for t in tokens if t))))

    def _renewed(self, held: Kept) -> Kept:
        """Trade the pair in. The lock is held."""
        old = held.pair.refresh_token
        pair = self._sign_in.refresh(old) if old else None
        if pair is None:
            raise self._given_up(held)
        self._see(pair)
        record = {**columns(self._center, pair), "renewed_at": self._center.clock.now()}
        if pair.refresh_token == old and pair.ends_in_seconds is None:
            del record["ends_at"]  # the same refresh token ends when it was said to
        if not self._saved(held, {**record, "version": held.version + 1}):
            return self._read()  # somebody has signed in anew meanwhile: that pair counts
        return Kept(held.version + 1, pair, record["renew_at"], False)

    def _saved(self, held: Kept, record: dict[str, Any]) -> bool:
        """The old pair is spent, so a store that is busy is asked more than once."""
        for left in reversed(range(SAVE_TRIES)):
            try:
                with self._center.store.begin() as tx:
                    return grant_queries.update_grant(tx, self._account_id, held.version, record)
            except RetryLater:
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _given_up(self, held: Kept) -> KeyRefused:
        """Write down that the sign-in has ended, so that nobody asks the provider with it again."""
        error = sign_in_refused(self._subject)
        verdict = {"state": INVALID, "state_message": str(error), "checked_at": self._center.clock.now()}
        with self._center.store.begin() as tx:
            is_current = grant_queries.update_grant(tx, self._account_id, held.version, {"refused": True})
            if is_current:
                queries.update_account(tx, self._account_id, verdict)
        if is_current:
            account = AlertSubject(ACCOUNT, self._account_id, self._subject.account)
            note_account(self._center, account, INVALID, str(error))
        return error


class NewGrant:
    """A sign-in that is not saved yet: its one access token."""

    def __init__(self, pair: "TokenPair") -> None:
        self._pair = pair
        self.seen = tuple(t for t in (pair.access_token, pair.refresh_token) if t)

    async def token(self, refused: str | None = None) -> str:
        return self._pair.access_token


def grant_of(
    center: "Center", account_id: int, connector: Connector, values: Values, name: str
) -> AccountGrant | None:
    """The account's sign-in; None for one that has none, or whose provider knows none."""
    if connector.oauth is None:
        return None
    with center.store.read() as tx:
        if grant_queries.grant_of(tx, account_id) is None:
            return None
    subject = subject_of(connector, values, name)
    return AccountGrant(center, account_id, sign_in_of(center, connector, values, subject), subject)


def subject_of(connector: Connector, values: Values, name: str) -> Subject:
    assert connector.oauth is not None, f"{connector.name} knows sign-ins"
    secret = str(values.get(connector.oauth.client_secret, ""))
    command = f"trunkline account connect {connector.name} {name}"
    return Subject(connector.label, "sign-in", name, secrets=(secret,), connect=command)


def sign_in_of(center: "Center", connector: Connector, values: Values, subject: Subject) -> "SignIn":
    from trunkline.fetch.sign_in import SignIn  # here, since Authlib and requests take long to load

    oauth = connector.oauth
    assert oauth is not None, f"{connector.name} knows sign-ins"
    address = urlsplit(connector.address(values))
    return SignIn(
        f"{address.scheme}://{address.netloc}",
        oauth,
        client_id=str(values.get(oauth.client_id, "")),
        client_secret=str(values.get(oauth.client_secret, "")),
        subject=subject,
        settings=center.surroundings().http,
    )


def save(center: "Center", account_id: int, pair: "TokenPair") -> None:
    """Keep the pair of a new sign-in, whatever the account had before."""
    record = {**columns(center, pair), "connected_at": center.clock.now()}
    with locked(center.store, LOCK, account_id), center.store.begin() as tx:
        grant_queries.replace_grant(tx, account_id, record)


def columns(center: "Center", pair: "TokenPair") -> dict[str, Any]:
    """What is kept of a pair. It is renewed a minute before its end, or halfway if it lives for less."""
    renew_at = None
    now, ends_in = center.clock.now(), pair.ends_in_seconds
    if pair.lifetime_seconds is not None:
        early = min(RENEW_BEFORE_SECONDS, pair.lifetime_seconds / 2)
        renew_at = now + timedelta(seconds=pair.lifetime_seconds - early)
    tokens = {"access_token": pair.access_token, "refresh_token": pair.refresh_token}
    return {
        "pair": center.vault.encrypt(tokens),
        "scope": pair.scope,
        "renew_at": renew_at,
        "refused": False,
        "ends_at": None if ends_in is None else now + timedelta(seconds=ends_in),
    }


def opened(center: "Center", text: str, subject: Subject) -> "TokenPair":
    from trunkline.fetch.sign_in import TokenPair

    try:
        tokens = center.vault.decrypt(text, f"The sign-in of account '{subject.account}'")
    except SettingsError as error:
        again = f"Put the former key back, or connect the account again: `{subject.connect}`"
        raise SettingsError(str(error), todo=again) from None
    return TokenPair(tokens["access_token"], tokens["refresh_token"])
