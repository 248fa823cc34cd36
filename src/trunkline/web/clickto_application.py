"""The part of the server that click-to has: the report, and the JSON API."""

from starlette.applications import Starlette

from trunkline.access.tokens import Tokens
from trunkline.clickto.account import account_of
from trunkline.clickto.service import ReportService
from trunkline.clock import Clock
from trunkline.settings import Settings
from trunkline.store.connection import Store
from trunkline.web.asking import Receive, Scope, Send
from trunkline.web.clickto import PATH, ReportEndpoint
from trunkline.web.clickto_json import ClicktoApi
from trunkline.web.clickto_operations import ROOT
from trunkline.web.guesses import Guesses


class Clickto:
    """Takes its own paths; close it with the server. `guesses`: those of tokens."""

    def __init__(self, store: Store, settings: Settings, clock: Clock, guesses: Guesses) -> None:
        account = account_of(settings)
        service = ReportService(store, clock, account, settings.text("clickto_csv_charset"))
        own_statuses = settings.flag("clickto_error_status")
        self._report = ReportEndpoint(service, Guesses(clock), own_statuses=own_statuses)
        api = ClicktoApi(store, clock, account, Tokens(store, clock), guesses)
        self._api = Starlette(routes=api.routes())

    @staticmethod
    def takes(path: str) -> bool:
        return path == PATH or path.startswith(f"{ROOT}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == PATH:
            await self._report(scope, receive, send)
        else:
            await self._api(scope, receive, send)

    def close(self) -> None:
        self._report.close()
