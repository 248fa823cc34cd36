"""The two classic paths of the Dialer360 API: plain text, always 200, GET and POST alike."""

import logging

from trunkline.dialer.command import Dialect
from trunkline.dialer.runner import Service
from trunkline.dialer.wire import parameters
from trunkline.errors import RetryLater
from trunkline.web.asking import Gone, Receive, Scope, Send, TooLarge, answer, body_of, caller, is_form

PATHS = {"/adminpanel/api.php": Dialect.DOCUMENTED, "/vicidial/non_agent_api.php": Dialect.ORIGINAL}
KIND = b"text/html; charset=utf-8"
_log = logging.getLogger("trunkline.dialer")


async def answer_wire(service: Service, dialect: Dialect, scope: Scope, receive: Receive, send: Send) -> None:
    """One request on a classic path. Status 200 but for a database that fails."""
    try:
        params = await _params(scope, receive)
    except Gone:
        return
    except TooLarge:
        await answer(send, 200, KIND, b"ERROR: REQUEST IS TOO LARGE\n")
        return
    except ValueError:
        await answer(send, 200, KIND, b"ERROR: TOO MANY PARAMETERS\n")
        return
    status = 200
    try:
        text = (await service.answer(params, dialect, caller(scope))).text
    except RetryLater:
        status, text = 503, "ERROR: TOO MANY REQUESTS AT ONCE, TRY AGAIN LATER\n"
    except Exception:
        # Nothing of it was kept; a caller that trusts the status tries again.
        _log.exception("A call of %s failed.", params.get("function", "")[:40])
        status, text = 503, "ERROR: THE DATABASE DOES NOT ANSWER, TRY AGAIN LATER\n"
    await answer(send, status, KIND, text.encode("utf-8", "replace"))


async def _params(scope: Scope, receive: Receive) -> dict[str, str]:
    """Of the query string and a form. Raises Gone, TooLarge, and ValueError for too many."""
    body = await body_of(receive)
    query = scope["query_string"].decode("utf-8", "replace")
    return parameters(query, body.decode("utf-8", "replace") if body and is_form(scope) else "")
