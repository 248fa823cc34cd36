"""Tables of access: users, their sessions and links, tokens, kept answers, wrong logins, the audit."""

from sqlalchemy import Column, ForeignKey, Index, Integer

from trunkline.store.metadata import table
from trunkline.store.tables import users
from trunkline.store.types import FreeText, Id, Instant, JsonText, Name, Word

sessions = table(
    "sessions",
    Column("digest", Word, primary_key=True),  # SHA-256 of what the browser has
    Column("user_id", Id, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("address", Word, nullable=False, default=""),
    Column("agent", Name, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

user_links = table(
    "user_links",
    Column("digest", Word, primary_key=True),
    Column("purpose", Word, nullable=False),  # setup, invitation, reset, demo
    Column("user_id", Id, ForeignKey(users.c.id, ondelete="CASCADE"), index=True),  # none: the first user
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)
"""Addresses that are good once, for who has no password yet or has lost it."""

audit_entries = table(
    "audit_entries",
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("user_id", Id),  # none: nobody was known, or it was a command
    Column("who", Name, nullable=False),
    Column("address", Word, nullable=False, default=""),
    Column("action", Word, nullable=False),
    Column("subject", Name, nullable=False, default=""),
    Column("detail", JsonText, nullable=False, default=dict),
    Index(None, "user_id", "at"),
    Index(None, "action", "at"),
)

tokens = table(
    "tokens",
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("digest", Word, nullable=False, unique=True),  # SHA-256 of the token, which is kept nowhere
    Column("user", Name, nullable=False),
    Column("functions", JsonText, nullable=False),  # none: all that the user may use
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("used_at", Instant),
    Column("user_id", Id, index=True),  # whose rights it has in the pages' API; none: it has none there
    Column("scopes", JsonText),  # none: all rights of that user
)

kept_answers = table(
    "kept_answers",
    Column("token_id", Id, primary_key=True, autoincrement=False),
    Column("idempotency_key", Name, primary_key=True),
    Column("request_digest", Word, nullable=False),
    Column("status", Integer),  # none: still at work
    Column("body", FreeText, nullable=False, default=""),  # while at work: whose work it is
    Column("created_at", Instant, nullable=False, index=True),
)

wrong_logins = table(
    "wrong_logins",
    Column("network", Word, primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("until_at", Instant, nullable=False, index=True),
)
