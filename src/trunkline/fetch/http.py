"""One provider account over HTTP: budget before every attempt, retries with full jitter, bounded answers.

Raises SettingsError, NotAllowed or ProviderError where asking again would not help, RetryLater when
the provider stays out of reach, DataError when its answer cannot be understood. A spent budget and
status 429 are waited for, not failed on.
"""

import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import IO, Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from yarl import URL

from trunkline import __version__
from trunkline.clock import Clock
from trunkline.errors import DataError, KeyRefused, ProviderError, RetryLater
from trunkline.fetch.attempts import (
    LONGEST_BACKOFF_SECONDS,
    Again,
    Busy,
    failure_of,
    is_enough,
    pause_before_next,
    pause_seconds,
    raise_its_error,
)
from trunkline.fetch.budget import Budget
from trunkline.fetch.counters import Counters
from trunkline.fetch.credentials import Credentials, Headers
from trunkline.fetch.refusals import Subject, provider_text, refusal, retry_after_seconds
from trunkline.fetch.temporary_files import written

Params = Mapping[str, str | list[str]]
Understand = Callable[[str], Awaitable[Any]]
"""What a file is understood as, given the charset that its Content-Type names (or an empty text)."""

CONNECT_SECONDS = 15.0
LONGEST_WISH_SECONDS = 86_400.0
"""No provider has a longer window; a wish beyond it is a mistake of the other side."""
UNREADABLE_TRIES = 3
REFUSED_RETRIES = 3
"""Where nobody listens, a person had better hear of it soon: mostly the address is wrong."""
BUSY_TRIES = 1_000
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
EXPIRED = (401, 403, 404, 410)
"""What storage services answer for an address that was signed for a short time; the key may be good."""
_log = logging.getLogger("trunkline.fetch")


@dataclass(frozen=True)
class HttpSettings:
    """Time-out of one answer in seconds, retries after failures, the largest answer in bytes."""

    timeout_seconds: float = 60.0
    retries: int = 6
    max_bytes: int = 64_000_000
    max_file_bytes: int = 8_000_000_000


@dataclass(frozen=True)
class Ask:
    """One request: what is sent where, what for in a person's words, and the budget it counts against."""

    url: str | URL
    asked_for: str
    params: Params = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None
    """Fields to post in place of a body; the credentials that are fields go with them."""
    group: str = ""
    gone: tuple[int, ...] = ()
    """Statuses that mean that what was asked for is not there any more."""
    into: IO[bytes] | None = None
    """Where the content goes that is a file and no JSON."""
    is_open: bool = False
    """Whether the credentials stay behind: another answer led here, or nobody needs to know who asks."""

    @property
    def method(self) -> str:
        return "GET" if self.body is None and self.form is None else "POST"

    @property
    def answered_by(self) -> tuple[int, ...]:
        """Statuses that bring a file or lead to it; posted credentials are never led elsewhere."""
        return (200, *REDIRECTS) if self.form is None else (200,)


@dataclass(frozen=True)
class Answer:
    """A decoded JSON answer, with its `rel="next"` link where the provider sent one; of a file its charset.

    `turned` is what the reader made of its rows, once it has; the body then lacks them.
    """

    body: Any
    next_link: str | None
    turned: Any = None


class Gone(Exception):
    """What was asked for was there once, and is not any more: make it anew."""


class Http:
    """Requests of one run to one provider account. Use as an asynchronous context."""

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        *,
        subject: Subject,
        budget: Budget,
        clock: Clock,
        counters: Counters,
        settings: HttpSettings,
        group_budgets: Mapping[str, Budget] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> None:
        self.address = address
        self._form = form or {}
        self.subject = subject
        self._budgets = {**(group_budgets or {}), "": budget}
        self._credentials = credentials
        self.clock = clock
        self._counters = counters
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Http":
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": f"trunkline/{__version__}", "Accept": "application/json"},
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for budget in self._budgets.values():
                await budget.close()
        finally:
            if self._session:
                await self._session.close()

    async def get(self, path: str, params: Params, *, asked_for: str, gone: tuple[int, ...] = ()) -> Answer:
        """The answer to a path below the account's address. Raises Gone for a status in `gone`."""
        return await self._retried(Ask(self.address + path, asked_for, params, gone=gone))

    async def post(self, path: str, body: Any, *, asked_for: str, group: str = "") -> Answer:
        """The answer to a JSON body sent to a path below the account's address.

        Sent again after a failure: only for requests that do the same when they come twice. `group`
        names the limits it counts against beside the general ones.
        """
        return await self._retried(Ask(self.address + path, asked_for, body=body, group=group))

    async def follow(self, link: str, *, asked_for: str) -> Answer:
        """The answer to a link that an earlier answer named, used unmodified.

        Raises DataError for a link to another host: the credentials stay with the provider.
        """
        try:
            parts = urlsplit(link)
            same_host, host = parts[:2] == urlsplit(self.address)[:2], parts.hostname
        except ValueError:
            same_host, host = False, None
        if not same_host:
            raise DataError(
                f"{self.subject.provider} names a next page on another host ({host or 'no web address'}).",
                todo="Check the base URL of the account.",
                where=asked_for,
                sample=self.subject.mask(link),
            )
        return await self._retried(Ask(URL(link, encoded=True), asked_for))

    async def download(self, url: str, into: IO[bytes], *, asked_for: str) -> None:
        """Write the content of an address that the provider named to a file, replacing what is in it.

        The credentials go to the provider's own host only; redirects are followed without them.
        Raises Gone where the address is not good any more.
        """
        for redirects in range(MOST_REDIRECTS):
            address = self._web_address(url, asked_for)
            ask = Ask(address, asked_for, gone=EXPIRED, into=into, is_open=redirects > 0)
            moved_to = (await self._retried(ask)).next_link
            if moved_to is None:
                return
            url = moved_to
        raise DataError(
            f"{self.subject.provider} sends the download of {asked_for} round in a circle.",
            todo="Run again later.",
            where=asked_for,
        )

    async def fetch_file(
        self,
        path: str,
        form: Mapping[str, str],
        into: IO[bytes],
        understand: Understand,
        *,
        asked_for: str,
        is_open: bool = False,
    ) -> Any:
        """What `understand` makes of the file that answers form fields posted to a path.

        The file is fetched anew where it cannot be understood (DataError) or asks to wait (RetryLater),
        unless for longer than a run should stand still. No credentials go with an open request.
        """
        ask = Ask(self.address + path, asked_for, form=form, into=into, is_open=is_open)

        async def once() -> Answer:
            charset = (await self._once(ask)).body
            try:
                return Answer(await understand(charset), None)
            except DataError as error:
                raise Again(error, UNREADABLE_TRIES) from None
            except RetryLater as error:
                if error.after_seconds is not None and error.after_seconds > LONGEST_BACKOFF_SECONDS:
                    raise
                raise Again(error, self._settings.retries + 1, error.after_seconds) from None

        return (await self._again_and_again(once)).body

    def _web_address(self, url: str, asked_for: str) -> URL:
        try:
            address = URL(url, encoded=True)
            if address.scheme in ("http", "https") and address.host:
                return address
        except ValueError:
            pass
        # It may be signed, so that no part of it is shown.
        raise DataError(
            f"{self.subject.provider} names a download of {asked_for} that has no web address.",
            todo="Nothing was changed. Run again later; if it stays, the API has changed.",
            where=asked_for,
        )

    async def _retried(self, ask: Ask) -> Answer:
        return await self._again_and_again(partial(self._once, ask))

    async def _again_and_again(self, once: Callable[[], Awaitable[Answer]]) -> Answer:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Again),
            stop=is_enough,
            wait=pause_before_next,
            sleep=self.clock.sleep,
            before_sleep=self._before_retry,
            retry_error_callback=raise_its_error,
        )
        answer: Answer = await retrying(once)
        return answer

    async def _before_retry(self, state: RetryCallState) -> None:
        """Count the retry and its wait; 429 pauses the budget, where the next attempt then waits."""
        self._counters.retries += 1
        self._counters.waited_seconds += state.upcoming_sleep
        failure = failure_of(state)
        text, pause = self.subject.mask(str(failure.error)), round(state.upcoming_sleep, 1)
        _log.info("%s Again in %.1f s.", text, pause)
        self._counters.tell("warning", "retry", text, attempt=state.attempt_number, again_in_seconds=pause)
        if isinstance(failure, Busy):
            reason = f"{self.subject.provider} asks to wait (429)"
            budget = self._budgets[failure.group]
            until = budget.now() + timedelta(seconds=pause_seconds(state))
            await budget.pause(until, reason, only_here=bool(failure.group))

    async def _once(self, ask: Ask) -> Answer:
        """One attempt; where the credentials could be renewed, a refused one is sent again, once."""
        if not self._is_own(ask.url):
            return await self._sent(ask, {})
        await self._budgets[ask.group].spend()
        if ask.is_open:
            return await self._sent(ask, {})
        headers = await self._proof()
        try:
            return await self._sent(ask, headers)
        except KeyRefused:
            fresh = await self._proof(refused=headers)
            if fresh == headers:
                raise
        await self._budgets[ask.group].spend()
        return await self._sent(ask, fresh)

    async def _proof(self, refused: Headers | None = None) -> Headers:
        """The headers that say who asks; from then on their secrets are masked too."""
        try:
            headers = await self._credentials.headers(refused)
        except RetryLater as error:
            raise Again(error, self._settings.retries + 1, error.after_seconds) from None
        secrets = (*self.subject.secrets, *self._credentials.secrets)
        self.subject = replace(self.subject, secrets=tuple(dict.fromkeys(secrets)))
        return headers

    async def _sent(self, ask: Ask, proof: Headers) -> Answer:
        assert self._session is not None, "Http is used as a context"
        self._counters.requests += 1
        try:
            async with self._session.request(
                ask.method,
                ask.url,
                params=ask.params,
                data=self._content(ask),
                headers={**proof, **_headers_of(ask)},
                timeout=self._timeout(ask),
                allow_redirects=False,
            ) as response:
                _log.debug("%s %s: %d", ask.method, self.subject.mask(ask.asked_for), response.status)
                if ask.into is not None and response.status in ask.answered_by:
                    return await self._save(response, ask.into, ask)
                return self._understood(response, await self._read(response, ask.asked_for), ask)
        except TimeoutError:
            text = f"{self.subject.provider} did not answer within {self._settings.timeout_seconds:g} seconds"
            raise Again(RetryLater(f"{text} ({ask.asked_for})."), self._settings.retries + 1) from None
        except aiohttp.InvalidURL:
            raise ProviderError(f"{self._told(ask)!r} is no address that can be asked.") from None
        except aiohttp.ClientError as error:
            refused = isinstance(error, aiohttp.ClientConnectorError)
            tries = min(self._settings.retries, REFUSED_RETRIES) if refused else self._settings.retries
            raise Again(self._unreachable(error, ask), tries + 1) from None

    def _content(self, ask: Ask) -> Any:
        if ask.form is not None:
            return dict(ask.form) if ask.is_open else {**ask.form, **self._form}
        return None if ask.body is None else orjson.dumps(ask.body)

    def _timeout(self, ask: Ask) -> aiohttp.ClientTimeout:
        """A file may take its time as long as it keeps coming."""
        seconds = self._settings.timeout_seconds
        if ask.into is not None:
            return aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=seconds)
        return aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)

    def _is_own(self, url: str | URL) -> bool:
        try:
            return URL(url).origin() == URL(self.address).origin()
        except ValueError:
            return True

    def _told(self, ask: Ask) -> str:
        """An address as an error may show it: what follows the host may be signed."""
        return str(ask.url) if ask.into is None else str(URL(ask.url).host)

    async def _save(self, response: aiohttp.ClientResponse, into: IO[bytes], ask: Ask) -> Answer:
        """Write the body to the file; a redirect becomes the answer's link."""
        if response.status in REDIRECTS:
            return Answer(None, _redirected_to(response))
        into.seek(0)
        into.truncate()
        size, limit = 0, self._settings.max_file_bytes
        while chunk := await response.content.readany():
            size += len(chunk)
            if size > limit:
                raise DataError(
                    f"A download of {self.subject.provider} is larger than {limit / 1e6:g} MB "
                    f"({ask.asked_for}).",
                    todo="Raise the setting max_download_mb, or choose fewer days per request.",
                    where=ask.asked_for,
                )
            written(into, chunk)
        self._counters.bytes += size
        return Answer(response.charset or "", None)

    def _unreachable(self, error: aiohttp.ClientError, ask: Ask) -> RetryLater:
        host = URL(ask.url).authority
        if isinstance(error, aiohttp.ClientConnectorError):
            number = error.os_error.errno or 0  # a negative one is no number of the system's
            why = os.strerror(number) if number > 0 else error.os_error.strerror or "no connection"
            text = f"{self.subject.provider} cannot be reached at {host} ({why})."
            return RetryLater(text, todo="Check the network and the base URL of the account, then run again.")
        return RetryLater(f"The connection to {host} broke off while reading {ask.asked_for}.")

    async def _read(self, response: aiohttp.ClientResponse, asked_for: str) -> bytes:
        """The whole body, refused as soon as it grows past the limit."""
        chunks: list[bytes] = []
        size = 0
        limit = self._settings.max_bytes
        while chunk := await response.content.readany():
            size += len(chunk)
            if size > limit:
                raise DataError(
                    f"An answer of {self.subject.provider} is larger than {limit / 1e6:g} MB ({asked_for}).",
                    todo="Raise the setting max_answer_mb, or choose fewer fields.",
                    where=asked_for,
                )
            chunks.append(chunk)
        self._counters.bytes += size
        return b"".join(chunks) if len(chunks) != 1 else chunks[0]

    def _understood(self, response: aiohttp.ClientResponse, body: bytes, ask: Ask) -> Answer:
        status, asked_for = response.status, ask.asked_for
        if status == 200:
            return Answer(self._decoded(body, asked_for), _next_link(response))
        if status in ask.gone:
            raise Gone(asked_for)
        subject = self.subject
        if status == 429:
            seconds = self._wish(response)
            text = f"{subject.provider} asks to wait (429)."
            busy = Busy(RetryLater(text, after_seconds=seconds), BUSY_TRIES, seconds)
            busy.group = ask.group
            raise busy
        if status >= 500 or status == 408:
            said = provider_text(subject, body)
            text = f"{subject.provider} failed with status {status}" + (f' and says "{said}"' if said else "")
            seconds = self._wish(response)
            raise Again(
                RetryLater(f"{text} ({asked_for}).", after_seconds=seconds),
                self._settings.retries + 1,
                seconds,
            )
        raise refusal(replace(subject, asked_for=asked_for), status, body)

    def _wish(self, response: aiohttp.ClientResponse) -> float | None:
        """How long the provider asks to wait, by its Retry-After header."""
        wish = retry_after_seconds(response.headers.get("Retry-After"), self.clock)
        return None if wish is None else min(wish, LONGEST_WISH_SECONDS)

    def _decoded(self, body: bytes, asked_for: str) -> Any:
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            sample = self.subject.mask(body[:4_000].decode("utf-8", "replace"))
            html = sample.lstrip()[:1] == "<"
            what = "a web page where JSON belongs" if html else "JSON that breaks off or is malformed"
            error = DataError(
                f"{self.subject.provider} answered with {what} ({asked_for}).",
                todo="Check the base URL of the account; if it is right, run again later.",
                where=asked_for,
                sample=sample,
            )
            raise Again(error, UNREADABLE_TRIES) from None


def _redirected_to(response: aiohttp.ClientResponse) -> str:
    location = response.headers.get("Location", "")
    try:
        return str(response.url.join(URL(location, encoded=True)))
    except ValueError:
        return location


def _headers_of(ask: Ask) -> dict[str, str]:
    if ask.into is not None:
        return {"Accept": "*/*"}
    return {} if ask.body is None else {"Content-Type": "application/json"}


def _next_link(response: aiohttp.ClientResponse) -> str | None:
    if "Link" not in response.headers:
        return None
    try:
        link = response.links.get("next")
    except ValueError:
        return None
    return str(link["url"]) if link else None
