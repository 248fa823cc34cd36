"""The dialer's tables, as its own database has them, under any prefix.

Names and types of columns are those that clients and reports of the dialer rely on; they stand in
`tables.json`. A few tables never had a prefix.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text, event, text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from trunkline.dialer.custom import Columns, Custom, custom_of, custom_table
from trunkline.dialer.kinds import ColumnKind, Kind, kind_of
from trunkline.dialer.queries import CASELESS, make_caseless

OWN_PREFIX = "dialer360_"
TEXT_ALWAYS = 255
"""Texts up to this size are indexed or compared; longer ones are text without a limit."""

_MARIADB = ("mysql", "mariadb")
OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in _MARIADB
    for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_general_ci"))
}

LOOKUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "list": (
        ("phone_number", "list_id"),
        ("list_id", "status"),
        ("vendor_lead_code",),
        ("title", "alt_phone", "list_id"),
    ),
    "log": (("phone_number", "call_date"), ("lead_id", "campaign_id", "call_date"), ("uniqueid", "lead_id")),
    "closer_log": (
        ("phone_number", "call_date"),
        ("uniqueid", "closecallid"),
        ("lead_id", "campaign_id", "call_date"),
    ),
    "log_extended": (("caller_code",),),
    "did_log": (("extension", "call_date"),),
    "agent_log": (("user", "event_time"), ("event_time",), ("lead_id",)),
    "live_agents": (("user",), ("lead_id",)),
    "live_inbound_agents": (("group_id", "user"),),
    "auto_calls": (("callerid",), ("campaign_id", "status")),
    "parked_channels": (("channel_group",),),
    "live_chats": (("chat_creator",),),
    "chat_log": (("chat_id",),),
    "hopper": (("lead_id",), ("list_id", "campaign_id"), ("campaign_id",)),
    "callbacks": (("lead_id", "status"),),
    "dnc": (("phone_number",),),
    "campaign_dnc": (("campaign_id", "phone_number"),),
    "phone_codes": (("country_code", "areacode"), ("country_code", "tz_code")),
    "postal_codes": (("country_code", "postal_code"),),
    "nanpa_prefix_codes": (("areacode", "prefix"),),
    "users": (("user",),),
    "lists": (("campaign_id",),),
    "lists_fields": (("list_id",),),
    "list_alt_phones": (("lead_id",),),
    "campaign_agents": (("user", "campaign_id"),),
    "recording_log": (("lead_id", "start_time"), ("user", "start_time"), ("start_time",), ("vicidial_id",)),
    "ip_list_entries": (("ip_list_id", "ip_address"),),
    "phones": (("login",), ("extension", "server_ip")),
    "conferences": (("conf_exten", "server_ip"),),
    "audit_log": (("audit_date",),),
}
"""The columns that lookups go by, together: single ones would lead a database astray."""


@dataclass(frozen=True)
class DialerColumn:
    """One column as the dialer declares it."""

    name: str
    kind: ColumnKind
    is_null: bool
    default: str | None
    key: str
    is_automatic: bool


@cache
def declared() -> dict[str, tuple[bool, tuple[DialerColumn, ...]]]:
    """Each table by its bare name: whether it is prefixed, and its columns in order."""
    raw: dict[str, Any] = json.loads(files(__package__).joinpath("tables.json").read_text("utf-8"))
    return {name: (t["prefixed"], tuple(_column(c) for c in t["columns"])) for name, t in raw.items()}


@cache
def _kinds_declared(name: str) -> Mapping[str, ColumnKind]:
    return {column.name: column.kind for column in declared()[name][1]}


def _column(raw: dict[str, Any]) -> DialerColumn:
    return DialerColumn(
        raw["name"],
        kind_of(raw["type"]),
        raw.get("null", True),
        raw.get("default"),
        raw.get("key", ""),
        raw.get("auto", False),
    )


class Tables:
    """The dialer's tables under one prefix: `tables["list"]`, columns as `tables["list"].c.lead_id`."""

    def __init__(self, prefix: str = OWN_PREFIX) -> None:
        self.prefix = prefix
        self.metadata = MetaData()
        event.listen(self.metadata, "before_create", make_caseless)
        self._tables = {name: self._table(name) for name in declared()}
        self._customs: dict[str, Custom] = {}

    def __getitem__(self, name: str) -> "Table[Any]":
        return self._tables[name]

    def __iter__(self) -> Any:
        return iter(self._tables.values())

    def name_of(self, name: str) -> str:
        return (self.prefix if declared()[name][0] else "") + name

    def kinds(self, name: str) -> Mapping[str, ColumnKind]:
        """What the columns of a table keep."""
        custom = self._customs.get(name)
        return _kinds_declared(name) if custom is None else custom.kinds

    def take_custom(self, name: str, columns: Columns) -> bool:
        """Take up a list's own table as the database has it now; whether that is news."""
        custom = custom_of(name, columns)
        if self._customs.get(name) == custom:
            return False
        self._customs[name] = custom
        self._tables[name] = custom_table(name, columns)
        return True

    def custom(self, name: str) -> Custom:
        """A list's own table that was taken up."""
        return self._customs[name]

    def bare_name(self, table: str) -> str:
        """The name without a prefix: this one's or the product's own."""
        return table.removeprefix(self.prefix).removeprefix(OWN_PREFIX)

    def _table(self, name: str) -> "Table[Any]":
        columns = declared()[name][1]
        whole = self.name_of(name)
        primary = [c for c in columns if c.key == "PRI"]
        parts: list[Any] = [self._sql_column(c, c in primary) for c in columns]
        lookups = [Index(f"ix_{whole}_{'_'.join(names)}", *names) for names in LOOKUPS.get(name, ())]
        unique = [
            Index(f"uq_{whole}_{c.name}", c.name, unique=True)
            for c in columns
            if c.key == "UNI" and c not in primary
        ]
        options = OPTIONS | {"sqlite_autoincrement": automatic_column(name) is not None}
        return Table(whole, self.metadata, *parts, *lookups, *unique, **options)

    def _sql_column(self, column: DialerColumn, is_primary: bool) -> "Column[Any]":
        default = None
        if column.default is not None and column.default != "current_timestamp()":
            default = text("'" + column.default.replace("'", "''") + "'")
        return Column(
            column.name,
            sql_type(column.kind),
            primary_key=is_primary,
            autoincrement=column.is_automatic,
            nullable=column.is_null and not is_primary,
            server_default=None if column.is_automatic else default,
        )


def automatic_column(table: str) -> str | None:
    """The column that the database counts up, where there is one."""
    return next((c.name for c in declared().get(table, (False, ()))[1] if c.is_automatic), None)


def sql_type(kind: ColumnKind) -> TypeEngine[Any]:
    """The type of our own tables for such a column."""
    match kind.kind:
        case Kind.INTEGER:
            return BigInteger().with_variant(Integer(), "sqlite")
        case Kind.FLOAT:
            return Float()
        case Kind.WORD:
            return _caseless(max((len(w) for w in kind.words), default=1), None)
        case Kind.TEXT if kind.size:
            # MariaDB counts shorter columns whole towards the limit of a row; values are cut before.
            wide = kind.size if kind.size <= 10 else max(64, kind.size)
            return _caseless(kind.size, mysql.VARCHAR(wide))
        case Kind.TEXT:
            return Text().with_variant(Text(collation=CASELESS), "postgresql")
        case _:
            size = {Kind.DAY: 10, Kind.TIME: 19}.get(kind.kind, kind.size + 2)
            plain = String(size).with_variant(String(size, collation="C"), "postgresql")
            return plain.with_variant(_ascii(size), *_MARIADB)


def _caseless(size: int, on_mariadb: TypeEngine[Any] | None) -> TypeEngine[Any]:
    """Text compared without regard to case, as the dialer's own database does by itself."""
    found = String(size).with_variant(on_mariadb or _ascii(size), *_MARIADB)
    for dialect, collation in (("sqlite", "NOCASE"), ("postgresql", CASELESS)):
        found = found.with_variant(String(size, collation=collation), dialect)
    return found


def _ascii(size: int) -> TypeEngine[Any]:
    return mysql.VARCHAR(size, charset="ascii", collation="ascii_general_ci")
