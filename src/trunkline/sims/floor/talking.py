"""Agents and calls together: who gets which call, how it goes on, what the agent does after it."""

from trunkline.sims.floor.callbacks import Callbacks
from trunkline.sims.floor.calls import Call, Kind, Stage
from trunkline.sims.floor.desks import Desk, Doing, longest_waiting
from trunkline.sims.floor.hopper import Hopper
from trunkline.sims.floor.inbound import Inbound
from trunkline.sims.floor.known import Promise
from trunkline.sims.floor.marks import CAMPAIGN_OF, SALES
from trunkline.sims.floor.outbound import Outbound
from trunkline.sims.floor.outcomes import CALLBACK, RING_OUT_SECONDS, Talk, inbound_talk, outbound_talk, ring
from trunkline.sims.floor.roster import Shift
from trunkline.sims.floor.scene import Scene

PAUSES = {"BREAK": (600, 960), "LUNCH": (1_680, 2_100), "COACH": (900, 1_800), "ADMIN": (20, 150)}
"""How long pauses take, in seconds."""
ALONE_SECONDS = 240
"""The longest pause of somebody who leaves nobody behind."""
LOGIN_SECONDS = (15, 75)
PREVIEW_SECONDS = (5, 20)
ADMIN_PERCENT = 6
SHORTEST_RECORDED = 5


class Talking:
    """What happens at the desks."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.hopper = Hopper(scene)
        self.callbacks = Callbacks(scene, self.hopper, self.attend)
        self.inbound = Inbound(scene, self.match)
        self.outbound = Outbound(scene, self.hopper, self.callbacks, self.match)

    # -- at work --------------------------------------------------------------------------------------

    def log_in(self, desk: Desk, shift: Shift, pause: tuple[int, int] = LOGIN_SECONDS) -> None:
        """An agent comes, and is ready after a pause of so many seconds."""
        if desk.is_at_work:
            return
        scene, agenda = self._scene, self._scene.agenda
        desk.log_in(shift, scene.now)
        dice = scene.dice("login", f"{desk.user}:{shift.begins}")
        agenda.after(dice.between(*pause), self._back, desk, desk.session)
        for when in (*(at for at, _ in desk.breaks), shift.ends):
            agenda.at(when, self.attend, desk)

    def attend(self, desk: Desk) -> None:
        """Something is due: a break, a callback, the end of the day. A desk with a call comes to it later."""
        if desk.doing is Doing.READY:
            self._next(desk)

    def _next(self, desk: Desk) -> None:
        """What a desk without a call does from here on."""
        scene = self._scene
        shift = desk.shift
        assert shift is not None, "at work"
        if scene.now >= shift.ends:
            self._leave(desk)
        elif desk.breaks and desk.breaks[0][0] <= scene.now:
            self._pause(desk, desk.breaks.popleft()[1])
        elif not self._calls_back(desk):
            if desk.doing is not Doing.READY:
                desk.ready(scene.now)
            self.match()
            self.outbound.pace()

    def _leave(self, desk: Desk) -> None:
        desk.log_out(self._scene.now)
        while desk.due:
            self.callbacks.put_off(desk.due.popleft())

    def _pause(self, desk: Desk, code: str) -> None:
        scene = self._scene
        desk.pause(scene.now, code)
        seconds = scene.dice("pause", f"{desk.user}:{scene.now}").between(*PAUSES[code])
        if not any(other.is_at_work and other.doing is not Doing.PAUSED for other in scene.desks):
            seconds = min(seconds, ALONE_SECONDS)
        scene.agenda.after(seconds, self._back, desk, desk.session)

    def _back(self, desk: Desk, session: int) -> None:
        if desk.session == session and desk.doing is Doing.PAUSED:
            self._next(desk)

    # -- calling back ---------------------------------------------------------------------------------

    def _calls_back(self, desk: Desk) -> bool:
        """Whether the agent turns to a callback."""
        scene = self._scene
        while desk.due:
            promise = desk.due.popleft()
            if promise.lead.is_busy:
                self.callbacks.put_off(promise)
            elif not self.callbacks.is_wanted(promise):
                self.callbacks.made(promise)
            else:
                promise.lead.is_busy = True
                desk.preview(scene.now, promise.lead)
                dice = scene.dice("preview", f"{desk.user}:{scene.now}")
                scene.agenda.after(dice.between(*PREVIEW_SECONDS), self._dial, desk, promise)
                return True
        return False

    def _dial(self, desk: Desk, promise: Promise) -> None:
        scene = self._scene
        call = scene.new_call(Kind.MANUAL, promise.lead, SALES)
        call.callback, call.stage = promise, Stage.WITH_AGENT
        self.callbacks.made(promise)
        call.desk = desk
        scene.rows.dialled(call, desk.user)
        scene.rows.update_live(call, status="XFER")
        desk.dial(call, scene.now)
        self._converse(call, _manual_talk(scene, call))

    # -- calls ----------------------------------------------------------------------------------------

    def match(self) -> None:
        """Give waiting calls to waiting agents: callers first, those of the right team before others."""
        for call in list(self.inbound.waiting):
            team = CAMPAIGN_OF[call.campaign]
            desk = longest_waiting(d for d in self._scene.desks if d.campaign == team)
            self._give(call, desk or longest_waiting(self._scene.desks))
        for call in list(self.outbound.waiting):
            self._give(call, longest_waiting(d for d in self._scene.desks if d.sells))

    def _give(self, call: Call, desk: Desk | None) -> None:
        if desk is None:
            return
        scene = self._scene
        (self.inbound if call.is_inbound else self.outbound).waiting.remove(call)
        call.stage = Stage.WITH_AGENT
        desk.take(call, scene.now)
        scene.rows.update_live(call, status="CLOSER" if call.is_inbound else "XFER")
        scene.agenda.after(1 + call.number % 2, self._answer, call)

    def _answer(self, call: Call) -> None:
        scene, desk = self._scene, _desk(call)
        if desk.doing is not Doing.QUEUE:
            return
        desk.talk(scene.now)
        dice = scene.dice("talk", call.number)
        is_support = CAMPAIGN_OF.get(call.campaign) != SALES
        self._converse(call, inbound_talk(dice, is_support) if call.is_inbound else outbound_talk(dice))

    def _converse(self, call: Call, talk: Talk) -> None:
        scene, agenda = self._scene, self._scene.agenda
        call.talk = talk
        scene.rows.connected(call, scene.now)
        if talk.seconds >= SHORTEST_RECORDED:
            scene.rows.record(call, scene.now)
        if talk.park:
            begins, lasts = talk.park
            agenda.after(begins, self._park, call)
            agenda.after(begins + lasts, scene.rows.unpark, call)
        agenda.after(talk.seconds, self._hang_up, call)

    def _park(self, call: Call) -> None:
        if call.stage is Stage.WITH_AGENT and not call.hung_up_at:
            self._scene.rows.park(call, self._scene.now)

    def _hang_up(self, call: Call) -> None:
        scene, desk, talk = self._scene, _desk(call), _talk(call)
        scene.rows.unpark(call)
        scene.rows.hung_up(call, scene.now, "INCALL", "CALLER" if talk.by_caller else "AGENT")
        if talk.dead_seconds:
            desk.notice_nothing(scene.now)
            scene.agenda.after(talk.dead_seconds, self._choose, call)
        else:
            self._choose(call)

    def _choose(self, call: Call) -> None:
        scene = self._scene
        _desk(call).choose_status(scene.now)
        scene.agenda.after(_talk(call).dispo_seconds, self._finish, call)

    def _finish(self, call: Call) -> None:
        scene, desk = self._scene, _desk(call)
        self._file(call)
        if scene.dice("admin", call.number).percent(ADMIN_PERCENT):
            self._pause(desk, "ADMIN")
        else:
            self._next(desk)

    def _file(self, call: Call) -> None:
        """The call gets its status, and is over."""
        scene, desk, status = self._scene, _desk(call), _talk(call).status
        if status == CALLBACK:
            self.callbacks.promised(call, desk)
        scene.call_over(call, status, desk.user)
        desk.finish(scene.now, status)

    # -- closing --------------------------------------------------------------------------------------

    def close(self) -> None:
        """Every call ends now, and everybody goes home."""
        self.inbound.close()
        self.outbound.close()
        for desk in self._scene.desks:
            if desk.call is not None:
                self._cut(desk, desk.call)
            if desk.is_at_work:
                desk.log_out(self._scene.now)
        self.hopper.empty()

    def _cut(self, desk: Desk, call: Call) -> None:
        """Bring a call to its end within this second."""
        scene = self._scene
        if desk.doing is Doing.QUEUE:
            self._answer(call)
        if desk.doing is Doing.IN_CALL:
            scene.rows.unpark(call)
            scene.rows.hung_up(call, scene.now, "INCALL", "AGENT")
        if desk.doing in (Doing.IN_CALL, Doing.DEAD):
            desk.choose_status(scene.now)
        self._file(call)


def _manual_talk(scene: Scene, call: Call) -> Talk:
    """A call by hand: the agent hears it ring, and somebody answers or not."""
    drawn = ring(scene.dice("ring", call.number))
    dice = scene.dice("talk", call.number)
    if drawn.status:
        return Talk("N", min(drawn.seconds, RING_OUT_SECONDS), False, 0, dice.between(4, 12), None)
    talk = outbound_talk(dice)
    return Talk(
        talk.status,
        talk.seconds + drawn.seconds,
        talk.by_caller,
        talk.dead_seconds,
        talk.dispo_seconds,
        None,
    )


def _desk(call: Call) -> Desk:
    assert call.desk is not None, "an agent has the call"
    return call.desk


def _talk(call: Call) -> Talk:
    assert call.talk is not None, "the call was answered"
    return call.talk
