"""The columns that datasets have had, one row each time they changed."""

from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import Id, Instant, JsonText

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "schema_versions",
        Column("id", Id, nullable=False),
        Column("dataset_id", Id, nullable=False),
        Column("seen_at", Instant, nullable=False),
        Column("columns", JsonText, nullable=False),
        Column("changes", JsonText, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_schema_versions")),
        ForeignKeyConstraint(
            ["dataset_id"],
            ["datasets.id"],
            name=key("fk_schema_versions_dataset_id_datasets"),
            ondelete="CASCADE",
        ),
        indexes=[["dataset_id", "id"]],
    )


def downgrade() -> None:
    drop_table("schema_versions")
