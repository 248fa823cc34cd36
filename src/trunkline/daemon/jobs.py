"""Runs that clients of the socket asked for. They go on when the client is gone."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from trunkline.center import datasets, runs
from trunkline.center.alerts.deciding import run_ended
from trunkline.center.room import Center
from trunkline.center.running import run as run_once
from trunkline.center.runs import Origin, Run, Wish
from trunkline.center.standing_exports import export_after
from trunkline.center.writer import Writer
from trunkline.daemon.wire import error_to_json, run_to_json
from trunkline.errors import DataError, RetryLater, SettingsError, TrunklineError

_log = logging.getLogger("trunkline.server")

Start = Callable[[str, Wish, str, str], AsyncIterator[Run]]
"""Begins a run by dataset, wish, trigger and who started it; tells its states, the last one ended.

Raises what stands in the way of its beginning. Whoever cancels the iteration ends the run as cancelled.
"""

STOPPED = "The server was stopped; the next run goes on where this one was."
STOPPING = "The server is just being stopped."
SEE_LOG = "Look into the server's log, and report what it says."


def starting(center: Center, writer: Writer) -> Start:
    """Runs in this process, one task each."""

    async def start(name: str, wish: Wish, trigger: str, started_by: str) -> AsyncIterator[Run]:
        _log.info("%s asked for a run of %s.", started_by or "Somebody", name)
        states: asyncio.Queue[Run | None] = asyncio.Queue()
        work = asyncio.ensure_future(
            run_once(
                center,
                writer,
                name,
                wish=wish,
                origin=Origin(trigger, started_by),
                watch=lambda run: states.put_nowait(replace(run)),
            )
        )
        work.add_done_callback(lambda _: states.put_nowait(None))
        try:
            while (state := await states.get()) is not None:
                yield state
            done = work.result()
            dataset = await asyncio.to_thread(datasets.get, center, name)
            await asyncio.to_thread(partial(run_ended, center, dataset, done, will_retry=False))
            if done.status == runs.SUCCEEDED:
                await export_after(center, writer, name, done)
            yield done
        finally:
            work.cancel(STOPPED)
            await asyncio.gather(work, return_exceptions=True)

    return start


def unforeseen(error: Exception) -> DataError:
    """What a client hears of a fault of ours, which the log tells in full."""
    _log.error("Something unforeseen was met.", exc_info=error)
    return DataError(f"The server met something unforeseen: {type(error).__name__}.", todo=SEE_LOG)


class Batch:
    """Runs asked for together, and the news of them: of each run only the latest is kept."""

    def __init__(self, names: Sequence[str]) -> None:
        self.id = secrets.token_hex(8)
        self.is_stopped = False
        self.latest: dict[str, Run] = {}
        self._going = set(names)
        self._news: dict[str, dict[str, Any]] = {}
        self._told = asyncio.Event()

    def tell(self, name: str, news: dict[str, Any]) -> None:
        self._news[name] = {"name": name, **news}
        self._told.set()

    def end(self, name: str) -> None:
        self._going.discard(name)
        self._told.set()

    @property
    def is_over(self) -> bool:
        return not self._going

    async def news(self) -> AsyncIterator[dict[str, Any]]:
        """Until every run has ended."""
        while True:
            self._told.clear()
            waiting, self._news = self._news, {}
            for news in waiting.values():
                yield news
            if self.is_over and not self._news:
                return
            await self._told.wait()


class Jobs:
    """The runs under way in this process."""

    def __init__(self, center: Center, start: Start) -> None:
        self._center = center
        self._start = start
        self._batches: dict[str, Batch] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def begin(self, names: Sequence[str], wish: Wish, trigger: str, started_by: str) -> Batch:
        """Raises RetryLater while the server is being stopped."""
        if self._closing:
            raise RetryLater(STOPPING, todo="Try again when it has ended.")
        batch = Batch(names)
        self._batches[batch.id] = batch
        todo = [self._follow(batch, name, wish, trigger, started_by) for name in names]
        tasks = {asyncio.ensure_future(one) for one in todo}
        self._tasks |= tasks
        for task in tasks:
            task.add_done_callback(self._tasks.discard)
        return batch

    async def stop(self, batch_id: str) -> None:
        """Ask the runs of a batch to stop, those that have not begun too."""
        if batch := self._batches.get(batch_id):
            batch.is_stopped = True
            for run in tuple(batch.latest.values()):
                await self._ask_to_stop(run)

    def under_way(self) -> list[Run]:
        states = [run for batch in self._batches.values() for run in batch.latest.values()]
        return [run for run in states if not run.ended_at]

    async def close(self) -> None:
        """End every run as cancelled; a window that is being committed is committed."""
        self._closing = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel(STOPPED)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, batch: Batch, name: str, wish: Wish, trigger: str, started_by: str) -> None:
        try:
            async for run in self._start(name, wish, trigger, started_by):
                is_first = name not in batch.latest
                batch.latest[name] = run
                batch.tell(name, {"run": run_to_json(run)})
                if is_first and batch.is_stopped:
                    await self._ask_to_stop(run)
        except asyncio.CancelledError:
            await self._tell_end(batch, name)
            raise
        except TrunklineError as error:
            batch.tell(name, {"error": error_to_json(error)})
        except Exception as error:
            batch.tell(name, {"error": error_to_json(unforeseen(error))})
        finally:
            batch.end(name)
            if batch.is_over:
                self._batches.pop(batch.id, None)

    async def _ask_to_stop(self, run: Run) -> None:
        with suppress(SettingsError):  # it has ended meanwhile
            await asyncio.to_thread(runs.cancel, self._center, run.id)

    async def _tell_end(self, batch: Batch, name: str) -> None:
        begun = batch.latest.get(name)
        run = begun and runs.by_id(self._center, begun.id)
        batch.tell(name, {"run": run_to_json(run)} if run else {"error": error_to_json(RetryLater(STOPPING))})
