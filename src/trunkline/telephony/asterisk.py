"""One Asterisk server by its manager: the class that everybody else uses."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from trunkline.clock import Clock
from trunkline.errors import KeyRefused, ProviderError, RetryLater
from trunkline.telephony.access import ManagerAccess, Patience
from trunkline.telephony.calls import Origination, PlacedCall, Status, new_channel_id
from trunkline.telephony.headers import action
from trunkline.telephony.link import Link, Unanswered
from trunkline.telephony.wire import Fields

ACTION_PREFIX = "trunkline-"
_OLD_MARK = "--END COMMAND--"


@dataclass(frozen=True)
class Pong:
    """The answer to a ping: the version of the protocol, and how long it took in seconds."""

    version: str
    seconds: float


def new_action_id(now: datetime) -> str:
    """An id for an action: `trunkline-`, the second it was made in, and 16 random digits."""
    return f"{ACTION_PREFIX}{int(now.timestamp())}-{token_hex(8)}"


class Asterisk:
    """Connects when it is first needed, and again after a connection was lost.

    An action is sent once. Where no answer comes, nobody knows whether it was done, and that is what is
    told; it is never sent again. Every method raises, before anything is sent: SettingsError for values
    that must not be sent, RetryLater where the manager cannot be reached, KeyRefused where it refuses the
    login, ProviderError where there is no manager.
    """

    def __init__(self, access: ManagerAccess, clock: Clock, patience: Patience | None = None) -> None:
        self.access = access
        self._clock, self._patience = clock, patience or Patience()
        self._link: Link | None = None
        self._opening = asyncio.Lock()
        self._calls: dict[str, PlacedCall] = {}
        self._refused: tuple[float, KeyRefused] | None = None

    async def connect(self) -> None:
        """Be connected; a connection that may be dead is tried first."""
        await self._connected()

    async def ping(self) -> Pong:
        """Raises RetryLater where no answer comes."""
        link = await self._connected()
        before = self._clock.monotonic()
        await self._done(link.ask("Ping"))
        return Pong(link.version, self._clock.monotonic() - before)

    async def reload(self, module: str = "") -> str:
        """Reload a module, or everything; what Asterisk says to it. Raises ProviderError for a refusal,
        RetryLater where no answer came."""
        headers = {"Module": module} if module else {}
        return (await self._asked("Reload", headers)).get("message", "")

    async def command(self, line: str) -> str:
        """Run a command of Asterisk's console; its output. Raises ProviderError for a refusal,
        RetryLater where no answer came."""
        answer = await self._asked("Command", {"Command": line})
        text = answer.get("output") or answer.get("content", "")
        return text.replace(_OLD_MARK, "").rstrip()

    async def originate(
        self,
        origination: Origination,
        action_id: str = "",
        sending: Callable[[], Awaitable[None]] | None = None,
    ) -> PlacedCall:
        """Place a call and follow it; it comes back once Asterisk has taken or refused it.

        `sending` is awaited when all is ready, right before the action goes out; what it raises keeps the
        call from being placed. A call of unknown fate is an outcome, and no error.
        """
        now = self._clock.now()
        action_id, channel_id = action_id or new_action_id(now), new_channel_id(now)
        headers = origination.headers(action_id, channel_id)
        action("Originate", headers)
        link = await self._connected()
        if sending is not None:
            await sending()
        call = PlacedCall(action_id, channel_id, self._calls, self._clock)
        try:
            call.taken(await link.ask("Originate", headers))
        except Unanswered as lost:
            call.lose(str(lost))
        except BaseException:
            call.lose("nobody waits for it any more")
            raise
        if call.outcome.status is Status.QUEUED:
            seconds = origination.ring_seconds + self._patience.verdict_seconds
            asyncio.get_running_loop().call_later(seconds, call.give_up)
        return call

    async def hang_up(self, call: PlacedCall) -> bool:
        """End a call, or stop it ringing; False where there was nothing to hang up any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.answer_seconds):
                await call.named()
        if call.outcome.is_over or not call.outcome.channel:
            return False
        link = await self._connected()
        call.is_cancelled = call.outcome.status is not Status.ANSWERED
        answer = await self._done(link.ask("Hangup", {"Channel": call.outcome.channel}))
        is_done = answer.get("response") == "Success"
        call.is_cancelled = call.is_cancelled and is_done
        return is_done

    async def close(self) -> None:
        """End the connection; calls that were followed go on unheard."""
        if self._link is not None:
            await self._link.close()

    async def _asked(self, name: str, headers: dict[str, str]) -> Fields:
        answer = await self._done((await self._connected()).ask(name, headers))
        if answer.get("response") == "Error":
            raise ProviderError(
                f"Asterisk refuses {name}: {answer.get('message') or 'no reason given'}.",
                todo="Check the lines read and write of the user in manager.conf.",
            )
        return answer

    async def _done(self, asking: Awaitable[Fields]) -> Fields:
        try:
            return await asking
        except Unanswered as lost:
            raise RetryLater(
                f"Whether it was done is not known; {self.access.words}: {lost}.", todo="Try it again."
            ) from None

    async def _connected(self) -> Link:
        """The connection, proven to live; a new one where there is none."""
        async with self._opening:
            link = self._link
            if link is not None and link.is_open:
                is_fresh = link.silent_seconds <= self._patience.trusted_seconds
                if is_fresh or await link.is_alive():
                    return link
            self._link = await self._opened()
            return self._link

    async def _opened(self) -> Link:
        if self._refused and self._clock.monotonic() < self._refused[0]:
            raise self._refused[1]
        try:
            return await Link.opened(self.access, self._patience, self._hear, self._lost)
        except KeyRefused as refused:
            self._refused = (self._clock.monotonic() + self._patience.refused_seconds, refused)
            raise

    def _hear(self, event: Fields) -> None:
        for name in ("actionid", "uniqueid", "destuniqueid", "localoneuniqueid"):
            call = self._calls.get(event.get(name, ""))
            if call is not None:
                call.hear(event)
                return

    def _lost(self, why: str) -> None:
        for call in set(self._calls.values()):
            call.lose(f"the connection was lost: {why}")
