"""What a page declares: its path, who may see it, and the function that answers.

A function that is not a coroutine runs in a thread, since stores and files are read in it. From the table
of all routes come the server's paths and the test that holds every route against every role.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.pages.visit import Visit

Handler = Callable[[Visit], Response] | Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Page:
    """One way of one path. `right` None: everybody may, signed in or not.

    `noted` is what stands in the audit where it went well, such as `dataset.removed`; empty: the function
    notes more than that itself, or there is nothing to note.
    """

    method: str
    path: str
    handler: Handler
    right: Right | None
    noted: str = ""


def get(path: str, handler: Handler, right: Right | None) -> Page:
    return Page("GET", path, handler, right)


def post(path: str, handler: Handler, right: Right | None, noted: str = "") -> Page:
    return Page("POST", path, handler, right, noted)
