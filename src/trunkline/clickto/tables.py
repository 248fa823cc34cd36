"""Tables of click-to: building blocks, keys and what they may see, activity, calls and their legs.

Activity is of two kinds. What was imported has its time and its duration as they came, as texts. What
happened here has an instant and seconds; the texts of the report follow from them.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Text, false
from sqlalchemy.dialects import mysql

from trunkline.store.metadata import table
from trunkline.store.types import FreeText, Id, Instant, JsonText, Name, Word

Line = Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
"""A value of the report. `texts.one_line` has made it one that every database takes."""

blocks = table(
    "clickto_blocks",
    Column("id", Id, primary_key=True),  # the click_id of requests; chosen, or counted
    Column("kind", Word, nullable=False),
    Column("description", Name, nullable=False),
    Column("numbers", JsonText, nullable=False),
    Column("owner", Name, nullable=False),
    Column("hours", FreeText, nullable=False),  # empty: always open
    Column("server", Word, nullable=False, server_default=""),  # whose manager dials; empty: none does
    Column("channel", Name, nullable=False, server_default=""),  # how numbers outside are dialled
    Column("business_channel", Name, nullable=False, server_default=""),  # its own; empty: like those outside
    Column("caller_id", Word, nullable=False, server_default=""),
    Column("countries", Name, nullable=False, server_default=""),  # empty: those of the setting
    Column("origins", JsonText),  # of web pages that may place calls; none: no page
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

keys = table(
    "clickto_keys",
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("access_key", Word, nullable=False, unique=True),
    Column("secret_digest", Word, nullable=False, unique=True),  # SHA-256 of the secret, kept nowhere
    Column("is_limited", Boolean, nullable=False),  # sees only its blocks, even when none is left
    Column("may_call", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)

key_blocks = table(
    "clickto_key_blocks",
    Column("key_id", Id, ForeignKey("clickto_keys.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "block_id",
        Id,
        ForeignKey("clickto_blocks.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)

activity = table(
    "clickto_activity",
    Column("id", Id, primary_key=True),
    Column("block_id", Id, ForeignKey("clickto_blocks.id")),  # none: the report it came from named none
    Column("state", Word, nullable=False),
    Column("local_minute", BigInteger, nullable=False),  # local time in minutes since 1970-01-01 00:00
    Column("clicked_at", Instant),  # none: the local time is no instant, or two
    Column("caller_id", Line, nullable=False),
    Column("name", Line, nullable=False),
    Column("page", Line, nullable=False),
    Column("ref", Line, nullable=False),
    Column("click_description", Line, nullable=False),
    Column("click_time", Line, nullable=False),  # local, in the report's form
    Column("number_connected", Line, nullable=False),
    Column("call_duration", Line),  # as it was imported; none: talk_seconds tells
    Column("referral_keywords", Line, nullable=False),
    Column("referral_domain", Line, nullable=False),
    Column("ip_address", Line, nullable=False),
    Column("call_1_result", Line, nullable=False),
    Column("call_2_result", Line, nullable=False),
    Column("talk_seconds", Integer),
    Column("ended_at", Instant),
    # The orders a report is read in, so that its first row needs no sorting of all others.
    Index(None, "local_minute", "id"),
    Index(None, "block_id", "local_minute", "id"),
)

calls = table(
    "clickto_calls",
    Column(
        "activity_id",
        Id,
        ForeignKey("clickto_activity.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("call_id", Word, nullable=False, unique=True),  # as the outside knows it
    Column("block_id", Id, nullable=False),
    Column("once", Name, unique=True),  # of a request that may come again: its ticket or its key
    Column("asked", Word, nullable=False),  # a digest of what that request asked for
    Column("server", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("reason", FreeText, nullable=False),
    Column("keeper", Word, nullable=False),  # the process that places it
    Column("heard_at", Instant, nullable=False),  # when its keeper was last alive
    Index("ix_clickto_calls_state_heard_at", "state", "heard_at"),
)

legs = table(
    "clickto_legs",
    Column(
        "activity_id",
        Id,
        ForeignKey("clickto_calls.activity_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("place", Integer, primary_key=True, autoincrement=False),  # in the order of dialling, from 1
    Column("party", Word, nullable=False),  # business or visitor
    Column("number", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("result", Word),  # in the words of DIALSTATUS
    Column("reason", FreeText, nullable=False),
    Column("cause", Integer),  # of the hang-up (Q.850)
    Column("action_id", Word, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("ended_at", Instant),
)

call_counts = table(
    "clickto_call_counts",
    Column("scope", Name, primary_key=True),  # an address, a block or a number
    Column("calls", Integer, nullable=False),
    Column("until_at", Instant, nullable=False, index=True),
)
