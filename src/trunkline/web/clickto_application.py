"""The part of the server that click-to has: the report, the JSON API, calls placed by pages and links."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from trunkline.access.tokens import Tokens
from trunkline.asking import Receive, Scope, Send
from trunkline.clickto.account import account_of
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.calling import Calling
from trunkline.clickto.keys import Keys
from trunkline.clickto.placing import Lines
from trunkline.clickto.plans import rules_of
from trunkline.clickto.service import ReportService
from trunkline.clickto.tickets import PURPOSE, Tickets
from trunkline.clock import Clock
from trunkline.settings import Settings
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault
from trunkline.web.bearer import unroutable
from trunkline.web.clickto import PATH, ReportEndpoint
from trunkline.web.clickto_calls import ClicktoCalls
from trunkline.web.clickto_json import ClicktoApi
from trunkline.web.clickto_link import LINK_PATH, LinkEndpoint
from trunkline.web.clickto_operations import ROOT
from trunkline.web.clickto_script import SCRIPT_PATH, ScriptEndpoint
from trunkline.web.guesses import Guesses


class Clickto:
    """Takes its own paths; close it with the server. `guesses`: those of tokens."""

    def __init__(self, store: Store, settings: Settings, clock: Clock, guesses: Guesses) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._account = account = account_of(settings)
        service = ReportService(store, clock, account, settings.text("clickto_csv_charset"))
        own_statuses, of_keys = settings.flag("clickto_error_status"), Guesses(clock)
        blocks, tokens = Blocks(store, clock), Tokens(store, clock)
        self._report = ReportEndpoint(service, of_keys, own_statuses=own_statuses)
        self._link = LinkEndpoint(blocks, Keys(store, clock), of_keys, own_statuses=own_statuses)
        self._script = ScriptEndpoint()
        tickets = Tickets(lambda: Vault(settings).keys_for(PURPOSE), clock)
        self._calls = ClicktoCalls(blocks, tokens, tickets, guesses)
        api = ClicktoApi(store, clock, account, tokens, guesses)
        self._api = Starlette(
            routes=[*api.routes(), *self._calls.routes()], exception_handlers={HTTPException: unroutable}
        )

    async def start_calling(self, lines: Lines) -> None:
        """From now on clicks are called; before, they are told to come again."""
        rules = rules_of(self._settings)
        calling = Calling(self._store, self._clock, self._account, rules, lines)
        await calling.start()
        self._calls.calling = self._link.calling = calling

    async def stop_calling(self) -> None:
        calling, self._calls.calling, self._link.calling = self._calls.calling, None, None
        if calling is not None:
            await calling.close()

    @staticmethod
    def takes(path: str) -> bool:
        return path in (PATH, LINK_PATH, SCRIPT_PATH) or path.startswith(f"{ROOT}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path == PATH:
            await self._report(scope, receive, send)
        elif path == LINK_PATH:
            await self._link(scope, receive, send)
        elif path == SCRIPT_PATH:
            await self._script(scope, send)
        else:
            await self._api(scope, receive, send)

    def close(self) -> None:
        self._report.close()
