"""Who calls, and what they may: a token of a person's, or the session of their browser with its form token.

A token has the rights that both its scopes and its person have at this moment. What of the tables is read
here is what the API needs of personal tokens, and no more.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from starlette.requests import Request

from trunkline.access.roles import Right
from trunkline.access.sessions import Session, Sessions, digest_of
from trunkline.access.users import User, user_from
from trunkline.asking import caller
from trunkline.clock import Clock
from trunkline.errors import Problem, SettingsError
from trunkline.rest import caller_queries as queries
from trunkline.rest.problems import Refusal
from trunkline.store.connection import Store

SESSION, FORM_TOKEN_HEADER = "trunkline_session", "x-form-token"
"""As pages name them."""
READING = ("GET", "HEAD")
USED_EVERY = timedelta(minutes=1)


class Guessing(Protocol):
    """Counts wrong tokens by address."""

    def wait_seconds(self, address: str) -> int: ...

    def note(self, address: str) -> None: ...


@dataclass(frozen=True)
class Caller:
    """A person, by a token (`token_id`) or by a session."""

    user: User
    rights: frozenset[Right]
    address: str
    token_id: int | None = None

    @property
    def keeper(self) -> int:
        """Under what number answers to repeated requests are kept: tokens have their own, sessions none."""
        return -self.user.id if self.token_id is None else self.token_id

    def may(self, right: Right) -> bool:
        return right in self.rights


class Callers:
    """Finds out who calls an installation."""

    def __init__(self, store: Store, clock: Clock, sessions: Sessions, guesses: Guessing) -> None:
        self._store, self._clock, self._sessions, self._guesses = store, clock, sessions, guesses

    def of(self, request: Request) -> Caller:
        """Raises Refusal 401, 403 or 429."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme:
            return self._of_token(request, scheme, text.strip())
        session = self._sessions.find(request.cookies.get(SESSION, ""))
        if session is None:
            raise _unknown()
        _check_form(request, session)
        return Caller(session.user, session.user.rights, caller(request.scope))

    def _of_token(self, request: Request, scheme: str, text: str) -> Caller:
        address = caller(request.scope)
        if wait := self._guesses.wait_seconds(address):
            detail = "There were too many wrong tokens or passwords from this address."
            raise Refusal(429, "too_many_guesses", detail, headers={"Retry-After": str(wait)})
        known = self._known(text) if scheme.lower() == "bearer" and text else None
        if known is None:
            raise _unknown(is_wrong=scheme.lower() == "bearer" and bool(text))
        token_id, user, scopes = known
        if user is None or not user.is_active:
            raise Refusal(
                403,
                "token_of_nobody",
                "The token belongs to nobody who may sign in.",
                todo="Make one of your own; a token of the dialer or of click-to is for their paths alone.",
            )
        return Caller(user, scopes & user.rights, address, token_id)

    def _known(self, text: str) -> tuple[int, User | None, frozenset[Right]] | None:
        now = self._clock.now()
        with self._store.read() as tx:
            found = queries.token_with_user(tx, digest_of(text))
        if found is None:
            return None
        token, user = found
        if token.expires_at is not None and token.expires_at <= now:
            return None
        if token.used_at is None or now - token.used_at >= USED_EVERY:
            with self._store.begin() as tx:
                queries.set_used(tx, token.id, now)
        return token.id, user and user_from(user), scopes_of(token.scopes)


def scopes_of(words: list[str] | None) -> frozenset[Right]:
    """None: everything the person may. Words that are no longer known give nothing."""
    if words is None:
        return frozenset(Right)
    return frozenset(right for right in Right if right in words)


def checked_scopes(words: list[str] | None, caller: Caller) -> list[str] | None:
    """The scopes of a new token: never more than its maker has now. Raises SettingsError, naming them."""
    if words is None:
        return None if caller.rights == caller.user.rights else sorted(caller.rights)
    beyond = [word for word in words if word not in caller.rights]
    if beyond:
        text = f"These are not yours to give: {', '.join(word[:40] for word in beyond[:10])}."
        todo = f"Choose among {', '.join(sorted(caller.rights))}."
        raise SettingsError(problems=[Problem("scopes", text)], todo=todo)
    return sorted(set(words))


def _check_form(request: Request, session: Session) -> None:
    """A change by a browser must come from a page of ours."""
    if request.method in READING or session.is_own_form(request.headers.get(FORM_TOKEN_HEADER, "")):
        return
    raise Refusal(
        403,
        "form_token_needed",
        "A change by a browser's session needs the form token of its page.",
        todo=f"Send it as the header {FORM_TOKEN_HEADER}, or use a bearer token.",
    )


class WrongToken(Refusal):
    """A token that nobody has: a guess, perhaps."""


def _unknown(*, is_wrong: bool = False) -> Refusal:
    kind = WrongToken if is_wrong else Refusal
    return kind(
        401,
        "token_needed",
        "A bearer token that is known and has not expired is needed.",
        todo="Send `Authorization: Bearer TOKEN`; make one under your name, Tokens.",
        headers={"WWW-Authenticate": "Bearer"},
    )
