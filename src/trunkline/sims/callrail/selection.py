"""Which rows a request gets, in which order: window, filters, search, sort."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

from trunkline.sims.callrail.ask import Ask
from trunkline.sims.callrail.books import Book
from trunkline.sims.callrail.dates import Window
from trunkline.sims.callrail.directory import Row
from trunkline.sims.callrail.endpoints import Filter, Listing
from trunkline.sims.callrail.world import World

T = TypeVar("T")

_KEPT_SELECTIONS = 32


@dataclass(frozen=True)
class Check:
    """One condition of a request; `reads` are the fields it looks at."""

    reads: tuple[str, ...]
    passes: Callable[[Row], bool]


class Selector:
    """Chooses rows; the last few choices among dated rows are kept, for the pages that follow."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: OrderedDict[object, Sequence[int]] = OrderedDict()

    def listed(self, listing: Listing, ask: Ask) -> list[Row]:
        """Rows of a directory."""
        checks = self._checks(listing.filters, listing.searches, ask)
        kept = [row for row in self._world.lists[listing.key] if all(c.passes(row) for c in checks)]
        name, is_descending = _order(listing, ask)
        return _ordered(kept, lambda row: row.get(name), is_descending) if name else kept

    def dated(self, listing: Listing, book: Book, window: Window, ask: Ask) -> Sequence[int]:
        """Positions in the timeline of a book; undated rows stand at the end."""
        name, is_descending = _order(listing, ask)

        def select() -> Sequence[int]:
            kept = self.in_time(book, window, listing.filters, listing.searches, ask)
            if name == book.kind.date:
                return _newest_first(kept, book) if is_descending else kept
            fields = [f for f in (name,) if f in book.fields]
            return _ordered(kept, lambda p: book.row(p, window.zone, fields).get(name), is_descending)

        return self._remembered((listing.key, name, is_descending, window.span(), _signature(ask)), select)

    def _remembered(self, key: object, select: Callable[[], Sequence[int]]) -> Sequence[int]:
        full_key = (self._world.version, key)
        if full_key not in self._kept:
            self._kept[full_key] = select()
            if len(self._kept) > _KEPT_SELECTIONS:
                self._kept.popitem(last=False)
        return self._kept[full_key]

    def in_time(
        self, book: Book, window: Window, filters: Mapping[str, Filter], searches: tuple[str, ...], ask: Ask
    ) -> Sequence[int]:
        """Positions in time order, the undated ones at the end."""
        checks = self._checks(filters, searches, ask)
        undated = book.timeline.undated()
        dated = book.timeline.between(*window.span())
        positions: Sequence[int] = [*dated, *undated] if undated else dated
        return _passing(book, positions, checks, window.zone) if checks else positions

    def _checks(self, filters: Mapping[str, Filter], searches: tuple[str, ...], ask: Ask) -> list[Check]:
        checks = [
            _check(f, self._values(name, ask)) for name, f in filters.items() if _is_asked(name, filters, ask)
        ]
        term = ask.one("search").lower() if searches else ""
        if term:
            checks.append(
                Check(searches, lambda row: any(term in str(row.get(n) or "").lower() for n in searches))
            )
        return checks

    def _values(self, name: str, ask: Ask) -> list[str]:
        """Values of a filter; old numbers become ids, and an agent's id the address that calls carry."""
        values = [self._world.numbers.get(v, v) for v in ask.params[name]]
        if name != "agent":
            return values
        return [str(u.get("email")) for u in self._world.lists["users"] if str(u.get("id")) in values]


def _is_asked(name: str, filters: Mapping[str, Filter], ask: Ask) -> bool:
    given = ask.params.get(name, [])
    return any(given) or (bool(given) and filters[name].means_blank)


def _check(chosen: Filter, values: list[str]) -> Check:
    return Check(chosen.reads, lambda row: chosen.keep(row, values))


def _passing(book: Book, positions: Sequence[int], checks: list[Check], zone: ZoneInfo) -> Sequence[int]:
    reads = [name for name in {n for c in checks for n in c.reads} if name in book.fields]

    def passes(position: int) -> bool:
        row = book.row(position, zone, reads)
        return all(check.passes(row) for check in checks)

    return [position for position in positions if passes(position)]


def _signature(ask: Ask) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        sorted((name, tuple(values)) for name, values in ask.params.items() if name not in _NO_CHOICE)
    )


_NO_CHOICE = ("page", "per_page", "offset", "relative_pagination", "fields")


def _order(listing: Listing, ask: Ask) -> tuple[str, bool]:
    """The field to sort by and whether it descends; unknown fields are ignored, as the service does."""
    name = ask.one("sort")
    if name not in listing.sorts:
        name = listing.order.removeprefix("-")
        is_descending = listing.order.startswith("-")
    else:
        is_descending = name == listing.date
    direction = ask.one("order").lower()
    return name, direction == "desc" if direction in ("asc", "desc") else is_descending


def _newest_first(positions: Sequence[int], book: Book) -> Sequence[int]:
    if not book.timeline.undated():
        return positions[::-1]
    dated = [p for p in positions if p < book.timeline.dated]
    return dated[::-1] + [p for p in positions if p >= book.timeline.dated]


def _ordered(things: Sequence[T], value_of: Callable[[T], object], is_descending: bool) -> list[T]:
    """Sorted by any mix of values; what has none stands at the end either way."""
    valued = [(value, thing) for thing in things if (value := value_of(thing)) not in (None, [])]
    valued.sort(key=lambda pair: _rank(pair[0]), reverse=is_descending)
    return [t for _, t in valued] + [t for t in things if value_of(t) in (None, [])]


def _rank(value: object) -> tuple[int, float, str]:
    if isinstance(value, bool | int | float):
        return 0, float(value), ""
    return 1, 0.0, str(value).lower()
