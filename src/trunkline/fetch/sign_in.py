"""Signing in at a provider: Authlib speaks the protocol (OAuth 2.0 with PKCE), here its failures get words.

All of it waits for the network in the calling thread. Raises KeyRefused for a client that is not
accepted, SettingsError, ProviderError or DataError for what else must be changed, RetryLater where the
same will do later.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749 import MismatchingStateException
from requests.adapters import HTTPAdapter

from trunkline import __version__
from trunkline.declare import OAuth
from trunkline.errors import DataError, KeyRefused, ProviderError, RetryLater, SettingsError
from trunkline.fetch.http import CONNECT_SECONDS, HttpSettings
from trunkline.fetch.refusals import Subject

MOST_BYTES = 1_000_000
"""The largest answer taken; pairs have a few hundred bytes."""
VERIFIER_LENGTH = 64
REFUSED_STATUSES = (400, 401, 403)
REFRESH_LIFETIMES = ("refresh_token_expires_in", "refresh_expires_in")


@dataclass(frozen=True)
class TokenPair:
    """What a provider gave: tokens, the scope and the access token's seconds to live, if it told them."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scope: str = ""
    lifetime_seconds: int | None = None
    refresh_lifetime_seconds: int | None = None
    """How long the refresh token is good, from the few providers that tell."""

    @property
    def ends_in_seconds(self) -> int | None:
        """When a person must sign in again, unless the pair is renewed; None where nobody knows."""
        return self.refresh_lifetime_seconds if self.refresh_token else self.lifetime_seconds


@dataclass(frozen=True)
class Beginning:
    """A sign-in under way: the address for the person, and what must fit when they come back."""

    authorize_url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


class _Refused(Exception):
    """The provider does not take what was to be traded in: a code, or a refresh token."""


class _TrustedAdapter(HTTPAdapter):
    """Trusts whom the machine trusts, as all other requests do; requests by itself has a list of its own."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=ssl.create_default_context())


class BoundedSession(OAuth2Session):
    """Authlib's session with an end to every wait and to every answer; remembers the last status."""

    def __init__(self, subject: Subject, settings: HttpSettings, **details: Any) -> None:
        super().__init__(**details)
        self.trust_env = False  # no proxy and no .netrc decides where a secret goes
        self.headers["User-Agent"] = f"trunkline/{__version__}"
        self.mount("https://", _TrustedAdapter())
        self.status = 0
        self._subject = subject
        self._seconds = settings.timeout_seconds

    def send(self, request: requests.PreparedRequest, **details: Any) -> requests.Response:
        deadline = time.monotonic() + self._seconds
        details |= {"timeout": (CONNECT_SECONDS, self._seconds), "stream": True, "allow_redirects": False}
        try:
            response = super().send(request, **details)
            self._read(response, deadline)
        except requests.Timeout:
            text = f"{self._subject.provider} did not answer the sign-in within {self._seconds:g} seconds."
            raise RetryLater(text) from None
        except requests.RequestException:
            host = urlsplit(str(request.url)).netloc
            raise RetryLater(
                f"{self._subject.provider} cannot be reached at {host} to sign in.",
                todo="Check the network and the base URL of the account, then try again.",
            ) from None
        self.status = response.status_code
        if self.status == 429 or self.status >= 500:
            text = f"{self._subject.provider} failed with status {self.status} at the sign-in."
            raise RetryLater(text)
        return response

    def _read(self, response: requests.Response, deadline: float) -> None:
        content = b""
        with response:
            for chunk in response.iter_content(16_384):
                content += chunk
                if len(content) > MOST_BYTES:
                    raise _unreadable(self._subject)
                if time.monotonic() > deadline:
                    raise requests.Timeout
        response._content = content


class SignIn:
    """One provider's sign-in for one account. Make a new one for every account; it keeps nothing."""

    def __init__(
        self,
        host: str,
        oauth: OAuth,
        *,
        client_id: str,
        client_secret: str,
        subject: Subject,
        settings: HttpSettings,
    ) -> None:
        self._host = host
        self._oauth = oauth
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._subject = subject
        self._settings = settings

    def begin(self, redirect_uri: str, scopes: tuple[str, ...] = ()) -> Beginning:
        verifier = generate_token(VERIFIER_LENGTH)
        with self._session(redirect_uri=redirect_uri, code_challenge_method="S256") as session:
            url, state = session.create_authorization_url(
                self._host + self._oauth.authorize,
                code_verifier=verifier,
                scope=" ".join(scopes or self._oauth.scopes),
            )
        return Beginning(url, state, verifier)

    def finish(self, beginning: Beginning, redirect_uri: str, query: str) -> TokenPair:
        """The pair for what the browser brought back, the query of its address."""
        given = {name: values[0] for name, values in parse_qs(query).items()}
        if "error" in given:
            raise self._not_allowed(beginning, given)
        if "code" not in given:
            raise _foreign(self._subject)
        brought = urlencode([(name, given[name]) for name in given if name in ("code", "state")])
        try:
            return self._asked(
                lambda session: session.fetch_token(
                    self._host + self._oauth.token,
                    authorization_response=f"{redirect_uri.partition('?')[0]}?{brought}",
                    state=beginning.state,
                    code_verifier=beginning.verifier,
                ),
                redirect_uri=redirect_uri,
            )
        except _Refused:
            raise SettingsError(
                f"{self._subject.provider} does not take the code that came back from the sign-in.",
                todo=f"Sign in once more: `{self._subject.sign_in_again}`",
            ) from None

    def refresh(self, refresh_token: str) -> TokenPair | None:
        """The next pair; None when the provider takes this refresh token no longer."""
        address = self._host + self._oauth.token
        try:
            return self._asked(lambda session: session.refresh_token(address, refresh_token=refresh_token))
        except _Refused:
            return None

    def revoke(self, access_token: str) -> None:
        """Tell the provider that the tokens are not needed any more."""
        with self._session(revocation_endpoint_auth_method="client_secret_post") as session:
            session.revoke_token(  # type: ignore[no-untyped-call]
                self._host + self._oauth.revoke,
                token=access_token,
                token_type_hint="access_token",
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Authorization": f"Bearer {access_token}",
                },
            )
            if session.status not in (200, 204):
                raise ProviderError(f"{self._subject.provider} answered {session.status}.")

    def _session(self, **details: Any) -> BoundedSession:
        method = "client_secret_post"  # in the body, as every public client of the provider does it
        return BoundedSession(
            self._subject, self._settings, **self._client, token_endpoint_auth_method=method, **details
        )

    def _asked(self, ask: Callable[[BoundedSession], Mapping[str, Any]], **details: Any) -> TokenPair:
        with self._session(**details) as session:
            try:
                token = ask(session)
                if session.status != 200:
                    raise _unreadable(self._subject)
                return _pair(token)
            except MismatchingStateException:
                raise _foreign(self._subject) from None
            except OAuthError as error:
                raise self._told(error, session.status) from None
            except (ValueError, TypeError, KeyError, requests.RequestException):
                raise _unreadable(self._subject) from None

    def _told(self, error: OAuthError, status: int) -> Exception:
        """A provider that does not keep to the standard's words is judged by the status alone."""
        name = error.error if isinstance(error.error, str) else ""
        if name in ("invalid_client", "unauthorized_client"):
            return self._wrong_client()
        if name == "invalid_grant" or (not name and status in REFUSED_STATUSES):
            return _Refused()
        said = self._subject.mask(f"{name} {error.description or ''}").strip()[:200].replace('"', "'")
        return ProviderError(f'{self._subject.provider} refused the sign-in ({status}) and says "{said}".')

    def _wrong_client(self) -> KeyRefused:
        flags = [f"--{n.replace('_', '-')}" for n in (self._oauth.client_id, self._oauth.client_secret)]
        return KeyRefused(
            f"{self._subject.provider} does not accept the client id and secret of "
            f"account '{self._subject.account}'.",
            todo=f"Give the right ones: `{self._subject.connect} {flags[0]} ID {flags[1]} -`",
        )

    def _not_allowed(self, beginning: Beginning, given: Mapping[str, str]) -> SettingsError:
        if given.get("state") != beginning.state:
            return _foreign(self._subject)
        if given["error"] == "access_denied":
            return SettingsError(
                f"The sign-in was refused: somebody chose not to allow it at {self._subject.provider}.",
                todo=f"Sign in once more and allow it: `{self._subject.sign_in_again}`",
            )
        said = " ".join(f"{given['error']} {given.get('error_description', '')}".split())
        said = said[:200].replace('"', "'")
        return SettingsError(
            f'{self._subject.provider} refused the sign-in and says "{said}".',
            todo="Check the client id, and that the redirect address is registered at the provider.",
        )


def _pair(token: Mapping[str, Any]) -> TokenPair:
    access, refresh = token["access_token"], token.get("refresh_token") or ""
    if not (isinstance(access, str) and access and isinstance(refresh, str)):
        raise ValueError("no token")
    lifetime = int(token.get("expires_in") or 0)
    refresh_lifetime = next((_seconds(token[name]) for name in REFRESH_LIFETIMES if name in token), None)
    scope = str(token.get("scope") or "")
    return TokenPair(access, refresh, scope, lifetime if lifetime > 0 else None, refresh_lifetime)


def _seconds(told: Any) -> int | None:
    """What no standard names is taken where it makes sense, and never a reason to refuse a sign-in."""
    try:
        seconds = int(told)
    except (TypeError, ValueError):
        return None
    return seconds if seconds > 0 else None


def _unreadable(subject: Subject) -> DataError:
    return DataError(
        f"{subject.provider} answered the sign-in with something that is no token.",
        todo="Check the base URL of the account; if it is right, try again later.",
    )


def _foreign(subject: Subject) -> SettingsError:
    return SettingsError(
        f"The answer that came back does not belong to this sign-in at {subject.provider}.",
        todo=f"Sign in once more, with the newest address: `{subject.sign_in_again}`",
    )
