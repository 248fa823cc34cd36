"""Sending by HTTP: one POST to an address that is itself a secret."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from trunkline import __version__
from trunkline.center.alerts.senders import (
    LATER,
    SECONDS_FOR_A_TRY,
    no_connection,
    one_line,
    trusting_the_machine,
)
from trunkline.errors import Problem, ProviderError, RetryLater, SettingsError
from trunkline.fetch.address import is_loopback
from trunkline.options import Kind, Option, Values

MOST_BYTES = 4_000
ADDRESS = Option(
    "url",
    "Web address",
    kind=Kind.SECRET,
    required=True,
    help="Where notices are posted to. It is kept as a secret, for many hold one.",
)
PLAIN_HTTP = Option(
    "allow_plain_http",
    "Allow plain http",
    kind=Kind.BOOL,
    help="Post over plain http to another machine. Everybody on the way can read it.",
    advanced=True,
)


def checked(values: Values) -> Values:
    """Raises SettingsError for an address that is none, or that anybody on the way could read."""
    url = str(values["url"])
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or len(url.split()) != 1:
        raise _refused("it is no web address", "Write it like https://alerts.example.com/hook.")
    if "@" in parts.netloc or parts.fragment:
        raise _refused("it must hold no user, password or fragment", "Leave out what stands before an @.")
    if parts.scheme == "http" and not is_loopback(host) and not values.get("allow_plain_http"):
        raise _refused(
            "plain http can be read by everybody on the way",
            "Use https, or set --allow-plain-http yes if that network is yours.",
        )
    return values


def host_of(values: Values) -> str:
    """The address as far as it may be shown."""
    parts = urlsplit(str(values["url"]))
    return f"{parts.scheme}://{parts.netloc}"


async def post(values: Values, body: bytes, headers: Mapping[str, str]) -> str:
    """The answer to the POST. Redirects are not followed, for the body is meant for this address."""
    sent = {"User-Agent": f"trunkline/{__version__}", "Content-Type": "application/json", **headers}
    timeout = aiohttp.ClientTimeout(total=SECONDS_FOR_A_TRY)
    connector = aiohttp.TCPConnector(ssl=trusting_the_machine())
    host = host_of(values)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(
                URL(str(values["url"]), encoded=True),
                data=body,
                headers=sent,
                timeout=timeout,
                allow_redirects=False,
            ) as response,
        ):
            return _understood(host, response, await response.content.read(MOST_BYTES))
    except TimeoutError:
        raise RetryLater(f"{host} did not answer within {SECONDS_FOR_A_TRY:g} seconds.", todo=LATER) from None
    except (aiohttp.ClientError, ValueError, OSError) as error:
        raise RetryLater(f"{host} cannot be reached: {no_connection(error)}.", todo=LATER) from None


def _understood(host: str, response: aiohttp.ClientResponse, content: bytes) -> str:
    said = one_line(content.decode("utf-8", "replace"))
    answer = f"{response.status}{f': {said}' if said else ''}"
    if 200 <= response.status < 300:
        return answer
    text = f"{host} answered {answer}"
    if response.status == 429 or response.status >= 500:
        raise RetryLater(text, todo=LATER, after_seconds=_asked_pause(response))
    if response.status in (401, 403, 404, 410):
        raise SettingsError(text, todo="Check the address (--url), and give the right one.")
    raise ProviderError(text, status=response.status)


def _asked_pause(response: aiohttp.ClientResponse) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _refused(what: str, todo: str) -> SettingsError:
    return SettingsError(problems=[Problem("url", f"Web address (--url): {what}.")], todo=todo)
