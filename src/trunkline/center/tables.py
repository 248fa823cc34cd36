"""Tables of the Data Center: accounts, their sign-ins, datasets, schedules, runs and their logs."""

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, text, true

from trunkline.store.metadata import table
from trunkline.store.tables import users
from trunkline.store.types import FreeText, Id, Instant, JsonText, Name, RunId, Sealed, Word

accounts = table(
    "accounts",
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("connector", Word, nullable=False),
    Column("notes", FreeText, nullable=False, default=""),
    Column("values", JsonText, nullable=False, default=dict),  # what is not secret
    Column("secrets", Sealed, nullable=False, default=""),
    Column("state", Word, nullable=False, default="untested"),  # valid, invalid, untested
    Column("state_message", FreeText, nullable=False, default=""),
    Column("checked_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("owner_id", Id),  # a user; none: it was made by a command
)

account_shares = table(
    "account_shares",
    Column(
        "account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column(
        "user_id",
        Id,
        ForeignKey(users.c.id, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("created_at", Instant, nullable=False),
)
"""Who may read with an account without seeing its secrets."""

grants = table(
    "grants",
    Column(
        "account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("version", Integer, nullable=False, default=1),  # counts up with every new pair
    Column("pair", Sealed, nullable=False),
    Column("scope", FreeText, nullable=False, default=""),
    Column("renew_at", Instant),  # none: good until it is refused
    Column("connected_at", Instant, nullable=False),
    Column("renewed_at", Instant),
    Column("refused", Boolean, nullable=False, default=False),
    Column("ends_at", Instant),  # when a person must sign in again; none: the provider says nothing of it
)

export_targets = table(
    "export_targets",
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("kind", Word, nullable=False),  # folder, s3
    Column("place", FreeText, nullable=False),  # a folder's path; bucket/prefix
    Column("options", JsonText, nullable=False, default=dict),
    Column("secrets", Sealed, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
)

datasets = table(
    "datasets",
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="RESTRICT"), nullable=False, index=True),
    Column("report", Word, nullable=False),
    Column("options", JsonText, nullable=False, default=dict),
    Column("method", Word, nullable=False),
    Column("description", FreeText, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # No foreign keys: runs point to datasets, and a circle would make both undeletable.
    Column("last_run_id", RunId),
    Column("last_success_run_id", RunId),
    Column("owner_id", Id),  # a user; none: it was made by a command
    Column("tags", JsonText),  # a list of words; none: no tags
)

saved_queries = table(
    "saved_queries",
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False, index=True),
    Column("sql", FreeText, nullable=False),
    Column("description", FreeText, nullable=False, default=""),
    Column("chart", JsonText, nullable=False, default=dict),
    Column("owner_id", Id),
    Column("place", Integer),  # on the dashboard; none: it is not there
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

standing_exports = table(
    "standing_exports",
    Column(
        "dataset_id", Id, ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column(
        "target_id",
        Id,
        ForeignKey("export_targets.id", ondelete="RESTRICT"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("format", Word, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("last_at", Instant),  # of the last one that was written
    Column("last_error", FreeText, nullable=False, default=""),  # of the last try; empty: it was written
)
"""Exports that are made anew after each successful run."""

schedules = table(
    "schedules",
    Column(
        "dataset_id", Id, ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("version", Integer, nullable=False, default=1),  # counts up with every change by a person
    Column("kind", Word, nullable=False),  # manual, every, daily, weekly, monthly, cron
    Column("words", Name, nullable=False, default=""),
    Column("day_window", Word, nullable=False, default=""),
    Column("zone", Word, nullable=False),
    Column("is_paused", Boolean, nullable=False, default=False),
    Column("next_due_at", Instant, index=True),  # none: paused or manual
    Column("last_due_at", Instant),
    Column("retry_count", Integer, nullable=False),
    Column("retry_delay_seconds", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
"""One row for each dataset that was given a schedule or a retry policy."""

runs = table(
    "runs",
    Column("id", RunId, primary_key=True, autoincrement=False),  # sorts by time
    Column("dataset_id", Id, ForeignKey("datasets.id", ondelete="SET NULL")),
    Column("dataset_name", Name, nullable=False),
    Column("trigger", Word, nullable=False, default="manual"),
    Column("state", Word, nullable=False),  # running, waiting, succeeded, failed, cancelled
    Column("method", Word, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("heartbeat_at", Instant),
    Column("pid", Integer),
    Column("host", Name, nullable=False, default=""),
    Column("waiting_until", Instant),
    Column("waiting_reason", FreeText, nullable=False, default=""),
    Column("windows_done", Integer, nullable=False, default=0),
    Column("windows_total", Integer),
    Column("rows_expected", BigInteger),
    Column("rows_read", BigInteger, nullable=False, default=0),
    Column("rows_inserted", BigInteger, nullable=False, default=0),
    Column("rows_updated", BigInteger, nullable=False, default=0),
    Column("rows_deleted", BigInteger, nullable=False, default=0),
    Column("rows_unchanged", BigInteger, nullable=False, default=0),
    Column("bytes", BigInteger, nullable=False, default=0),
    Column("requests", BigInteger, nullable=False, default=0),
    Column("retries", BigInteger, nullable=False, default=0),
    Column("waited_seconds", Double, nullable=False, default=0.0),
    Column("seconds", Double, nullable=False, default=0.0),
    Column("warnings", JsonText, nullable=False, default=list),  # a list of sentences
    Column("error", FreeText, nullable=False, default=""),
    Column("error_kind", Word, nullable=False, default=""),
    Column("todo", FreeText, nullable=False, default=""),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("detail", JsonText, nullable=False, default=dict),  # days, phases, values that did not fit
    Column("started_by", Name, nullable=False, server_default=""),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("retry_of", RunId),
    Column("waits", Integer, nullable=False, server_default=text("0")),
    # False: its process died, and its counts have not been held against the warehouse yet
    Column("is_settled", Boolean, nullable=False, server_default=true()),
    Index(None, "dataset_id", "id"),
    Index(None, "dataset_id", "state", "id"),
    Index(None, "started_at"),
    Index(None, "state", "started_at"),
)

orders = table(
    "orders",
    Column("id", Name, primary_key=True),  # dataset and due time, or dataset and a word of its own
    Column("dataset_id", Id, ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", Word, nullable=False),  # waiting, given (to a worker), ended
    Column("trigger", Word, nullable=False),
    Column("wish", JsonText, nullable=False, default=dict),
    Column("started_by", Name, nullable=False, default=""),
    Column("retry_of", RunId),  # the run that failed before
    Column("due_at", Instant),
    Column("attempt", Integer, nullable=False, default=1),
    Column("failures", Integer, nullable=False, default=0),
    Column("begins_at", Instant, nullable=False),  # not before
    Column("given_at", Instant),
    Column("run_id", RunId),  # the newest run of it
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Word, nullable=False, default=""),
    Index(None, "state", "begins_at"),
)
"""Runs that are wanted: each until it has succeeded, failed for good, or was cancelled."""

workers = table(
    "workers",
    Column("id", Name, primary_key=True),
    Column("host", Name, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False, index=True),
)
"""Processes that carry out orders; one that no longer beats is dead."""

leases = table(
    "leases",
    Column(
        "dataset_id", Id, ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("holder", Name, nullable=False),
    Column("host", Name, nullable=False),
    Column("until_at", Instant, nullable=False),
)
"""Who works on a dataset, where several machines share a store."""
run_lines = table(
    "run_lines",
    Column("run_id", RunId, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # counts from 1; a gap was left out
    Column("at", Instant, nullable=False),
    Column("level", Word, nullable=False),  # info, warning, error
    Column("event", Word, nullable=False),
    Column("text", FreeText, nullable=False),
    Column("fields", JsonText, nullable=False, default=dict),
)
