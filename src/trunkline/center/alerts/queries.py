"""Statements about incidents, channels and deliveries."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, exists, func, insert, or_, select, update

from trunkline.center.alerts.tables import (
    channels,
    deliveries,
    incidents,
    schema_versions,
    watched_datasets,
)
from trunkline.center.tables import accounts, datasets, grants, runs

Record = Mapping[str, Any]
WAITING = "waiting"
BACKFILL = "backfill"

# -- incidents -----------------------------------------------------------------------------------


def insert_incident(tx: Connection, values: Record) -> int:
    made = tx.execute(insert(incidents).values(**values)).inserted_primary_key
    return int(made[0]) if made else 0


def open_incident(tx: Connection, open_key: str) -> RowMapping | None:
    return tx.execute(select(incidents).where(incidents.c.open_key == open_key)).mappings().first()


def open_incidents(tx: Connection) -> Sequence[RowMapping]:
    """The oldest first."""
    statement = select(incidents).where(incidents.c.open_key.is_not(None)).order_by(incidents.c.id)
    return tx.execute(statement).mappings().all()


def close_incident(tx: Connection, incident_id: int, values: Record) -> bool:
    """Close an incident that is still open; whether it was."""
    still = incidents.c.id == incident_id, incidents.c.open_key.is_not(None)
    return tx.execute(update(incidents).where(*still).values(open_key=None, **values)).rowcount == 1


def newest_incidents(tx: Connection, limit: int, *, only_open: bool) -> Sequence[RowMapping]:
    statement = select(incidents).order_by(incidents.c.id.desc()).limit(limit)
    if only_open:
        statement = statement.where(incidents.c.open_key.is_not(None))
    return tx.execute(statement).mappings().all()


def incident_by_id(tx: Connection, incident_id: int) -> RowMapping | None:
    return tx.execute(select(incidents).where(incidents.c.id == incident_id)).mappings().first()


def delete_old(tx: Connection, before: datetime) -> None:
    """Incidents that were over before then, with what was sent of them; tests of channels too."""
    tx.execute(delete(incidents).where(incidents.c.closed_at < before))
    tests = deliveries.c.incident_id.is_(None), deliveries.c.created_at < before
    tx.execute(delete(deliveries).where(*tests))


# -- channels ------------------------------------------------------------------------------------


def insert_channel(tx: Connection, values: Record) -> None:
    tx.execute(insert(channels).values(**values))


def update_channel(tx: Connection, channel_id: int, values: Record) -> None:
    tx.execute(update(channels).where(channels.c.id == channel_id).values(**values))


def delete_channel(tx: Connection, channel_id: int) -> None:
    tx.execute(delete(channels).where(channels.c.id == channel_id))


def channel_named(tx: Connection, name: str) -> RowMapping | None:
    return tx.execute(select(channels).where(channels.c.name == name)).mappings().first()


def channel_by_id(tx: Connection, channel_id: int) -> RowMapping | None:
    return tx.execute(select(channels).where(channels.c.id == channel_id)).mappings().first()


def all_channels(tx: Connection) -> Sequence[RowMapping]:
    return tx.execute(select(channels).order_by(channels.c.name)).mappings().all()


# -- deliveries ----------------------------------------------------------------------------------


def insert_delivery(tx: Connection, values: Record) -> None:
    tx.execute(insert(deliveries).values(**values))


def due_deliveries(tx: Connection, now: datetime) -> Sequence[RowMapping]:
    """What may be sent now, the oldest first; the end of an incident not before its beginning."""
    former = deliveries.alias()
    beginning = exists().where(
        former.c.incident_id == deliveries.c.incident_id,
        former.c.channel_id == deliveries.c.channel_id,
        former.c.event != deliveries.c.event,
        former.c.state == WAITING,
    )
    may = or_(deliveries.c.event != "over", ~beginning)
    due = deliveries.c.state == WAITING, deliveries.c.next_try_at <= now, may
    return tx.execute(select(deliveries).where(*due).order_by(deliveries.c.id)).mappings().all()


def waiting_deliveries(tx: Connection) -> Sequence[RowMapping]:
    """What no channel has taken yet, the oldest first."""
    waiting = deliveries.c.state == WAITING, deliveries.c.event != "test"
    return tx.execute(select(deliveries).where(*waiting).order_by(deliveries.c.id)).mappings().all()


def claim_delivery(tx: Connection, delivery_id: str, tries: int, until: datetime) -> bool:
    """Take a delivery that nobody else has taken since it was read; it is due again at `until`."""
    still = deliveries.c.id == delivery_id, deliveries.c.state == WAITING, deliveries.c.tries == tries
    taken = update(deliveries).where(*still).values(tries=tries + 1, next_try_at=until)
    return tx.execute(taken).rowcount == 1


def update_delivery(tx: Connection, delivery_id: str, values: Record) -> None:
    tx.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(**values))


def update_waiting(tx: Connection, channel_id: int, values: Record) -> None:
    """Change all deliveries that wait for a channel."""
    waiting = deliveries.c.channel_id == channel_id, deliveries.c.state == WAITING
    tx.execute(update(deliveries).where(*waiting).values(**values))


def channels_told(tx: Connection, incident_id: int) -> Sequence[RowMapping]:
    """The channels that hear of an incident: those that were there when it began."""
    told = select(deliveries.c.channel_id).where(
        deliveries.c.incident_id == incident_id, deliveries.c.channel_id.is_not(None)
    )
    return tx.execute(select(channels).where(channels.c.id.in_(told))).mappings().all()


def deliveries_of(tx: Connection, incident_ids: Collection[int]) -> Sequence[RowMapping]:
    of_these = deliveries.c.incident_id.in_(incident_ids)
    return tx.execute(select(deliveries).where(of_these).order_by(deliveries.c.id)).mappings().all()


def last_deliveries(tx: Connection) -> Sequence[RowMapping]:
    """The newest delivery of each channel that was tried, tests included."""
    newest = (
        select(func.max(deliveries.c.id))
        .where(deliveries.c.channel_id.is_not(None), deliveries.c.tries > 0)
        .group_by(deliveries.c.channel_id)
        .scalar_subquery()
    )
    return tx.execute(select(deliveries).where(deliveries.c.id.in_(newest))).mappings().all()


# -- what the incidents are about ----------------------------------------------------------------


def watched(tx: Connection) -> dict[int, RowMapping]:
    """What is known of each dataset, by its id: its last success, and since when it is behind."""
    rows = tx.execute(
        select(
            datasets.c.id,
            datasets.c.last_success_run_id,
            runs.c.ended_at,
            watched_datasets.c.behind_since,
        ).select_from(
            datasets.outerjoin(runs, runs.c.id == datasets.c.last_success_run_id).outerjoin(
                watched_datasets, watched_datasets.c.dataset_id == datasets.c.id
            )
        )
    )
    return {row["id"]: row for row in rows.mappings()}


def known_columns(tx: Connection, dataset_id: int) -> dict[str, str] | None:
    """The columns of a dataset's last success; None before the first."""
    statement = select(watched_datasets.c.columns).where(watched_datasets.c.dataset_id == dataset_id)
    found: dict[str, str] | None = tx.execute(statement).scalar()
    return found


def remember_columns(tx: Connection, dataset_id: int, columns: Mapping[str, str]) -> None:
    _remember(tx, [{"dataset_id": dataset_id, "columns": dict(columns)}])


def add_version(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(schema_versions).values(**values))


def versions_of(tx: Connection, dataset_id: int) -> Sequence[RowMapping]:
    """Oldest first."""
    statement = select(schema_versions).where(schema_versions.c.dataset_id == dataset_id)
    return tx.execute(statement.order_by(schema_versions.c.id)).mappings().all()


def remember_behind(tx: Connection, since: Mapping[int, datetime | None]) -> None:
    """Since when datasets, by their ids, have been behind; None for those that are not."""
    _remember(tx, [{"dataset_id": id_, "behind_since": at} for id_, at in since.items()])


def _remember(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Change the rows that are there, and add the others."""
    there = set(tx.execute(select(watched_datasets.c.dataset_id)).scalars())
    known = [{"of": row.pop("dataset_id"), **row} for row in list(rows) if row["dataset_id"] in there]
    new = [row for row in rows if "dataset_id" in row]
    if known:
        tx.execute(update(watched_datasets).where(watched_datasets.c.dataset_id == bindparam("of")), known)
    if new:
        tx.execute(insert(watched_datasets), new)


def rows_of_successes(tx: Connection, dataset_id: int, before: str, count: int) -> list[int]:
    """The rows read by the last successes before a run, the newest first; backfills are left out."""
    statement = (
        select(runs.c.rows_read)
        .where(
            runs.c.dataset_id == dataset_id,
            runs.c.state == "succeeded",
            runs.c.trigger != BACKFILL,
            runs.c.id < before,
        )
        .order_by(runs.c.id.desc())
        .limit(count)
    )
    return [int(rows) for rows in tx.execute(statement).scalars()]


def ending_grants(tx: Connection) -> Sequence[RowMapping]:
    """Sign-ins whose provider says when they end."""
    statement = select(
        grants.c.account_id,
        accounts.c.name,
        accounts.c.connector,
        grants.c.connected_at,
        grants.c.renewed_at,
        grants.c.ends_at,
    ).join_from(grants, accounts)
    return tx.execute(statement.where(grants.c.ends_at.is_not(None))).mappings().all()


def names_of(tx: Connection, subject_kind: str) -> dict[int, str]:
    """Datasets or accounts: their names by their ids."""
    table = {"dataset": datasets, "account": accounts}[subject_kind]
    found = tx.execute(select(table.c.id, table.c.name))
    return {row.id: row.name for row in found}


def account_id_of(tx: Connection, dataset_id: int) -> int | None:
    statement = select(datasets.c.account_id).where(datasets.c.id == dataset_id)
    found: int | None = tx.execute(statement).scalar()
    return found
