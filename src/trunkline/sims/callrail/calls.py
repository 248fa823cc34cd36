"""One generated call: what happened, who called, what was said, and the delivered field for each of it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from trunkline.sims.callrail.directory import Directory, Row
from trunkline.sims.callrail.marketing import Visit, milestones
from trunkline.sims.callrail.people import Customer
from trunkline.sims.callrail.words import AGENT_LINES, CALLER_LINES, NOTES, SPOTTED, SUMMARIES, formatted
from trunkline.sims.chance import Dice, id_of
from trunkline.sims.timeline import iso

_OUTCOMES = (
    *("answered",) * 62,
    *("outbound",) * 13,
    *("missed",) * 9,
    *("abandonded",) * 4,
    *("voicemail",) * 9,
    *("voicemail_transcription",) * 3,
)
_FIRST_NUMERIC = 1_000_000_000
_URGENCIES = ("low", "medium", "high")


def numeric_call_id(ref: int) -> int:
    """The number the older version gives to a call."""
    return _FIRST_NUMERIC + ref


def ref_of_number(number: str) -> int:
    return int(number) - _FIRST_NUMERIC


class Call:
    """A call made from its number; everything but its start follows from the seed and that number."""

    def __init__(self, made: Directory, seed: int, ref: int, start: int, zone: ZoneInfo) -> None:
        self._made, self._seed, self._ref, self.start, self.zone = made, seed, ref, start, zone
        dice = Dice(seed, "call", ref)
        self.outcome = dice.one_of(_OUTCOMES)
        self.tracker = dice.one_of(made.active_trackers)
        self.company = made.company_of(self.tracker)
        self.is_first = dice.percent(58)
        self.is_outbound = self.outcome == "outbound"
        self.is_answered = self.outcome == "answered" or (self.is_outbound and dice.percent(70))
        self.is_voicemail = self.outcome.startswith("voicemail")
        self.duration = self._length(dice)
        self._customer_row = dice.below(4800)
        self.agent = dice.one_of(made["users"]) if self.is_answered or self.is_outbound else None
        self.lead_status = self._lead(dice)
        self.tracking_number = dice.one_of(self.tracker["tracking_numbers"])
        self.is_recorded = (self.is_answered or self.is_voicemail) and dice.percent(94)

    def _length(self, dice: Dice) -> int:
        if self.is_answered:
            return 20 + dice.below(200) * dice.between(1, 6)
        return dice.between(15, 90) if self.is_voicemail else dice.between(2, 40)

    def _lead(self, dice: Dice) -> str | None:
        if not self.is_answered:
            return None
        return dice.one_of(
            ("good_lead",) * 3 + ("not_a_lead",) * 2 + ("previously_marked_good_lead",) + (None,) * 4
        )

    @property
    def number(self) -> int:
        return numeric_call_id(self._ref)

    @cached_property
    def customer(self) -> Customer:
        return Customer(self._seed, self._customer_row)

    @cached_property
    def visit(self) -> Visit:
        return Visit(self._seed, self._ref, self.tracker)

    @cached_property
    def id(self) -> str:
        return id_of("CAL", self._seed, self._ref)

    @cached_property
    def tags(self) -> list[str]:
        dice = Dice(self._seed, "tags", self._ref)
        names = [t["name"] for t in self._made["tags"] if t["company_id"] in (None, self.company["id"])]
        return dice.some_of(names, dice.below(4)) if dice.percent(35) else []

    @cached_property
    def worth(self) -> int | None:
        dice = Dice(self._seed, "worth", self._ref)
        return dice.between(4, 90) * 10 if self.lead_status == "good_lead" and dice.percent(40) else None

    @cached_property
    def note(self) -> str | None:
        dice = Dice(self._seed, "note", self._ref)
        return dice.one_of(NOTES) if dice.percent(15) else None

    @cached_property
    def prior_calls(self) -> int:
        return 0 if self.is_first else Dice(self._seed, "prior", self._ref).between(1, 9)

    @cached_property
    def is_analysed(self) -> bool:
        return self.is_answered and self.is_recorded and bool(self.company["callscribe_enabled"])

    @cached_property
    def transcription(self) -> str | None:
        if not (self.is_analysed or self.outcome == "voicemail_transcription"):
            return None
        dice = Dice(self._seed, "words", self._ref)
        if self.is_voicemail:
            return " ".join(dice.one_of(CALLER_LINES) for _ in range(3))
        turns = [(dice.one_of(AGENT_LINES), dice.one_of(CALLER_LINES)) for _ in range(dice.between(2, 8))]
        return "\n".join(f"Agent: {said}\nCaller: {answer}" for said, answer in turns)

    @cached_property
    def sentiment(self) -> str | None:
        dice = Dice(self._seed, "mood", self._ref)
        return dice.one_of(("positive", "neutral", "neutral", "negative")) if self.is_analysed else None

    @cached_property
    def score(self) -> int | None:
        dice = Dice(self._seed, "score", self._ref)
        return dice.between(1, 100) if self.company["lead_scoring_enabled"] and self.is_answered else None

    @cached_property
    def recording_path(self) -> str:
        return f"https://api.callrail.com/v3/a/227799611/calls/{self.number}/recording.json"

    def stamp(self, seconds: float = 0) -> str:
        return iso(self.start + int(seconds * 1000), self.zone)


def _player(call: Call) -> str | None:
    page = f"https://app.callrail.com/calls/{call.number}/recording?access_key=EXAMPLE"
    return page if call.is_recorded else None


def _keywords_spotted(call: Call) -> list[Row]:
    if not call.is_analysed:
        return []
    dice = Dice(call.id, "spotted")
    return [
        {
            "keyword": word,
            "locations": [
                {"speaker": dice.one_of(("caller", "agent")), "start": dice.below(call.duration * 100) / 100}
                for _ in range(dice.between(1, 3))
            ],
        }
        for word in dice.some_of(SPOTTED, 2)
    ]


def _speaker_percent(call: Call) -> Row | None:
    agent = Dice(call.id, "speakers").between(25, 75)
    return {"agent": agent, "customer": 100 - agent} if call.is_analysed else None


def _keypad(call: Call) -> list[Row]:
    pressed = Dice(call.id, "keypad")
    return [{"name": "Main menu", "value": str(pressed.between(1, 4))}] if pressed.percent(12) else []


def _voice_assist(call: Call) -> Row | None:
    dice = Dice(call.id, "assist")
    if not call.is_voicemail or not dice.percent(30):
        return None
    return {
        "contents": dice.one_of(SUMMARIES),
        "overrides": {},
        "recorded_at": call.stamp(call.duration),
        "urgency": dice.one_of(_URGENCIES),
    }


def _summary(call: Call) -> str | None:
    return Dice(call.id, "summary").one_of(SUMMARIES) if call.is_analysed else None


def _business_number(call: Call) -> str | None:
    return call.tracker["destination_number"] if call.is_answered or call.is_outbound else None


def _value_text(call: Call) -> str:
    return "--" if call.worth is None else f"${call.worth}.00"


def length_text(seconds: int) -> str:
    """A length as people read it: 45s, 2m 59s, 1h 2m 5s."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    shown = [f"{hours}h"] * bool(hours) + [f"{minutes}m"] * bool(hours or minutes)
    return " ".join([*shown, f"{rest}s"])


def _is_lead(call: Call) -> bool:
    return call.lead_status == "good_lead"


DEFAULT_FIELDS: dict[str, Callable[[Call], Any]] = {
    "answered": lambda c: c.is_answered,
    "business_phone_number": _business_number,
    "customer_city": lambda c: c.customer.place.city,
    "customer_country": lambda c: c.customer.country,
    "customer_name": lambda c: c.customer.listed_name,
    "customer_phone_number": lambda c: c.customer.number,
    "customer_state": lambda c: c.customer.place.state,
    "direction": lambda c: "outbound" if c.is_outbound else "inbound",
    "duration": lambda c: c.duration,
    "id": lambda c: c.id,
    "recording": lambda c: c.recording_path if c.is_recorded else None,
    "recording_duration": lambda c: str(max(1, c.duration - 6)) if c.is_recorded else None,
    "recording_player": _player,
    "start_time": lambda c: c.stamp(),
    "tracking_phone_number": lambda c: c.tracking_number,
    "voicemail": lambda c: c.is_voicemail,
    "agent_email": lambda c: c.agent["email"] if c.agent else None,
}

MORE_FIELDS: dict[str, Callable[[Call], Any]] = {
    "call_highlights": lambda c: Dice(c.id, "highlights").some_of(SPOTTED, 2) if c.is_analysed else [],
    "call_summary": _summary,
    "call_type": lambda c: c.outcome,
    "campaign": lambda c: c.visit.campaign,
    "company_id": lambda c: c.company["id"],
    "company_name": lambda c: c.company["name"],
    "company_time_zone": lambda c: c.company["time_zone"],
    "created_at": lambda c: c.stamp(1.25),
    "custom": lambda c: {"store": c.customer.place.city} if c.customer.row % 9 == 0 else None,
    "device_type": lambda c: c.visit.device,
    "fbclid": lambda c: c.visit.click_id("Facebook", "fb"),
    "first_call": lambda c: c.is_first,
    "formatted_call_type": lambda c: c.outcome.replace("_", " ").title(),
    "formatted_customer_location": lambda c: f"{c.customer.place.city}, {c.customer.place.state}",
    "formatted_business_phone_number": lambda c: formatted(_business_number(c)),
    "formatted_customer_name": lambda c: c.customer.name,
    "formatted_customer_name_or_phone_number": lambda c: c.customer.name or formatted(c.customer.number),
    "formatted_customer_phone_number": lambda c: formatted(c.customer.number),
    "formatted_duration": lambda c: length_text(c.duration),
    "formatted_tracking_phone_number": lambda c: formatted(c.tracking_number),
    "formatted_tracking_source": lambda c: c.visit.source.name,
    "formatted_value": _value_text,
    "ga": lambda c: c.visit.analytics_id,
    "gclid": lambda c: c.visit.click_id("Google Ads", "g"),
    "good_lead_call_id": lambda c: c.number if _is_lead(c) else None,
    "good_lead_call_time": lambda c: c.stamp() if _is_lead(c) else None,
    "keypad_entries": _keypad,
    "keywords": lambda c: c.visit.keywords,
    "keywords_spotted": _keywords_spotted,
    "landing_page_url": lambda c: c.visit.landing,
    "last_requested_url": lambda c: c.visit.last_page,
    "lead_status": lambda c: c.lead_status,
    "medium": lambda c: c.visit.source.medium,
    "milestones": lambda c: milestones(c.visit, c.stamp, _is_lead(c)) if c.visit.is_online else None,
    "msclkid": lambda c: c.visit.click_id("Bing Ads", "ms"),
    "note": lambda c: c.note,
    "person_id": lambda c: c.customer.id,
    "prior_calls": lambda c: c.prior_calls,
    "referrer_domain": lambda c: c.visit.referrer_domain,
    "referring_url": lambda c: c.visit.referrer,
    "sentiment": lambda c: c.sentiment,
    "session_uuid": lambda c: c.visit.session,
    "source": lambda c: c.visit.source.name,
    "source_name": lambda c: c.tracker["name"],
    "speaker_percent": _speaker_percent,
    "tags": lambda c: c.tags,
    "timeline_url": lambda c: f"https://app.callrail.com/calls/{c.number}/timeline?access_key=EXAMPLE",
    "total_calls": lambda c: c.prior_calls + 1,
    "tracker_id": lambda c: c.tracker["id"],
    "transcription": lambda c: c.transcription,
    "utm_campaign": lambda c: c.visit.campaign,
    "utm_content": lambda c: "banner_a" if c.visit.campaign else None,
    "utm_medium": lambda c: c.visit.source.medium if c.visit.campaign else None,
    "utm_source": lambda c: c.visit.source.name.split()[0].lower() if c.visit.campaign else None,
    "utm_term": lambda c: c.visit.keywords,
    "value": lambda c: c.worth,
    "voice_assist_message": _voice_assist,
    "waveforms": lambda c: [f"https://app.callrail.com/waveforms/{c.number}.png"] if c.is_recorded else [],
    "zip_code": lambda c: [c.customer.place.zip_code],
    "lead_score": lambda c: str(c.score) if c.score is not None else None,
    "lead_explanation": lambda c: "Asked for a price and a date." if (c.score or 0) > 60 else None,
}

CALL_FIELDS = DEFAULT_FIELDS | MORE_FIELDS
