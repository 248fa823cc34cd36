"""What a request changed in the tables, and how that compares with what was recorded.

Rows are known by SQLite's own row number, so that tables without a key compare too.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from trunkline.dialer.tables import declared

Row = dict[str, Any]
Snapshot = dict[str, dict[int, Row]]
Changes = dict[str, dict[str, list[Row]]]
IsPassword = Callable[[Row, str], Awaitable[bool]]

NOT_COMPARED = frozenset(("api_urls", "audit_log", "webservers", "urls"))
"""Tables that are written, and not recorded."""
NOW = "current_timestamp()"
ADMIN_LOG_FREE = frozenset(("event_sql", "event_date", "ip_address"))
SECRETS = frozenset(("pass", "pass_hash"))
OF_THE_LOGIN = frozenset(("last_login_date", "last_ip"))
"""What a login writes; it may also keep the password in another form."""


def snapshot(connection: sqlite3.Connection, bare_name: Callable[[str], str]) -> Snapshot:
    """All rows of all tables."""
    names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    return {bare_name(name): _rows(connection, name) for name in names if not name.startswith("sqlite_")}


def _rows(connection: sqlite3.Connection, table: str) -> dict[int, Row]:
    cursor = connection.execute(f'select rowid, * from "{table}"')
    columns = [entry[0] for entry in cursor.description][1:]
    return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in cursor}


def changes_between(before: Snapshot, after: Snapshot) -> Changes:
    """Rows added and removed, and of changed rows `key` (the old row), `set` (new values) and `now`."""
    found: Changes = {}
    for table in sorted(set(after) - NOT_COMPARED):
        old, new = before.get(table, {}), after[table]
        if old == new:
            continue
        found[table] = {
            "added": [new[n] for n in new if n not in old],
            "removed": [old[n] for n in old if n not in new],
            "changed": [_changed(old[n], new[n]) for n in new if n in old and old[n] != new[n]],
        }
    return found


def _changed(old: Row, new: Row) -> Row:
    return {"key": old, "set": {c: new[c] for c in new if new[c] != old[c]}, "now": new}


async def differences(
    wanted: Mapping[str, Mapping[str, list[Row]]], came: Changes, api_user: str, is_password: IsPassword
) -> list[str]:
    """What was recorded and did not happen, and what happened and was not recorded, in words."""
    found: list[str] = []
    for table in sorted({*wanted, *came}):
        compare = _Compare(table, api_user, is_password)
        change = wanted.get(table, {})
        if table == "system_settings":
            change = _settings_change(change)
        found += await compare.added(change.get("added", []), came.get(table, {}).get("added", []))
        found += compare.removed(change.get("removed", []), came.get(table, {}).get("removed", []))
        found += await compare.changed(change.get("changed", []), came.get(table, {}).get("changed", []))
    return found


def _settings_change(change: Mapping[str, list[Row]]) -> Mapping[str, list[Row]]:
    """This table has no key: its change was recorded as a row removed and one added."""
    if "added" not in change:
        return change
    (old,), (new,) = change["removed"], change["added"]
    values = {c: [old.get(c), new.get(c)] for c in {*old, *new} if old.get(c) != new.get(c)}
    return {"changed": [{"key": {}, "set": values}]}


class _Compare:
    """Compares the changes of one table."""

    def __init__(self, table: str, api_user: str, is_password: IsPassword) -> None:
        self.table = table
        self._api_user = api_user
        self._is_password = is_password
        columns = declared()[table][1] if table in declared() else ()
        self._defaults = {c.name: c.default for c in columns}
        self._automatic = {c.name for c in columns if c.is_automatic}

    async def added(self, wanted: list[Row], came: list[Row]) -> list[str]:
        left, missing = list(came), []
        for row in wanted:
            match = None
            for other in left:
                if not await self._unlike(row, other):
                    match = other
                    break
            if match is None:
                missing.append(row)
            else:
                left.remove(match)
        return [await self._missing(row, left) for row in missing] + [
            f"{self.table}: not recorded as added: {self._shown(row)}" for row in left[len(missing) :]
        ]

    async def _missing(self, row: Row, left: list[Row]) -> str:
        if not left:
            return f"{self.table}: not added: {row}"
        unlike = [await self._unlike(row, other) for other in left]
        return f"{self.table}: added otherwise: {min(unlike, key=len)}"

    async def _unlike(self, wanted: Row, came: Row) -> list[str]:
        """The columns in which an added row differs; those not recorded have their default."""
        free = ADMIN_LOG_FREE if self.table == "admin_log" else frozenset[str]()
        found = []
        for name, value in came.items():
            if name in free or (self.table == "users" and name in SECRETS):
                continue
            if name not in wanted and (self._defaults.get(name) == NOW or name in self._automatic):
                continue
            expected = wanted[name] if name in wanted else self._defaults.get(name)
            if text_of(expected) != text_of(value):
                found.append(f"{name}: wanted {expected!r}, came {value!r}")
        if self.table == "users" and not await self._is_password(came, str(wanted.get("pass", ""))):
            found.append("pass: no login with it")
        return found

    def _shown(self, row: Row) -> Row:
        return {c: v for c, v in row.items() if text_of(v) != text_of(self._defaults.get(c))}

    def removed(self, wanted: list[Row], came: list[Row]) -> list[str]:
        left, found = list(came), []
        for key in wanted:
            match = next((row for row in left if _has(row, key)), None)
            if match is None:
                found.append(f"{self.table}: not removed: {key}")
            else:
                left.remove(match)
        return found + [f"{self.table}: not recorded as removed: {row}" for row in left]

    async def changed(self, wanted: list[Row], came: list[Row]) -> list[str]:
        left, found = list(came), []
        for row in wanted:
            match = next((other for other in left if _has(other["key"], row["key"])), None)
            if match is None:
                found.append(f"{self.table}: not changed: {row}")
                continue
            left.remove(match)
            new = {name: values[1] for name, values in row["set"].items()}
            found += await self._wrong_values(row["key"], new, match)
        for row in left:
            found += await self._wrong_values({}, {}, row)
        return found

    async def _wrong_values(self, key: Row, wanted: Row, came: Row) -> list[str]:
        values = {c: v for c, v in came["set"].items() if c in wanted or not self._is_free(c, came["now"])}
        wanted = dict(wanted)
        if self.table == "users" and "pass" in wanted:
            password = wanted.pop("pass")
            values = {c: v for c, v in values.items() if c not in SECRETS}
            if not await self._is_password(came["now"], password):
                return [f"{self.table} {key}: no login with {password}"]
        return [
            f"{self.table} {key or self._shown(came['key'])}: {name}: "
            f"wanted {wanted.get(name, came['key'].get(name))!r}, came {came['now'].get(name)!r}"
            for name in sorted({*wanted, *values})
            if name not in wanted or text_of(wanted[name]) != text_of(came["now"].get(name))
        ]

    def _is_free(self, column: str, now: Row) -> bool:
        """Whether a change of this column need not be recorded."""
        if self._defaults.get(column) == NOW:
            return True
        return (
            self.table == "users"
            and column in OF_THE_LOGIN | SECRETS
            and str(now["user"]).casefold() == self._api_user.casefold()
        )


def _has(row: Row, key: Row) -> bool:
    return all(text_of(row.get(name)) == text_of(value) for name, value in key.items())


def text_of(value: Any) -> str | None:
    return None if value is None else str(value)
