"""Every table of the store, those of the dialer included where they are our own."""

from typing import Any

from sqlalchemy import Table

import trunkline.access.tables
import trunkline.center.alerts.tables
import trunkline.center.tables
import trunkline.clickto.tables
import trunkline.dialer.asterisk.tables
import trunkline.store.tables  # noqa: F401 - each of these declares its tables by being loaded
from trunkline.dialer.tables import Tables
from trunkline.store.metadata import metadata


def every_table() -> "list[Table[Any]]":
    """In an order in which a table comes after those that it refers to."""
    return [*metadata.sorted_tables, *Tables().metadata.sorted_tables]
