"""How the job library is set up for an installation: where its notes are, under what name it works."""

import fcntl
import logging
from typing import IO

from dbos import DBOSConfig

from trunkline.center import workers
from trunkline.center.room import Center
from trunkline.errors import SettingsError
from trunkline.store.places import DatabaseKind

VERSION = "1"
"""Of the workflow's shape, not of the product: what an older version began a newer one ends."""
JOBS_FILE, LOCK_FILE, SCHEMA = "jobs.sqlite3", "engine.lock", "trunkline_jobs"


def is_shared(center: Center) -> bool:
    """Whether several processes may carry out the orders: they must load into the same warehouse too."""
    return center.store.dialect is DatabaseKind.POSTGRESQL and bool(
        center.settings.text("warehouse_url").strip()
    )


def check_no_other(center: Center) -> None:
    """Raises SettingsError while a worker of another home or machine carries out the orders of this store.

    Each would load into a warehouse file of its own.
    """
    if center.store.dialect is DatabaseKind.SQLITE:
        return  # it is in this home, whose lock is held
    if found := workers.alive(center):
        raise SettingsError(
            f"The worker {found[0]} already runs the datasets of this store, into its own warehouse file.",
            todo="Stop it, or let both share the work: set store_url and warehouse_url to PostgreSQL.",
        )


def only_one(center: Center) -> IO[str]:
    """Without a PostgreSQL store one process carries out orders. Raises SettingsError where one does."""
    lock = (center.settings.home / LOCK_FILE).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise SettingsError(
            "Another process runs the datasets of this home folder already.",
            todo="Several processes share the work where store_url and warehouse_url name PostgreSQL.",
        ) from None
    return lock


def config_for(center: Center, worker: str) -> DBOSConfig:
    """Jobs are kept beside the store on PostgreSQL, else in a file of the home folder."""
    shared = is_shared(center)
    file = center.settings.home / JOBS_FILE
    url = center.store.place.url.render_as_string(hide_password=False) if shared else f"sqlite:///{file}"
    config: DBOSConfig = {
        "name": "trunkline",
        "system_database_url": url,
        "application_version": VERSION,
        "executor_id": worker,
        "enable_otlp": False,
        "log_level": "ERROR",
    }
    if shared:
        config["dbos_system_schema"] = SCHEMA
    return config


def quiet() -> None:
    """Cancelled and failed attempts are told by the history; the library would print their traces."""
    for name in ("dbos", "dbos._core"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
