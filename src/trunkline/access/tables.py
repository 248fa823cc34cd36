"""Tables of access: tokens, the answers kept for repeated requests, wrong logins."""

from sqlalchemy import Column, Integer

from trunkline.store.metadata import table
from trunkline.store.types import FreeText, Id, Instant, JsonText, Name, Word

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
