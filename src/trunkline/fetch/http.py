"""One provider account over HTTP: budget before every attempt, retries with full jitter, bounded answers.

Raises SettingsError, NotAllowed or ProviderError where asking again would not help, RetryLater when
the provider stays out of reach, DataError when its answer cannot be understood. A spent budget and
status 429 are waited for, not failed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential
from yarl import URL

from trunkline import __version__
from trunkline.clock import Clock
from trunkline.errors import DataError, ProviderError, RetryLater, TrunklineError
from trunkline.fetch.budget import Budget
from trunkline.fetch.counters import Counters
from trunkline.fetch.refusals import Subject, provider_text, refusal, retry_after_seconds

Params = Mapping[str, str | list[str]]

CONNECT_SECONDS = 15.0
LONGEST_BACKOFF_SECONDS = 300.0
LONGEST_WISH_SECONDS = 86_400.0
"""No provider has a longer window; a wish beyond it is a mistake of the other side."""
LEAST_PAUSE_SECONDS = 1.0
UNREADABLE_TRIES = 3
REFUSED_RETRIES = 3
"""Where nobody listens, a person had better hear of it soon: mostly the address is wrong."""
BUSY_TRIES = 1_000
BUSY_TRUSTED = 5
"""So many times a provider's own Retry-After is taken at its word; after that backoff may lengthen it."""
_BACKOFF = wait_random_exponential(multiplier=1, max=LONGEST_BACKOFF_SECONDS)


@dataclass(frozen=True)
class HttpSettings:
    """Time-out of one answer in seconds, retries after failures, the largest answer in bytes."""

    timeout_seconds: float = 60.0
    retries: int = 6
    max_bytes: int = 64_000_000


@dataclass(frozen=True)
class Answer:
    """A decoded JSON answer, with its `rel="next"` link where the provider sent one.

    `turned` is what the reader made of its rows, once it has; the body then lacks them.
    """

    body: Any
    next_link: str | None
    turned: Any = None


class _Again(Exception):
    """An attempt that may be repeated, at most `tries` times in all, and the error when it may not."""

    def __init__(self, error: TrunklineError, tries: int, after_seconds: float | None = None) -> None:
        self.error = error
        self.tries = tries
        self.after_seconds = after_seconds
        super().__init__(str(error))


class _Busy(_Again):
    """Status 429: the whole account must pause."""


class Http:
    """Requests of one run to one provider account. Use as an asynchronous context."""

    def __init__(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        subject: Subject,
        budget: Budget,
        clock: Clock,
        counters: Counters,
        settings: HttpSettings,
    ) -> None:
        self.address = address
        self.subject = subject
        self._headers = {"User-Agent": f"trunkline/{__version__}", "Accept": "application/json", **headers}
        self._budget = budget
        self._clock = clock
        self._counters = counters
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Http":
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout_seconds, sock_connect=CONNECT_SECONDS),
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._budget.close()
        finally:
            if self._session:
                await self._session.close()

    async def get(self, path: str, params: Params, *, asked_for: str) -> Answer:
        """The answer to a path below the account's address."""
        return await self._retried(self.address + path, params, asked_for)

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
        return await self._retried(URL(link, encoded=True), {}, asked_for)

    async def _retried(self, url: str | URL, params: Params, asked_for: str) -> Answer:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Again),
            stop=_is_enough,
            wait=_pause_before_next,
            sleep=self._clock.sleep,
            before_sleep=self._before_retry,
            retry_error_callback=_raise_its_error,
        )
        answer: Answer = await retrying(self._once, url, params, asked_for)
        return answer

    async def _before_retry(self, state: RetryCallState) -> None:
        """Count the retry and its wait; 429 pauses the budget, where the next attempt then waits."""
        self._counters.retries += 1
        self._counters.waited_seconds += state.upcoming_sleep
        if isinstance(_failure(state), _Busy):
            until = self._budget.now() + timedelta(seconds=_pause_seconds(state))
            await self._budget.pause(until, f"{self.subject.provider} asks to wait (429)")

    async def _once(self, url: str | URL, params: Params, asked_for: str) -> Answer:
        await self._budget.spend()
        assert self._session is not None, "Http is used as a context"
        self._counters.requests += 1
        try:
            async with self._session.get(url, params=params, allow_redirects=False) as response:
                body = await self._read(response, asked_for)
                return self._understood(response, body, asked_for)
        except TimeoutError:
            text = f"{self.subject.provider} did not answer within {self._settings.timeout_seconds:g} seconds"
            raise _Again(RetryLater(f"{text} ({asked_for})."), self._settings.retries + 1) from None
        except aiohttp.InvalidURL:
            raise ProviderError(f"{str(url)!r} is no address that can be asked.") from None
        except aiohttp.ClientError as error:
            refused = isinstance(error, aiohttp.ClientConnectorError)
            tries = min(self._settings.retries, REFUSED_RETRIES) if refused else self._settings.retries
            raise _Again(self._unreachable(error, asked_for), tries + 1) from None

    def _unreachable(self, error: aiohttp.ClientError, asked_for: str) -> RetryLater:
        host = urlsplit(self.address).netloc
        if isinstance(error, aiohttp.ClientConnectorError):
            why = error.os_error.strerror or "no connection"
            text = f"{self.subject.provider} cannot be reached at {host} ({why})."
            return RetryLater(text, todo="Check the network and the base URL of the account, then run again.")
        return RetryLater(f"The connection to {host} broke off while reading {asked_for}.")

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

    def _understood(self, response: aiohttp.ClientResponse, body: bytes, asked_for: str) -> Answer:
        status = response.status
        if status == 200:
            return Answer(self._decoded(body, asked_for), _next_link(response))
        subject = self.subject
        if status == 429:
            seconds = self._wish(response)
            raise _Busy(
                RetryLater(f"{subject.provider} asks to wait (429).", after_seconds=seconds),
                BUSY_TRIES,
                seconds,
            )
        if status >= 500 or status == 408:
            said = provider_text(subject, body)
            text = f"{subject.provider} failed with status {status}" + (f' and says "{said}"' if said else "")
            seconds = self._wish(response)
            raise _Again(
                RetryLater(f"{text} ({asked_for}).", after_seconds=seconds),
                self._settings.retries + 1,
                seconds,
            )
        raise refusal(
            Subject(subject.provider, subject.credential, subject.account, asked_for, subject.secrets),
            status,
            body,
        )

    def _wish(self, response: aiohttp.ClientResponse) -> float | None:
        """How long the provider asks to wait, by its Retry-After header."""
        wish = retry_after_seconds(response.headers.get("Retry-After"), self._clock)
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
            raise _Again(error, UNREADABLE_TRIES) from None


def _next_link(response: aiohttp.ClientResponse) -> str | None:
    if "Link" not in response.headers:
        return None
    try:
        link = response.links.get("next")
    except ValueError:
        return None
    return str(link["url"]) if link else None


def _failure(state: RetryCallState) -> _Again:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _Again), "only repeatable failures are retried"
    return error


def _is_enough(state: RetryCallState) -> bool:
    return state.attempt_number >= _failure(state).tries


def _pause_before_next(state: RetryCallState) -> float:
    """The provider's own wish, or exponential backoff with full jitter; after 429 the budget waits."""
    failure = _failure(state)
    if isinstance(failure, _Busy):
        return 0.0
    return _BACKOFF(state) if failure.after_seconds is None else failure.after_seconds


def _pause_seconds(state: RetryCallState) -> float:
    """How long the account pauses after 429."""
    wish = _failure(state).after_seconds
    if wish is None or state.attempt_number > BUSY_TRUSTED:
        wish = max(wish or 0.0, _BACKOFF(state))
    return max(wish, LEAST_PAUSE_SECONDS)


def _raise_its_error(state: RetryCallState) -> Answer:
    raise _failure(state).error from None
