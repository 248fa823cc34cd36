"""Tokens of the API, and the answers kept for repeated requests."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, UniqueConstraint

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import FreeText, Id, Instant, JsonText

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "tokens",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("name", String(190), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("user", String(190), nullable=False),
        Column("functions", JsonText, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("expires_at", Instant),
        Column("used_at", Instant),
        PrimaryKeyConstraint("id", name=key("pk_tokens")),
        UniqueConstraint("name", name=key("uq_tokens_name")),
        UniqueConstraint("digest", name=key("uq_tokens_digest")),
    )
    create_table(
        "kept_answers",
        Column("token_id", Id, autoincrement=False, nullable=False),
        Column("idempotency_key", String(190), nullable=False),
        Column("request_digest", String(64), nullable=False),
        Column("status", Integer),
        Column("body", FreeText, nullable=False),
        Column("created_at", Instant, nullable=False),
        PrimaryKeyConstraint("token_id", "idempotency_key", name=key("pk_kept_answers")),
        indexes=[["created_at"]],
    )


def downgrade() -> None:
    for name in ("kept_answers", "tokens"):
        drop_table(name)
