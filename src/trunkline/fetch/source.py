"""A report of an account, opened for reading: the one way in for `read`, runs, previews and menus."""

from collections.abc import AsyncGenerator, AsyncIterator, Container, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from trunkline.clock import Clock
from trunkline.dates import DaySpan
from trunkline.declare import ByNumber, Connector, ExportJob, ForEach, Limit, Report, Row, Window
from trunkline.errors import SettingsError
from trunkline.fetch.address import is_unprotected
from trunkline.fetch.asked import query_for
from trunkline.fetch.budget import LUMP, Budget
from trunkline.fetch.counters import Counters, OnWait
from trunkline.fetch.credentials import (
    Credentials,
    Grant,
    GrantCredentials,
    KeyCredentials,
    check_way_in,
)
from trunkline.fetch.http import Http, HttpSettings
from trunkline.fetch.paging import Lanes, first_answer, in_order, total_rows
from trunkline.fetch.refusals import Subject
from trunkline.fetch.spending import SpendLog
from trunkline.fetch.windows import AnyReading, Page, Turn, as_rows, cut
from trunkline.options import ChoicesFrom, Kind, Values

if TYPE_CHECKING:
    from trunkline.fetch.jobs import JobReading

MASKED = "••••••"

T = TypeVar("T")


@dataclass(frozen=True)
class Surroundings:
    """What reading needs from outside: clock, spend log, HTTP settings, wanted rows per window.

    `on_wait` hears of waits of what is read without counters of its own.
    """

    clock: Clock
    spend_log: SpendLog
    http: HttpSettings
    window_rows: int = 10_000
    on_wait: OnWait | None = None


@dataclass(frozen=True)
class Access:
    """A connector with the values (secrets included) of an account, and the name it is saved under.

    `grant` is the account's sign-in, if it has one; a key goes before it.
    """

    connector: Connector
    values: Values
    name: str = ""
    grant: Grant | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        names = [o.name for o in self.connector.account if o.kind is Kind.SECRET]
        return tuple(str(self.values[n]) for n in names if n in self.values)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The provider's limits, with the account's own numbers where it has any."""
        return tuple(
            replace(limit, requests=int(str(self.values[limit.option])))
            if limit.option in self.values
            else limit
            for limit in self.connector.limits
        )

    def subject(self) -> Subject:
        connector = self.connector
        if self._signed_in:
            command = f"trunkline account connect {connector.name} {self.name}"
            return Subject(connector.label, "sign-in", self.name, secrets=self.secrets, connect=command)
        return Subject(connector.label, self._credential, self.name, secrets=self.secrets)

    def credentials(self) -> Credentials:
        """What its requests prove themselves with. Raises SettingsError for an account without any."""
        connector, key = self.connector, self.connector.credentials_option
        if self._signed_in and self.grant:
            return GrantCredentials(self.grant, lambda token: connector.headers({**self.values, key: token}))
        check_way_in(connector, self.values, self.name, is_saved=True)
        return KeyCredentials(connector.headers(self.values))

    @property
    def _credential(self) -> str:
        """The labels of the credentials, where there are several kinds of those that were given."""
        usual = self.connector.credentials_option
        given = [o.name for o in self.connector.account if o.kind is Kind.SECRET and o.name in self.values]
        name = usual if usual in given or not given else given[0]
        with_it = self.connector.credentials_with if name == usual else ()
        return " and ".join(o.label for o in self.connector.account if o.name in (name, *with_it))

    @property
    def _signed_in(self) -> bool:
        return self.grant is not None and self.connector.credentials_option not in self.values


class Source:
    """Reads one report. Made by `open_source`."""

    def __init__(
        self, access: Access, report: Report, values: Values, http: Http, counters: Counters, wanted_rows: int
    ) -> None:
        self.report = report
        self.counters = counters
        self._access = access
        self._values = values
        self._http = http
        self._wanted_rows = wanted_rows
        self._walks: list[AsyncGenerator[Any]] = []

    def windows(self, span: DaySpan | None, turn: Turn = as_rows) -> AsyncIterator["SourceWindow"]:
        """The windows of a span (None: an undated report); read each to its end before the next.

        Their pages are what `turn` makes of a page's rows; by itself, the rows.
        """
        return self._closed_at_the_end(self._windows(span, turn))

    def rows(self, span: DaySpan | None) -> AsyncIterator[list[Row]]:
        return self._closed_at_the_end(self._rows(span))

    async def announced(self, span: DaySpan | None) -> int | None:
        """How many rows the provider counts in a span, by one request; None where it tells no number."""
        paging = self.report.paging(self._values)
        asks_each = self.report.for_each and self.report.for_each.option not in self._values
        if asks_each or not isinstance(paging, ByNumber) or not paging.total_rows:
            return None
        query = query_for(self.report, self._values, Window(span))
        return total_rows(query, await first_answer(self._http, query))

    async def close(self) -> None:
        """End what was left in the middle: no page stays under way."""
        while self._walks:
            await self._walks.pop().aclose()

    def _closed_at_the_end(self, walk: AsyncGenerator[T]) -> AsyncGenerator[T]:
        self._walks.append(walk)
        return walk

    async def _windows(self, span: DaySpan | None, turn: Turn) -> AsyncGenerator["SourceWindow"]:
        if self.report.for_each and self.report.for_each.option not in self._values:
            async with aclosing(self._of_each_parent(span, turn)) as pages:
                yield SourceWindow(Window(span), None, pages)
            return
        async with aclosing(self._cut(self.report, self._values, span, turn)) as readings:
            async for reading in readings:
                async with aclosing(reading.pages()) as pages:
                    yield SourceWindow(reading.window, reading.expected, pages)

    async def _rows(self, span: DaySpan | None) -> AsyncGenerator[list[Row]]:
        async with aclosing(self._windows(span, as_rows)) as windows:
            async for window in windows:
                async for rows in window.pages:
                    yield rows

    def _cut(
        self, report: Report, values: Values, span: DaySpan | None, turn: Turn
    ) -> "AsyncGenerator[AnyReading | JobReading]":
        finish = partial(self._finished, values, turn) if report is self.report else turn
        return cut(
            self._http,
            report,
            values,
            span,
            wanted_rows=self._wanted_rows,
            counters=self.counters,
            turn=finish,
        )

    def _finished(self, values: Values, turn: Turn, rows: Page) -> Any:
        """Rows with the id they were asked by, and with secret columns masked unless asked for."""
        if not isinstance(rows, list):
            return turn(rows)
        for_each = self.report.for_each
        masked = [c.source for c in self.report.columns if c.secret and not values.get(f"show_{c.name}")]
        for row in rows if for_each or masked else ():
            if for_each and row.get(for_each.option) is None:
                row[for_each.option] = values[for_each.option]
            for name in masked:
                if row.get(name) is not None:
                    row[name] = MASKED
        return turn(rows)

    async def _of_each_parent(self, span: DaySpan | None, turn: Turn) -> AsyncGenerator[Any]:
        for_each = self.report.for_each
        assert for_each is not None, "only reports asked per parent come here"

        async def of_one(parent_id: str) -> list[Any]:
            values = {**self._values, for_each.option: parent_id}
            return [
                page
                async for reading in self._cut(self.report, values, span, turn)
                async for page in reading.pages()
            ]

        ids = await self._parent_ids(for_each)
        calls = ((lambda i=i: of_one(i)) for i in ids)
        async with aclosing(in_order(calls, Lanes(for_each.in_flight))) as found:
            async for pages in found:
                for page in pages:
                    yield page

    async def _parent_ids(self, for_each: ForEach) -> list[str]:
        parent = self._access.connector.report(for_each.report)
        assert parent is not None, f"{for_each.report} is declared"
        ids = [
            str(row[for_each.column])
            async for reading in self._cut(parent, self._values, None, as_rows)
            async for rows in reading.pages()
            for row in rows
        ]
        return list(dict.fromkeys(ids))


@dataclass(frozen=True)
class SourceWindow:
    """A window, the rows the provider announced for it (if it did), and its pages, turned."""

    window: Window
    expected: int | None
    pages: AsyncIterator[Any]


@asynccontextmanager
async def open_source(
    access: Access,
    report: Report,
    values: Values,
    surroundings: Surroundings,
    counters: Counters | None = None,
) -> AsyncIterator[Source]:
    """A source for as long as the context lasts; unused request tokens go back at its end.

    `values` are those of the report; the account's `inherited` ones fill the gaps.
    Raises SettingsError for an address the key must not be sent to, or a missing path value.
    """
    counters = counters if counters is not None else Counters(on_wait=surroundings.on_wait)
    connector = access.connector
    values = with_inherited(access, values)
    address = connector.address(access.values)
    if is_unprotected(address):
        counters.note(f"The key travels unencrypted to {address} (plain http was allowed for this account).")
    account = connector.budget_of({**access.values, **values})

    def budget(groups: Container[str], lump: int = LUMP) -> Budget:
        limits = tuple(limit for limit in access.limits if not limit.group or limit.group in groups)
        return Budget(surroundings.spend_log, account, limits, surroundings.clock, counters, lump)

    paging = report.paging(values)
    own_group = paging.limit_group if isinstance(paging, ExportJob) else ""
    http = Http(
        address,
        access.credentials(),
        subject=access.subject(),
        budget=budget(report.limit_groups),
        group_budgets={own_group: budget((*report.limit_groups, own_group), lump=1)} if own_group else {},
        clock=surroundings.clock,
        counters=counters,
        settings=surroundings.http,
        form=connector.form(access.values) if connector.form else None,
    )
    async with http:
        if connector.greeting is not None:
            await _greeted(http, access, report, values, counters)
        source = Source(access, report, values, http, counters, surroundings.window_rows)
        try:
            yield source
        finally:
            await source.close()


async def _greeted(http: Http, access: Access, report: Report, values: Values, counters: Counters) -> None:
    """Raises SettingsError where an account that is tested does not agree with what its provider tells."""
    # Only few providers are greeted; the reader of files takes long to import.
    from trunkline.fetch.greeting import greet

    greeting = access.connector.greeting
    assert greeting is not None, "asked only where there is one"
    problem = await greet(http, greeting, values)
    if problem is None:
        return
    if report.name == access.connector.test:
        raise SettingsError(problems=[problem], todo="Give the one that is right there.")
    counters.note(problem.message)


def with_inherited(access: Access, values: Values) -> Values:
    """The report's values; where one is missing that the account has a default for, the account's."""
    defaults = {n: access.values[n] for n in access.connector.inherited if n in access.values}
    return {**defaults, **values}


async def menu(
    access: Access,
    values: Values,
    option_name: str,
    report: Report,
    surroundings: Surroundings,
    chosen: Mapping[str, Any] | None = None,
) -> list[tuple[str, str]]:
    """The live choices (value, label) of an option whose menu is filled from the API.

    `values` are those of the report that fills it, `chosen` those that the menu may follow.
    """
    filling = menu_of(report, option_name, chosen or {})
    origin = access.connector.report(filling.report)
    assert origin is not None, f"{filling.report} is declared"
    found: list[tuple[str, str]] = []
    async with open_source(access, origin, values, surroundings) as source:
        async for rows in source.rows(None):
            for row in rows:
                value = str(row.get(filling.value))
                found.append((value, str(row.get(filling.label) or value)))
    return found


def menu_of(report: Report, option_name: str, chosen: Mapping[str, Any]) -> ChoicesFrom:
    """Where an option's menu is filled from. Raises SettingsError for one without such a menu."""
    option = report.option(option_name)
    filling = option.menu(chosen) if option else None
    if option and filling:
        return filling
    if option and option.choices_by:
        name, menus = option.choices_by
        leading = report.option(name)
        flag = leading.flag if leading else name
        raise SettingsError(
            f"The menu of {option.label} follows {flag}, which is {chosen.get(name) or 'not given'}.",
            todo=f"Give {flag} {', '.join(menus)}. The ids of any other have to be typed.",
        )
    filled = [o.name for o in report.options if o.choices_from or o.choices_by]
    raise SettingsError(
        f"{option_name} of {report.label} has no menu filled from the provider.",
        todo=f"Those that have one: {', '.join(filled) or 'none'}.",
    )
