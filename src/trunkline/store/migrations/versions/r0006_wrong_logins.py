"""Wrong logins by address."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "wrong_logins",
        Column("network", String(64), nullable=False),
        Column("wrong", Integer, nullable=False),
        Column("until_at", Instant, nullable=False),
        PrimaryKeyConstraint("network", name=key("pk_wrong_logins")),
        indexes=[["until_at"]],
    )


def downgrade() -> None:
    drop_table("wrong_logins")
