"""Calls that the API asks the telephone system to make: rows of the manager's queue.

Rows with status NEW are taken by the dialer's own process. Where the server has a manager here, the row
never has that status, and the call is made by this process as soon as the row is kept.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from trunkline.dialer.asterisk.actions import Action
from trunkline.dialer.asterisk.switchboard import MARK, TAKEN
from trunkline.dialer.command import Call
from trunkline.telephony import calls
from trunkline.telephony.headers import is_clean

CONTEXT = "default"
FIRST_PRIORITY = 1
WAITING, UNANSWERED, ACTION, RELOAD = "NEW", "N", "Originate", "Reload"
_NOT_USED = ("uniqueid", "channel", *(f"cmd_line_{letter}" for letter in "hijk"))


@dataclass(frozen=True)
class Origination:
    """A call from a channel to an extension."""

    code: str
    """What the call is known by in all logs, and shown as its name."""
    server_ip: str
    """The server that makes the call."""
    channel: str
    extension: str
    number_shown: str = ""

    @property
    def caller_id(self) -> str:
        return f'"{self.code}" <{self.number_shown}>'

    @property
    def is_clean(self) -> bool:
        """Whether no value brings a line of its own, which Asterisk would obey."""
        return all(map(is_clean, (self.code, self.channel, self.extension, self.number_shown)))

    def to_place(self) -> calls.Origination:
        """The same for Asterisk."""
        return calls.Origination(
            self.channel,
            context=CONTEXT,
            extension=self.extension,
            priority=FIRST_PRIORITY,
            caller_id=self.caller_id,
        )


async def queue(call: Call, origination: Origination) -> int:
    """Put the call into the queue, and into the log of dialed calls; its number in the queue.

    It is made once everything is kept, where the server has a manager.
    """
    board = call.switchboard
    is_ours = board is not None and board.reaches(origination.server_ip)
    action_id = board.new_action_id() if board is not None and is_ours else ""
    number = await call.work.insert(
        "manager",
        entry_date=call.time,
        status=TAKEN if is_ours else WAITING,
        response=UNANSWERED,
        server_ip=origination.server_ip,
        action=ACTION,
        callerid=origination.code,
        cmd_line_b=f"Channel: {origination.channel}",
        cmd_line_c=f"Context: {CONTEXT}",
        cmd_line_d=f"Exten: {origination.extension}",
        cmd_line_e=f"Priority: {FIRST_PRIORITY}",
        cmd_line_f=f"Callerid: {origination.caller_id}",
        cmd_line_g=f"{MARK}{action_id}" if is_ours else "",
        **dict.fromkeys(_NOT_USED, ""),
    )
    await _log(call, origination)
    if board is not None and is_ours:
        action = replace(
            _action(call, ACTION, action_id, origination.server_ip),
            man_id=number,
            code=origination.code,
            channel=origination.channel,
            extension=origination.extension,
        )
        call.afterwards.append(lambda: board.begin_call(action, origination.to_place()))
    return number


def reload(call: Call, server_ip: str) -> None:
    """Have a server take up its set-up anew once everything is kept, where it has a manager."""
    board = call.switchboard
    if board is not None and board.reaches(server_ip):
        action = _action(call, RELOAD, board.new_action_id(), server_ip)
        call.afterwards.append(lambda: board.begin_reload(action))


def _action(call: Call, name: str, action_id: str, server_ip: str) -> Action:
    asked_at = datetime.fromtimestamp(call.epoch, UTC)
    user = str(call.user.get("user") or call.arg("user"))
    return Action(action_id, name, call.function, user, server_ip, asked_at)


async def _log(call: Call, origination: Origination) -> None:
    await call.work.insert(
        "dial_log",
        caller_code=origination.code,
        server_ip=origination.server_ip,
        call_date=call.time,
        extension=origination.extension,
        channel=origination.channel,
        context=CONTEXT,
        outbound_cid=origination.caller_id,
    )
