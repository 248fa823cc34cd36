"""Answers to single requests: lists with both kinds of paging, single rows, counted reports."""

from collections.abc import Sequence
from math import ceil
from typing import TypeVar
from urllib.parse import urlencode

import orjson

from trunkline.sims.answer import Answer
from trunkline.sims.callrail.aggregates import COUNTED, Counted
from trunkline.sims.callrail.ask import NEXT_PAGE_EXTRAS, PAGING, Ask
from trunkline.sims.callrail.books import Book
from trunkline.sims.callrail.dates import DATE_PARAMETERS, Window, window_of
from trunkline.sims.callrail.directory import Row
from trunkline.sims.callrail.endpoints import ACCOUNTS, LISTINGS, Listing
from trunkline.sims.callrail.options import CallrailSimOptions
from trunkline.sims.callrail.selection import Selector
from trunkline.sims.callrail.world import World
from trunkline.sims.refusals import Refused

T = TypeVar("T")


def refusal(status: int, text: str, headers: dict[str, str] | None = None) -> Answer:
    """The service's error body."""
    return Answer(status, orjson.dumps({"error": text}), headers or {})


class Answers:
    """Answers requests about one world."""

    def __init__(self, world: World, options: CallrailSimOptions) -> None:
        self._world, self._options = world, options
        self._selector = Selector(world)
        self._counted = Counted(world, self._selector)

    def answer(self, ask: Ask) -> Answer:
        """The answer to one request; raises Refused."""
        if ask.account is None:
            self._check_names(ask, ACCOUNTS.parameters() | PAGING)
            return self._directory(ACCOUNTS, ask)
        match ask.path:
            case ():
                return _encoded(_trimmed(ACCOUNTS, ask.account, ask))
            case ("calls", ("summary" | "timeseries") as report):
                return self._report(report, ask)
            case (kind,) if kind in LISTINGS:
                return self._list(LISTINGS[kind], ask)
            case (kind, row_id) if kind in LISTINGS:
                return self._single(LISTINGS[kind], row_id, ask)
            case ("calls", call_id, "recording"):
                return self._recording(call_id, ask)
        raise Refused(404, "Not found")

    def _report(self, report: str, ask: Ask) -> Answer:
        self._check_names(ask, COUNTED[report], is_dated=True)
        return _encoded(self._counted.answer(report, ask, is_empty=self._is_empty(ask)))

    def _list(self, listing: Listing, ask: Ask) -> Answer:
        self._check_names(
            ask, listing.parameters() | PAGING | _extras(listing, ask), is_dated=bool(listing.date)
        )
        if listing.key == "caller_ids" and not ask.one("company_id"):
            raise Refused(400, "company_id is required")
        if listing.key == "tags" and ask.one("company_id") and ask.one("tag_level") == "account":
            raise Refused(400, "tag_level account cannot be combined with company_id")
        if not listing.date:
            return self._directory(listing, ask)
        window = window_of(ask.params, ask.now)
        book = self._world.books[listing.key]
        found = () if self._is_empty(ask) else self._selector.dated(listing, book, window, ask)
        if listing.relative and ask.one("relative_pagination").lower() == "true":
            return self._relative(listing, book, found, window, ask)
        page = self._page(found, ask)
        return self._paged(listing, _rows(listing, book, page, window, ask), len(found), ask)

    def _directory(self, listing: Listing, ask: Ask) -> Answer:
        hidden = ask.account is not None and self._is_empty(ask)
        found = [] if hidden else self._selector.listed(listing, ask)
        is_given = listing.key in self._world.given
        page = self._page(found, ask)
        rows = [row if is_given else _trimmed(listing, row, ask) for row in page]
        return self._paged(listing, rows, len(found), ask)

    def _page(self, found: Sequence[T], ask: Ask) -> Sequence[T]:
        first = (ask.number("page", 1) - 1) * ask.per_page
        return found[first : first + ask.per_page]

    def _paged(self, listing: Listing, rows: list[Row], total: int, ask: Ask) -> Answer:
        page, pages = ask.number("page", 1), max(1, ceil(total / ask.per_page))
        head: Row = {"page": page, "per_page": ask.per_page, "total_pages": pages, "total_records": total}
        if not self._options.total_pages:
            del head["total_pages"]
        links = _links(ask, page, pages) if self._options.link_header else ""
        return Answer(200, orjson.dumps(head | {listing.key: rows}), {"Link": links} if links else {})

    def _relative(
        self, listing: Listing, book: Book, found: Sequence[int], window: Window, ask: Ask
    ) -> Answer:
        offset, size = ask.number("offset", 0, lowest=0), ask.per_page
        page = found[offset * size : (offset + 1) * size]
        has_next = (offset + 1) * size < len(found)
        head = {"next_page": _next_page(ask, offset + 1) if has_next else None, "has_next_page": has_next}
        return _encoded({**head, listing.key: _rows(listing, book, page, window, ask)})

    def _single(self, listing: Listing, row_id: str, ask: Ask) -> Answer:
        self._check_names(ask, frozenset(("fields", "time_zone")))
        missing = Refused(404, f"{row_id} not found")
        if self._is_empty(ask):
            raise missing
        if listing.date:
            return _encoded(self._single_dated(listing, row_id, ask, missing))
        wanted = self._world.numbers.get(row_id, row_id)
        for row in self._world.lists[listing.key]:
            if str(row.get("id")) == wanted:
                return _encoded(_trimmed(listing, row, ask))
        raise missing

    def _single_dated(self, listing: Listing, row_id: str, ask: Ask, missing: Refused) -> Row:
        book, zone = self._world.books[listing.key], window_of({**ask.params}, ask.now).zone
        ref = book.find(row_id)
        if ref is None:
            raise missing
        row = dict(book.row_of(ref, zone, _fields(listing, ask)))
        thing = book.thing(ref, zone)
        if thing is None:
            return row
        if listing.key == "conversations":
            return {**row, "messages": thing.messages()}
        if isinstance(row.get("call_summary"), str):
            row["call_summary"] = [row["call_summary"]]
        return row

    def _recording(self, call_id: str, ask: Ask) -> Answer:
        calls = self._world.calls
        ref = None if self._is_empty(ask) else calls.find(call_id)
        zone = window_of({}, ask.now).zone
        if ref is None or not calls.row_of(ref, zone, ("recording",)).get("recording"):
            raise Refused(404, f"No recording of {call_id}")
        return _encoded(
            {"url": f"https://app.callrail.com/calls/{call_id}/recording/redirect?access_key=EXAMPLE"}
        )

    def _is_empty(self, ask: Ask) -> bool:
        return ask.account is None or str(ask.account["id"]) != self._world.data_account

    def _check_names(self, ask: Ask, documented: frozenset[str], is_dated: bool = False) -> None:
        if not self._options.strict:
            return
        unknown = sorted(set(ask.params) - documented)
        if unknown:
            raise Refused(
                400, f"Unknown parameter {unknown[0]}: it is not documented for {'/'.join(ask.path) or 'a'}"
            )
        if is_dated and not any(ask.one(name) for name in DATE_PARAMETERS):
            raise Refused(
                400, f"A request for {'/'.join(ask.path)} names no dates: send start_date and end_date"
            )


def _encoded(content: Row) -> Answer:
    return Answer(200, orjson.dumps(content))


def _extras(listing: Listing, ask: Ask) -> frozenset[str]:
    return NEXT_PAGE_EXTRAS if listing.relative and not ask.has_json else frozenset()


def _fields(listing: Listing, ask: Ask) -> list[str]:
    """The default fields and the asked ones of the rest; unknown names are ignored."""
    asked = set(ask.listed("fields"))
    return [*listing.default, *(name for name in listing.more if name in asked)]


def _rows(listing: Listing, book: Book, page: Sequence[int], window: Window, ask: Ask) -> list[Row]:
    fields = _fields(listing, ask)
    return [book.row(position, window.zone, fields) for position in page]


def _trimmed(listing: Listing, row: Row, ask: Ask) -> Row:
    hidden = set(listing.more) - set(ask.listed("fields"))
    return {name: value for name, value in row.items() if name not in hidden and not name.startswith("_")}


def _links(ask: Ask, page: int, pages: int) -> str:
    others = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
    shown = {rel: n for rel, n in others.items() if 1 <= n <= pages and n != page}
    return ", ".join(f'<{_url(ask, page=str(n))}>; rel="{rel}"' for rel, n in shown.items())


def _url(ask: Ask, *, suffix: str = ".json", **changes: str) -> str:
    account = f"/{ask.account['id']}" if ask.account else ""
    path = "".join(f"/{part}" for part in ask.path)
    pairs = [
        (_wire_name(name, values), v)
        for name, values in ask.params.items()
        if name not in changes
        for v in values
    ]
    query = urlencode([*pairs, *changes.items()])
    return f"{ask.root}/a{account}{path}{suffix if ask.has_json else ''}?{query}"


def _wire_name(name: str, values: list[str]) -> str:
    return f"{name}[]" if len(values) > 1 or name in ("tags", "tracker_ids") else name


def _next_page(ask: Ask, offset: int) -> str:
    """The service's own shape: no .json, and names of its inner workings among the parameters."""
    version = ask.root.rsplit("/", 1)[-1]
    inner = {"action": "index", "controller": f"api/{version}/calls", "format": "json"}
    return _url(ask, suffix="", **inner, no_one_to_many_associations="true", offset=str(offset))
