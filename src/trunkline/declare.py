"""What a provider declares: its account, its reports, their columns, paging, windows and limits.

A connector is one file in `connectors/` that exports `CONNECTOR = Connector(…)`. Flags, forms,
validation, JSON Schema, the column catalogue, the reference page and the standard tests all follow
from the declaration.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from trunkline.date_menus import DateWords
from trunkline.dates import DaySpan
from trunkline.errors import Problem
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


class Stamp(StrEnum):
    """How a provider writes an instant: with its offset, without one in UTC, or as milliseconds since 1970.

    LOCAL is without an offset too, in the zone that another field of the row names.
    """

    OFFSET = "offset"
    UTC = "utc"
    EPOCH_MS = "epoch_ms"
    LOCAL = "local"


@dataclass(frozen=True)
class Column:
    """One column. `field` is the name in the provider's row, where it differs from the column's.

    `selectable` columns come only when asked for by name; `secret` ones are masked unless asked for.
    The values of a NUMBER are multiplied by `factor`; those of an INSTANT are written as `stamp` says.
    Several columns may be made of one field.
    """

    name: str
    type: ColumnType
    meaning: str
    field: str = ""
    selectable: bool = False
    secret: bool = False
    factor: float = 1.0
    stamp: Stamp = Stamp.OFFSET
    zone_field: str = ""

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
    """Each answer holds a token that asks for the next.

    With `in_flight` above 1, so many stretches of a window's time are read side by side; for dates that
    are instants.
    """

    cursor: str = "cursor"
    param: str = "cursor"
    size: str = ""
    rows: int = 0
    in_flight: int = 1


@dataclass(frozen=True)
class Single:
    """One answer holds everything."""


@dataclass(frozen=True)
class ExportJob:
    """Asked for by POST, polled until it is ready, downloaded as CSV from an address of its own.

    `body` makes the request from the report's values and a range of days counted back from the provider's
    today. `per_request` is the group of limits that the POST alone counts against. Seconds: the first
    poll, the next one, and the longest pause; `timeout_option` holds minutes. The provider answers a
    repeated request from its memory for so many seconds.
    """

    body: Callable[[Values, "DaysAgo"], Row]
    limit_group: str = ""
    request_id: str = "request_id"
    is_repeated: str = "already_started"
    status: str = "status"
    ready: str = "complete"
    failed: str = "failed"
    download: str = "download_url"
    first_poll_seconds: float = 10.0
    next_poll_seconds: float = 5.0
    longest_poll_seconds: float = 15.0
    timeout_option: str = "timeout_minutes"
    day_fields: tuple[str, ...] = ()
    """Columns of the file that tell the local day of a row, the first there is counts."""
    memory_seconds: int = 10_800
    memory_seconds_today: int = 1_800
    in_flight: int = 4


@dataclass(frozen=True)
class DaysAgo:
    """Local days counted back from today; only today itself when `is_today`."""

    nearer: int
    farther: int

    @property
    def is_today(self) -> bool:
        return self.farther == 0


@dataclass(frozen=True)
class FileAnswer:
    """Asked for by POST of form fields; the answer is a file that holds all rows of the days asked for.

    `form` makes the fields, without the credentials, of the report's values and the days; for an undated
    report they are today. `read` makes Arrow batches of texts of what came (`fetch.answer_files.Received`).
    Rows that have no id get one of the values of `identity`, and equal rows a number (`fetch.equal_rows`);
    an empty one leaves rows as they are.

    With `each` a window takes several requests: it makes of the values those of each one, with words that
    tell it from the others. What the values lack for that may be asked first.
    """

    form: Callable[[Values, DaySpan], Mapping[str, str]]
    read: Callable[[Any], Iterator[Any]]
    identity: tuple[str, ...]
    in_flight: int = 2
    each: Callable[[Values], Sequence[tuple[str, Values]]] | None = None
    asked_first: "AskedFirst | None" = None


@dataclass(frozen=True)
class AskedFirst:
    """A question before the others of a window, whose answer gives a report's `option` unless it is chosen.

    `form` and `read` are as those of a `FileAnswer`, but `read` makes the entries of the option.
    """

    option: str
    path: str
    form: Callable[[Values, DaySpan], Mapping[str, str]]
    read: Callable[[Any], Sequence[str]]


Paging = ByNumber | ByLink | ByCursor | Single | ExportJob | FileAnswer


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


@dataclass(frozen=True)
class ByDays:
    """Windows of at most so many days as the option says; of an export, today in one of its own."""

    option: str


@dataclass(frozen=True)
class EachDay:
    """A window of each day, for what can be asked of a single day only, or is summed up by day."""


Windows = OneWindow | ByTotal | ByPoints | ByDays | EachDay


@dataclass(frozen=True)
class ZoneFrom:
    """Where the zone of a report's days comes from when none is chosen: a column of another report's rows.

    The row is the one whose id the first given one of `options` holds, else the one marked by `main`,
    else the first.
    """

    report: str
    column: str
    options: tuple[str, ...]
    main: str = ""


@dataclass(frozen=True)
class Dates:
    """How a dated report takes its days: the menus, the parameters, and how long records are kept.

    With `is_epoch_ms` the parameters are instants, and rows whose `within` field (also milliseconds)
    lies outside the days asked for are left to the days they belong to. `days_unless_chosen`: so many
    past days and today are read when nothing is chosen; None is everything there is.
    """

    words: DateWords
    start: str = ""
    end: str = ""
    zone: str = ""
    months_kept: int | None = None
    is_epoch_ms: bool = False
    within: str = ""
    zone_from: ZoneFrom | None = None
    days_unless_chosen: int | None = None


@dataclass(frozen=True)
class ForEach:
    """The report is asked once per row of another report, unless one is chosen.

    `option` is the option (and the column added to each row) that takes the value of `column`.
    """

    report: str
    option: str
    column: str = "id"
    in_flight: int = 4


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
    """One report of a provider. `rows` is the answer's list key, or a function where that does not do.

    `path_when` holds other paths by option, for when that option is given; `columns_for` the columns
    where they depend on what is chosen (`columns` are then those of the defaults); `check` tells which
    choices do not go together. `rights` says in words what a key needs.
    """

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
    listed: bool = True
    path_when: Mapping[str, str] = field(default_factory=dict)
    columns_for: Callable[[Values], tuple[Column, ...]] | None = None
    variants: Mapping[str, Values] = field(default_factory=dict)
    """Choices whose columns differ, by what a person calls them."""
    updates_when: Mapping[str, Mapping[str, tuple[Method, ...]]] = field(default_factory=dict)
    """Other update methods by option and value, the default one first."""
    check: Callable[[Values], Sequence[Problem]] | None = None
    rights: str = ""
    spread: tuple[str, ...] = ()
    """Fields that hold objects, whose own fields become columns named `field_name`."""
    figures_when: Mapping[str, str] = field(default_factory=dict)
    """The option and its value for which unknown columns of an export are figures, not texts."""
    absent_is_empty: bool = False
    """Whether an answer without the list means that there are no rows."""

    def path_for(self, values: Values) -> str:
        return next((path for option, path in self.path_when.items() if values.get(option)), self.path)

    def methods(self, values: Values) -> tuple[Method, ...]:
        """The update methods for these values, the default one first."""
        for option, by_value in self.updates_when.items():
            if str(values.get(option)) in by_value:
                return by_value[str(values[option])]
        return (self.update, *(m for m in self.updates if m is not self.update))

    def holds_figures(self, values: Values) -> bool:
        return any(values.get(option) == value for option, value in self.figures_when.items())

    def columns_of(self, values: Values) -> tuple[Column, ...]:
        """The columns that come for these values."""
        if self.columns_for:
            return self.columns_for(values)
        chosen = values.get("fields")
        if chosen is None or self.option("fields") is None:
            return self.columns
        assert isinstance(chosen, tuple), "fields are a tuple"
        return tuple(c for c in self.columns if not c.selectable or c.source in chosen)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """What is asked, with the method: the usual path first, those of other choices after it."""
        if isinstance(self.pages, ExportJob):
            return (f"POST {self.path}", f"GET {self.path}/{{request_id}}")
        if isinstance(self.pages, FileAnswer):
            return (f"POST {self.path}",)
        return tuple(f"GET {path}" for path in (self.path, *self.path_when.values()))

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
class OAuth:
    """Signing in at the provider instead of giving a key: OAuth 2.0 with a code, PKCE and refresh.

    The paths stand below the host of the account's address. `client_id` and `client_secret` name the
    account options that hold what the provider gave this installation. An access token takes the place
    of the key: the connector's `headers` get it in the `credentials_option`.
    """

    scopes: tuple[str, ...] = ()
    authorize: str = "/oauth2/authorize"
    token: str = "/oauth2/token"
    revoke: str = "/oauth2/deauthorize"
    client_id: str = "client_id"
    client_secret: str = "client_secret"


@dataclass(frozen=True)
class Greeting:
    """A question that comes before all others and without credentials: where the provider answers, and how.

    It is posted to `path` below each of `addresses`, made of the account's address, until one is understood;
    the reports' paths stand below that one. `read` gets what came (`fetch.answer_files.Received`) with the
    values of the report, and tells what does not agree with them. Testing an account fails on that, a run
    notes it.
    """

    addresses: Callable[[str], Sequence[str]]
    path: str
    read: Callable[[Any], Problem | None]


@dataclass(frozen=True)
class Connector:
    """One provider: how to reach it, what an account needs, and its reports."""

    name: str
    label: str
    docs: str
    """The provider's own documentation, where it is public."""
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
    questions: tuple[tuple[str, str], ...] = ()
    """What people ask about this provider, and the answers."""
    credentials_option: str = "api_key"
    """The account option an error about credentials points to."""
    credentials_with: tuple[str, ...] = ()
    """Options that prove something only together with it, so that any of them may be the wrong one."""
    inherited: tuple[str, ...] = ()
    """Account options that are only the default of the report option with the same name."""
    oauth: OAuth | None = None
    """How accounts can sign in, where the provider offers it beside keys."""
    form: Callable[[Values], Mapping[str, str]] | None = None
    """Form fields that hold the credentials, where a provider takes them there and not in headers."""
    greeting: Greeting | None = None

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
