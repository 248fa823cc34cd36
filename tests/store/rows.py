"""Rows that fill every table once."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from trunkline.center.alerts.tables import channels, deliveries, incidents, watched_datasets
from trunkline.center.tables import (
    accounts,
    datasets,
    export_targets,
    grants,
    leases,
    orders,
    run_lines,
    runs,
    schedules,
    standing_exports,
    workers,
)

AT = datetime(2026, 6, 14, 12, 0, 0, 123456, tzinfo=UTC)


def add_account(tx: Connection, name: str = "main", **more: Any) -> int:
    record = {"name": name, "connector": "callrail", "created_at": AT, "updated_at": AT, **more}
    tx.execute(insert(accounts), record)
    return int(tx.execute(select(accounts.c.id).where(accounts.c.name == name)).scalar_one())


def add_dataset(tx: Connection, account_id: int, name: str = "calls", **more: Any) -> int:
    record = {
        "name": name,
        "account_id": account_id,
        "report": "calls",
        "method": "merge",
        "created_at": AT,
        "updated_at": AT,
        **more,
    }
    tx.execute(insert(datasets), record)
    return int(tx.execute(select(datasets.c.id).where(datasets.c.name == name)).scalar_one())


def add_run(tx: Connection, dataset_id: int | None, run_id: str, **more: Any) -> None:
    record = {
        "id": run_id,
        "dataset_id": dataset_id,
        "dataset_name": "calls",
        "state": "running",
        "method": "merge",
        "started_at": AT,
        **more,
    }
    tx.execute(insert(runs), record)


def add_one_of_each(tx: Connection) -> None:
    account_id = add_account(tx)
    tx.execute(insert(grants), {"account_id": account_id, "pair": "…", "connected_at": AT, "renew_at": AT})
    dataset_id = add_dataset(tx, account_id)
    add_run(tx, dataset_id, "0001")
    tx.execute(insert(schedules), schedule_record(dataset_id, next_due_at=AT))
    add_alert(tx, dataset_id)
    order = {"id": "1-1", "dataset_id": dataset_id, "state": "waiting", "trigger": "scheduled"}
    tx.execute(insert(orders), {**order, "begins_at": AT, "created_at": AT})
    tx.execute(insert(workers), {"id": "local", "host": "here", "pid": 1, "began_at": AT, "beat_at": AT})
    tx.execute(insert(leases), {"dataset_id": dataset_id, "holder": "x", "host": "here", "until_at": AT})
    place = {"name": "lake", "kind": "folder", "place": "/srv/lake", "created_at": AT}
    tx.execute(insert(export_targets), place)
    target_id = tx.execute(select(export_targets.c.id)).scalar_one()
    kept = {"dataset_id": dataset_id, "target_id": target_id, "format": "csv", "created_at": AT}
    tx.execute(insert(standing_exports), kept)
    line = {"run_id": "0001", "number": 1, "at": AT, "level": "info", "event": "run", "text": "It has begun."}
    tx.execute(insert(run_lines), line)


def schedule_record(dataset_id: int, **more: Any) -> dict[str, Any]:
    plain = {"kind": "every", "words": "1h", "zone": "UTC", "retry_count": 3, "retry_delay_seconds": 900}
    return {"dataset_id": dataset_id, "updated_at": AT, **plain, **more}


def add_alert(tx: Connection, dataset_id: int) -> None:
    subject = {"subject_kind": "dataset", "subject_id": dataset_id, "subject": "calls"}
    tx.execute(insert(incidents), {"kind": "failed", "opened_at": AT, "text": "It broke.", **subject})
    tx.execute(insert(channels), {"name": "ops", "kind": "slack", "created_at": AT, "updated_at": AT})
    delivery = {"id": "0001", "channel_name": "ops", "event": "opened", "state": "waiting", "created_at": AT}
    ids = {"incident_id": tx.execute(select(incidents.c.id)).scalar_one()}
    ids["channel_id"] = tx.execute(select(channels.c.id)).scalar_one()
    tx.execute(insert(deliveries), {**delivery, **ids})
    tx.execute(insert(watched_datasets), {"dataset_id": dataset_id, "behind_since": AT})
