"""Where the server finds the API. The API itself is loaded when it is first asked: that takes a while."""

import asyncio
from typing import Any

from trunkline.access.sessions import Sessions
from trunkline.access.users import Users
from trunkline.asking import Receive, Scope, Send
from trunkline.center.room import Center

ROOT = "/api/v1/"
FAMILIES = frozenset(
    (
        *("connectors", "accounts", "budgets", "datasets", "query", "runs", "orders"),
        *("targets", "alerts", "alert-channels", "me", "users", "system", "audit"),
    )
)
"""The first words of its paths; a test holds them against the operations."""


class Rest:
    """Takes the paths of the API's families, and nobody else's."""

    def __init__(self, center: Center, users: Users, sessions: Sessions, guesses: Any) -> None:
        """`guesses` counts wrong tokens by address."""
        self._center, self._users, self._sessions, self._guesses = center, users, sessions, guesses
        self._app: asyncio.Task[Any] | None = None

    @staticmethod
    def takes(path: str) -> bool:
        return path.startswith(ROOT) and path[len(ROOT) :].partition("/")[0] in FAMILIES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None or (self._app.done() and self._app.exception()):
            self._app = asyncio.ensure_future(asyncio.to_thread(self._loaded))
        app = await asyncio.shield(self._app)  # one who goes away must not stop it for the others
        await app(scope, receive, send)

    def _loaded(self) -> Any:
        from trunkline.access.audit import Audit
        from trunkline.rest.application import rest_app
        from trunkline.rest.callers import Callers
        from trunkline.rest.operations import RestRooms

        store, clock = self._center.store, self._center.clock
        callers = Callers(store, clock, self._sessions, self._guesses)
        rooms = RestRooms(self._center, self._users, self._sessions, callers, Audit(store, clock))
        return rest_app(rooms, self._guesses)


def described() -> dict[str, Any]:
    """Paths and components of the API, for the document of the whole."""
    from trunkline.rest.application import described_app
    from trunkline.rest.document import document_of

    return document_of(described_app())
