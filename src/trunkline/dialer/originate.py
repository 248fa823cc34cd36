"""Calls that the API asks the telephone system to make: rows of the manager's queue.

Whoever talks to the telephone system takes the rows with status NEW from the table `manager`, the dialer's
own process as well as ours; this is all that functions know of it.
"""

from dataclasses import dataclass

from trunkline.dialer.command import Call

CONTEXT = "default"
FIRST_PRIORITY = 1
WAITING, UNANSWERED, ACTION = "NEW", "N", "Originate"
_NOT_USED = ("uniqueid", "channel", *(f"cmd_line_{letter}" for letter in "ghijk"))


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


async def queue(call: Call, origination: Origination) -> int:
    """Put the call into the queue, and into the log of dialed calls; its number in the queue."""
    number = await call.work.insert(
        "manager",
        entry_date=call.time,
        status=WAITING,
        response=UNANSWERED,
        server_ip=origination.server_ip,
        action=ACTION,
        callerid=origination.code,
        cmd_line_b=f"Channel: {origination.channel}",
        cmd_line_c=f"Context: {CONTEXT}",
        cmd_line_d=f"Exten: {origination.extension}",
        cmd_line_e=f"Priority: {FIRST_PRIORITY}",
        cmd_line_f=f"Callerid: {origination.caller_id}",
        **dict.fromkeys(_NOT_USED, ""),
    )
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
    return number
