"""Queries that people keep, with their charts, and which of them stand on the dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from trunkline.center import saved_query_queries as queries
from trunkline.center.querying import LONGEST_SQL
from trunkline.center.room import Center
from trunkline.errors import Problem, SettingsError

LONGEST_NAME, LONGEST_DESCRIPTION = 100, 2_000
MOST_SHOWN = 500
MOST_ON_DASHBOARD = 40
CHARTS = ("none", "line", "bar")
MOST_LINES = 8


@dataclass(frozen=True)
class Chart:
    """What a result is drawn as: columns by their names."""

    kind: str = "none"
    x: str = ""
    y: Sequence[str] = ()

    @classmethod
    def from_json(cls, told: Any) -> "Chart":
        """What is no chart is none."""
        if not isinstance(told, Mapping) or told.get("kind") not in CHARTS:
            return cls()
        lines = told.get("y")
        y = [str(name) for name in lines] if isinstance(lines, list) else []
        return cls(str(told["kind"]), str(told.get("x", "")), tuple(y[:MOST_LINES]))

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "x": self.x, "y": list(self.y)}


@dataclass(frozen=True)
class SavedQuery:
    """One of them. `place`: where it stands on the dashboard; None: nowhere."""

    id: int
    name: str
    sql: str
    description: str = ""
    chart: Chart = field(default_factory=Chart)
    owner_id: int | None = None
    place: int | None = None
    updated_at: datetime | None = None


def all_of(center: Center) -> list[SavedQuery]:
    """By name; of very many, the first."""
    with center.store.read() as tx:
        return [_from(row) for row in queries.queries_by_name(tx, MOST_SHOWN)]


def on_dashboard(center: Center) -> list[SavedQuery]:
    with center.store.read() as tx:
        return [_from(row) for row in queries.queries_by_place(tx, MOST_ON_DASHBOARD)]


def get(center: Center, query_id: str | int) -> SavedQuery:
    """Raises SettingsError where there is none."""
    with center.store.read() as tx:
        text = str(query_id)
        is_id = text.isascii() and text.isdigit() and len(text) < 18
        row = queries.query_of_id(tx, int(text)) if is_id else None
    if row is None:
        raise SettingsError("There is no such saved query.", todo="Perhaps somebody has removed it.")
    return _from(row)


def add(
    center: Center,
    owner_id: int | None,
    name: str,
    sql: str,
    description: str = "",
    chart: Chart | None = None,
) -> SavedQuery:
    """Save one. Raises SettingsError, a problem per field."""
    values = _checked(name, sql, description) | {"chart": (chart or Chart()).to_json()}
    now = center.clock.now()
    with center.store.begin() as tx:
        made = queries.insert_query(
            tx, {**values, "owner_id": owner_id, "created_at": now, "updated_at": now}
        )
    return get(center, made)


def change(center: Center, query_id: int, name: str, sql: str, description: str, chart: Chart) -> SavedQuery:
    """Raises SettingsError, a problem per field."""
    values = _checked(name, sql, description) | {"chart": chart.to_json()}
    with center.store.begin() as tx:
        queries.update_query(tx, query_id, {**values, "updated_at": center.clock.now()})
    return get(center, query_id)


def remove(center: Center, query_id: int) -> None:
    with center.store.begin() as tx:
        queries.delete_query(tx, query_id)


def place(center: Center, query_id: int, *, is_on: bool) -> None:
    """Put it at the dashboard's end, or take it away. Raises SettingsError where the dashboard is full."""
    with center.store.begin() as tx:
        row = queries.query_of_id(tx, query_id)
        if row is None or (row["place"] is not None) == is_on:
            return
        if is_on and len(queries.queries_by_place(tx, MOST_ON_DASHBOARD)) >= MOST_ON_DASHBOARD:
            raise SettingsError(
                f"The dashboard holds {MOST_ON_DASHBOARD} queries already.", todo="Take one away first."
            )
        queries.update_query(tx, query_id, {"place": queries.last_place(tx) + 1 if is_on else None})


def move(center: Center, query_id: int, steps: int) -> None:
    """So many places later on the dashboard; earlier where it is negative."""
    with center.store.begin() as tx:
        order = [int(row["id"]) for row in queries.queries_by_place(tx, MOST_ON_DASHBOARD)]
        if query_id not in order:
            raise SettingsError("This query is not on the dashboard any more.")
        at = order.index(query_id)
        order.insert(max(0, at + steps), order.pop(at))
        for number, one in enumerate(order, start=1):
            queries.update_query(tx, one, {"place": number})


def _checked(name: str, sql: str, description: str) -> dict[str, Any]:
    name, description = " ".join(name.split()), description.strip()
    problems = []
    if not name:
        problems.append(Problem("name", "Give it a name."))
    for label, text, longest in (
        ("name", name, LONGEST_NAME),
        ("description", description, LONGEST_DESCRIPTION),
    ):
        if len(text) > longest:
            problems.append(Problem(label, f"{len(text):,} characters are too many; {longest:,} at most."))
    if not sql.strip():
        problems.append(Problem("sql", "There is nothing to save: the query is empty."))
    if len(sql) > LONGEST_SQL:
        problems.append(Problem("sql", f"The query is longer than {LONGEST_SQL:,} characters."))
    if problems:
        raise SettingsError(problems=problems)
    return {"name": name, "sql": sql, "description": description}


def _from(row: RowMapping) -> SavedQuery:
    return SavedQuery(
        row["id"],
        row["name"],
        row["sql"],
        row["description"],
        Chart.from_json(row["chart"]),
        row["owner_id"],
        row["place"],
        row["updated_at"],
    )
