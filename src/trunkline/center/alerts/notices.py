"""What is sent: one shape for every channel, and its words for people."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from trunkline.center.alerts.kinds import KINDS
from trunkline.clock import local_text

VERSION = 1
OPENED, OVER, TEST = "opened", "over", "test"


@dataclass(frozen=True)
class Subject:
    """What an incident is about: a dataset or an account. A name may change, its id does not."""

    kind: str
    id: int
    name: str


@dataclass(frozen=True)
class Notice:
    """One message of one incident to one channel. All texts are plain sentences without secrets.

    `id` is the same in every try of sending it. `incident_id` is None for a test.
    """

    id: str
    event: str
    created_at: datetime
    kind: str
    subject: Subject
    opened_at: datetime
    text: str
    todo: str = ""
    incident_id: int | None = None
    closed_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        if self.event == TEST:
            return "A test: this channel works"
        title = f"{self.subject.name} {KINDS[self.kind].heading}"
        return f"Over: {title}" if self.event == OVER else title

    @property
    def lines(self) -> list[str]:
        """The message for people: what happened, what to do, when it began and was over."""
        began = "" if self.event == TEST else f"Began: {local_text(self.opened_at)}"
        over = f"Over: {local_text(self.closed_at)}" if self.closed_at else ""
        todo = self.todo if self.event == OPENED else ""
        return [line for line in (self.text, todo, began, over) if line]

    def to_json(self) -> dict[str, Any]:
        """The shape that webhooks get; `docs/guides/alerts.md` describes it."""
        return {
            "version": VERSION,
            "id": self.id,
            "event": self.event,
            "created_at": self.created_at,
            "title": self.title,
            "text": self.text,
            "todo": self.todo,
            "incident": {
                "id": self.incident_id,
                "kind": self.kind,
                "subject": {"kind": self.subject.kind, "name": self.subject.name},
                "opened_at": self.opened_at,
                "closed_at": self.closed_at,
                "detail": self.detail,
            },
        }

    def body(self) -> bytes:
        return orjson.dumps(self.to_json(), option=orjson.OPT_UTC_Z)
