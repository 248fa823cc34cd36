"""The audit of changes made through the Dialer360 API."""

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, inspect
from sqlalchemy.dialects import mysql

from trunkline.store.migrations.steps import drop_table

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME, BESIDE = "dialer360_audit_log", "dialer360_admin_log"
MARIADB = ("mysql", "mariadb")
CASELESS = "dialer360_text"


def upgrade() -> None:
    """None where the dialer's other tables are not there: beside a running dialer."""
    if not inspect(op.get_bind()).has_table(BESIDE):
        return
    options: dict[str, Any] = {
        f"{dialect}_{option}": value
        for dialect in MARIADB
        for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_general_ci"))
    }
    Table(
        NAME,
        MetaData(),
        Column(
            "audit_id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
        Column("audit_date", _figures(19), nullable=False),
        Column("user", _text(20), nullable=False),
        Column("ip_address", _text(50), nullable=False),
        Column("function", _text(30), nullable=False),
        Column("records", _long(), nullable=False),
        Column("changes", _long(), nullable=False),
        Index(f"ix_{NAME}_audit_date", "audit_date"),
        sqlite_autoincrement=True,
        **options,
    ).create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    drop_table(NAME)


def _figures(size: int) -> String:
    plain = String(size).with_variant(String(size, collation="C"), "postgresql")
    return plain.with_variant(mysql.VARCHAR(size, charset="ascii", collation="ascii_general_ci"), *MARIADB)


def _text(size: int) -> String:
    found = String(size).with_variant(mysql.VARCHAR(max(64, size)), *MARIADB)
    for dialect, collation in (("sqlite", "NOCASE"), ("postgresql", CASELESS)):
        found = found.with_variant(String(size, collation=collation), dialect)
    return found


def _long() -> Text:
    return Text().with_variant(Text(collation=CASELESS), "postgresql")
