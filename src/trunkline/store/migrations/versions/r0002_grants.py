"""Sign-ins of accounts: the token pair that a provider gave."""

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import FreeText, Id, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "grants",
        Column("account_id", Id, autoincrement=False, nullable=False),
        Column("version", Integer, nullable=False),
        Column("pair", FreeText, nullable=False),
        Column("scope", FreeText, nullable=False),
        Column("renew_at", Instant),
        Column("connected_at", Instant, nullable=False),
        Column("renewed_at", Instant),
        Column("refused", Boolean, nullable=False),
        PrimaryKeyConstraint("account_id", name=key("pk_grants")),
        ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=key("fk_grants_account_id_accounts"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    drop_table("grants")
