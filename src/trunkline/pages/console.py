"""The dialer as the server has it open, for the pages; its database is used from the server's loop alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from trunkline.clock import Clock, process_clock
from trunkline.dialer.floor_now import NEEDED, FloorNow, FloorReader
from trunkline.dialer.floor_watch import FloorWatch
from trunkline.dialer.opening import Dialer
from trunkline.dialer.passing_faults import will_pass
from trunkline.dialer.runner import Service
from trunkline.errors import RetryLater, SettingsError
from trunkline.settings import Settings


@dataclass(frozen=True)
class Opened:
    """An opened dialer. `off`: the functions that are switched off, with the tables each lacks."""

    service: Service
    off: Mapping[str, Sequence[str]]
    is_own: bool
    zone: ZoneInfo
    clock: Clock
    reader: FloorReader
    watch: FloorWatch

    drawn: list[tuple[FloorNow, dict[str, str]]] = field(default_factory=list)
    """The floor as it was drawn last."""

    def drawn_once(self, floor: FloorNow, draw: Callable[[], dict[str, str]]) -> dict[str, str]:
        """The parts of a page for a floor: drawn by the first who asks, the same for all others."""
        if not self.drawn or self.drawn[0][0] is not floor:
            self.drawn[:] = [(floor, draw())]
        return self.drawn[0][1]

    @property
    def has_floor(self) -> bool:
        return NEEDED not in self.off

    @property
    def local_time(self) -> str:
        """Now, as the dialer's tables write it."""
        return self.clock.now().astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")


class Console:
    """The way of pages to the dialer: given by the server once its database is open."""

    def __init__(self) -> None:
        self._opened: Opened | None = None

    def open(self, opened: Opened) -> None:
        self._opened = opened

    def close(self) -> None:
        """Whoever looks at the floor is let go."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.watch.close()

    @property
    def is_open(self) -> bool:
        return self._opened is not None

    @contextmanager
    def dialer(self) -> Iterator[Opened]:
        """The dialer. Raises SettingsError where it is not open, RetryLater where its database is away."""
        if self._opened is None:
            raise SettingsError(
                "This server does not have the dialer's database open.",
                todo="It is opened when the server starts: the server's log says what was in the way.",
            )
        try:
            yield self._opened
        except Exception as error:
            if not will_pass(error):
                raise
            text = "The dialer's database does not answer."
            raise RetryLater(text, todo="Try again in a moment.") from error


def opened_for_pages(dialer: Dialer, service: Service, settings: Settings) -> Opened:
    zone, clock = ZoneInfo(settings.text("timezone")), process_clock()
    reader = FloorReader(dialer.database, clock, zone, "inbound_groups" not in dialer.missing)
    watch = FloorWatch(reader.read)
    return Opened(service, dialer.off, dialer.where.is_own, zone, clock, reader, watch)


def moment_of(opened: Opened, text: str) -> datetime | None:
    """The instant of a time as the dialer's tables write it; None for none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=opened.zone)
    except ValueError:
        return None
