"""`/clickto.js`: the button for web pages, a file of its own beside this one."""

import hashlib
from importlib.resources import files

from trunkline.asking import Scope, Send, answer, header

SCRIPT_PATH = "/clickto.js"
TYPE = b"text/javascript; charset=utf-8"
SECONDS_KEPT = 3_600


class ScriptEndpoint:
    """Read once; every page of any origin may load it."""

    def __init__(self) -> None:
        self._text = files("trunkline.web").joinpath("clickto.js").read_bytes()
        self._tag = f'"{hashlib.sha256(self._text).hexdigest()[:32]}"'

    async def __call__(self, scope: Scope, send: Send) -> None:
        headers = (
            (b"etag", self._tag.encode()),
            (b"cache-control", b"public, max-age=%d" % SECONDS_KEPT),
            (b"x-content-type-options", b"nosniff"),
            (b"cross-origin-resource-policy", b"cross-origin"),
            (b"access-control-allow-origin", b"*"),
        )
        if scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, b"text/plain", b"Ask with GET.", headers=((b"allow", b"GET, HEAD"),))
        elif self._tag in header(scope, b"if-none-match"):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            # The server itself leaves the body out of an answer to HEAD.
            await answer(send, 200, TYPE, self._text, headers=headers)
