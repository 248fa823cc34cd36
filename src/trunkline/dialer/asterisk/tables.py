"""Tables of the store: how the managers of servers are reached, and what was asked of them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer

from trunkline.store.metadata import table
from trunkline.store.types import FreeText, Id, Instant, Name, Sealed, Word

managers = table(
    "asterisk_managers",
    Column("server_ip", Word, primary_key=True),  # as the dialer's table of servers has it
    Column("host", Name, nullable=False),
    Column("port", Integer, nullable=False),
    Column("user", Name, nullable=False),
    Column("secret", Sealed, nullable=False),
    Column("tls", Boolean, nullable=False),
    Column("ca", FreeText, nullable=False),  # PEM; empty: what the machine trusts
    Column("created_at", Instant, nullable=False),
)

actions = table(
    "asterisk_actions",
    Column("id", Id, primary_key=True),
    Column("action_id", Word, nullable=False, unique=True),
    Column("action", Word, nullable=False),
    Column("function", Word, nullable=False),
    Column("user", Name, nullable=False),
    Column("server_ip", Word, nullable=False),
    Column("man_id", BigInteger, index=True),  # the row of the dialer's queue; none for a reload
    Column("code", Name, nullable=False),
    Column("channel", Name, nullable=False),
    Column("extension", Name, nullable=False),
    Column("state", Word, nullable=False),
    Column("result", Word),  # of a call, in the words of DIALSTATUS
    Column("reason", FreeText, nullable=False),
    Column("cause", Integer),
    Column("unique_id", Name, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("ended_at", Instant),
    Column("keeper", Word, nullable=False),  # the process that follows it
    Column("heard_at", Instant, nullable=False),  # when its keeper was last alive
    Index("ix_asterisk_actions_state_heard_at", "state", "heard_at"),
)
