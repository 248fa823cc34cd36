"""Exports of datasets that are made anew after each successful run."""

from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, String

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import FreeText, Id, Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "standing_exports",
        Column("dataset_id", Id, autoincrement=False, nullable=False),
        Column("target_id", Id, autoincrement=False, nullable=False),
        Column("format", String(64), nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("last_at", Instant),
        Column("last_error", FreeText, nullable=False),
        PrimaryKeyConstraint("dataset_id", "target_id", "format", name=key("pk_standing_exports")),
        ForeignKeyConstraint(
            ["dataset_id"],
            ["datasets.id"],
            name=key("fk_standing_exports_dataset_id_datasets"),
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["target_id"],
            ["export_targets.id"],
            name=key("fk_standing_exports_target_id_export_targets"),
            ondelete="RESTRICT",
        ),
        indexes=[["target_id"]],
    )


def downgrade() -> None:
    drop_table("standing_exports")
