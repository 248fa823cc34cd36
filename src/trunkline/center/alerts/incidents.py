"""Incidents: begun once, closed once, and each time written down together with what is to be sent.

An incident and its deliveries are kept in one transaction. So no incident goes untold because a process
ended in between, and only channels that were there when it began hear of it.
"""

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from trunkline.center.alerts import queries
from trunkline.center.alerts.kinds import DATASET, IncidentKind
from trunkline.center.alerts.notices import OPENED, OVER, Subject
from trunkline.center.room import Center

Detail = Mapping[str, Any]
_numbers = itertools.count()


@dataclass(frozen=True)
class Incident:
    """An incident as it is listed, with what became of its notices. `closed_at` is None while it lasts."""

    id: int
    kind: str
    subject: Subject
    opened_at: datetime
    closed_at: datetime | None
    text: str
    todo: str
    over_text: str
    detail: dict[str, Any]
    deliveries: list["Delivery"] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "state": "over" if self.closed_at else "open",
            "subject": {"kind": self.subject.kind, "name": self.subject.name},
            "opened_at": self.opened_at,
            "closed_at": self.closed_at,
            "text": self.text,
            "todo": self.todo,
            "over_text": self.over_text,
            "detail": self.detail,
            "deliveries": [d.to_json() for d in self.deliveries],
        }


@dataclass(frozen=True)
class Delivery:
    """What was sent to a channel, or is to be. `state`: waiting, sent, failed."""

    id: str
    channel: str
    event: str
    state: str
    tries: int
    next_try_at: datetime | None
    ended_at: datetime | None
    answer: str

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def open_one(
    center: Center,
    kind: IncidentKind,
    subject: Subject,
    text: str,
    *,
    todo: str = "",
    detail: Detail | None = None,
) -> bool:
    """Begin an incident unless it has begun already; whether it does now."""
    now, key = center.clock.now(), _key(kind, subject)
    with center.store.read() as tx:
        if queries.open_incident(tx, key) is not None:
            return False
    record = {
        "open_key": key,
        "kind": kind.name,
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "subject": subject.name,
        "opened_at": now,
        "text": text,
        "todo": todo,
        "detail": dict(detail or {}),
    }
    try:
        with center.store.begin() as tx:
            incident_id = queries.insert_incident(tx, record)
            hearing = [c for c in queries.all_channels(tx) if _hears(tx, c, kind, subject)]
            _announce(tx, incident_id, hearing, OPENED, now)
    except IntegrityError:
        return False  # another process was first
    return True


def close_one(center: Center, kind: IncidentKind, subject: Subject, text: str) -> bool:
    """End an incident; whether there was one."""
    with center.store.read() as tx:
        found = queries.open_incident(tx, _key(kind, subject))
    return found is not None and close_row(center, found["id"], text)


def close_row(center: Center, incident_id: int, text: str) -> bool:
    """End the incident of this id and tell those who heard of it; whether it was open."""
    now = center.clock.now()
    with center.store.begin() as tx:
        if not queries.close_incident(tx, incident_id, {"closed_at": now, "over_text": text}):
            return False
        _announce(tx, incident_id, queries.channels_told(tx, incident_id), OVER, now)
    return True


def newest(
    center: Center, limit: int = 50, *, only_open: bool = False, before: int | None = None
) -> list[Incident]:
    """The newest first, or those before one; with what became of their notices."""
    with center.store.read() as tx:
        rows = queries.newest_incidents(tx, limit, only_open=only_open, before=before)
        sent = queries.deliveries_of(tx, [row["id"] for row in rows])
    told: dict[int, list[Delivery]] = {}
    for row in sent:
        told.setdefault(row["incident_id"], []).append(delivery_of(row))
    return [_incident(row, told.get(row["id"], [])) for row in rows]


def prune(center: Center, before: datetime) -> None:
    """Forget incidents that were over before then, and what was sent of them; open ones stay."""
    with center.store.begin() as tx:
        queries.delete_old(tx, before)


def new_delivery_id(now: datetime) -> str:
    """Sorts by time; unique without asking anybody, among installations too."""
    number = next(_numbers) % 2**24
    return f"{int(now.timestamp() * 1000):012x}{number:06x}{secrets.token_hex(7)}"


def subject_of(row: RowMapping) -> Subject:
    return Subject(row["subject_kind"], row["subject_id"], row["subject"])


def delivery_of(row: RowMapping) -> Delivery:
    names = ("id", "event", "state", "tries", "next_try_at", "ended_at", "answer")
    return Delivery(channel=row["channel_name"], **{name: row[name] for name in names})


def _key(kind: IncidentKind, subject: Subject) -> str:
    return f"{kind.name}:{subject.kind}:{subject.id}"


def _hears(tx: Connection, channel: RowMapping, kind: IncidentKind, subject: Subject) -> bool:
    """Whether a channel wants this kind, and this dataset or account (or the dataset's account)."""
    if channel["incident_kinds"] is not None and kind.name not in channel["incident_kinds"]:
        return False
    chosen, of_accounts = channel["dataset_ids"], channel["account_ids"]
    if chosen is None and of_accounts is None:
        return True
    if subject.kind == DATASET:
        return subject.id in (chosen or ()) or queries.account_id_of(tx, subject.id) in (of_accounts or ())
    return subject.id in (of_accounts or ())


def _announce(
    tx: Connection, incident_id: int, channels: Sequence[RowMapping], event: str, now: datetime
) -> None:
    for channel in channels:
        record = {
            "id": new_delivery_id(now),
            "incident_id": incident_id,
            "channel_id": channel["id"],
            "channel_name": channel["name"],
            "event": event,
            "state": queries.WAITING,
            "next_try_at": now,
            "created_at": now,
        }
        queries.insert_delivery(tx, record)


def _incident(row: RowMapping, deliveries: list[Delivery]) -> Incident:
    return Incident(
        id=row["id"],
        kind=row["kind"],
        subject=subject_of(row),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        text=row["text"],
        todo=row["todo"],
        over_text=row["over_text"],
        detail=row["detail"],
        deliveries=deliveries,
    )
