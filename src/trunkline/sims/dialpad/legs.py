"""One leg of a conversation, which is what the API calls a call."""

from dataclasses import dataclass, field

from trunkline.sims.answer import Row
from trunkline.sims.dialpad.cast import Target

NOBODY: Row = {}


@dataclass(slots=True)
class Leg:
    """Times are whole milliseconds after `begins`, None for what did not happen; lengths too.

    `entry` is the leg and the target that a call came in by, `operator` the leg of the person who took it.
    """

    call_id: int
    target: Target
    direction: str
    external: str
    contact: Row
    started: int
    ended: int
    category: str
    categories: str
    rang: int | None = None
    queued: int | None = None
    connected: int | None = None
    talk: int = 0
    hold: int = 0
    ringing: int = 0
    queue: int = 0
    wrapup: int = 0
    entry: int | None = None
    entry_target: Target | None = None
    master: int | None = None
    operator: int | None = None
    proxy: Target | None = None
    is_transferred: bool = False
    is_recorded: bool = False
    is_internal: bool = False
    voicemail: int = 0
    transferred_to: str = ""
    transferred_from: int | None = None
    labels: list[str] = field(default_factory=list)
    disposition: str = ""
    csat: str = ""
    internal: str = ""
    group: Target | None = None
    begins: int = 0
    given: Row | None = None

    @property
    def start(self) -> int:
        return self.begins + self.started

    @property
    def end(self) -> int:
        return self.begins + self.ended

    @property
    def is_answered(self) -> bool:
        return self.connected is not None

    @property
    def group_target(self) -> Target | None:
        """The group whose call it is: the target itself, or what the call came in by."""
        if self.target.type in ("call_center", "department"):
            return self.target
        return self.entry_target

    def at(self, moment: int | None) -> int | None:
        """A moment of the leg as milliseconds since 1970."""
        return None if moment is None else self.begins + moment


def proto_of(leg: Leg, now: int) -> Row:
    """The leg as REST delivers it: 64-bit numbers as text, absent what is not known.

    A leg that still runs at `now` has no end yet.
    """
    if leg.given is not None:
        return leg.given
    row: Row = {
        "call_id": str(leg.call_id),
        "contact": leg.contact,
        "date_started": str(leg.start),
        "direction": leg.direction,
        "entry_point_target": leg.entry_target.shown() if leg.entry_target else NOBODY,
        "external_number": leg.external,
        "internal_number": leg.internal or leg.target.phone,
        "is_transferred": leg.is_transferred,
        "proxy_target": leg.proxy.shown() if leg.proxy else NOBODY,
        "target": leg.target.shown(),
        "was_recorded": leg.is_recorded,
    }
    for name, moment in (("date_rang", leg.rang), ("date_connected", leg.connected)):
        if moment is not None and leg.begins + moment <= now:
            row[name] = str(leg.begins + moment)
    for name, other in (
        ("entry_point_call_id", leg.entry),
        ("master_call_id", leg.master),
        ("operator_call_id", leg.operator),
    ):
        if other is not None:
            row[name] = str(other)
    if leg.group:
        row["group_id"] = f"{leg.group.kind}:{leg.group.id}"
    if leg.end > now:
        state = "connected" if "date_connected" in row else "ringing"
        return row | {"state": state, "event_timestamp": str(now)}
    return row | _ending(leg) | _aftermath(leg)


def _ending(leg: Leg) -> Row:
    total = leg.ended - leg.started
    # On group calls the length counts the queue as well; otherwise only from the answer on.
    since = leg.started if leg.target.type in ("call_center", "department") else leg.connected
    length = leg.ended - since if leg.connected is not None and since is not None else 0
    return {
        "date_ended": str(leg.end),
        "duration": float(length),
        "event_timestamp": str(leg.end + 1641),
        "state": "hangup",
        # The service delivers this double with rounding noise.
        "total_duration": total + 0.03 - 0.000000000001 if total % 2 else float(total),
    }


def _aftermath(leg: Leg) -> Row:
    """What was recorded, said and noted."""
    row: Row = {}
    page = f"https://dialpad.example.com/r/{leg.call_id}"
    if leg.is_recorded:
        row |= {
            "recording_details": [recording(leg, "callrecording", leg.talk, f"{page}/call.mp3")],
            "call_recording_share_links": [f"{page}/call"],
        }
    if leg.voicemail:
        row |= {
            "recording_details": [recording(leg, "voicemail", leg.voicemail, f"{page}/voicemail.mp3")],
            "voicemail_share_link": f"{page}/voicemail",
            "transcription_text": "Please call me back about my appointment.",
        }
    if leg.is_answered:
        row["mos_score"] = 3.9 + leg.call_id % 50 / 100
    if leg.labels:
        row["labels"] = leg.labels
    if leg.csat:
        row |= {"csat_score": leg.csat, "csat_recording_urls": [], "csat_transcriptions": []}
    return row


def recording(leg: Leg, kind: str, length: int, url: str) -> Row:
    begins = leg.at(leg.connected if leg.connected is not None else leg.ended - length)
    return {
        "duration": str(length),
        "id": str(leg.call_id + 1),
        "recording_type": kind,
        "start_time": str(begins),
        "url": url,
    }
