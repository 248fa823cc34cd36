"""The clicks behind the answers, in the order of time; days are those of the account's zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from trunkline.clock import Clock
from trunkline.sims.dialogtech.bodies import NAMES, read_time, written_time
from trunkline.sims.dialogtech.clicks import BLOCKS, block_of, fields_of, is_twin
from trunkline.sims.dialogtech.fixture import BLOCK, fixture_rows
from trunkline.sims.dialogtech.options import DialogtechSimOptions
from trunkline.sims.refusals import Refused
from trunkline.sims.timeline import OfficeHours, Timeline, milliseconds, sorted_timeline

Row = dict[str, str]

_MINUTE_MS = 60_000


class World:
    """All clicks by number; rows that were given or changed are kept, the others made when asked for."""

    def __init__(self, options: DialogtechSimOptions, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self.zone = ZoneInfo(options.zone)
        self.until = options.until or clock.now().replace(second=0, microsecond=0)
        self._kept: dict[int, Row] = {}
        self._next = options.clicks
        self._timeline = Timeline()
        if options.fixture:
            self._next = 0
            for row in fixture_rows(options.fixture):
                self.add(row)
        elif options.clicks:
            self._timeline = sorted_timeline(self._starts())

    def __len__(self) -> int:
        return len(self._timeline)

    def between(self, first: date, last: date) -> Iterator[Row]:
        """The clicks of these local days, both included, oldest first."""
        low, high = self._begins(first), self._begins(last + timedelta(days=1)) - 1
        for ref, start in self._timeline.copied(low, high):
            yield self.row(ref, start)

    def rows(self) -> list[Row]:
        return [self.row(*place) for place in self._timeline.copied(-(2**62), 2**62)]

    def row(self, ref: int, start: int) -> Row:
        """The thirteen fields of a click and the id of its building block."""
        if ref in self._kept:
            return self._kept[ref]
        row = fields_of(self._options.seed, ref)
        row["Click_Date_Time"] = written_time(datetime.fromtimestamp(start / 1000, self.zone))
        return {**{name: row[name] for name in NAMES}, BLOCK: block_of(self._options.seed, ref).id}

    def add(self, fields: Row, at: datetime | None = None) -> int:
        """A new click at its own local time, or at an instant (None: now); its number."""
        ref, self._next = self._next, self._next + 1
        made = {**fields_of(self._options.seed, ref), BLOCK: block_of(self._options.seed, ref).id}
        row = {**made, **fields}
        instant = at or self._clock.now()
        if "Click_Date_Time" in fields:
            instant = read_time(row["Click_Date_Time"]).replace(tzinfo=self.zone).astimezone(UTC)
        else:
            row["Click_Date_Time"] = written_time(instant.astimezone(self.zone))
        self._kept[ref] = {name: row.get(name, "") for name in (*NAMES, BLOCK)}
        self._timeline.insert(ref, milliseconds(instant))
        return ref

    def change(self, ref: int, changes: Row) -> bool:
        """Change fields of a click; False when there is none with that number."""
        try:
            start = self._timeline.start_of(ref)
        except ValueError:
            return False
        strange = set(changes) - {*NAMES, BLOCK}
        if strange:
            raise Refused(400, f"A click has no {', '.join(sorted(strange))}")
        self._kept[ref] = self.row(ref, start or 0) | changes
        return True

    def remove(self, ref: int) -> None:
        self._timeline.remove(ref)

    def state(self) -> dict[str, object]:
        return {
            "until": self.until,
            "zone": self.zone.key,
            "clicks": len(self),
            "blocks": {block.id: f"{block.kind}: {block.description}" for block in BLOCKS},
        }

    def _starts(self) -> list[int]:
        """Whole minutes, since nothing finer is told; a twin has the minute of the click before it."""
        options = self._options
        hours = OfficeHours(self.until, options.days, self.zone)
        spread = Random(f"{options.seed}:clicks")
        starts = [milliseconds(self.until)]
        starts += [hours.at(spread.random()) for _ in range(options.clicks - 1)]
        starts = [start - start % _MINUTE_MS for start in starts]
        for ref in range(1, len(starts)):
            if is_twin(options.seed, ref):
                starts[ref] = starts[ref - 1]
        return starts

    def _begins(self, day: date) -> int:
        return milliseconds(datetime(day.year, day.month, day.day, tzinfo=self.zone))
