"""What happens in a conversation: its legs, kind by kind, linked by ids as the service links them."""

from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import blake2b
from random import Random
from struct import unpack
from typing import Any, NamedTuple

from trunkline.sims.chance import Dice
from trunkline.sims.dialpad.cast import Cast, Group, Home, Target
from trunkline.sims.dialpad.directory import CALL_LABELS
from trunkline.sims.dialpad.legs import Leg
from trunkline.sims.names import FIRST_NAMES, LAST_NAMES, PLACES, phone

_OUTSIDE_LINES = range(50, 100)
LONGEST_MS = 3_600_000
_DISPOSITIONS = ("Sale~Closed", "Sale~Follow up", "Support~Solved", "Support~Escalated", "Other~Wrong number")
_ANSWERED, _UNANSWERED = "answered,human_agent,inbound", "inbound,missed,ring_no_answer,unanswered"


class Scene:
    """The chances of one conversation, the same whichever of its legs is asked for.

    They are cut out of one hash: a million calls are made in half the time that dice would take.
    """

    def __init__(self, seed: int, number: int, cast: Cast, home: Home | None = None) -> None:
        self.seed, self.number = seed, number
        self.home = home or home_of(cast, number)
        drawn = unpack("16I", blake2b(f"{seed}:talk:{number}".encode()).digest())
        self.ring = 2_000 + drawn[0] % 18_000
        self.queue = 4_000 + drawn[1] % 116_000
        self.talk = 8_000 + drawn[2] % 200_000 * (1 + drawn[3] % 5)
        self.hold = drawn[5] % 90_000 if drawn[4] % 5 == 0 else 0
        self.wrapup = drawn[6] % 60_000
        self.is_recorded = drawn[7] % 100 < 35
        self.labels = [CALL_LABELS[drawn[8] % len(CALL_LABELS)]] if drawn[9] % 100 < 15 else []
        self.caller = drawn[10] % (len(PLACES) * len(_OUTSIDE_LINES))
        users = self.home.users or [self.home.target]
        place, further = drawn[11] % len(users), 1 + drawn[12] % (len(users) - 1 or 1)
        self.user, self.other = users[place], users[(place + further) % len(users)]

    @cached_property
    def dice(self) -> Dice:
        """For what only some kinds draw."""
        return Dice(self.seed, "more", self.number)

    @property
    def number_outside(self) -> str:
        return outside(self.caller)

    def group(self, groups: Sequence[Group]) -> tuple[Target, Target]:
        """One of the groups, and who answers for it."""
        group = self.dice.one_of(groups)
        return group.target, self.dice.one_of(group.operators)

    def leg(self, call_id: int, target: Target, started: int = 0, **more: Any) -> Leg:
        """An unanswered inbound leg of somebody outside; `more` says what is different."""
        facts: dict[str, Any] = {
            "direction": "inbound",
            "external": self.number_outside,
            "ended": started + self.ring,
            "category": "missed",
            "categories": _UNANSWERED,
            "rang": started,
            "ringing": self.ring,
        } | more
        facts.setdefault("contact", contact(str(facts["external"]), self.caller))
        return Leg(call_id=call_id, target=target, started=started, **facts)

    def answered(self, call_id: int, target: Target, started: int = 0, **more: Any) -> Leg:
        """The same, answered: it rings, is talked on and may be held."""
        connected = started + self.ring
        facts: dict[str, Any] = {
            "ended": connected + self.talk + self.hold,
            "category": "incoming",
            "categories": _ANSWERED,
            "connected": connected,
            "talk": self.talk,
            "hold": self.hold,
            "wrapup": self.wrapup,
            "is_recorded": self.is_recorded,
            "labels": self.labels,
        }
        return self.leg(call_id, target, started, **facts | more)


def home_of(cast: Cast, number: int) -> Home:
    """The office a conversation belongs to."""
    return cast.homes[home_index(number, len(cast.homes))]


def home_index(number: int, homes: int) -> int:
    """Numbers go round, a step further in each block, so that no kind stays with one office."""
    return (number + number // _CONVERSATIONS) % homes


def outside(row: int) -> str:
    """The number of somebody outside the company."""
    return phone(PLACES[row % len(PLACES)].area, _OUTSIDE_LINES[row // len(PLACES) % len(_OUTSIDE_LINES)])


def contact(number: str, row: int) -> dict[str, str]:
    """Somebody outside, as calls show them; one in three is known by name."""
    place = PLACES[row % len(PLACES)]
    known = f"{FIRST_NAMES[row * 7 % len(FIRST_NAMES)]} {LAST_NAMES[row * 3 % len(LAST_NAMES)]}"
    name = known if row % 3 == 0 else f"{place.city}, {place.state}"
    return {"email": "", "id": str((1 << 55) + row), "name": name, "phone": number, "type": "local"}


Legs = list[Leg]


def _inbound(scene: Scene, ids: Sequence[int]) -> Legs:
    target = scene.dice.one_of(scene.home.rooms) if scene.home.rooms and scene.dice.percent(5) else scene.user
    return [scene.answered(ids[0], target)]


def _outbound(scene: Scene, ids: Sequence[int]) -> Legs:
    out: dict[str, Any] = {"direction": "outbound", "rang": None}
    if scene.dice.percent(25):
        gone: dict[str, Any] = {
            "category": "cancelled",
            "categories": "cancelled,outbound,unanswered,user_initiated",
        }
        return [scene.leg(ids[0], scene.user, **out, **gone)]
    more: dict[str, Any] = {
        "category": "outgoing",
        "categories": "outbound,outbound_connected,user_initiated",
    }
    proxy = scene.home.target if scene.dice.percent(20) else None
    return [scene.answered(ids[0], scene.user, **out, **more, proxy=proxy)]


def _missed(scene: Scene, ids: Sequence[int]) -> Legs:
    return [scene.leg(ids[0], scene.user)]


def _voicemail(scene: Scene, ids: Sequence[int]) -> Legs:
    return [_message(scene, ids[0], scene.user)]


def _message(scene: Scene, call_id: int, target: Target, **more: Any) -> Leg:
    length = 4_000 + scene.dice.below(60_000)
    said: dict[str, Any] = {"voicemail": length, "categories": "inbound,missed,unanswered,voicemail"}
    return scene.leg(call_id, target, ended=scene.ring + 6_000 + length, **said, **more)


def _internal(scene: Scene, ids: Sequence[int]) -> Legs:
    caller, callee = scene.user, scene.other
    outbound = scene.answered(
        ids[0],
        caller,
        direction="outbound",
        rang=None,
        external=callee.phone,
        contact=callee.shown(),
        category="outgoing",
        categories="outbound,outbound_connected,user_initiated",
        is_internal=True,
    )
    inbound = scene.answered(
        ids[1], callee, 40, external=caller.phone, contact=caller.shown(), is_internal=True, labels=[]
    )
    inbound.connected, inbound.ended = outbound.connected, outbound.ended
    return [outbound, inbound]


def _answered_group(scene: Scene, ids: Sequence[int], groups: Sequence[Group], started: int = 0) -> Legs:
    """The entry leg of a group, and the leg of the person who takes the call out of the queue."""
    target, agent = scene.group(groups)
    rang = started + 1_500 + scene.queue
    noted = scene.dice.one_of(_DISPOSITIONS) if scene.dice.percent(40) else ""
    score = str(scene.dice.between(1, 5)) if scene.dice.percent(30) else ""
    taken = scene.answered(
        ids[1], agent, rang, entry=ids[0], entry_target=target, internal=target.phone, group=target
    )
    taken.disposition = noted
    entry = scene.answered(ids[0], target, started, queued=started + 1_500, queue=scene.queue, group=target)
    entry.connected, entry.ended = taken.connected, taken.ended
    entry.master, entry.operator, entry.csat, entry.wrapup = ids[0], ids[1], score, 0
    return [entry, taken]


def _callcenter(scene: Scene, ids: Sequence[int]) -> Legs:
    return _answered_group(scene, ids, scene.home.callcenters)


def _department(scene: Scene, ids: Sequence[int]) -> Legs:
    return _answered_group(scene, ids, scene.home.departments)


def _main_line(scene: Scene, ids: Sequence[int]) -> Legs:
    """Dialled the office, chose the call center from its menu, was answered there."""
    entry, taken = _answered_group(scene, ids[1:], scene.home.callcenters, 9_000)
    office = scene.home.target
    root = scene.leg(ids[0], office, ended=entry.ended, category="forwarded", categories="forwarded,inbound")
    root.is_transferred, root.transferred_to, root.group = True, entry.target.name, office
    entry.master, entry.entry, entry.entry_target = ids[0], ids[0], office
    return [root, entry, taken]


def _abandoned(scene: Scene, ids: Sequence[int]) -> Legs:
    target, _ = scene.group(scene.home.callcenters)
    times: dict[str, Any] = {"queued": 1_500, "queue": scene.queue, "ended": 1_500 + scene.queue}
    kind: dict[str, Any] = {"category": "abandoned", "categories": "abandoned,inbound,unanswered"}
    return [scene.leg(ids[0], target, **times, **kind, ringing=0, group=target)]


def _group_voicemail(scene: Scene, ids: Sequence[int]) -> Legs:
    target, _ = scene.group(scene.home.callcenters)
    return [_message(scene, ids[0], target, group=target)]


def _transfer(scene: Scene, ids: Sequence[int]) -> Legs:
    """The first person hands the caller on to a second one."""
    first = scene.answered(ids[0], scene.user, is_transferred=True, transferred_to=scene.other.name)
    first.categories += ",transferred_out"
    second = scene.answered(ids[1], scene.other, first.ended, is_transferred=True, master=ids[0], labels=[])
    second.transferred_from = scene.user.id
    second.categories += ",transferred_in"
    return [first, second]


def _three_way(scene: Scene, ids: Sequence[int]) -> Legs:
    """A person talks to somebody outside and adds a colleague: two rows of the adder overlap."""
    first = scene.answered(ids[0], scene.user)
    added = scene.ring + scene.talk // 3
    colleague = scene.other
    second = scene.answered(
        ids[1],
        scene.user,
        added,
        direction="outbound",
        rang=None,
        external=colleague.phone,
        contact=colleague.shown(),
        category="outgoing",
        categories="outbound,outbound_connected,user_initiated",
        master=ids[0],
        is_internal=True,
        is_recorded=False,
    )
    third = scene.answered(
        ids[2], colleague, added, external=scene.user.phone, contact=scene.user.shown(), is_internal=True
    )
    for leg in (second, third):
        # The added one leaves when the call ends; nobody is on hold meanwhile.
        leg.connected = added + 1_000
        leg.ended, leg.hold = max(first.ended, added + 2_000), 0
        leg.talk = leg.ended - leg.connected
    return [first, second, third]


class Kind(NamedTuple):
    """A kind of conversation: its legs, how often it comes in fifty legs, what its office must have."""

    make: Callable[[Scene, Sequence[int]], Legs]
    legs: int
    often: int
    needs: str = ""

    def fits(self, home: Home) -> bool:
        """Whether the office has what such a conversation needs."""
        return not self.needs or bool(getattr(home, self.needs))


KINDS: dict[str, Kind] = {
    "inbound": Kind(_inbound, 1, 7),
    "outbound": Kind(_outbound, 1, 9),
    "callcenter": Kind(_callcenter, 2, 6, "callcenters"),
    "main_line": Kind(_main_line, 3, 1, "callcenters"),
    "abandoned": Kind(_abandoned, 1, 2, "callcenters"),
    "callcenter_voicemail": Kind(_group_voicemail, 1, 1, "callcenters"),
    "transfer": Kind(_transfer, 2, 1, "colleagues"),
    "three_way": Kind(_three_way, 3, 1, "colleagues"),
    "internal": Kind(_internal, 2, 2, "colleagues"),
    "missed": Kind(_missed, 1, 3),
    "voicemail": Kind(_voicemail, 1, 2),
    "department": Kind(_department, 2, 1, "departments"),
}


class Slot(NamedTuple):
    """Where a leg stands: kind and number of its conversation, the first leg's number, its own place."""

    kind: str
    number: int
    first: int
    place: int


def _block() -> list[tuple[str, int, int, int]]:
    kinds = [name for name, kind in KINDS.items() for _ in range(kind.often)]
    Random(1).shuffle(kinds)
    slots: list[tuple[str, int, int, int]] = []
    for conversation, name in enumerate(kinds):
        first = len(slots)
        slots += [(name, conversation, first, place) for place in range(KINDS[name].legs)]
    return slots


BLOCK = _block()
_CONVERSATIONS = BLOCK[-1][1] + 1


def slot_of(ref: int) -> Slot:
    """The place of the leg with this number in the endless row of conversations."""
    block, within = divmod(ref, len(BLOCK))
    kind, conversation, first, place = BLOCK[within]
    return Slot(kind, block * _CONVERSATIONS + conversation, block * len(BLOCK) + first, place)
