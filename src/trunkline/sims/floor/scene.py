"""What all parts of the floor share: the book, the people, the calls, the time."""

from dataclasses import dataclass

from trunkline.sims.chance import Dice
from trunkline.sims.floor.agenda import Agenda
from trunkline.sims.floor.book import Book
from trunkline.sims.floor.calls import Call, CallRows, Kind
from trunkline.sims.floor.desks import Desk, Doing
from trunkline.sims.floor.known import Known
from trunkline.sims.floor.leads import Lead, LeadBook, row_of
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.stamps import local, text


@dataclass
class Day:
    """Counts since midnight."""

    calls: int = 0
    dropped: int = 0


class Scene:
    """The floor's state. `next_call` counts calls for good: chances follow from a call's number."""

    def __init__(self, options: FloorOptions, now: int, known: Known) -> None:
        self.options = options
        self.agenda = Agenda(now)
        self.book = Book()
        self.rows = CallRows(self.book, options)
        self.desks = [Desk(n, self.book, self.rows, options) for n in range(options.agents)]
        self.leads = LeadBook(known.leads, known.next_lead)
        self.next_call, self.next_callback = known.next_call, known.next_callback
        self.calls: dict[Call, None] = {}
        """All that are not over."""
        self.day = Day()

    @property
    def now(self) -> int:
        return self.agenda.now

    @property
    def local_hour(self) -> int:
        return local(self.now, self.options.zone).hour

    def text(self, at: int) -> str:
        return text(at, self.options.zone)

    def dice(self, what: str, number: object) -> Dice:
        return Dice(self.options.seed, what, number)

    def sellers_ready(self) -> int:
        return sum(1 for desk in self.desks if desk.doing is Doing.READY and desk.sells)

    def new_call(self, kind: Kind, lead: Lead, campaign: str, did: str = "") -> Call:
        call = Call(self.next_call, kind, lead, campaign, self.now, did)
        self.next_call += 1
        self.calls[call] = None
        self.day.calls += 1
        lead.is_busy = True
        return call

    def new_lead(self, list_id: int) -> Lead:
        """Somebody more on a list, with the row that says so."""
        lead = self.leads.new(list_id, self.now)
        self.book.insert("list", lead.number, **row_of(lead, self.options.seed, self.text(self.now)))
        return lead

    def call_over(self, call: Call, status: str, user: str) -> None:
        """Everything of the call has been written."""
        self.rows.over(call, self.now, status, user)
        self.leads.called(call.lead, status, self.now, self.agenda.speed)
        del self.calls[call]

    def lost(self, call: Call, status: str, reason: str, user: str) -> None:
        """A call ends that no agent has had."""
        self.rows.hung_up(call, self.now, status, reason)
        self.call_over(call, status, user)
        if status == "DROP":
            self.day.dropped += 1
