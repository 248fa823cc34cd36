"""`trunkline sim floor`: a call center that is at work in the dialer's tables."""

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

import click

from trunkline.cli.flags import home_option, settings_for, to_paste
from trunkline.cli.output import counted
from trunkline.sims.floor.options import FASTEST, LEAST_AGENTS, MOST_AGENTS, SLOWEST, FloorOptions

TICK_SECONDS = 1.0
TICKS_BETWEEN_LINES = 60
"""Where nobody looks at a terminal, a line now and then will do."""
DAYS = 14


@dataclass(frozen=True)
class Wish:
    """What was asked for. `seconds`: how long the floor is to live; None: until it is stopped."""

    agents: int
    seed: int
    speed: float
    days: int
    seconds: float | None
    once: bool
    as_json: bool


@click.command()
@click.option(
    "--agents",
    type=click.IntRange(LEAST_AGENTS, MOST_AGENTS),
    default=FloorOptions.agents,
    show_default=True,
    help="How many agents.",
)
@click.option(
    "--seed",
    type=int,
    default=FloorOptions.seed,
    show_default=True,
    help="The same seed makes the same floor.",
)
@click.option(
    "--speed",
    type=click.FloatRange(SLOWEST, FASTEST),
    default=1.0,
    show_default=True,
    help="How fast things go from now on: at 10 a call of five minutes takes half a minute.",
)
@click.option(
    "--days", type=click.IntRange(0, 400), default=DAYS, show_default=True, help="How many past days to fill."
)
@click.option("--once", is_flag=True, help="Fill up to now, leave the floor as it is then, and end.")
@click.option(
    "--for", "seconds", type=click.FloatRange(0), metavar="SECONDS", help="Stop by itself after so long."
)
@click.option("--reset", is_flag=True, help="Clear the floor first, and begin anew.")
@click.option("--clear", is_flag=True, help="Take away all that the floor has made, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@home_option
def floor(
    agents: int,
    seed: int,
    speed: float,
    days: int,
    once: bool,
    seconds: float | None,
    reset: bool,
    clear: bool,
    as_json: bool,
    home: str | None,
) -> None:
    """A small call center at work in the tables of the Dialer360 API.

    Fills the past days, then goes on second by second until it is stopped: agents log in, talk, pause and
    log out, calls wait, ring and end, and the logs grow. `trunkline serve` beside it answers from these
    tables. Started again, it goes on where it was. Only Trunkline's own tables are filled, and rows of
    others in them are left alone.
    """
    if once and seconds is not None:
        raise click.UsageError("--once ends at once; --for goes without it.")
    if clear and (reset or once or seconds is not None):
        raise click.UsageError("--clear goes alone: it takes the floor away and ends.")
    settings = settings_for(home)
    from trunkline.cli.floor_keeping import check_own, only_floor

    check_own(settings)
    if clear and not _is_made(settings):
        _tell_cleared(0, as_json)
        return
    wish = Wish(agents, seed, speed, days, seconds, once, as_json)
    with only_floor(settings):
        if clear or reset:
            asyncio.run(_clear(settings, as_json))
        if not clear:
            asyncio.run(_live(settings, wish, home))


async def _clear(settings: Any, as_json: bool) -> None:
    from trunkline.cli.floor_keeping import keeper_at
    from trunkline.clock import process_clock

    async with keeper_at(settings, FloorOptions(), process_clock()) as keeper:
        rows = await keeper.clear()
    _tell_cleared(rows, as_json)


def _tell_cleared(rows: int, as_json: bool) -> None:
    _say(as_json, f"{counted(rows, 'row')} of the floor taken away.", event="cleared", rows=rows)


def _is_made(settings: Any) -> bool:
    """Whether there is a database: to take something away, none is made."""
    from trunkline.store.places import place_of

    file = place_of(settings).file
    return file is None or file.exists()


async def _live(settings: Any, wish: Wish, home: str | None) -> None:
    from trunkline.cli.floor_keeping import keeper_at
    from trunkline.clock import process_clock

    clock = process_clock()
    zone = ZoneInfo(settings.text("timezone"))
    ended = _ended_by_signals()
    async with keeper_at(settings, FloorOptions(wish.agents, wish.seed, zone), clock) as keeper:
        living = Living(keeper, clock, wish, ended, _line_for(wish, zone))
        floor = await living.filled()
        _tell_what_next(wish, home)
        await living.to_the_end(floor)


def _ended_by_signals() -> asyncio.Event:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    return ended


class Living:
    """A floor from its first second here to its last."""

    def __init__(
        self, keeper: Any, clock: Any, wish: Wish, ended: asyncio.Event, show: Callable[[Any], None]
    ) -> None:
        self._keeper, self._clock, self._wish, self._ended, self._show = keeper, clock, wish, ended, show

    async def filled(self) -> Any:
        """The floor as it is now."""
        floor = await self._keeper.open(self._wish.days)
        began = self._clock.monotonic()
        await self._keeper.fill(floor, self._watch_filling(floor.now), self._ended.is_set)
        self._tell_filled(self._clock.monotonic() - began)
        return floor

    async def to_the_end(self, floor: Any) -> None:
        self._show(floor)
        if not self._wish.once:
            floor.speed = self._wish.speed
            await self._move(floor)
            await self._keeper.close(floor)
        self._tell_ended()

    def _tell_ended(self) -> None:
        end = "\n" if sys.stdout.isatty() else ""
        if self._wish.once:
            _say(self._wish.as_json, f"{end}The floor is left as it is at this moment.", event="left")
        else:
            text = f"{end}The floor is closed: calls have ended, agents are logged out."
            _say(self._wish.as_json, text, event="closed")

    async def _move(self, floor: Any) -> None:
        """Second by second, until somebody ends it."""
        clock, seconds = self._clock, self._wish.seconds
        deadline = float("inf") if seconds is None else clock.monotonic() + seconds
        while not self._ended.is_set() and (left := deadline - clock.monotonic()) > 0:
            await _first_of(self._ended.wait(), clock.sleep(min(TICK_SECONDS, left)))
            await self._keeper.fill(floor, self._show, self._ended.is_set)

    def _watch_filling(self, begins: int) -> Callable[[Any], None]:
        """How far the past is filled, on a terminal."""
        end = max(begins + 1, self._keeper.now)

        def watch(floor: Any) -> None:
            if not self._wish.as_json and sys.stdout.isatty():
                share = min(1.0, (floor.now - begins) / (end - begins))
                click.echo(f"\r\033[KFilling the past: {share:.0%}", nl=False)

        return watch

    def _tell_filled(self, seconds: float) -> None:
        rows = self._keeper.rows
        start = "\r\033[K" if sys.stdout.isatty() else ""
        text = f"{start}Filled up to now: {counted(rows, 'row')} in {seconds:.1f} s."
        _say(self._wish.as_json, text, event="filled", rows=rows, seconds=round(seconds, 1))


async def _first_of(*waits: Any) -> None:
    """Until one of them is done; the others are given up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _line_for(wish: Wish, zone: ZoneInfo) -> Callable[[Any], None]:
    """Shows the floor: a line that changes, a line now and then, or a JSON object each second."""
    from trunkline.sims.floor.stamps import text

    shown = -1

    def show(floor: Any) -> None:
        nonlocal shown
        shown += 1
        figures, at = asdict(floor.figures()), text(floor.now, zone)
        if wish.as_json:
            _say(True, event="floor", at=at, **figures)
        elif sys.stdout.isatty():
            click.echo(f"\r\033[K{sentence(at, figures)}", nl=False)
        elif shown % TICKS_BETWEEN_LINES == 0:
            click.echo(sentence(at, figures))

    return show


def sentence(at: str, f: dict[str, int]) -> str:
    """The floor in one line."""
    return (
        f"{at[11:]}  {counted(f['agents'], 'agent')}: {f['in_call']} in call, {f['ready']} ready, "
        f"{f['paused']} paused, {f['dispo']} in dispo. {counted(f['waiting'], 'call')} waiting, "
        f"{f['ringing']} ringing. Today {counted(f['calls_today'], 'call')}, {f['dropped_today']} dropped."
    )


def _say(as_json: bool, words: str = "", **object_: Any) -> None:
    if as_json:
        import orjson

        click.echo(orjson.dumps(object_).decode())
    else:
        click.echo(words)


def _tell_what_next(wish: Wish, home: str | None) -> None:
    if wish.as_json:
        return
    click.echo(f"To ask about it: {to_paste('serve', home)} (an API user: {to_paste('dialer init', home)})")
    click.echo(f"To take it all away: {to_paste('sim floor --clear', home)}")
    if not wish.once:
        click.echo("Ctrl-C ends it.")
