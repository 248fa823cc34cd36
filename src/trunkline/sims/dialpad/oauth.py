"""The pretend Dialpad's sign-in: a page for people, and tokens for programs (OAuth 2.0, PKCE)."""

from html import escape

import orjson
from aiohttp import web
from authlib.oauth2.rfc6749 import OAuth2Error

from trunkline.clock import Clock
from trunkline.sims.dialpad.oauth_grants import Server, asked
from trunkline.sims.dialpad.sign_ins import ACCESS_BY_USER, OAuthOptions, SignIns

__all__ = ["OAuthOptions", "OAuthServer"]

AUTHORIZE, TOKEN, DEAUTHORIZE = "/oauth2/authorize", "/oauth2/token", "/oauth2/deauthorize"


class OAuthServer:
    """Answers below /oauth2, and tells what an access token may see.

    `token_requests` lists the grant type and the status of every request for tokens.
    """

    def __init__(self, options: OAuthOptions, clock: Clock) -> None:
        self.options = options
        self.token_requests: list[tuple[str, int]] = []
        self._sign_ins = SignIns(options, clock)
        self._server = Server(self._sign_ins)

    def handles(self, path: str) -> bool:
        return path in (AUTHORIZE, TOKEN, DEAUTHORIZE)

    def access_of(self, token: str) -> str | None:
        """What an access token may see: "company", "user", or None for one that does not count."""
        return self._sign_ins.access_of(token)

    def revoke_all(self) -> None:
        """All tokens given so far stop working, as when an administrator removes the application."""
        self._sign_ins.end_all()

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == AUTHORIZE and request.method in ("GET", "POST"):
            return await self._authorize(request)
        if request.method != "POST":
            return web.json_response({"error": "invalid_request"}, status=405, headers={"Allow": "POST"})
        fields = await _fields(request)
        if fields is None:
            problem = {"error": "invalid_request", "error_description": "The body cannot be read"}
            return web.json_response(problem, status=400)
        return self._token(request, fields) if request.path == TOKEN else self._deauthorize(request, fields)

    def _token(self, request: web.Request, fields: dict[str, str]) -> web.Response:
        response = self._server.create_token_response(asked("POST", TOKEN, fields, request.headers))
        assert isinstance(response, web.Response)
        self.token_requests.append((fields.get("grant_type", ""), response.status))
        return response

    def _deauthorize(self, request: web.Request, fields: dict[str, str]) -> web.Response:
        """Whoever holds a token may end it; which token, the header or the form says."""
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        token = bearer.strip() if scheme.lower() == "bearer" else fields.get("token", "")
        if not token:
            return web.json_response({"error": "invalid_request"}, status=400)
        self._sign_ins.end_of_token(token)
        return web.Response(status=204)

    async def _authorize(self, request: web.Request) -> web.Response:
        given = asked(request.method, AUTHORIZE, dict(request.query), request.headers)
        try:
            grant = self._server.get_consent_grant(given)  # type: ignore[no-untyped-call]
        except OAuth2Error as error:
            # Nobody is sent on to an address that may be wrong.
            return _page("This sign-in cannot go on", f"<p>{escape(str(error))}</p>", status=400)
        form = await request.post() if request.method == "POST" else {}
        user, decision = str(form.get("user", "")), str(form.get("decision", ""))
        if user not in ACCESS_BY_USER:
            return _page("Sign in to the pretend Dialpad", _login_form())
        if decision not in ("allow", "deny"):
            return _page("Allow access?", _consent_form(user, request.query.get("scope", "")))
        response = self._server.create_authorization_response(
            given, grant_user=user if decision == "allow" else None, grant=grant
        )
        assert isinstance(response, web.Response)
        return response


async def _fields(request: web.Request) -> dict[str, str] | None:
    """The fields of a form or a JSON object; None for a body that is neither."""
    if request.content_type != "application/json":
        return {name: str(value) for name, value in (await request.post()).items()}
    try:
        content = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return None
    if not isinstance(content, dict):
        return None
    return {name: str(value) for name, value in content.items() if value is not None}


def _login_form() -> str:
    return (
        '<form method="post"><p>Nobody asks for a password here.</p>'
        '<button name="user" value="admin">A company administrator</button> '
        '<button name="user" value="user">A user without rights</button></form>'
    )


def _consent_form(user: str, scope: str) -> str:
    wishes = "".join(f"<li>{escape(word)}</li>" for word in scope.split()) or "<li>your data</li>"
    return (
        f"<p>The application asks for:</p><ul>{wishes}</ul>"
        f'<form method="post"><input type="hidden" name="user" value="{escape(user)}">'
        '<button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="deny">Deny</button></form>'
    )


def _page(title: str, content: str, status: int = 200) -> web.Response:
    text = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>{content}</html>'
    return web.Response(status=status, text=text, content_type="text/html")
