"""Column types that mean the same on SQLite, PostgreSQL and MariaDB."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, String, Text
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

NAME_LENGTH = 190
"""The longest indexed text: 190 characters of four bytes fit the oldest index limit of MariaDB."""

Name = String(NAME_LENGTH)
Word = String(64)
RunId = String(32)
Id = BigInteger().with_variant(Integer(), "sqlite")
"""Keys counted by the database. SQLite counts only columns declared INTEGER."""

_MARIADB = ("mysql", "mariadb")
_LONG_TEXT = Text().with_variant(mysql.MEDIUMTEXT(), *_MARIADB)


class Instant(TypeDecorator[datetime]):
    """An aware UTC time with microseconds. A naive time is a ValueError.

    SQLite keeps text of one width and MariaDB DATETIME(6), both in UTC, so that SQL compares them rightly.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        if dialect.name in _MARIADB:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class JsonText(TypeDecorator[Any]):
    """A JSON value kept as ASCII text; None is NULL. NaN and infinity are a ValueError."""

    impl = _LONG_TEXT
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, allow_nan=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class FreeText(TypeDecorator[str]):
    """Long text from anywhere. NUL and lone surrogates, which no database takes, become U+FFFD."""

    impl = _LONG_TEXT
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        whole = value.replace("\x00", "\ufffd")
        try:
            whole.encode()
        except UnicodeEncodeError:
            return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in whole)
        return whole


class Sealed(FreeText):
    """Text that the vault has encrypted, or empty. Exchanging the key finds every such column by its type."""

    cache_ok = True
