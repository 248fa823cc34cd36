"""History of runs: who started one and which it retried, lines of its log, an index by state."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    text,
    true,
)

from trunkline.store.migrations.steps import (
    add_columns,
    create_indexes,
    create_table,
    drop_columns,
    drop_indexes,
    drop_table,
    key,
)
from trunkline.store.types import FreeText, Instant, JsonText

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NEW = ("started_by", "attempt", "retry_of", "waits", "is_settled")
BY_STATE = ("dataset_id", "state", "id")


def upgrade() -> None:
    add_columns(
        "runs",
        Column("started_by", String(190), nullable=False, server_default=""),
        Column("attempt", Integer, nullable=False, server_default=text("1")),
        Column("retry_of", String(32)),
        Column("waits", Integer, nullable=False, server_default=text("0")),
        Column("is_settled", Boolean, nullable=False, server_default=true()),
    )
    create_indexes("runs", [BY_STATE])
    create_table(
        "run_lines",
        Column("run_id", String(32), nullable=False),
        Column("number", Integer, autoincrement=False, nullable=False),
        Column("at", Instant, nullable=False),
        Column("level", String(64), nullable=False),
        Column("event", String(64), nullable=False),
        Column("text", FreeText, nullable=False),
        Column("fields", JsonText, nullable=False),
        PrimaryKeyConstraint("run_id", "number", name=key("pk_run_lines")),
        ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=key("fk_run_lines_run_id_runs"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    drop_table("run_lines")
    drop_indexes("runs", [BY_STATE])
    drop_columns("runs", *NEW)
