"""Those who sign in, their sessions and links; scopes of tokens; the audit; who owns and shares what."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    true,
)
from sqlalchemy.sql.schema import SchemaItem

from trunkline.store.migrations.steps import (
    add_columns,
    create_indexes,
    create_table,
    drop_columns,
    drop_indexes,
    drop_table,
    key,
)
from trunkline.store.types import FreeText, Id, Instant, JsonText, Sealed

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _users()
    _audit()
    create_table(
        "account_shares",
        Column("account_id", Id, autoincrement=False, nullable=False),
        Column("user_id", Id, autoincrement=False, nullable=False),
        Column("created_at", Instant, nullable=False),
        PrimaryKeyConstraint("account_id", "user_id", name=key("pk_account_shares")),
        _cascade("account_shares", "account_id", "accounts"),
        _cascade("account_shares", "user_id", "users"),
        indexes=[["user_id"]],
    )
    create_table(
        "saved_queries",
        Column("id", Id, nullable=False),
        Column("name", String(190), nullable=False),
        Column("sql", FreeText, nullable=False),
        Column("description", FreeText, nullable=False),
        Column("chart", JsonText, nullable=False),
        Column("owner_id", Id),
        Column("place", Integer),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_saved_queries")),
        indexes=[["name"]],
    )
    add_columns("tokens", Column("user_id", Id), Column("scopes", JsonText))
    create_indexes("tokens", [["user_id"]])
    add_columns("accounts", Column("owner_id", Id))
    add_columns("datasets", Column("owner_id", Id), Column("tags", JsonText))


def _users() -> None:
    create_table(
        "users",
        Column("id", Id, nullable=False),
        Column("email", String(190), nullable=False),
        Column("name", String(190), nullable=False),
        Column("role", String(64), nullable=False),
        Column("password", FreeText, nullable=False),
        Column("zone", String(64), nullable=False),
        Column("is_active", Boolean, nullable=False, server_default=true()),
        Column("second_factor", Sealed, nullable=False),
        Column("second_factor_step", Id),
        Column("recovery_codes", JsonText, nullable=False),
        Column("subject", String(190)),
        Column("created_at", Instant, nullable=False),
        Column("signed_in_at", Instant),
        PrimaryKeyConstraint("id", name=key("pk_users")),
        UniqueConstraint("email", name=key("uq_users_email")),
        UniqueConstraint("subject", name=key("uq_users_subject")),
    )
    create_table(
        "sessions",
        Column("digest", String(64), nullable=False),
        Column("user_id", Id, nullable=False),
        Column("address", String(64), nullable=False),
        Column("agent", String(190), nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("seen_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        PrimaryKeyConstraint("digest", name=key("pk_sessions")),
        _cascade("sessions", "user_id", "users"),
        indexes=[["user_id"], ["expires_at"]],
    )
    create_table(
        "user_links",
        Column("digest", String(64), nullable=False),
        Column("purpose", String(64), nullable=False),
        Column("user_id", Id),
        Column("created_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        PrimaryKeyConstraint("digest", name=key("pk_user_links")),
        _cascade("user_links", "user_id", "users"),
        indexes=[["user_id"], ["expires_at"]],
    )


def _audit() -> None:
    create_table(
        "audit_entries",
        Column("id", Id, nullable=False),
        Column("at", Instant, nullable=False),
        Column("user_id", Id),
        Column("who", String(190), nullable=False),
        Column("address", String(64), nullable=False),
        Column("action", String(64), nullable=False),
        Column("subject", String(190), nullable=False),
        Column("detail", JsonText, nullable=False),
        PrimaryKeyConstraint("id", name=key("pk_audit_entries")),
        indexes=[["at"], ["user_id", "at"], ["action", "at"]],
    )


def _cascade(table: str, column: str, other: str) -> SchemaItem:
    return ForeignKeyConstraint(
        [column], [f"{other}.id"], name=key(f"fk_{table}_{column}_{other}"), ondelete="CASCADE"
    )


def downgrade() -> None:
    drop_indexes("tokens", [["user_id"]])
    drop_columns("tokens", "user_id", "scopes")
    drop_columns("accounts", "owner_id")
    drop_columns("datasets", "owner_id", "tags")
    for table in ("saved_queries", "account_shares", "audit_entries", "user_links", "sessions", "users"):
        drop_table(table)
