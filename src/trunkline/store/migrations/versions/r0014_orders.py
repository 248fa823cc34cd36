"""Runs that are wanted, the processes that carry them out, and who works on which dataset."""

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, String

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import Id, Instant, JsonText, RunId

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "orders",
        Column("id", String(190), nullable=False),
        Column("dataset_id", Id, nullable=False),
        Column("state", String(64), nullable=False),
        Column("trigger", String(64), nullable=False),
        Column("wish", JsonText, nullable=False),
        Column("started_by", String(190), nullable=False),
        Column("retry_of", RunId),
        Column("due_at", Instant),
        Column("attempt", Integer, nullable=False),
        Column("failures", Integer, nullable=False),
        Column("begins_at", Instant, nullable=False),
        Column("given_at", Instant),
        Column("run_id", RunId),
        Column("cancel_requested", Boolean, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("ended_at", Instant),
        Column("outcome", String(64), nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_orders")),
        ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=key("fk_orders_dataset_id_datasets"), ondelete="CASCADE"
        ),
        indexes=[["dataset_id"], ["state", "begins_at"]],
    )
    create_table(
        "workers",
        Column("id", String(190), nullable=False),
        Column("host", String(190), nullable=False),
        Column("pid", Integer, nullable=False),
        Column("began_at", Instant, nullable=False),
        Column("beat_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_workers")),
        indexes=[["beat_at"]],
    )
    create_table(
        "leases",
        Column("dataset_id", Id, autoincrement=False, nullable=False),
        Column("holder", String(190), nullable=False),
        Column("host", String(190), nullable=False),
        Column("until_at", Instant, nullable=False),
        PrimaryKeyConstraint("dataset_id", name=key("pk_leases")),
        ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=key("fk_leases_dataset_id_datasets"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    drop_table("leases")
    drop_table("workers")
    drop_table("orders")
