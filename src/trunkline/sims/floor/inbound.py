"""Callers: they come by chance, hear a menu, wait in their queue, and some give up."""

from collections import deque
from collections.abc import Callable
from math import log

from trunkline.sims.floor.calls import Call, Kind, Stage
from trunkline.sims.floor.leads import Lead
from trunkline.sims.floor.marks import CALLERS, DIDS, QUEUE, SALES_LINE, SUPPORT
from trunkline.sims.floor.outcomes import Caller, caller
from trunkline.sims.floor.scene import Scene
from trunkline.sims.names import FIRST_NAMES, LAST_NAMES

CALLS_AN_HOUR = 4.5
"""For each agent at work."""
CALLS_AT_NIGHT = 6.5
"""While nobody is called, so that agents have something to do."""
NIGHT = frozenset((*range(9), *range(21, 24)))
LEAST_AN_HOUR = 1.0
LOOK_AGAIN_SECONDS = 300
"""How often people call changes: longer gaps are drawn anew, which chance without memory allows."""
_FINE = 1_000_000
_DID_OF = {group: did for did, group in DIDS.items()}


class Inbound:
    """Calls in the menu, and those that wait for an agent."""

    def __init__(self, scene: Scene, match: Callable[[], None]) -> None:
        self._scene, self._match = scene, match
        self.waiting: deque[Call] = deque()
        self.in_menu: dict[Call, None] = {}
        self._looks = 0

    def begin(self) -> None:
        """Plan the next caller."""
        scene = self._scene
        self._looks += 1
        # Looks are counted with the second they happen in: a floor that goes on later draws other gaps.
        drawn = scene.dice("gap", f"{scene.now}:{self._looks}").below(_FINE)
        gap = -log((drawn + 1) / _FINE) * 3_600 / self._calls_an_hour()
        if gap > LOOK_AGAIN_SECONDS:
            scene.agenda.after(LOOK_AGAIN_SECONDS, self.begin)
        else:
            scene.agenda.after(gap, self._arrive)

    def _calls_an_hour(self) -> float:
        each = CALLS_AT_NIGHT if self._scene.local_hour in NIGHT else CALLS_AN_HOUR
        return max(LEAST_AN_HOUR, each * sum(1 for desk in self._scene.desks if desk.is_at_work))

    def _arrive(self) -> None:
        scene = self._scene
        who = caller(scene.dice("caller", scene.next_call))
        lead = self._lead(who)
        group = SUPPORT if who.is_support else SALES_LINE
        call = scene.new_call(Kind.INBOUND, lead, group, _DID_OF[group])
        scene.rows.came(call, _name(scene, lead))
        self.in_menu[call] = None
        scene.agenda.after(who.menu_seconds, self._enter, call, who.patience_seconds)
        self.begin()

    def _lead(self, who: Caller) -> Lead:
        """Somebody who is known, or a new lead."""
        scene = self._scene
        known = scene.leads.somebody(scene.dice("known", scene.next_call)) if who.is_known else None
        return known or scene.new_lead(CALLERS)

    def _enter(self, call: Call, patience: int) -> None:
        scene = self._scene
        self._queue(call)
        scene.agenda.after(patience, self._give_up, call)
        self._match()

    def _queue(self, call: Call) -> None:
        del self.in_menu[call]
        call.stage = Stage.WAITING
        call.logged_from = call.queued_at = self._scene.now
        self.waiting.append(call)
        self._scene.rows.queued(call, len(self.waiting))

    def _give_up(self, call: Call) -> None:
        if call.stage is Stage.WAITING:
            self.waiting.remove(call)
            self._scene.lost(call, "DROP", "ABANDON", QUEUE)

    def close(self) -> None:
        """Whoever waits hears that nobody is there any more."""
        for call in list(self.in_menu):
            self._queue(call)
        for call in self.waiting:
            self._scene.lost(call, "DROP", "ABANDON", QUEUE)
        self.waiting.clear()


def _name(scene: Scene, lead: Lead) -> str:
    dice = scene.dice("lead", lead.number)
    return f"{dice.one_of(FIRST_NAMES)} {dice.one_of(LAST_NAMES)}".upper()[:20]
