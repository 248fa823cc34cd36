"""The leads that are called next, and where they come from."""

from collections import deque

from trunkline.sims.floor.book import Link
from trunkline.sims.floor.known import Promise
from trunkline.sims.floor.leads import Lead
from trunkline.sims.floor.marks import PROSPECTS, SALES
from trunkline.sims.floor.scene import Scene

SECONDS_BETWEEN_FILLS = 60
LEADS_AT_FIRST, LEADS_A_DAY = 110, 8
"""For each agent."""
MOST_AT_FIRST = 4_000
LEADS_OF_A_FILE = 5
"""For each agent, when there is nobody left to call."""
URGENT, USUAL = 99, 0


def level_of(agents: int) -> int:
    return max(20, 4 * agents)


class Hopper:
    """A row for each lead in it. Who wants to be called back comes first."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._level = level_of(scene.options.agents)
        self._usual: deque[Lead] = deque()
        self._urgent: deque[tuple[Lead, Promise]] = deque()

    def __len__(self) -> int:
        return len(self._usual) + len(self._urgent)

    def fill(self) -> None:
        """Up to its level; new leads are loaded when too few may be called."""
        scene = self._scene
        while len(self._usual) < self._level:
            lead = scene.leads.to_call(scene.now)
            if lead is None:
                self.load(LEADS_OF_A_FILE * scene.options.agents)
                lead = scene.leads.to_call(scene.now)
            if lead is None:
                return
            self._usual.append(lead)
            self._enter(lead, USUAL, "S")

    def load(self, count: int) -> None:
        for _ in range(count):
            self._scene.new_lead(PROSPECTS)

    def load_first(self) -> None:
        self.load(min(MOST_AT_FIRST, LEADS_AT_FIRST * self._scene.options.agents))

    def add_urgent(self, lead: Lead, callback: Promise) -> None:
        self._urgent.append((lead, callback))
        self._enter(lead, URGENT, "C")

    def take(self) -> tuple[Lead, Promise | None] | None:
        """The next lead to call, and its callback where it is one."""
        found: tuple[Lead, Promise | None]
        if self._urgent:
            found = self._urgent.popleft()
        elif self._usual:
            found = self._usual.popleft(), None
        else:
            return None
        self._scene.book.update("hopper", found[0].number, status="INCALL")
        return found

    def done(self, lead: Lead) -> None:
        """The lead has been called."""
        self._scene.book.delete("hopper", lead.number)
        self._scene.book.end("hopper", lead.number)

    def empty(self) -> None:
        for lead in (*self._usual, *(lead for lead, _ in self._urgent)):
            self.done(lead)
            lead.is_busy = False
        self._usual.clear()
        self._urgent.clear()

    def _enter(self, lead: Lead, priority: int, source: str) -> None:
        lead.is_busy = True
        self._scene.book.insert(
            "hopper",
            lead.number,
            lead_id=Link("list", lead.number),
            campaign_id=SALES,
            status="READY",
            user="",
            list_id=lead.list_id,
            gmt_offset_now=lead.offset,
            state=lead.state,
            priority=priority,
            source=source,
            vendor_lead_code=lead.code,
        )
