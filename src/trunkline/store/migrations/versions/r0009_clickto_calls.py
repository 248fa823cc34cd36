"""Calls that a click places: how blocks dial, which keys may call; calls, their legs, counts of them."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    false,
)

from trunkline.store.migrations.steps import add_columns, create_table, drop_columns, drop_table, key
from trunkline.store.types import FreeText, Id, Instant, JsonText

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OF_BLOCKS = {"server": 64, "channel": 190, "business_channel": 190, "caller_id": 64, "countries": 190}


def upgrade() -> None:
    texts = (
        Column(name, String(size), nullable=False, server_default="") for name, size in OF_BLOCKS.items()
    )
    add_columns("clickto_blocks", *texts, Column("origins", JsonText))
    add_columns("clickto_keys", Column("may_call", Boolean, nullable=False, server_default=false()))
    _create_calls()
    _create_legs()
    create_table(
        "clickto_call_counts",
        Column("scope", String(190), nullable=False),
        Column("calls", Integer, nullable=False),
        Column("until_at", Instant, nullable=False),
        PrimaryKeyConstraint("scope", name=key("pk_clickto_call_counts")),
        indexes=[["until_at"]],
    )


def downgrade() -> None:
    for name in ("clickto_call_counts", "clickto_legs", "clickto_calls"):
        drop_table(name)
    drop_columns("clickto_keys", "may_call")
    drop_columns("clickto_blocks", *OF_BLOCKS, "origins")


def _create_calls() -> None:
    create_table(
        "clickto_calls",
        Column("activity_id", Id, autoincrement=False, nullable=False),
        Column("call_id", String(64), nullable=False),
        Column("block_id", Id, nullable=False),
        Column("once", String(190)),
        Column("asked", String(64), nullable=False),
        Column("server", String(64), nullable=False),
        Column("state", String(64), nullable=False),
        Column("reason", FreeText, nullable=False),
        Column("keeper", String(64), nullable=False),
        Column("heard_at", Instant, nullable=False),
        PrimaryKeyConstraint("activity_id", name=key("pk_clickto_calls")),
        UniqueConstraint("call_id", name=key("uq_clickto_calls_call_id")),
        UniqueConstraint("once", name=key("uq_clickto_calls_once")),
        ForeignKeyConstraint(
            ["activity_id"],
            ["clickto_activity.id"],
            name=key("fk_clickto_calls_activity_id_clickto_activity"),
            ondelete="CASCADE",
        ),
        indexes=[["state", "heard_at"]],
    )


def _create_legs() -> None:
    create_table(
        "clickto_legs",
        Column("activity_id", Id, autoincrement=False, nullable=False),
        Column("place", Integer, autoincrement=False, nullable=False),
        Column("party", String(64), nullable=False),
        Column("number", String(64), nullable=False),
        Column("state", String(64), nullable=False),
        Column("result", String(64)),
        Column("reason", FreeText, nullable=False),
        Column("cause", Integer),
        Column("action_id", String(64), nullable=False),
        Column("began_at", Instant, nullable=False),
        Column("answered_at", Instant),
        Column("ended_at", Instant),
        PrimaryKeyConstraint("activity_id", "place", name=key("pk_clickto_legs")),
        ForeignKeyConstraint(
            ["activity_id"],
            ["clickto_calls.activity_id"],
            name=key("fk_clickto_legs_activity_id_clickto_calls"),
            ondelete="CASCADE",
        ),
    )
