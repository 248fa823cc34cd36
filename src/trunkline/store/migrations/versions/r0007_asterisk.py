"""The managers of the dialer's servers, and what was asked of them."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, PrimaryKeyConstraint, String, UniqueConstraint

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import FreeText, Id, Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "asterisk_managers",
        Column("server_ip", String(64), nullable=False),
        Column("host", String(190), nullable=False),
        Column("port", Integer, nullable=False),
        Column("user", String(190), nullable=False),
        Column("secret", FreeText, nullable=False),
        Column("tls", Boolean, nullable=False),
        Column("ca", FreeText, nullable=False),
        Column("created_at", Instant, nullable=False),
        PrimaryKeyConstraint("server_ip", name=key("pk_asterisk_managers")),
    )
    create_table(
        "asterisk_actions",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("action_id", String(64), nullable=False),
        Column("action", String(64), nullable=False),
        Column("function", String(64), nullable=False),
        Column("user", String(190), nullable=False),
        Column("server_ip", String(64), nullable=False),
        Column("man_id", BigInteger),
        *(Column(name, String(190), nullable=False) for name in ("code", "channel", "extension")),
        Column("state", String(64), nullable=False),
        Column("result", String(64)),
        Column("reason", FreeText, nullable=False),
        Column("cause", Integer),
        Column("unique_id", String(190), nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("answered_at", Instant),
        Column("ended_at", Instant),
        Column("keeper", String(64), nullable=False),
        Column("heard_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_asterisk_actions")),
        UniqueConstraint("action_id", name=key("uq_asterisk_actions_action_id")),
        indexes=[["man_id"], ["state", "heard_at"]],
    )


def downgrade() -> None:
    for name in ("asterisk_actions", "asterisk_managers"):
        drop_table(name)
