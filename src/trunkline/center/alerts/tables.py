"""Tables of the alerts: incidents, channels, what was sent, and what is remembered of datasets."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer

from trunkline.store.metadata import table
from trunkline.store.types import FreeText, Id, Instant, JsonText, Name, RunId, Sealed, Word

incidents = table(
    "incidents",
    Column("id", Id, primary_key=True),
    # One incident of a kind and subject at a time; null once it is over, so that the next may begin.
    Column("open_key", Name, unique=True),
    Column("kind", Word, nullable=False),
    Column("subject_kind", Word, nullable=False),  # dataset, account
    Column("subject_id", BigInteger, nullable=False),
    Column("subject", Name, nullable=False),  # its name then
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("text", FreeText, nullable=False),
    Column("todo", FreeText, nullable=False, default=""),
    Column("over_text", FreeText, nullable=False, default=""),
    Column("detail", JsonText, nullable=False, default=dict),
    Index(None, "opened_at"),
)

channels = table(
    "channels",
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("kind", Word, nullable=False),  # email, webhook, slack
    Column("values", JsonText, nullable=False, default=dict),  # what is not secret
    Column("secrets", Sealed, nullable=False, default=""),
    Column("incident_kinds", JsonText),  # null: all
    Column("dataset_ids", JsonText),  # with account_ids, null: all
    Column("account_ids", JsonText),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

deliveries = table(
    "deliveries",
    Column("id", RunId, primary_key=True, autoincrement=False),  # sorts by time
    Column("incident_id", Id, ForeignKey("incidents.id", ondelete="CASCADE"), index=True),  # null: a test
    Column("channel_id", Id, ForeignKey("channels.id", ondelete="SET NULL"), index=True),
    Column("channel_name", Name, nullable=False),
    Column("event", Word, nullable=False),  # opened, over, test
    Column("state", Word, nullable=False),  # waiting, sent, failed
    Column("tries", Integer, nullable=False, default=0),
    Column("next_try_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("answer", FreeText, nullable=False, default=""),
    Index(None, "state", "next_try_at"),
)

watched_datasets = table(
    "watched_datasets",
    Column(
        "dataset_id", Id, ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("behind_since", Instant),
    Column("columns", JsonText),  # name to type, of the last success
)

schema_versions = table(
    "schema_versions",
    Column("id", Id, primary_key=True),
    Column("dataset_id", Id, ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("columns", JsonText, nullable=False),  # name to type
    Column("changes", JsonText, nullable=False, default=dict),  # of the first version none
    Index(None, "dataset_id", "id"),
)
"""The columns that datasets have had, a row each time they changed."""
