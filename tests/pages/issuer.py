"""A small pretend sign-in service (OpenID Connect), which can be made to lie."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "trunkline", "a secret of the client"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@dataclass
class Issuer:
    """The service, and what it says of who signs in."""

    now: int
    url: str = ""
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    shown: list[RSAKey] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] | None = None
    lies: dict[str, Any] = field(default_factory=dict)
    header: dict[str, str] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def sign_in(self, url: str) -> str:
        """The address the browser is sent back to, by somebody who signs in at the service."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == self.url
        wanted = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert wanted["code_challenge_method"] == "S256"
        assert wanted["client_id"] == CLIENT
        code = f"code{len(self.asked)}"
        self.asked[code] = wanted
        back = {"code": code, "state": wanted["state"], "iss": self.url}
        return f"{wanted['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        client = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if client != f"{CLIENT}:{SECRET}":
            return 401, {"error": "invalid_client"}
        wanted = self.asked.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if wanted is None or challenge != wanted["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        told = {"iss": self.url, "aud": CLIENT, "sub": "1", "iat": self.now, "exp": self.now + 300}
        whole = {**told, "nonce": wanted["nonce"], **self.claims, **self.lies}
        claims = {name: value for name, value in whole.items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid or "", **self.header}
        key: Any = OctKey.import_key(SECRET) if header["alg"].startswith("HS") else self.key
        text = jwt.encode(header, claims, key, algorithms=["RS256", "HS256"])
        return 200, {"access_token": "at", "token_type": "Bearer", "expires_in": 600, "id_token": text}

    def answer(self, path: str) -> dict[str, Any] | None:
        self.seen.append(path)
        if path == "/.well-known/openid-configuration":
            paths = {
                "authorization_endpoint": "authorize",
                "token_endpoint": "token",
                "jwks_uri": "keys",
                "userinfo_endpoint": "me",
            }
            return {"issuer": self.url, **{name: f"{self.url}/{end}" for name, end in paths.items()}}
        if path == "/keys":
            return {"keys": [key.as_dict(private=False) for key in self.shown or [self.key]]}
        return self.more if path == "/me" else None


@contextmanager
def pretend_issuer(now: int) -> Iterator[Issuer]:
    issuer = Issuer(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = issuer.answer(self.path)
            self._send(200 if found is not None else 404, found or {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(*issuer.token(form, self.headers.get("authorization", "")))

        def _send(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
