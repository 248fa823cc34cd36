"""Accounts, datasets, runs and the request budget."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import FreeText, Id, Instant, JsonText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_accounts()
    _create_datasets()
    _create_runs()
    _create_budget()


def downgrade() -> None:
    for name in ("budget_spends", "budget_accounts", "runs", "datasets", "accounts"):
        drop_table(name)


def _create_accounts() -> None:
    create_table(
        "accounts",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("name", String(190), nullable=False),
        Column("connector", String(64), nullable=False),
        Column("notes", FreeText, nullable=False),
        Column("values", JsonText, nullable=False),
        Column("secrets", FreeText, nullable=False),
        Column("state", String(64), nullable=False),
        Column("state_message", FreeText, nullable=False),
        Column("checked_at", Instant),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_accounts")),
        UniqueConstraint("name", name=key("uq_accounts_name")),
    )


def _create_datasets() -> None:
    create_table(
        "datasets",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("name", String(190), nullable=False),
        Column("account_id", Id, nullable=False),
        Column("report", String(64), nullable=False),
        Column("options", JsonText, nullable=False),
        Column("method", String(64), nullable=False),
        Column("description", FreeText, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("last_run_id", String(32)),
        Column("last_success_run_id", String(32)),
        PrimaryKeyConstraint("id", name=key("pk_datasets")),
        UniqueConstraint("name", name=key("uq_datasets_name")),
        ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=key("fk_datasets_account_id_accounts"), ondelete="RESTRICT"
        ),
        indexes=[["account_id"]],
    )


def _create_runs() -> None:
    create_table(
        "runs",
        Column("id", String(32), nullable=False),
        Column("dataset_id", Id),
        Column("dataset_name", String(190), nullable=False),
        Column("trigger", String(64), nullable=False),
        Column("state", String(64), nullable=False),
        Column("method", String(64), nullable=False),
        Column("started_at", Instant, nullable=False),
        Column("ended_at", Instant),
        Column("heartbeat_at", Instant),
        Column("pid", Integer),
        Column("host", String(190), nullable=False),
        Column("waiting_until", Instant),
        Column("waiting_reason", FreeText, nullable=False),
        Column("windows_done", Integer, nullable=False),
        Column("windows_total", Integer),
        Column("rows_expected", BigInteger),
        *(
            Column(name, BigInteger, nullable=False)
            for name in ("rows_read", "rows_inserted", "rows_updated", "rows_deleted", "rows_unchanged")
        ),
        *(Column(name, BigInteger, nullable=False) for name in ("bytes", "requests", "retries")),
        Column("waited_seconds", Double, nullable=False),
        Column("seconds", Double, nullable=False),
        Column("warnings", JsonText, nullable=False),
        Column("error", FreeText, nullable=False),
        Column("error_kind", String(64), nullable=False),
        Column("todo", FreeText, nullable=False),
        Column("cancel_requested", Boolean, nullable=False),
        Column("detail", JsonText, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_runs")),
        ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=key("fk_runs_dataset_id_datasets"), ondelete="SET NULL"
        ),
        indexes=[["dataset_id", "id"], ["started_at"], ["state", "started_at"]],
    )


def _create_budget() -> None:
    create_table(
        "budget_accounts",
        Column("account_key", String(190), nullable=False),
        Column("paused_until", Instant),
        Column("pause_reason", FreeText, nullable=False),
        PrimaryKeyConstraint("account_key", name=key("pk_budget_accounts")),
    )
    create_table(
        "budget_spends",
        Column("account_key", String(190), nullable=False),
        Column("limit_group", String(64), nullable=False),
        Column("slot_ms", Integer, autoincrement=False, nullable=False),
        Column("slot", BigInteger, autoincrement=False, nullable=False),
        Column("spent", Integer, nullable=False),
        PrimaryKeyConstraint("account_key", "limit_group", "slot_ms", "slot", name=key("pk_budget_spends")),
    )
