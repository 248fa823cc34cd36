"""What a provider declares: its account, its reports, their columns, paging, windows and limits.

A connector is one file in `connectors/` that exports `CONNECTOR = Connector(…)`. Flags, forms,
validation, JSON Schema, the column catalogue, the reference page and the standard tests all follow
from the declaration.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from trunkline.date_menus import DateWords
from trunkline.dates import DaySpan
from trunkline.options import Option, Values

Row = dict[str, Any]

SECOND, MINUTE, HOUR, DAY = 1, 60, 3_600, 86_400


class ColumnType(StrEnum):
    """Types of dataset columns. INSTANT is an aware UTC time; JSON is text that holds a JSON value."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DAY = "day"
    JSON = "json"


@dataclass(frozen=True)
class Column:
    """One column. `field` is the name in the provider's row, where it differs from the column's.

    `selectable` columns come only when asked for by name; `secret` ones are masked unless asked for.
    """

    name: str
    type: ColumnType
    meaning: str
    field: str = ""
    selectable: bool = False
    secret: bool = False

    @property
    def source(self) -> str:
        return self.field or self.name


class Method(StrEnum):
    """How a run changes a dataset."""

    REPLACE = "replace"
    APPEND = "append"
    MERGE = "merge"
    PARTITION = "partition"


METHOD_MEANING: Mapping[Method, str] = {
    Method.REPLACE: "the dataset becomes what this run reads",
    Method.APPEND: "new rows are added, none is changed; a directory adds a snapshot a run",
    Method.MERGE: "rows are inserted or, where the key is there, updated; none is deleted",
    Method.PARTITION: "the days read are replaced, other days stay",
}


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds. A limit with a `group` counts only that group's endpoints."""

    requests: int
    seconds: int
    group: str = ""
    option: str = ""
    """The account option that overrides `requests`."""


@dataclass(frozen=True)
class ByNumber:
    """Pages counted from 1; several in flight once the first has said how many there are."""

    page: str = "page"
    size: str = "per_page"
    rows: int = 250
    total_pages: str = "total_pages"
    total_rows: str = "total_records"
    in_flight: int = 8


@dataclass(frozen=True)
class ByLink:
    """Each answer holds the address of the next, used unmodified."""

    next: str
    more: str = ""
    size: str = "per_page"
    rows: int = 250
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ByCursor:
    """Each answer holds a token that asks for the next."""

    cursor: str = "cursor"
    param: str = "cursor"
    size: str = ""
    rows: int = 0


@dataclass(frozen=True)
class Single:
    """One answer holds everything."""


Paging = ByNumber | ByLink | ByCursor | Single


@dataclass(frozen=True)
class OneWindow:
    """Everything asked for is one window."""


@dataclass(frozen=True)
class ByTotal:
    """Windows of whole days holding about so many rows, cut by the total that the first page tells."""

    rows: int = 10_000


@dataclass(frozen=True)
class ByPoints:
    """Windows of at most `points` points, by the days a point of the chosen interval needs at least.

    Intervals not named in `days` are asked for in one window.
    """

    option: str
    days: Mapping[str, int]


Windows = OneWindow | ByTotal | ByPoints


@dataclass(frozen=True)
class Dates:
    """How a dated report takes its days: the menus, the parameters, and how long records are kept."""

    words: DateWords
    start: str
    end: str
    zone: str = ""
    months_kept: int | None = None


@dataclass(frozen=True)
class ForEach:
    """The report is asked once per row of another report, unless one is chosen.

    `option` is the option (and the column added to each row) that takes the value of `column`.
    """

    report: str
    option: str
    column: str = "id"


@dataclass(frozen=True)
class Window:
    """The closed span of local days that one transaction loads; no days for an undated report."""

    span: DaySpan | None = None

    @property
    def first(self) -> date | None:
        return self.span.first if self.span else None

    @property
    def last(self) -> date | None:
        return self.span.last if self.span else None

    def __str__(self) -> str:
        return f"{self.first}..{self.last}" if self.span else "all"


Rows = str | Callable[[Row, Values], Sequence[Row]]


@dataclass(frozen=True)
class Report:
    """One report of a provider. `rows` is the answer's list key, or a function where that does not do."""

    name: str
    label: str
    help: str
    path: str
    rows: Rows
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    cursor: str = ""
    update: Method = Method.REPLACE
    updates: tuple[Method, ...] = (Method.REPLACE, Method.APPEND, Method.MERGE)
    overlap_days: int = 0
    pages: Paging = field(default_factory=Single)
    pages_when: Mapping[str, Mapping[str, Paging]] = field(default_factory=dict)
    """Other paging kinds by option and value: {"paging": {"relative": ByLink(…)}}."""
    windows: Windows = field(default_factory=OneWindow)
    options: tuple[Option, ...] = ()
    dates: Dates | None = None
    for_each: ForEach | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    limit_groups: tuple[str, ...] = ()
    needs_account: bool = True
    listed: bool = True

    def paging(self, values: Values) -> Paging:
        for option, kinds in self.pages_when.items():
            if str(values.get(option)) in kinds:
                return kinds[str(values[option])]
        return self.pages

    def option(self, name: str) -> Option | None:
        return next((o for o in self.options if o.name == name), None)

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)


@dataclass(frozen=True)
class Connector:
    """One provider: how to reach it, what an account needs, and its reports."""

    name: str
    label: str
    docs: str
    help: str
    base_url: str
    account: tuple[Option, ...]
    reports: tuple[Report, ...]
    limits: tuple[Limit, ...]
    headers: Callable[[Values], Mapping[str, str]]
    """Request headers (with the credentials) from the account's values."""
    address: Callable[[Values], str]
    """The address below which the reports' paths stand, from the account's values."""
    budget_of: Callable[[Values], str]
    """The provider's own account that a request counts against, from account and report values together."""
    test: str
    """The report whose first page proves the credentials."""
    prerequisites: str = ""
    credentials_option: str = "api_key"
    """The account option an error about credentials points to."""
    inherited: tuple[str, ...] = ()
    """Account options that are only the default of the report option with the same name."""

    def report(self, name: str) -> Report | None:
        return next((r for r in self.reports if r.name == name), None)

    @property
    def listed_reports(self) -> tuple[Report, ...]:
        return tuple(r for r in self.reports if r.listed)


def columns(type_: ColumnType, names: str, *, selectable: bool = False) -> tuple[Column, ...]:
    """Columns of one type, named in one text, whose names say all there is to say about them."""
    return tuple(
        Column(n, type_, n.replace("_", " ").capitalize(), selectable=selectable) for n in names.split()
    )
