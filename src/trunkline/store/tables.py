"""Tables that more than one room knows: the request budget of all processes, and those who sign in."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, true

from trunkline.store.metadata import table
from trunkline.store.types import FreeText, Id, Instant, JsonText, Name, Sealed, Word

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

users = table(
    "users",
    Column("id", Id, primary_key=True),
    Column("email", Name, nullable=False, unique=True),  # in small letters
    Column("name", Name, nullable=False),
    Column("role", Word, nullable=False),
    Column("password", FreeText, nullable=False, default=""),  # argon2id; empty: none is set
    Column("zone", Word, nullable=False, default=""),  # empty: that of the browser
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("second_factor", Sealed, nullable=False, default=""),  # the secret of its codes; empty: none
    Column("second_factor_step", Id),  # of the last code that was taken: none is taken twice
    Column("recovery_codes", JsonText, nullable=False, default=list),  # hashes
    Column("subject", Name, unique=True),  # who it is at the sign-in service
    Column("created_at", Instant, nullable=False),
    Column("signed_in_at", Instant),
)
"""Those who sign in. It stands here since rooms that do not know each other point to it."""
