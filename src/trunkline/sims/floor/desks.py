"""An agent at work: what the agent does, and the rows that say so."""

from collections import deque
from collections.abc import Iterable
from enum import Enum
from typing import Any

from trunkline.sims.floor.book import Book, Key, Link
from trunkline.sims.floor.calls import Call, CallRows, Kind
from trunkline.sims.floor.known import Promise
from trunkline.sims.floor.leads import Lead
from trunkline.sims.floor.marks import FIRST_SESSION, IN_GROUPS, SALES, SERVER_IP, SERVICE, agent_name
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.outcomes import CALLBACK
from trunkline.sims.floor.roster import Shift
from trunkline.sims.floor.stamps import text

SERVICE_TEAM = (3, 4)
LOGIN, LOGOUT = "LOGIN", "LOGOUT"
_NO_CALL: dict[str, Any] = {"lead_id": 0, "callerid": "", "uniqueid": "", "channel": "", "comments": ""}
_COMMENTS = {Kind.AUTO: "AUTO", Kind.MANUAL: "MANUAL", Kind.INBOUND: "INBOUND"}


class Doing(Enum):
    """What an agent does."""

    AWAY = "away"
    PAUSED = "paused"
    PREVIEW = "preview"
    READY = "ready"
    QUEUE = "queue"
    IN_CALL = "in call"
    DEAD = "dead"
    DISPO = "dispo"


def team_of(agent: int) -> str:
    """Campaign and user group: two of five agents serve, the others sell."""
    return SERVICE if agent % 5 in SERVICE_TEAM else SALES


class Desk:
    """One agent. Rows are written as things happen; who does what when is decided elsewhere."""

    def __init__(self, agent: int, book: Book, rows: CallRows, options: FloorOptions) -> None:
        self.agent, self.user = agent, agent_name(agent)
        self.campaign = self.group = team_of(agent)
        self.doing = Doing.AWAY
        self.shift: Shift | None = None
        self.breaks: deque[tuple[int, str]] = deque()
        self.due: deque[Promise] = deque()
        """Callbacks that are this agent's to make now."""
        self.call: Call | None = None
        self.session = 0
        """Counts times at work: what was planned in an earlier one does not happen any more."""
        self.since = self.wait_epoch = self.talk_epoch = 0
        self.calls_today = 0
        self._pause_epoch = self._dispo_epoch = 0
        self._logs = 0
        self._code = ""
        self._taken = dict.fromkeys(IN_GROUPS, 0)
        self._book, self._rows, self._zone = book, rows, options.zone

    @property
    def sells(self) -> bool:
        return self.campaign == SALES

    @property
    def is_at_work(self) -> bool:
        return self.doing is not Doing.AWAY

    @property
    def _waiting_status(self) -> str:
        return "READY" if self.sells else "CLOSER"

    # -- coming and going -----------------------------------------------------------------------------

    def log_in(self, shift: Shift, at: int) -> None:
        self.shift, self.session = shift, self.session + 1
        self.breaks = deque(one for one in shift.breaks if one[0] > at)
        self.doing, self.since = Doing.PAUSED, at
        self._begin_log(at, LOGIN)
        now = text(at, self._zone)
        self._book.insert(
            "live_agents",
            self.user,
            user=self.user,
            server_ip=SERVER_IP,
            conf_exten=str(FIRST_SESSION + self.agent),
            extension=f"SIP/{self.user}",
            status="PAUSED",
            **_NO_CALL,
            campaign_id=self.campaign,
            random_id=self.agent + 1,
            last_call_time=now,
            last_update_time=now,
            last_call_finish=now,
            closer_campaigns=f" {' '.join(IN_GROUPS)} -",
            user_level=1,
            calls_today=self.calls_today,
            agent_log_id=self._log,
            last_state_change=now,
            outbound_autodial="Y" if self.sells else "N",
            manager_ingroup_set="N",
            preview_lead_id=0,
            pause_code=LOGIN,
        )
        for group in IN_GROUPS:
            self._book.insert(
                "live_inbound_agents",
                (self.user, group),
                user=self.user,
                group_id=group,
                calls_today=self._taken[group],
                last_call_time=now,
                last_call_finish=now,
            )

    def log_out(self, at: int) -> None:
        """From waiting or a pause."""
        self._begin_pause(at, LOGOUT)
        self._end_pause(at)
        self._end_log()
        self.doing, self.since, self.shift = Doing.AWAY, at, None
        self._book.delete("live_agents", self.user)
        self._book.end("live_agents", self.user)
        for group in IN_GROUPS:
            self._book.delete("live_inbound_agents", (self.user, group))

    def new_day(self) -> None:
        self.calls_today = 0
        self._taken = dict.fromkeys(IN_GROUPS, 0)
        if self.is_at_work:
            self._live(calls_today=0)
            for group in IN_GROUPS:
                self._book.update("live_inbound_agents", (self.user, group), calls_today=0)

    # -- without a call -------------------------------------------------------------------------------

    def pause(self, at: int, code: str) -> None:
        """From waiting, from another pause, or from the moment after a call."""
        self._begin_pause(at, code)
        self._become(Doing.PAUSED, at, status="PAUSED", pause_code=code)

    def preview(self, at: int, lead: Lead) -> None:
        """Look at a lead before calling it."""
        self._begin_pause(at, CALLBACK)
        lead_id = Link("list", lead.number)
        self._become(Doing.PREVIEW, at, status="PAUSED", pause_code=CALLBACK, preview_lead_id=lead_id)

    def ready(self, at: int) -> None:
        self._end_pause(at)
        self._become(Doing.READY, at, status=self._waiting_status, pause_code="", preview_lead_id=0)

    # -- with a call ----------------------------------------------------------------------------------

    def take(self, call: Call, at: int) -> None:
        """A call is on its way to this desk."""
        self.call, call.desk = call, self
        self._become(
            Doing.QUEUE,
            at,
            status="QUEUE",
            lead_id=Link("list", call.lead.number),
            callerid=self._rows.code(call),
            uniqueid=call.uniqueid,
            channel=call.channel,
            comments=_COMMENTS[call.kind],
            pause_code="",
            preview_lead_id=0,
        )

    def dial(self, call: Call, at: int) -> None:
        """Call somebody from a pause: the agent is in the call from the first ring."""
        self._end_pause(at)
        self.take(call, at)
        self.talk(at)

    def talk(self, at: int) -> None:
        call = self._call
        self.calls_today += 1
        self.talk_epoch = at
        self._note(
            wait_sec=at - self.wait_epoch,
            talk_epoch=at,
            lead_id=Link("list", call.lead.number),
            uniqueid=call.uniqueid,
            comments=_COMMENTS[call.kind],
        )
        now = text(at, self._zone)
        self._become(Doing.IN_CALL, at, status="INCALL", last_call_time=now, calls_today=self.calls_today)
        if call.is_inbound:
            self._taken[call.campaign] += 1
            self._inbound(call, last_call_time=now, calls_today=self._taken[call.campaign])

    def notice_nothing(self, at: int) -> None:
        """The other side is gone, and the agent has not seen it."""
        self.doing, self.since = Doing.DEAD, at
        self._note(dead_epoch=at)

    def choose_status(self, at: int) -> None:
        """The call is over; the agent says how it went."""
        dead = {"dead_sec": at - self.since} if self.doing is Doing.DEAD else {}
        self._note(talk_sec=at - self.talk_epoch, dispo_epoch=at, **dead)
        self._dispo_epoch = at
        self._become(Doing.DISPO, at, status="PAUSED", callerid="", uniqueid="", channel="")

    def finish(self, at: int, status: str) -> None:
        """Done with the call: a pause begins, which may end in the same second."""
        call = self._call
        self._note(dispo_sec=at - self._dispo_epoch, status=status)
        self._end_log()
        self._begin_log(at, "")
        now = text(at, self._zone)
        self._become(Doing.PAUSED, at, status="PAUSED", **_NO_CALL, last_call_finish=now)
        if call.is_inbound:
            self._inbound(call, last_call_finish=now)
        self.call = None

    @property
    def _call(self) -> Call:
        assert self.call is not None, f"{self.user} has a call"
        return self.call

    # -- rows -----------------------------------------------------------------------------------------

    @property
    def _log_key(self) -> Key:
        return self.user, self._logs

    @property
    def _log(self) -> Link:
        return Link("agent_log", self._log_key)

    def _begin_log(self, at: int, code: str) -> None:
        self._logs += 1
        self._code = code
        self._pause_epoch = self.wait_epoch = at
        self._book.insert(
            "agent_log",
            self._log_key,
            user=self.user,
            server_ip=SERVER_IP,
            event_time=text(at, self._zone),
            lead_id=None,
            campaign_id=self.campaign,
            pause_epoch=at,
            pause_sec=0,
            wait_epoch=at,
            wait_sec=0,
            talk_epoch=None,
            talk_sec=0,
            dispo_epoch=None,
            dispo_sec=0,
            status=None,
            user_group=self.group,
            comments=None,
            sub_status=code or None,
            dead_epoch=None,
            dead_sec=0,
            uniqueid="",
            pause_type="AGENT",
        )

    def _note(self, **values: Any) -> None:
        self._book.update("agent_log", self._log_key, **values)

    def _end_log(self) -> None:
        self._book.end("agent_log", self._log_key)

    def _begin_pause(self, at: int, code: str) -> None:
        """A pause for a reason has a row of its own; one right after a call gets its reason here."""
        if self.doing is Doing.READY:
            self._note(wait_sec=at - self.wait_epoch)
        elif self._code:
            self._end_pause(at)
        else:
            self._code = code
            self._note(sub_status=code)
            return
        self._end_log()
        self._begin_log(at, code)

    def _end_pause(self, at: int) -> None:
        self.wait_epoch = at
        self._note(pause_sec=at - self._pause_epoch, wait_epoch=at)

    def _become(self, doing: Doing, at: int, **values: Any) -> None:
        self.doing, self.since = doing, at
        now = text(at, self._zone)
        self._live(agent_log_id=self._log, last_state_change=now, last_update_time=now, **values)

    def _live(self, **values: Any) -> None:
        self._book.update("live_agents", self.user, **values)

    def _inbound(self, call: Call, **values: Any) -> None:
        self._book.update("live_inbound_agents", (self.user, call.campaign), **values)


def longest_waiting(desks: Iterable[Desk]) -> Desk | None:
    return min((d for d in desks if d.doing is Doing.READY), key=lambda d: (d.since, d.agent), default=None)
