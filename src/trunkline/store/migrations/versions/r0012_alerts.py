"""Alerts: incidents, channels, deliveries, what is remembered of datasets; when sign-ins end."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)

from trunkline.store.migrations.steps import add_columns, create_table, drop_columns, drop_table, key
from trunkline.store.types import FreeText, Id, Instant, JsonText

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_columns("grants", Column("ends_at", Instant))
    _create_incidents()
    _create_channels()
    _create_deliveries()
    create_table(
        "watched_datasets",
        Column("dataset_id", Id, autoincrement=False, nullable=False),
        Column("behind_since", Instant),
        Column("columns", JsonText),
        PrimaryKeyConstraint("dataset_id", name=key("pk_watched_datasets")),
        ForeignKeyConstraint(
            ["dataset_id"],
            ["datasets.id"],
            name=key("fk_watched_datasets_dataset_id_datasets"),
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    for name in ("watched_datasets", "deliveries", "channels", "incidents"):
        drop_table(name)
    drop_columns("grants", "ends_at")


def _create_incidents() -> None:
    create_table(
        "incidents",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("open_key", String(190)),
        Column("kind", String(64), nullable=False),
        Column("subject_kind", String(64), nullable=False),
        Column("subject_id", BigInteger, nullable=False),
        Column("subject", String(190), nullable=False),
        Column("opened_at", Instant, nullable=False),
        Column("closed_at", Instant),
        *(Column(name, FreeText, nullable=False) for name in ("text", "todo", "over_text")),
        Column("detail", JsonText, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_incidents")),
        UniqueConstraint("open_key", name=key("uq_incidents_open_key")),
        indexes=[["opened_at"]],
    )


def _create_channels() -> None:
    create_table(
        "channels",
        Column("id", Id, autoincrement=True, nullable=False),
        Column("name", String(190), nullable=False),
        Column("kind", String(64), nullable=False),
        Column("values", JsonText, nullable=False),
        Column("secrets", FreeText, nullable=False),
        *(Column(name, JsonText) for name in ("incident_kinds", "dataset_ids", "account_ids")),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_channels")),
        UniqueConstraint("name", name=key("uq_channels_name")),
    )


def _create_deliveries() -> None:
    create_table(
        "deliveries",
        Column("id", String(32), nullable=False),
        Column("incident_id", Id),
        Column("channel_id", Id),
        Column("channel_name", String(190), nullable=False),
        Column("event", String(64), nullable=False),
        Column("state", String(64), nullable=False),
        Column("tries", Integer, nullable=False),
        Column("next_try_at", Instant),
        Column("created_at", Instant, nullable=False),
        Column("ended_at", Instant),
        Column("answer", FreeText, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_deliveries")),
        ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=key("fk_deliveries_incident_id_incidents"),
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=key("fk_deliveries_channel_id_channels"),
            ondelete="SET NULL",
        ),
        indexes=[["incident_id"], ["channel_id"], ["state", "next_try_at"]],
    )
