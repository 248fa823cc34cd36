"""Click-to: building blocks, keys and what they may see, activity."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)

from trunkline.store.migrations.steps import create_table, drop_table, key
from trunkline.store.types import FreeText, Id, Instant, JsonText

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE_DURATION = ("caller_id", "name", "page", "ref", "click_description", "click_time", "number_connected")
AFTER_DURATION = ("referral_keywords", "referral_domain", "ip_address", "call_1_result", "call_2_result")


def upgrade() -> None:
    _create_blocks()
    _create_keys()
    _create_activity()


def downgrade() -> None:
    for name in ("clickto_activity", "clickto_key_blocks", "clickto_keys", "clickto_blocks"):
        drop_table(name)


def _create_blocks() -> None:
    create_table(
        "clickto_blocks",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("kind", String(64), nullable=False),
        Column("description", String(190), nullable=False),
        Column("numbers", JsonText, nullable=False),
        Column("owner", String(190), nullable=False),
        Column("hours", FreeText, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_clickto_blocks")),
    )


def _create_keys() -> None:
    create_table(
        "clickto_keys",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("name", String(190), nullable=False),
        Column("access_key", String(64), nullable=False),
        Column("secret_digest", String(64), nullable=False),
        Column("is_limited", Boolean, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("used_at", Instant),
        Column("revoked_at", Instant),
        PrimaryKeyConstraint("id", name=key("pk_clickto_keys")),
        UniqueConstraint("name", name=key("uq_clickto_keys_name")),
        UniqueConstraint("access_key", name=key("uq_clickto_keys_access_key")),
        UniqueConstraint("secret_digest", name=key("uq_clickto_keys_secret_digest")),
    )
    create_table(
        "clickto_key_blocks",
        Column("key_id", Id, autoincrement=False, nullable=False),
        Column("block_id", Id, autoincrement=False, nullable=False),
        PrimaryKeyConstraint("key_id", "block_id", name=key("pk_clickto_key_blocks")),
        ForeignKeyConstraint(
            ["key_id"],
            ["clickto_keys.id"],
            name=key("fk_clickto_key_blocks_key_id_clickto_keys"),
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["block_id"],
            ["clickto_blocks.id"],
            name=key("fk_clickto_key_blocks_block_id_clickto_blocks"),
            ondelete="CASCADE",
        ),
        indexes=[["block_id"]],
    )


def _create_activity() -> None:
    create_table(
        "clickto_activity",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("block_id", Id),
        Column("state", String(64), nullable=False),
        Column("local_minute", BigInteger, nullable=False),
        Column("clicked_at", Instant),
        *(Column(name, FreeText, nullable=False) for name in BEFORE_DURATION),
        Column("call_duration", FreeText),
        *(Column(name, FreeText, nullable=False) for name in AFTER_DURATION),
        Column("talk_seconds", Integer),
        Column("ended_at", Instant),
        PrimaryKeyConstraint("id", name=key("pk_clickto_activity")),
        ForeignKeyConstraint(
            ["block_id"], ["clickto_blocks.id"], name=key("fk_clickto_activity_block_id_clickto_blocks")
        ),
        indexes=[["local_minute", "id"], ["block_id", "local_minute", "id"]],
    )
