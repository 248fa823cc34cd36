"""The floor as a whole: opened at an instant, moved on as far as somebody asks, closed."""

from trunkline.sims.floor.book import Book
from trunkline.sims.floor.desks import Doing
from trunkline.sims.floor.figures import Figures
from trunkline.sims.floor.hopper import LEADS_A_DAY
from trunkline.sims.floor.known import Known
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.roster import shifts_at, shifts_of_day
from trunkline.sims.floor.scene import Day, Scene
from trunkline.sims.floor.stamps import local, next_midnight
from trunkline.sims.floor.talking import Talking

LATE_SECONDS = 5
SOON = (2, 8)
"""Who should be at work already when the floor opens comes, and is ready, within a few seconds."""
NEW_LEADS_AT = 27_000
"""Seconds after midnight: half past seven, as a rule."""
_IN_CALL = (Doing.QUEUE, Doing.IN_CALL, Doing.DEAD)
_PAUSED = (Doing.PAUSED, Doing.PREVIEW)


class Floor:
    """A call center at one instant, and everything that leads to the next.

    The same options, beginning and history lead to the same events, however often and in whatever steps it
    is moved on. What happened stands in `book`.
    """

    def __init__(self, options: FloorOptions, begins: int, known: Known | None = None) -> None:
        history = known or Known()
        self._scene = Scene(options, begins, history)
        self._talking = Talking(self._scene)
        self._open(history)

    @property
    def book(self) -> Book:
        return self._scene.book

    @property
    def now(self) -> int:
        """The last second that is done, since 1970."""
        return self._scene.now

    @property
    def speed(self) -> float:
        return self._scene.agenda.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._scene.agenda.speed = speed

    @property
    def counts(self) -> dict[str, int]:
        """How far its numbers are, for the floor that goes on after this one."""
        scene = self._scene
        return {
            "next_call": scene.next_call,
            "next_lead": scene.leads.next_number,
            "next_callback": scene.next_callback,
        }

    def advance(self, until: int) -> None:
        """Let everything happen up to a second, and including it."""
        self._scene.agenda.run(until)

    def close(self) -> None:
        """Calls end, agents log out, nothing is live any more. The floor does not move after that."""
        self._scene.agenda.clear()
        self._talking.close()
        self._scene.agenda.clear()

    def figures(self) -> Figures:
        desks = [desk.doing for desk in self._scene.desks if desk.is_at_work]
        inbound, outbound = self._talking.inbound, self._talking.outbound
        return Figures(
            agents=len(desks),
            in_call=sum(doing in _IN_CALL for doing in desks),
            ready=sum(doing is Doing.READY for doing in desks),
            paused=sum(doing in _PAUSED for doing in desks),
            dispo=sum(doing is Doing.DISPO for doing in desks),
            waiting=len(inbound.waiting) + len(outbound.waiting),
            ringing=len(outbound.ringing) + len(inbound.in_menu),
            hopper=len(self._talking.hopper),
            calls_today=self._scene.day.calls,
            dropped_today=self._scene.day.dropped,
        )

    def _open(self, known: Known) -> None:
        scene, talking = self._scene, self._talking
        if not known.leads:
            talking.hopper.load_first()
        for shift in shifts_at(scene.options, scene.now):
            late = 1 + shift.agent % LATE_SECONDS
            scene.agenda.after(late, talking.log_in, scene.desks[shift.agent], shift, SOON)
        self._plan_day()
        talking.callbacks.go_on(known.promises)
        talking.outbound.begin()
        talking.inbound.begin()

    def _new_day(self) -> None:
        self._scene.day = Day()
        for desk in self._scene.desks:
            desk.new_day()
        self._plan_day()

    def _plan_day(self) -> None:
        """What this day brings from now on, and the next midnight."""
        scene = self._scene
        zone, now = scene.options.zone, scene.now
        for shift in shifts_of_day(scene.options, local(now, zone).date()):
            if shift.begins >= now:
                scene.agenda.at(shift.begins, self._talking.log_in, scene.desks[shift.agent], shift)
        midnight = next_midnight(now, zone)
        if (load_at := midnight - 86_400 + NEW_LEADS_AT) >= now:
            scene.agenda.at(load_at, self._talking.hopper.load, LEADS_A_DAY * scene.options.agents)
        scene.agenda.at(midnight, self._new_day)
