"""Authlib's authorization server with the pretend Dialpad's memory behind it."""

import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge

from trunkline.sims.dialpad.sign_ins import Code, OAuthOptions, Pair, SignIns

AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


class Asked(OAuth2Request):
    """A request of the web, its fields already read from the query or from a form or JSON body."""

    def __init__(self, method: str, path: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> None:
        # Authlib insists on https; what it is told here is never asked for.
        super().__init__(method, f"https://dialpad.example{path}", headers=dict(headers))
        self.payload = BasicOAuth2Payload(dict(fields))

    @property
    def form(self) -> dict[str, str]:
        assert self.payload is not None
        found: dict[str, str] = self.payload.data
        return found


class Client:
    """The one application that is registered."""

    def __init__(self, options: OAuthOptions) -> None:
        self.client_id = options.client_id
        self._options = options

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        known = self._options.redirect_uris
        return redirect_uri in known if known else redirect_uri.startswith(("http://", "https://"))

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self._options.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in AUTH_METHODS

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


class Server(AuthorizationServer):
    """Knows one application, and gives tokens that say nothing by themselves."""

    def __init__(self, sign_ins: SignIns) -> None:
        super().__init__()
        self.sign_ins = sign_ins
        self._client = Client(sign_ins.options)
        new_token: Any = self._new_token  # Authlib calls it by keywords; its types name a class
        self.register_token_generator("default", new_token)
        self.register_grant(CodeGrant, [CodeChallenge(required=False)])
        self.register_grant(RefreshGrant)

    def query_client(self, client_id: str) -> Any:
        return self._client if client_id == self._client.client_id else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        credential: Any = request.authorization_code or request.refresh_token
        self.sign_ins.add_pair(token, str(request.user), credential.sign_in)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        assert isinstance(request, Asked)
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> web.Response:
        plain = {k: v for k, v in headers if k != "Content-Type"}
        if isinstance(body, dict):
            return web.json_response(body, status=status, headers=plain)
        return web.Response(status=status, text=str(body), headers=plain)

    def _new_token(self, *, scope: str | None = None, **details: Any) -> dict[str, Any]:
        token: dict[str, Any] = {
            "access_token": secrets.token_urlsafe(32),
            "token_type": "bearer",
            "expires_in": self.sign_ins.options.token_seconds,
        }
        fresh = details["grant_type"] == "authorization_code" or self.sign_ins.options.rotate
        if fresh and "offline_access" in (scope or "").split():
            token["refresh_token"] = secrets.token_urlsafe(32)
        return token | ({"scope": scope} if scope else {})


class CodeGrant(AuthorizationCodeGrant):
    """Codes for those who allowed it, with PKCE where the application began with it."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    server: Server

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        assert request.payload is not None
        data = request.payload.data
        self.server.sign_ins.add_code(
            code,
            user=str(request.user),
            scope=request.scope or "",
            redirect_uri=data.get("redirect_uri", ""),
            code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        return self.server.sign_ins.usable_code(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        authorization_code.spent = True

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.user


class RefreshGrant(RefreshTokenGrant):
    """A refresh token traded in for a new pair."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: Server

    def authenticate_refresh_token(self, refresh_token: str) -> Any:
        return self.server.sign_ins.usable_refresh(refresh_token)

    def authenticate_user(self, refresh_token: Pair) -> str:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: Any) -> None:
        self.server.sign_ins.traded_in(refresh_token)


def asked(method: str, path: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Asked:
    """A request as Authlib wants it; header names as it looks for them."""
    return Asked(method, path, fields, {name.title(): value for name, value in headers.items()})
