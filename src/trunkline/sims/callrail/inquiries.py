"""Generated form submissions and text conversations, made from their numbers like calls."""

from collections.abc import Callable
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from trunkline.sims.callrail.directory import Directory, Row
from trunkline.sims.callrail.marketing import Visit, milestones
from trunkline.sims.callrail.people import Customer
from trunkline.sims.callrail.words import MESSAGES, NOTES, formatted
from trunkline.sims.chance import Dice, hex_of, id_of
from trunkline.sims.timeline import iso, iso_utc

_LEADS = ("good_lead", "not_a_lead", None, None)
_CONVERSATION_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Form:
    """A form somebody sent from a website."""

    page = "http://www.example.com/appointment"
    title = "Appointment request"

    def __init__(self, made: Directory, seed: int, ref: int, start: int, zone: ZoneInfo) -> None:
        self._made, self._seed, self._ref, self.start, self.zone = made, seed, ref, start, zone
        dice = Dice(seed, "form", ref)
        self.company = dice.one_of([c for c in made["companies"] if c["status"] == "active"])
        self.customer = Customer(seed, dice.below(4800))
        self.visit = Visit(seed, f"form-{ref}")
        self.is_first = dice.percent(70)
        self.is_anonymous = dice.percent(20)
        self.lead_status = dice.one_of(_LEADS)
        self.value = dice.between(4, 90) * 10 if self.lead_status == "good_lead" else None
        self.note = dice.one_of(NOTES) if dice.percent(10) else None
        self.time_to_call = dice.one_of(("morning", "noon", "evening"))

    @cached_property
    def tags(self) -> list[str]:
        dice = Dice(self._seed, "form-tags", self._ref)
        names = [t["name"] for t in self._made["tags"] if t["company_id"] in (None, self.company["id"])]
        return dice.some_of(names, dice.below(3))

    @cached_property
    def id(self) -> str:
        return id_of("FOR", self._seed, self._ref)

    def stamp(self, seconds: float = 0) -> str:
        return iso(self.start + int(seconds * 1000), self.zone)

    def entries(self) -> Row:
        return {
            "name": self.customer.name or "",
            "email": self.customer.email,
            "phone": formatted(self.customer.number),
            "contact_method": "call",
            "best_time_to_call": self.time_to_call,
        }


FORM_FIELDS: dict[str, Callable[[Form], Any]] = {
    "id": lambda f: f.id,
    "company_id": lambda f: f.company["id"],
    "person_id": lambda f: "anonymous" if f.is_anonymous else f.customer.id,
    "form_data": Form.entries,
    "form_url": lambda f: f.page,
    "landing_page_url": lambda f: f.visit.landing,
    "referrer": lambda f: f.visit.referrer_domain,
    "referring_url": lambda f: f.visit.referrer,
    "submitted_at": lambda f: iso_utc(f.start),
    "first_form": lambda f: f.is_first,
    "customer_phone_number": lambda f: f.customer.number,
    "customer_name": lambda f: f.customer.name,
    "customer_email": lambda f: f.customer.email,
    "formatted_customer_phone_number": lambda f: formatted(f.customer.number),
    "formatted_customer_name": lambda f: f.customer.name,
    "source": lambda f: f.visit.source.name,
    "keywords": lambda f: f.visit.keywords,
    "campaign": lambda f: f.visit.campaign,
    "medium": lambda f: f.visit.source.medium,
}
MORE_FORM_FIELDS: dict[str, Callable[[Form], Any]] = {
    "company_name": lambda f: f.company["name"],
    "lead_status": lambda f: f.lead_status,
    "value": lambda f: f.value,
    "note": lambda f: f.note,
    "tags": lambda f: f.tags,
    "utm_source": lambda f: f.visit.source.name.split()[0].lower() if f.visit.campaign else None,
    "utm_medium": lambda f: f.visit.source.medium if f.visit.campaign else None,
    "utm_campaign": lambda f: f.visit.campaign,
    "form_name": lambda f: f.title,
    "timeline_url": lambda f: f"https://app.callrail.com/form_captures/{f.id}/timeline?access_key=EXAMPLE",
    "milestones": lambda f: milestones(f.visit, f.stamp, f.lead_status == "good_lead"),
}


class Conversation:
    """A thread of text messages with one customer; its date is that of the last message."""

    def __init__(self, made: Directory, seed: int, ref: int, start: int, zone: ZoneInfo) -> None:
        self._seed, self._ref, self.start, self.zone = seed, ref, start, zone
        dice = Dice(seed, "conversation", ref)
        texting = [tracker for tracker in made.active_trackers if tracker["sms_enabled"]]
        self.tracker = dice.one_of(texting)
        self.moved_to = dice.one_of(texting) if dice.percent(20) else None
        self.company = made.company_of(self.tracker)
        self.customer = Customer(seed, dice.below(4800))
        self.state = "archived" if dice.percent(25) else "active"
        self.lead_status = dice.one_of(_LEADS)
        self.source = Visit(seed, f"text-{ref}", self.tracker).source.name
        self.length = dice.between(2, 5)

    @cached_property
    def id(self) -> str:
        return conversation_id(self._seed, self._ref)

    def current_number(self) -> str:
        return str((self.moved_to or self.tracker)["tracking_numbers"][0])

    def message(self, age: int) -> Row:
        """The message `age` places before the newest."""
        dice = Dice(self._seed, "message", self._ref, age)
        has_picture = dice.percent(10)
        picture = f"https://api.callrail.com/v3/a/227799611/text-messages/SCI{hex_of(self.id, age)}/media/0"
        return {
            "direction": "incoming" if (age + self._ref) % 2 else "outgoing",
            "content": dice.one_of(MESSAGES),
            "created_at": iso_utc(self.start - age * 95_000),
            "type": "mms" if has_picture else "sms",
            "media_urls": [picture] if has_picture else [],
        }

    def messages(self) -> list[Row]:
        """The whole thread, newest first, with what only the single page shows."""
        return [
            self.message(age) | {"id": "SCI" + hex_of(self.id, age), "status": "sent", "user": None}
            for age in range(self.length)
        ]


def conversation_id(seed: int, ref: int) -> str:
    """A short id that can be turned back into the number: letters shuffled by the seed."""
    letters, base = _CONVERSATION_LETTERS, len(_CONVERSATION_LETTERS)
    shown, rest = "", ref + base**4
    while rest:
        rest, digit = divmod(rest, base)
        shown = letters[(digit + seed) % base] + shown
    return shown


def ref_of_conversation(seed: int, text: str) -> int | None:
    letters, base = _CONVERSATION_LETTERS, len(_CONVERSATION_LETTERS)
    if not text or any(letter not in letters for letter in text):
        return None
    number = 0
    for letter in text:
        number = number * base + (letters.index(letter) - seed) % base
    return number - base**4


CONVERSATION_FIELDS: dict[str, Callable[[Conversation], Any]] = {
    "id": lambda t: t.id,
    "company_id": lambda t: t.company["id"],
    "initial_tracker_id": lambda t: t.tracker["id"],
    "current_tracker_id": lambda t: t.moved_to["id"] if t.moved_to else None,
    "customer_name": lambda t: t.customer.listed_name,
    "customer_phone_number": lambda t: t.customer.number,
    "initial_tracking_number": lambda t: t.tracker["tracking_numbers"][0],
    "current_tracking_number": Conversation.current_number,
    "last_message_at": lambda t: iso_utc(t.start),
    "state": lambda t: t.state,
    "company_time_zone": lambda t: t.company["time_zone"],
    "formatted_customer_phone_number": lambda t: formatted(t.customer.number),
    "formatted_initial_tracking_number": lambda t: formatted(t.tracker["tracking_numbers"][0]),
    "formatted_current_tracking_number": lambda t: formatted(t.current_number()),
    "formatted_customer_name": lambda t: t.customer.name,
    "recent_messages": lambda t: [t.message(age) for age in range(2)],
}
MORE_CONVERSATION_FIELDS: dict[str, Callable[[Conversation], Any]] = {
    "lead_status": lambda t: t.lead_status,
    "source": lambda t: t.source,
}
