"""Signing in by another service (OpenID Connect): Authlib speaks the protocol, here is what is believed.

All of it waits for the network in the calling thread. A person is believed where the service has signed
who they are for this installation and this very sign-in, and has verified their e-mail address.
"""

import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from trunkline.clock import Clock
from trunkline.errors import NotAllowed, ProviderError, RetryLater, SettingsError
from trunkline.fetch.address import is_unprotected
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.refusals import Subject
from trunkline.fetch.sign_in import VERIFIER_LENGTH, BoundedSession
from trunkline.settings import Settings

DISCOVERY = "/.well-known/openid-configuration"
SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Those that only the service can sign with; not `none`, and none whose key is our own secret."""
KEPT_SECONDS = 3_600.0
SECONDS, LEEWAY_SECONDS = 10.0, 60
LONGEST_TURN, SILENT_SECONDS = 3.0, 10.0
"""How long one waits for another who asks the service; how long nobody asks it after it did not answer."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
PASSWORD_INSTEAD = "Try again, or sign in with your password."


@dataclass(frozen=True)
class Started:
    """A sign-in under way, as this browser keeps it sealed: what must fit when it comes back."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    def to_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Person:
    """Whom the service names. `subject` is the same for ever, and no other service has it."""

    subject: str
    email: str
    name: str


class Service:
    """The service that the settings name."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._lock = threading.Lock()
        self._silent_until = 0.0
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    @property
    def issuer(self) -> str:
        return self._settings.text("oidc_issuer")

    @property
    def is_there(self) -> bool:
        return bool(self.issuer and self._settings.text("oidc_client_id"))

    def begin(self, redirect_uri: str) -> tuple[str, Started]:
        """The address for the browser, and what to keep meanwhile."""
        started = Started(generate_token(32), generate_token(32), generate_token(VERIFIER_LENGTH))
        with self._session(redirect_uri=redirect_uri) as session:
            url, _ = session.create_authorization_url(
                self._known()["authorization_endpoint"],
                state=started.state,
                nonce=started.nonce,
                code_verifier=started.verifier,
            )
        return url, started

    def finish(self, started: Started, redirect_uri: str, query: str) -> Person:
        """Who has signed in, by the query of the address that the browser came back with.

        Raises NotAllowed or SettingsError for an answer that is not believed, ProviderError or RetryLater
        for a service that does not answer as it should.
        """
        given = {name: values[0] for name, values in parse_qs(query).items()}
        self._check_answer(started, given)
        brought = urlencode({"code": given["code"], "state": started.state})
        try:
            with self._session(redirect_uri=redirect_uri) as session:
                token = session.fetch_token(
                    self._known()["token_endpoint"],
                    authorization_response=f"{redirect_uri}?{brought}",
                    state=started.state,
                    code_verifier=started.verifier,
                )
                claims = self._claims(started, token)
                return self._person(claims, self._more(session, claims))
        except (OAuthError, JoseError) as error:
            name = getattr(error, "error", "") or type(error).__name__
            raise ProviderError(
                f"The sign-in service's answer is not believed ({str(name)[:100]}).", todo=PASSWORD_INSTEAD
            ) from None
        except (ValueError, TypeError, KeyError, requests.RequestException):
            raise _unreadable() from None

    def _check_answer(self, started: Started, given: Mapping[str, str]) -> None:
        if not hmac.compare_digest(given.get("state", "").encode(), started.state.encode()):
            raise NotAllowed("This answer belongs to another sign-in.", todo="Sign in once more.")
        if given.get("iss", self.issuer) != self.issuer:
            raise NotAllowed("This answer comes from another service.", todo="Sign in once more.")
        if "error" in given or "code" not in given:
            said = " ".join(given.get("error", "no code").split())[:100]
            raise NotAllowed(f"The sign-in service did not let you in ({said}).", todo=PASSWORD_INSTEAD)

    def _claims(self, started: Started, token: Mapping[str, Any]) -> Mapping[str, Any]:
        """What it has signed. Raises JoseError for a wrong signature, issuer, audience, time or nonce."""
        text = str(token["id_token"])
        try:
            signed = jwt.decode(text, self._keys(), algorithms=ALGORITHMS)
        except (InvalidKeyIdError, ValueError):  # the service may have new keys
            signed = jwt.decode(text, self._keys(is_new=True), algorithms=ALGORITHMS)
        client_id = self._settings.text("oidc_client_id")
        claims: Any = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": client_id},
            },
            {"nonce": started.nonce, "client_id": client_id, "access_token": token.get("access_token")},
        )
        claims.validate(int(self._clock.now().timestamp()), LEEWAY_SECONDS)
        return dict(claims)

    def _more(self, session: BoundedSession, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the service tells only where it is asked: some leave the address out of what they sign."""
        url = self._known().get("userinfo_endpoint")
        if "email" in claims or not url:
            return claims
        _check_protected(str(url))
        told = _object(session.get(str(url)))
        if told.get("sub") != claims["sub"]:
            raise NotAllowed("The sign-in service speaks of somebody else.", todo=PASSWORD_INSTEAD)
        return told

    def _person(self, claims: Mapping[str, Any], more: Mapping[str, Any]) -> Person:
        email, name = str(more.get("email") or ""), str(more.get("name") or claims.get("name") or "")
        if not email or more.get("email_verified") not in (True, "true"):
            raise NotAllowed(
                "The sign-in service has not verified your e-mail address.",
                todo="Have it verified there, or sign in with your password.",
            )
        whose = f"{self.issuer}\n{claims['sub']}"
        return Person(hashlib.sha256(whose.encode()).hexdigest(), email.casefold(), name)

    def _keys(self, *, is_new: bool = False) -> KeySet:
        found = self._told(str(self._known()["jwks_uri"]), is_new=is_new)
        usable = [one for one in found["keys"] if one.get("kty") in ("RSA", "EC") and one.get("use") != "enc"]
        return KeySet.import_key_set({"keys": usable})

    def _known(self) -> Mapping[str, Any]:
        """What the service says of itself. Raises SettingsError for one that is another."""
        found = self._told(self.issuer.rstrip("/") + DISCOVERY)
        if found.get("issuer") != self.issuer:
            raise SettingsError(
                "The sign-in service calls itself otherwise than the settings do.",
                todo=f"Set oidc_issuer to {str(found.get('issuer'))[:200]!r}, if that is the right service.",
            )
        for name in ENDPOINTS:
            if not isinstance(found.get(name), str):
                raise _unreadable()
            _check_protected(found[name])
        return found

    def _told(self, url: str, *, is_new: bool = False) -> Mapping[str, Any]:
        """An answer that is kept for an hour."""
        _check_protected(url)
        if not self._lock.acquire(timeout=LONGEST_TURN):  # a service that is slow does not take all threads
            raise RetryLater("The sign-in service is slow just now.", todo=PASSWORD_INSTEAD)
        try:
            kept = self._kept.get(url)
            if kept and not is_new and self._clock.monotonic() - kept[0] < KEPT_SECONDS:
                return kept[1]
            if self._clock.monotonic() < self._silent_until:
                raise RetryLater("The sign-in service did not answer just now.", todo=PASSWORD_INSTEAD)
            found = self._asked(url)
            self._kept[url] = (self._clock.monotonic(), found)
            return found
        finally:
            self._lock.release()

    def _asked(self, url: str) -> Mapping[str, Any]:
        try:
            with self._session() as session:
                return _object(session.request("GET", url, withhold_token=True))
        except RetryLater as error:
            self._silent_until = self._clock.monotonic() + SILENT_SECONDS
            raise RetryLater(error.message, todo=PASSWORD_INSTEAD) from None
        except (ValueError, requests.RequestException):
            raise _unreadable() from None

    def _session(self, **details: Any) -> BoundedSession:
        secret = self._settings.text("oidc_client_secret")
        return BoundedSession(
            Subject("The sign-in service", "client"),
            HttpSettings(timeout_seconds=SECONDS),
            client_id=self._settings.text("oidc_client_id"),
            client_secret=secret or None,
            token_endpoint_auth_method=self._method(secret) if details else None,
            code_challenge_method="S256",
            scope=SCOPE,
            **details,
        )

    def _method(self, secret: str) -> str:
        """How the client says who it is: as the standard has it where the service names nothing."""
        if not secret:
            return "none"
        offered = self._known().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"


def _object(response: requests.Response) -> dict[str, Any]:
    found = response.json() if response.status_code == 200 else None
    if not isinstance(found, dict):
        raise _unreadable()
    return found


def _check_protected(url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https") or is_unprotected(url):
        raise SettingsError(
            "The sign-in service has addresses without encryption.", todo="Use one whose are all https://…"
        )


def _unreadable() -> ProviderError:
    return ProviderError("The sign-in service's answer cannot be understood.", todo=PASSWORD_INSTEAD)
