"""The store's own tables: the request budget that all processes share."""

from sqlalchemy import BigInteger, Column, Integer

from trunkline.store.metadata import table
from trunkline.store.types import FreeText, Instant, Name, Word

budget_accounts = table(
    "budget_accounts",
    # The row also serves as the lock: who takes tokens of an account holds it.
    Column("account_key", Name, primary_key=True),
    Column("paused_until", Instant),
    Column("pause_reason", FreeText, nullable=False, default=""),
)

budget_spends = table(
    "budget_spends",
    Column("account_key", Name, primary_key=True),
    Column("limit_group", Word, primary_key=True),
    Column("slot_ms", Integer, primary_key=True, autoincrement=False),
    Column("slot", BigInteger, primary_key=True, autoincrement=False),  # its start, in ms since 1970
    Column("spent", Integer, nullable=False),
)
