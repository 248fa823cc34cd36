"""Schedules of datasets, and how often their failed runs are tried again."""

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, String

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import Id, Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "schedules",
        Column("dataset_id", Id, autoincrement=False, nullable=False),
        Column("version", Integer, nullable=False),
        Column("kind", String(64), nullable=False),
        Column("words", String(190), nullable=False),
        Column("day_window", String(64), nullable=False),
        Column("zone", String(64), nullable=False),
        Column("is_paused", Boolean, nullable=False),
        Column("next_due_at", Instant),
        Column("last_due_at", Instant),
        Column("retry_count", Integer, nullable=False),
        Column("retry_delay_seconds", Integer, nullable=False),
        Column("updated_at", Instant, nullable=False),
        PrimaryKeyConstraint("dataset_id", name=key("pk_schedules")),
        ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=key("fk_schedules_dataset_id_datasets"), ondelete="CASCADE"
        ),
        indexes=[["next_due_at"]],
    )


def downgrade() -> None:
    drop_table("schedules")
