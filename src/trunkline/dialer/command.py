"""What a function of the API declares: who may call it, what it takes, what it can say, and its handler.

Login, permission, the text of an answer in each dialect, the log row, the reference pages and the tests
that every line is said are derived from this.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from trunkline.dialer.columns import Column
from trunkline.dialer.database import Row, Work
from trunkline.dialer.passwords import Passwords

if TYPE_CHECKING:
    from trunkline.dialer.asterisk.switchboard import Switchboard
    from trunkline.dialer.audit import Change

WEB_ROOT = Path("/srv/www/htdocs")


class Dialect(StrEnum):
    """DOCUMENTED is the text of the published page, ORIGINAL what today's clients meet, JSON our own."""

    DOCUMENTED = "documented"
    ORIGINAL = "original"
    JSON = "json"


class Result(StrEnum):
    ERROR = "ERROR"
    SUCCESS = "SUCCESS"
    NOTICE = "NOTICE"


@dataclass(frozen=True)
class Line:
    """One line a function can say. The templates hold `{names}` of values; `{u}` is the API user.

    `original` empty: the same as `documented`. `log` is the data kept in the log; None: the original's
    data without the user. `code` names the line in JSON.
    """

    code: str
    result: Result
    text: str
    documented: str
    original: str = ""
    log: str | None = None
    original_text: str = ""
    status: int = 0
    """The HTTP status of the JSON dialect; 0: by the result."""
    named: bool = True
    """Whether the function's name stands before the text."""

    def __call__(self, **values: Any) -> "Said":
        return Said(self, values)


def error(code: str, text: str, documented: str, original: str = "", **more: Any) -> Line:
    return Line(code, Result.ERROR, text, documented, original, **more)


def success(code: str, text: str, documented: str, original: str = "", **more: Any) -> Line:
    return Line(code, Result.SUCCESS, text, documented, original, **more)


def notice(code: str, text: str, documented: str, original: str = "", **more: Any) -> Line:
    return Line(code, Result.NOTICE, text, documented, original, **more)


@dataclass(slots=True)
class Said:
    """A line with its values."""

    line: Line
    values: Mapping[str, Any]


@dataclass(slots=True)
class Logged:
    """The log row of an answer that is no line."""

    result: Result
    reason: str
    data: str
    function: str = ""
    """The function that said it; empty: the one that answers last."""


@dataclass(slots=True)
class Table:
    """Rows of an export. `columns` name the values in the documented order.

    `original` names them in the original's order, `original_header` what its header says; None: alike.
    """

    columns: tuple[str, ...]
    rows: Iterable[Row] | AsyncIterator[Sequence[Row]]
    logged: Callable[[int], Logged] | None = None
    """The log row, from the number of rows."""
    original: tuple[str, ...] | None = None
    original_header: tuple[str, ...] | None = None
    text_logged: Callable[[str], Logged] | None = None
    """The log row, from the text: for short answers that the log keeps whole."""


@dataclass(frozen=True)
class Export:
    """The columns that a function shows, in the documented order.

    `original` are those of today's clients in their order, `original_header` the names they get over
    them; empty: alike. `when` is the parameter that asks for these columns; empty: they come by default.
    """

    columns: tuple[Column, ...]
    original: tuple[Column, ...] = ()
    original_header: tuple[str, ...] = ()
    when: str = ""

    def table(
        self,
        rows: Iterable[Row] | AsyncIterator[Sequence[Row]],
        logged: Callable[[int], Logged] | None = None,
        text_logged: Callable[[str], Logged] | None = None,
    ) -> Table:
        """Rows, by the names of the columns, under them."""
        names, original = self._names
        return Table(names, rows, logged, original, self.original_header or None, text_logged)

    @cached_property
    def _names(self) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
        names, original = (tuple(column.name for column in some) for some in (self.columns, self.original))
        return names, original or None


@dataclass(slots=True)
class Plain:
    """Text as it is: a value, or a page. `fields` is the same for JSON."""

    text: str
    logged: Logged | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    is_html: bool = False


@dataclass(frozen=True)
class Passed:
    """The request goes on as another function, which asks for its own rights. Nothing is yielded after it."""

    function: str


Answer = Said | Table | Plain | Passed


@dataclass(frozen=True)
class Param:
    """One parameter: its meaning, and the length and form it is documented with."""

    name: str
    meaning: str
    required: bool = False
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()
    secret: bool = False


@dataclass
class Call:
    """One request of a function, its inputs filtered, its user known."""

    work: Work
    dialect: Dialect
    function: str
    params: Mapping[str, str]
    settings: Row
    user: Row
    now: datetime
    """The dialer's local time, without a zone."""
    time: str
    """The same as the tables keep it."""
    epoch: int
    zone: ZoneInfo
    address: str = ""
    allowed_lists: frozenset[int] | None = None
    """Lists a restricted user may touch; None: all."""
    sight: Any = None
    passwords: Passwords = field(default_factory=Passwords)
    web_root: Path = WEB_ROOT
    """The directory below which the web server has its files, those of the audio store too."""
    notes: list[Logged] = field(default_factory=list)
    """What is to be logged."""
    switchboard: "Switchboard | None" = None
    """What makes calls real; None: rows of the queue are left to others."""
    changes: "list[Change]" = field(default_factory=list)
    """What was changed, for the audit."""
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    """What is begun once everything is kept."""

    def arg(self, name: str) -> str:
        return self.params.get(name, "")

    def is_yes(self, name: str) -> bool:
        return self.arg(name) == "Y"

    @property
    def is_documented(self) -> bool:
        return self.dialect is not Dialect.ORIGINAL


Handler = Callable[[Call], AsyncIterator[Answer]]


@dataclass(frozen=True)
class Command:
    """One function of the API, in the order of the published page."""

    name: str
    sentence: str
    handler: Handler
    denied: str
    """The text of its permission line."""
    level: int = 8
    flags: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()
    lines: tuple[Line, ...] = ()
    exports: tuple[Export, ...] = ()
    """The columns of its rows, those that come by default first; none: it shows no rows."""
    fields: tuple[Column, ...] = ()
    """The values of an answer that is neither line nor rows."""
    denied_documented: str = " - {u}|0"
    denied_original: str = ": |{u}|0|"
    is_chooser: bool = False
    """Choosers check the level before the allowed functions and need no source."""
    writes: bool = False
    asks_managers: bool = False
    """Whether Asterisk is asked for something; which servers have a manager is looked up before."""
    tables: tuple[str, ...] = ()
    """Tables it works with besides those that every dialer has (`opening.ALWAYS_THERE`)."""

    @cached_property
    def permission_line(self) -> Line:
        return Line(
            "permission_denied",
            Result.ERROR,
            self.denied,
            self.denied_documented,
            self.denied_original,
            log="0",
            status=403,
        )
