"""Where datasets are exported to: folders, and buckets of an S3-compatible storage."""

from sqlalchemy import Column, PrimaryKeyConstraint, String, UniqueConstraint

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import FreeText, Id, Instant, JsonText

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "export_targets",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("name", String(190), nullable=False),
        Column("kind", String(64), nullable=False),
        Column("place", FreeText, nullable=False),
        Column("options", JsonText, nullable=False),
        Column("secrets", FreeText, nullable=False),
        Column("created_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_export_targets")),
        UniqueConstraint("name", name=key("uq_export_targets_name")),
    )


def downgrade() -> None:
    drop_table("export_targets")
