"""The pretend floor in the dialer's tables: set up, gone on with, written second by second, cleared."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager

from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential

from trunkline.clock import Clock
from trunkline.dialer.database import Database, Work
from trunkline.dialer.opening import dialer_place, open_dialer
from trunkline.dialer.passing_faults import will_pass
from trunkline.dialer.row_changes import RowWriter
from trunkline.dialer.row_sets import make_standing, remove, rows_of
from trunkline.dialer.setting_up import make_frame
from trunkline.errors import RetryLater, SettingsError
from trunkline.settings import Settings
from trunkline.sims.floor.belongings import EVERYTHING, LEADS, OPEN, PROMISES, SERVER
from trunkline.sims.floor.book import Changes
from trunkline.sims.floor.cast import standing_rows
from trunkline.sims.floor.floor import Floor
from trunkline.sims.floor.known import Known, known_from
from trunkline.sims.floor.leftovers import Leftovers
from trunkline.sims.floor.marks import SERVER_ID, SERVER_IP
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.stamps import DAY_SECONDS, text
from trunkline.store.connection import open_store
from trunkline.store.locks import locked

LOCK, ONLY = "floor", 1
FILL_SECONDS = 3 * 3_600
"""So much of the past is written in one transaction."""
TRIES, LONGEST_WAIT = 7, 15.0
"""How often a writing is tried while the database is busy or away, and how long it waits in between."""

Watch = Callable[[Floor], None]


def check_own(settings: Settings) -> None:
    """Raises SettingsError where the settings name a dialer that is not ours."""
    where = dialer_place(settings)
    if not where.is_own:
        raise SettingsError(
            f"The settings name a running dialer, {where.place.words} (tables {where.prefix}…), "
            "where nothing is made up.",
            todo="Take dialer_url and dialer_prefix away to have a floor on Trunkline's own tables.",
        )


@contextmanager
def only_floor(settings: Settings) -> Iterator[None]:
    """No other process works on this floor meanwhile. Raises RetryLater where one does."""
    with ExitStack() as held:
        store = open_store(settings)
        held.callback(store.close)
        try:
            held.enter_context(locked(store, LOCK, ONLY, wait_seconds=0))
        except RetryLater:
            raise RetryLater(
                "A floor is at work here already.",
                todo="Stop the other `trunkline sim floor` first, or use another home folder (--home).",
            ) from None
        yield


@asynccontextmanager
async def keeper_at(settings: Settings, options: FloorOptions, clock: Clock) -> AsyncIterator["Keeper"]:
    dialer = await open_dialer(settings)
    try:
        yield Keeper(dialer.database, options, clock)
    finally:
        await dialer.database.close()


class Keeper:
    """Keeps one floor in one database. How far the floor is stands in its server's row."""

    def __init__(self, database: Database, options: FloorOptions, clock: Clock) -> None:
        self._database, self._options, self._clock = database, options, clock
        self._writer = RowWriter(database.tables, {})
        self._place = ""
        """What the database says of how far the floor is."""
        self._times = 0
        self.rows = 0
        """How many rows were written."""

    async def clear(self) -> int:
        """Take away every row of the floor; how many there were. Nothing where there never was a floor."""
        async with self._database.work() as work:
            if not await rows_of(work, SERVER):
                return 0
            return sum([await remove(work, rows) for rows in EVERYTHING])

    async def open(self, days: int) -> Floor:
        """A floor that goes on where the one before was, or begins so many days ago.

        Raises SettingsError where rows of others have the names that it needs, or where it is ahead of time.
        """
        now = self.now
        async with self._database.work() as work:
            await make_frame(work)
            await make_standing(work, standing_rows(self._options, now))
            (server,) = await rows_of(work, SERVER)
            self._place = str(server["svn_info"] or "")
            if not self._place:
                return Floor(self._options, now - days * DAY_SECONDS)
            until, known, settled = await self._found(work, json.loads(self._place), now)
        await self.write(settled, until, known.counts)
        return Floor(self._options, max(until, now - days * DAY_SECONDS), known)

    async def _found(self, work: Work, place: dict[str, int], now: int) -> tuple[int, Known, Changes]:
        """How far it was, what it knew, and the end of what was left open."""
        until, self._times = place["until"], place["times"]
        if until > now:
            raise SettingsError(
                f"The floor here is ahead of the clock: it went on until {self._text(until)}.",
                todo="Set the clock right, or begin anew with --reset.",
            )
        leads, callbacks = await rows_of(work, LEADS), await rows_of(work, PROMISES)
        known = known_from(leads, callbacks, place, self._options.zone)
        leftovers = Leftovers(self._options, known, until)
        leftovers.settle({rows.table: await rows_of(work, rows) for rows in OPEN})
        self._writer = RowWriter(self._database.tables, leftovers.numbers)
        return until, known, leftovers.book.take()

    @property
    def now(self) -> int:
        return int(self._clock.now().timestamp())

    async def fill(self, floor: Floor, watch: Watch, is_told_to_end: Callable[[], bool]) -> None:
        """Move the floor on to now, and write what happened, of longer times piece by piece."""
        while True:
            floor.advance(min(floor.now + FILL_SECONDS, self.now))
            await self.keep(floor)
            watch(floor)
            if floor.now >= self.now or is_told_to_end():
                return

    async def keep(self, floor: Floor) -> None:
        """Write what has happened on the floor since the last time."""
        await self.write(floor.book.take(), floor.now, floor.counts)

    async def close(self, floor: Floor) -> None:
        floor.close()
        await self.keep(floor)

    async def write(self, changes: Changes, until: int, counts: dict[str, int]) -> None:
        """Write changes together with how far the floor is. Waits while the database is busy or away.

        Raises RetryLater where that takes too long, SettingsError where others have moved the floor.
        """
        self._times += 1
        place = json.dumps({"until": until, "times": self._times, **counts})
        trying = AsyncRetrying(
            retry=retry_if_exception(will_pass),
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(multiplier=0.5, max=LONGEST_WAIT),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            await trying(self._write, changes, until, place)
        except Exception as error:
            if not will_pass(error):
                raise
            raise RetryLater(
                f"The database takes no rows of the floor: {error}.",
                todo="Start `trunkline sim floor` again later; it goes on where it was.",
            ) from error
        self._writer.keep(changes)
        self._place = place
        self.rows += len(changes.inserts)

    async def _write(self, changes: Changes, until: int, place: str) -> None:
        async with self._database.work() as work:
            (server,) = await rows_of(work, SERVER) or ({},)
            if server.get("svn_info") == place:
                return  # the try before was kept, and only its answer was lost
            if (server.get("svn_info") or "") != self._place:
                raise SettingsError(
                    "The floor's rows were changed by somebody else meanwhile.",
                    todo="Start `trunkline sim floor` again.",
                )
            await self._writer.write(work, changes)
            await work.update("servers", {"server_id": SERVER_ID}, svn_info=place)
            await work.update("live_agents", {"server_ip": SERVER_IP}, last_update_time=self._text(until))

    def _text(self, at: int) -> str:
        return text(at, self._options.zone)
