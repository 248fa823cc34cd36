"""The pretend manager as a server on this machine: connections, actions, events, and a control side."""

import asyncio
import itertools
import secrets
from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from trunkline.clock import Clock
from trunkline.errors import SettingsError
from trunkline.sims.ami import answers
from trunkline.sims.ami.control import controlled
from trunkline.sims.ami.faults import Fault, Faults
from trunkline.sims.ami.options import AmiSimOptions, Rule
from trunkline.sims.ami.playing import Channel, Playing, number_of
from trunkline.sims.ami.wire import Asked, Reader, message
from trunkline.sims.answer import response_of
from trunkline.sims.serving import PretendService

HOST = "127.0.0.1"
QUEUED = "Originate successfully queued"
GARBAGE = "\x01\x02 what is this\r\nNo colon at all\r\nEvent\r\n: nothing\r\n\r\n"
_USUAL = AmiSimOptions()


class Session:
    """One connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.challenge = str(secrets.randbelow(10**9))
        self.is_signed_in = False
        self.events = "off"

    @property
    def hears_calls(self) -> bool:
        classes = {word.strip() for word in self.events.split(",")}
        return self.is_signed_in and bool(classes & {"on", "all", "yes", "true", "call"})

    def write(self, data: bytes) -> None:
        if not self.writer.is_closing():
            self.writer.write(data)

    def drop(self) -> None:
        """End the connection as a broken line does: what was not sent is lost."""
        self.writer.transport.abort()


class AmiSim(PretendService):
    """A manager that exists on this machine only.

    Start it, talk to `port`, look at `actions`, change its mood with `rules` and `faults`. `url` is its
    control side.
    """

    def __init__(
        self, options: AmiSimOptions = _USUAL, clock: Clock | None = None, control_port: int = 0
    ) -> None:
        super().__init__(clock)
        self.options = options
        self.faults = Faults()
        self.actions: list[Asked] = []
        """All that arrived, secrets masked."""
        self.channels: dict[str, Channel] = {}
        self.port = 0
        self._control_port = control_port
        self._server: asyncio.Server | None = None
        self._sessions: set[Session] = set()
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1; the address of the control side. Raises SettingsError for a port in use."""
        try:
            self._server = await asyncio.start_server(self._connected, HOST, port)
        except OSError as error:
            raise SettingsError(
                f"Port {port} of {HOST} cannot be used: {error.strerror or error}.",
                todo="Choose another --port, or 0 for a free one.",
            ) from None
        self.port = self._server.sockets[0].getsockname()[1]
        return await super().start(self._control_port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.drop_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await super().stop()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        return response_of(await controlled(self, request))

    @property
    def connections(self) -> int:
        return len(self._sessions)

    def asked(self, name: str) -> list[Asked]:
        """The actions of a name that arrived, in order."""
        return [one for one in self.actions if one.name.lower() == name.lower()]

    def add_rule(self, rule: Rule) -> None:
        """From now on this rule comes before all others."""
        self.options = replace(self.options, rules=(rule, *self.options.rules))

    def clear_rules(self) -> None:
        self.options = replace(self.options, rules=())

    def drop_all(self) -> int:
        """Break every connection; how many there were."""
        for session in self._sessions:
            session.drop()
        return len(self._sessions)

    def channels_of(self, number: str) -> list[Channel]:
        """The channels of numbers, `*` standing for anything, that are there now."""
        rule = Rule(number)
        return [channel for channel in self.channels.values() if rule.fits(channel.number)]

    def event(self, name: str, *headers: tuple[str, object]) -> None:
        """Tell an event to all who listen; a waiting fault may end their connections instead."""
        if self.faults.drops_at(name):
            self.drop_all()
            return
        data = message(("Event", name), ("Privilege", "call,all"), *headers)
        for session in self._sessions:
            if session.hears_calls:
                session.write(data)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(writer)
        self._sessions.add(session)
        greeting = self.faults.greeting()
        session.write(f"{greeting or f'Asterisk Call Manager/{self.options.version}'}\r\n".encode())
        actions = Reader()
        try:
            while data := await reader.read(4096):
                for asked in actions.actions(data):
                    await self._answered(session, asked)
        except ValueError as error:
            session.write(message(*answers.bad(str(error))))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._sessions.discard(session)
            writer.close()

    async def _answered(self, session: Session, asked: Asked) -> None:
        self.actions.append(_masked(asked))
        for fault in self.faults.hitting_action(asked.name):
            if fault.kind == "slow":
                await self.clock.sleep(fault.seconds)
            elif fault.kind == "garbage":
                session.write((fault.text or GARBAGE).encode("utf-8", "surrogatepass"))
            elif not await self._goes_on(session, asked, fault):
                return
        await self._answer(session, asked)

    async def _goes_on(self, session: Session, asked: Asked, fault: Fault) -> bool:
        """Do what a fault says in place of the answer; False: there is no answer any more."""
        match fault.kind:
            case "error":
                self._write(session, asked, answers.bad(fault.text or "Internal error"))
            case "drop_before":
                session.drop()
            case "drop_after":
                await self._answer(session, asked)
                await session.writer.drain()
                session.writer.close()
        return False

    async def _answer(self, session: Session, asked: Asked) -> None:
        name = asked.name.lower()
        if not session.is_signed_in and name not in answers.OPEN_TO_ALL:
            self._write(session, asked, answers.bad("Permission denied"))
        elif name == "originate":
            self._originate(session, asked)
        else:
            self._write(session, asked, self._usual(session, asked, list(self.channels.values())))
        if name == "login" and session.is_signed_in:
            session.write(message(("Event", "FullyBooted"), ("Status", "Fully Booted")))
        if name == "logoff" or (name == "login" and not session.is_signed_in):
            session.writer.close()

    def _usual(self, session: Session, asked: Asked, there: Sequence[Channel]) -> answers.Answer:
        match asked.name.lower():
            case "challenge":
                return answers.challenge(session, asked, self.options)
            case "login":
                return answers.login(session, asked, self.options)
            case "logoff":
                return [("Response", "Goodbye"), ("Message", "Thanks for all the fish.")]
            case "ping":
                return answers.good(
                    "", ("Ping", "Pong"), ("Timestamp", f"{self.clock.now().timestamp():.6f}")
                )
            case "hangup":
                return answers.hang_up(asked, there)
            case "reload":
                return answers.reload(asked)
            case "command":
                return answers.command(asked, there)
        return answers.bad(
            f"Invalid/unknown command: {asked.name}. Use Action: ListCommands to show available commands."
        )

    def _originate(self, session: Session, asked: Asked) -> None:
        refusal = self._refusal(asked)
        if refusal:
            self._write(session, asked, answers.bad(refusal))
            return
        playing = Playing(asked, self.options.rule_of, self.event, self.clock, self.channels, self._new_id)
        if playing.is_async:
            self._write(session, asked, answers.good(QUEUED))
        task = asyncio.create_task(self._played(session, asked, playing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _refusal(self, asked: Asked) -> str:
        """Why the action itself is refused; empty where it is not."""
        if not asked.get("Channel"):
            return "Channel not specified"
        if "/" not in asked.get("Channel"):
            return "Invalid channel"
        if not asked.get("Application") and not (asked.get("Exten") and asked.get("Context")):
            return "Originate with 'Exten' requires 'Context' and 'Priority'"
        numbers = (number_of(asked.get("Channel")), asked.get("Exten"))
        return next((r for r in (self.options.rule_of(n).refusal for n in numbers if n) if r), "")

    async def _played(self, session: Session, asked: Asked, playing: Playing) -> None:
        was_answered = await playing.ring()
        if not playing.is_async:
            answer = answers.good(QUEUED) if was_answered else answers.bad("Originate failed")
            self._write(session, asked, answer)
        if was_answered:
            await playing.talk()

    def _new_id(self) -> str:
        return f"{int(self.clock.now().timestamp())}.{next(self._numbers)}"

    def _write(self, session: Session, asked: Asked, answer: answers.Answer) -> None:
        action_id = [("ActionID", asked.get("ActionID"))] if asked.get("ActionID") else []
        session.write(message(answer[0], *action_id, *answer[1:]))


def _masked(asked: Asked) -> Asked:
    hidden = ("secret", "key")
    headers = [(name, "***" if name.lower() in hidden else value) for name, value in asked.headers]
    return Asked(headers, asked.strange)
