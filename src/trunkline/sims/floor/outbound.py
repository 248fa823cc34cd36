"""The dialer: it calls more people than there are agents waiting, since most do not answer."""

from collections import deque
from collections.abc import Callable

from trunkline.sims.floor.callbacks import Callbacks
from trunkline.sims.floor.calls import Call, Kind, Stage
from trunkline.sims.floor.hopper import SECONDS_BETWEEN_FILLS, Hopper
from trunkline.sims.floor.marks import AUTO_DIALER, SALES
from trunkline.sims.floor.outcomes import Ring, ring
from trunkline.sims.floor.scene import Scene

LINES_PER_AGENT = 1.3
HOURS = range(9, 21)
"""Nobody is called before nine or after nine."""
DROP_SECONDS = 5
"""So long somebody who answered waits for an agent."""
SECONDS_BETWEEN_DIALS = 2


class Outbound:
    """Calls that are ringing, and those answered that wait for an agent."""

    def __init__(self, scene: Scene, hopper: Hopper, callbacks: Callbacks, match: Callable[[], None]) -> None:
        self._scene, self._hopper, self._callbacks, self._match = scene, hopper, callbacks, match
        self.waiting: deque[Call] = deque()
        self.ringing: dict[Call, None] = {}
        self._is_planned = False

    def begin(self) -> None:
        """Every minute: fill the hopper, and see whether somebody waits for a call."""
        self._hopper.fill()
        self.pace()
        self._scene.agenda.after(SECONDS_BETWEEN_FILLS, self.begin)

    def pace(self) -> None:
        """Dial once where more calls are wanted than are on their way, and look again soon."""
        if self._is_planned or not self._wants_more() or not self._dial():
            return
        self._is_planned = True
        self._scene.agenda.after(SECONDS_BETWEEN_DIALS, self._go_on)

    def _go_on(self) -> None:
        self._is_planned = False
        self.pace()

    def _wants_more(self) -> bool:
        scene = self._scene
        if scene.local_hour not in HOURS:
            return False
        wanted = int(scene.sellers_ready() * LINES_PER_AGENT)
        return len(self.ringing) + len(self.waiting) < wanted

    def _dial(self) -> bool:
        """Whether there was a lead to dial."""
        found = self._hopper.take()
        if found is None:
            return False
        scene, (lead, promise) = self._scene, found
        call = scene.new_call(Kind.AUTO, lead, SALES)
        call.callback = promise
        if promise is not None:
            self._callbacks.made(promise)
        scene.rows.dialled(call, AUTO_DIALER)
        self.ringing[call] = None
        drawn = ring(scene.dice("ring", call.number))
        scene.agenda.after(1, self._ring, call)
        scene.agenda.after(1 + drawn.seconds, self._rung, call, drawn)
        return True

    def _ring(self, call: Call) -> None:
        if call.stage is Stage.RINGING:
            self._scene.rows.update_live(call, status="RINGING")

    def _rung(self, call: Call, drawn: Ring) -> None:
        scene = self._scene
        del self.ringing[call]
        self._hopper.done(call.lead)
        if drawn.status:
            scene.lost(call, drawn.status, "NONE", AUTO_DIALER)
        else:
            call.stage, call.queued_at = Stage.WAITING, scene.now
            scene.rows.answered(call)
            self.waiting.append(call)
            scene.agenda.after(DROP_SECONDS, self._drop, call)
            self._match()
        self.pace()

    def _drop(self, call: Call) -> None:
        if call.stage is Stage.WAITING:
            self.waiting.remove(call)
            self._scene.lost(call, "DROP", "QUEUETIMEOUT", AUTO_DIALER)
            self.pace()

    def close(self) -> None:
        """Whatever rings or waits is over now."""
        for call in self.ringing:
            self._hopper.done(call.lead)
            self._scene.lost(call, "NA", "NONE", AUTO_DIALER)
        for call in self.waiting:
            self._scene.lost(call, "DROP", "QUEUETIMEOUT", AUTO_DIALER)
        self.ringing.clear()
        self.waiting.clear()
