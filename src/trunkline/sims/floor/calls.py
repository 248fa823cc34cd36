"""Calls and the rows they leave: live ones, the logs of both directions, recordings, the lead itself."""

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from trunkline.sims.floor.book import Book, Link
from trunkline.sims.floor.known import Promise
from trunkline.sims.floor.leads import Lead
from trunkline.sims.floor.marks import AUTO_DIALER, DIDS, QUEUE, SERVER_IP
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.outcomes import Talk
from trunkline.sims.floor.stamps import call_stamp, file_stamp, text

if TYPE_CHECKING:
    from trunkline.sims.floor.desks import Desk

FIRST_CALL = 5_000_000
"""Calls are counted from here, so that their unique ids are none of a telephone system's own."""
RECORDINGS = f"http://{SERVER_IP}/RECORDINGS/MP3"


class Kind(Enum):
    """Who placed the call: the first letter of its id says it."""

    AUTO = "V"
    MANUAL = "M"
    INBOUND = "Y"


class Stage(Enum):
    """Where a call is."""

    RINGING = "ringing"
    WAITING = "waiting"
    WITH_AGENT = "with agent"
    OVER = "over"


@dataclass(eq=False)
class Call:
    """One call from its first second to its last."""

    number: int
    kind: Kind
    lead: Lead
    campaign: str
    """The campaign, or of an inbound call its in-group."""
    began: int
    did: str = ""
    logged_from: int = 0
    """When its log begins: the dialling, or of an inbound call the queue."""
    stage: Stage = Stage.RINGING
    is_logged: bool = False
    desk: "Desk | None" = None
    talk: Talk | None = None
    hung_up_at: int = 0
    is_recorded: bool = False
    is_parked: bool = False
    queued_at: int = 0
    callback: Promise | None = None
    """The callback that this call is."""
    uniqueid: str = field(init=False)

    def __post_init__(self) -> None:
        self.uniqueid = f"{self.began}.{FIRST_CALL + self.number}"
        self.logged_from = self.logged_from or self.began

    @property
    def is_inbound(self) -> bool:
        return self.kind is Kind.INBOUND

    @property
    def log(self) -> str:
        return "closer_log" if self.is_inbound else "log"

    @property
    def channel(self) -> str:
        return f"SIP/floor-{FIRST_CALL + self.number:08x}"


class CallRows:
    """Writes what calls leave behind."""

    def __init__(self, book: Book, options: FloorOptions) -> None:
        self._book = book
        self._zone = options.zone

    def code(self, call: Call) -> Link:
        """The call's id: its kind, the time, the lead."""
        return Link("list", call.lead.number, call.kind.value + call_stamp(call.began, self._zone))

    def dialled(self, call: Call, user: str) -> None:
        """A call goes out."""
        self._live(call, "SENT", "OUT")
        self._extended(call)
        self._lead_called(call, user)

    def came(self, call: Call, name: str) -> None:
        """A call comes in, and hears the menu."""
        self._book.insert(
            "did_log",
            call.uniqueid,
            uniqueid=call.uniqueid,
            channel=call.channel,
            server_ip=SERVER_IP,
            caller_id_number=call.lead.phone,
            caller_id_name=name,
            extension=call.did,
            call_date=text(call.began, self._zone),
            did_id=str(1 + sorted(DIDS).index(call.did)),
            did_route="IN_GROUP",
        )
        self._live(call, "IVR", "IN")

    def queued(self, call: Call, position: int) -> None:
        """An inbound call enters its queue."""
        self._extended(call)
        self._lead_called(call, QUEUE)
        self._log(call, "QUEUE", QUEUE, queue_seconds=0, queue_position=position, uniqueid=call.uniqueid)
        self.update_live(call, status="LIVE", queue_position=position)

    def answered(self, call: Call) -> None:
        """Somebody answered a dialled call, and there is nobody yet to talk to."""
        self._log(call, "QUEUE", AUTO_DIALER, uniqueid=call.uniqueid)
        self.update_live(call, status="LIVE", stage="LIVE-0")

    def update_live(self, call: Call, **values: Any) -> None:
        self._book.update("auto_calls", call.uniqueid, **values)

    def connected(self, call: Call, at: int) -> None:
        """An agent talks."""
        desk = call.desk
        assert desk is not None, "an agent has the call"
        values: dict[str, Any] = {"status": "INCALL", "user": desk.user, "user_group": desk.group}
        if call.is_inbound:
            values["queue_seconds"] = at - call.queued_at
        if call.is_logged:
            self._book.update(call.log, call.uniqueid, **values)
        else:
            self._log(call, values["status"], desk.user, uniqueid=call.uniqueid)
        self._book.update("list", call.lead.number, status="INCALL", user=desk.user)

    def record(self, call: Call, at: int) -> None:
        """The recording begins."""
        desk = call.desk
        assert desk is not None, "an agent has the call"
        call.is_recorded = True
        is_inbound = call.is_inbound
        self._book.insert(
            "recording_log",
            call.uniqueid,
            channel=call.channel,
            server_ip=SERVER_IP,
            extension="8309",
            start_time=text(at, self._zone),
            start_epoch=at,
            end_time=None,
            end_epoch=None,
            length_in_sec=None,
            length_in_min=None,
            filename=f"{file_stamp(at, self._zone)}_{call.lead.phone}_{desk.user}",
            location=None,
            lead_id=Link("list", call.lead.number),
            user=desk.user,
            vicidial_id=Link("closer_log", call.uniqueid) if is_inbound else call.uniqueid,
        )

    def hung_up(self, call: Call, at: int, status: str, reason: str) -> None:
        """The line is free; with an agent, the call's own status follows when the agent has chosen one."""
        self._book.delete("auto_calls", call.uniqueid)
        self._book.end("auto_calls", call.uniqueid)
        call.hung_up_at = at
        if not call.is_logged:
            self._log(call, status, AUTO_DIALER, uniqueid=call.uniqueid)
        self._book.update(
            call.log,
            call.uniqueid,
            end_epoch=at,
            length_in_sec=at - call.logged_from,
            status=status,
            term_reason=reason,
        )
        if call.is_inbound and call.desk is None:
            self._book.update(call.log, call.uniqueid, queue_seconds=at - call.queued_at)
        if call.is_recorded:
            self._end_recording(call, at)

    def _end_recording(self, call: Call, at: int) -> None:
        desk = call.desk
        assert desk is not None, "an agent had the call"
        began = desk.talk_epoch
        name = f"{file_stamp(began, self._zone)}_{call.lead.phone}_{desk.user}"
        self._book.update(
            "recording_log",
            call.uniqueid,
            end_time=text(at, self._zone),
            end_epoch=at,
            length_in_sec=at - began,
            length_in_min=f"{(at - began) / 60:.2f}",
            location=location_of(name),
        )
        self._book.end("recording_log", call.uniqueid)

    def over(self, call: Call, at: int, status: str, user: str) -> None:
        """The last that is written of a call: how it ended."""
        call.stage = Stage.OVER
        self._book.update(call.log, call.uniqueid, status=status)
        self._book.end(call.log, call.uniqueid)
        self._book.update(
            "list", call.lead.number, status=status, user=user, modify_date=text(at, self._zone)
        )

    def park(self, call: Call, at: int) -> None:
        call.is_parked = True
        self._book.insert(
            "parked_channels",
            call.channel,
            channel=call.channel,
            server_ip=SERVER_IP,
            channel_group=self.code(call),
            extension="park",
            parked_by=call.desk.user if call.desk else "",
            parked_time=text(at, self._zone),
        )

    def unpark(self, call: Call) -> None:
        if call.is_parked:
            call.is_parked = False
            self._book.delete("parked_channels", call.channel)

    def _live(self, call: Call, status: str, direction: str) -> None:
        at = text(call.began, self._zone)
        self._book.insert(
            "auto_calls",
            call.uniqueid,
            server_ip=SERVER_IP,
            campaign_id=call.campaign,
            status=status,
            lead_id=Link("list", call.lead.number),
            uniqueid=call.uniqueid,
            callerid=self.code(call),
            channel=call.channel,
            phone_code="1",
            phone_number=call.lead.phone,
            call_time=at,
            call_type=direction,
            stage="START",
            last_update_time=at,
            extension=call.did,
        )

    def _extended(self, call: Call) -> None:
        self._book.insert(
            "log_extended",
            call.uniqueid,
            uniqueid=call.uniqueid,
            server_ip=SERVER_IP,
            call_date=text(call.logged_from, self._zone),
            lead_id=Link("list", call.lead.number),
            caller_code=self.code(call),
            custom_call_id="",
        )

    def _log(self, call: Call, status: str, user: str, **more: Any) -> None:
        call.is_logged = True
        self._book.insert(
            call.log,
            call.uniqueid,
            lead_id=Link("list", call.lead.number),
            list_id=call.lead.list_id,
            campaign_id=call.campaign,
            call_date=text(call.logged_from, self._zone),
            start_epoch=call.logged_from,
            end_epoch=None,
            length_in_sec=None,
            status=status,
            phone_code="1",
            phone_number=call.lead.phone,
            user=user,
            comments="MANUAL" if call.kind is Kind.MANUAL else "AUTO",
            processed="N",
            user_group=call.desk.group if call.desk else "",
            term_reason="NONE",
            called_count=call.lead.calls,
            **more,
        )

    def _lead_called(self, call: Call, user: str) -> None:
        lead = call.lead
        lead.calls += 1
        at = text(call.logged_from, self._zone)
        self._book.update(
            "list",
            lead.number,
            status="INCALL" if not call.is_inbound else "QUEUE",
            user=user,
            called_count=lead.calls,
            called_since_last_reset="Y",
            last_local_call_time=at,
            modify_date=at,
        )


def location_of(filename: str) -> str:
    """Where a finished recording is said to lie."""
    return f"{RECORDINGS}/{filename}-all.mp3"
