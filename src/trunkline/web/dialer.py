"""The two classic paths of the Dialer360 API: plain text, always 200, GET and POST alike."""

import logging

from trunkline.asking import (
    Gone,
    Receive,
    Scope,
    Send,
    TooLarge,
    answer,
    body_of,
    caller,
    has_body,
    is_form,
)
from trunkline.dialer.chooser_page import SCRIPT_DIGEST
from trunkline.dialer.command import Dialect
from trunkline.dialer.passing_faults import will_pass
from trunkline.dialer.runner import Service
from trunkline.dialer.wire import parameters
from trunkline.web.long_answers import TextReader, text_body

PATHS = {"/adminpanel/api.php": Dialect.DOCUMENTED, "/vicidial/non_agent_api.php": Dialect.ORIGINAL}
KIND = b"text/html; charset=utf-8"
_NOSNIFF = (b"x-content-type-options", b"nosniff")
TEXT_HEADERS = ((b"content-security-policy", b"sandbox; default-src 'none'"), _NOSNIFF)
"""Text goes out as HTML, as it always did, and holds what callers sent: browsers run nothing in it."""
PAGE_HEADERS = (
    (
        b"content-security-policy",
        f"default-src 'none'; style-src 'unsafe-inline'; script-src '{SCRIPT_DIGEST}'".encode(),
    ),
    _NOSNIFF,
)
FAILED = b"ERROR: THE DATABASE DOES NOT ANSWER, TRY AGAIN LATER\n"
_log = logging.getLogger("trunkline.dialer")


async def answer_wire(service: Service, dialect: Dialect, scope: Scope, receive: Receive, send: Send) -> int:
    """One request on a classic path; its status, which is 200 but for a database that fails.

    499 where the caller went away, and nothing was sent.
    """
    try:
        params = await _params(scope, receive)
    except Gone:
        return 499
    except TooLarge:
        await answer(send, 200, KIND, b"ERROR: REQUEST IS TOO LARGE\n")
        return 200
    except ValueError:
        await answer(send, 200, KIND, b"ERROR: TOO MANY PARAMETERS\n")
        return 200
    reader = TextReader(receive, send, KIND, TEXT_HEADERS)
    try:
        reply = await service.answer(params, dialect, caller(scope), reader=reader)
        if reader.has_begun:
            await reader.finish(reply)
        else:
            headers = PAGE_HEADERS if reply.is_html else TEXT_HEADERS
            await answer(send, 200, KIND, text_body(reply.text), headers=headers)
    except Exception as error:
        tell_failure(params.get("function", ""), error)
        if not reader.has_begun:  # else the answer is cut off, so that nobody takes it for whole
            # Nothing of it was kept; a caller that trusts the status tries again.
            await answer(send, 503, KIND, FAILED)
        return 503
    finally:
        reader.close()
    return 200


def tell_failure(function: str, error: Exception) -> None:
    """One line of log where the database is away, which is no fault of ours; else all that is known."""
    if will_pass(error):
        _log.error("A call of %s failed: %s", function[:40], error or type(error).__name__)
    else:
        _log.error("A call of %s failed.", function[:40], exc_info=error)


async def _params(scope: Scope, receive: Receive) -> dict[str, str]:
    """Of the query string and a form. Raises Gone, TooLarge, and ValueError for too many."""
    body = await body_of(receive) if has_body(scope) else b""
    query = scope["query_string"].decode("utf-8", "replace")
    return parameters(query, body.decode("utf-8", "replace") if body and is_form(scope) else "")
