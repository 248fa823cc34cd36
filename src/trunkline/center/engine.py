"""Carries out orders: one process or many, each wanted run once, also when processes die.

DBOS gives attempts to workers, a few of an account at a time, and gives those of a dead worker to a living
one. What is wanted stands in the store (`orders.py`); DBOS is told of it under an id of the attempt's own,
so that telling it twice does nothing.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import IO, Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from trunkline.center import (
    occupancy,
    order_queries,
    orders,
    retries,
    runs,
    standing_exports,
    timetables,
)
from trunkline.center.alerts.deciding import run_ended
from trunkline.center.datasets import get as dataset_named
from trunkline.center.engine_setup import check_no_other, config_for, is_shared, only_one, quiet
from trunkline.center.housekeeping import Housekeeping
from trunkline.center.orders import Order
from trunkline.center.room import Center
from trunkline.center.running import run as run_dataset
from trunkline.center.runs import Origin, Run
from trunkline.center.writer import Writer
from trunkline.errors import RetryLater, SettingsError, TakenOver, TrunklineError

QUEUE, WORKFLOW = "runs", "carry_out"
LOCAL = "local"
LOOK_SECONDS = 1.0
BEAT_SECONDS = 5.0
DEAD_AFTER = timedelta(seconds=25)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LOST_AFTER_SECONDS = 15.0
OCCUPIED_SECONDS = 5.0
UNFORESEEN_SECONDS = 60.0
FORGET_SECONDS, MOST_FORGOTTEN = 6 * 3600.0, 500
TAKEN_OVER = TakenOver().kind
STOPPED = "The server or worker was stopped; the next run goes on where this one was."
SECONDS_TO_CLOSE = 5
"""So long the library waits beyond that for attempts which were told to end."""
LIVING_STATES = ("PENDING", "ENQUEUED", "DELAYED")

_log = logging.getLogger("trunkline.engine")


class Engine:
    """The part of a process that takes what is due and carries out orders. One a process."""

    def __init__(self, center: Center, writer: Writer) -> None:
        self._center, self._writer = center, writer
        self._is_shared = is_shared(center)
        self.worker = f"{socket.gethostname()[:100]}-{os.getpid()}"
        self._loops: list[asyncio.Task[None]] = []
        self._attempts: set[asyncio.Task[Any]] = set()
        self._carry_out: Any = None
        self._alone: IO[str] | None = None
        self._is_stopping = False

    async def start(self) -> None:
        """From now on what is due is begun. Raises SettingsError or RetryLater for what stands in the way."""
        if not self._is_shared:
            self._alone = await asyncio.to_thread(self._alone_here)
        await asyncio.to_thread(self._beat)
        quiet()
        DBOS(config=config_for(self._center, self.worker if self._is_shared else LOCAL))
        self._carry_out = DBOS.workflow(name=WORKFLOW)(self._workflow())
        DBOS.launch()
        of_account = self._center.settings.number("runs_per_account")
        await DBOS.register_queue_async(
            QUEUE,
            partition_concurrency=of_account,
            worker_concurrency=self._center.settings.number("runs_at_once"),
            polling_interval_sec=LOOK_SECONDS,
            on_conflict="always_update",
        )
        for every, work in (
            (LOOK_SECONDS, self._look),
            (BEAT_SECONDS, self._live),
            (LOST_AFTER_SECONDS, self._find_lost),
            (FORGET_SECONDS, self._forget),
            *Housekeeping(self._center).works(),
        ):
            self._loops.append(asyncio.create_task(self._again_and_again(every, work)))

    def _alone_here(self) -> IO[str]:
        """The lock of who carries out orders alone; what dead ones left of themselves is struck off."""
        lock = only_one(self._center)
        try:
            check_no_other(self._center)
            for worker in self._silent(self._center.clock.now()):
                self._strike_off(worker["id"], worker["beat_at"])
        except BaseException:
            lock.close()
            raise
        return lock

    async def stop(self, seconds: int = 10) -> None:
        """Begin nothing more, and let runs under way end for so long; others go on with the rest.

        Those are cancelled while their loop still turns: the loading thread may be waiting for their rows.
        The library notes nothing of it, and so gives them out again.
        """
        self._is_stopping = True
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        with ThreadPoolExecutor(1) as thread:  # the library shuts the loop's own threads down
            end = partial(DBOS.destroy, workflow_completion_timeout_sec=seconds + SECONDS_TO_CLOSE)
            ending = asyncio.get_running_loop().run_in_executor(thread, end)
            await self._end_attempts(seconds)
            await ending
        with suppress(TrunklineError):
            self._leave()
        if self._alone is not None:
            self._alone.close()

    async def _end_attempts(self, seconds: int) -> None:
        if self._attempts:
            await asyncio.wait(tuple(self._attempts), timeout=seconds)
        left = tuple(self._attempts)
        for attempt in left:
            attempt.cancel(STOPPED)
        await asyncio.gather(*left, return_exceptions=True)

    # -- what is done again and again ------------------------------------------------------------

    async def _again_and_again(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """A database that is away is told of once, and asked again."""
        is_away = False
        while True:
            try:
                await work()
                if is_away:
                    _log.info("The engine goes on.")
                is_away = False
            except Exception as error:
                if not is_away:
                    _log.warning(
                        "The engine waits: %s", error if isinstance(error, TrunklineError) else repr(error)
                    )
                is_away = True
            await asyncio.sleep(seconds)

    async def _look(self) -> None:
        await asyncio.to_thread(orders.take_due, self._center)
        for order in await asyncio.to_thread(orders.to_give, self._center):
            await self._give(order)

    async def _give(self, order: Order) -> None:
        with SetWorkflowID(order.workflow_id), SetEnqueueOptions(queue_partition_key=order.account):
            await DBOS.enqueue_workflow_async(QUEUE, self._carry_out, order.id, order.attempt)
        await asyncio.to_thread(orders.note_given, self._center, order)

    async def _live(self) -> None:
        await asyncio.to_thread(self._beat)
        if self._is_shared:
            await self._take_over()

    def _beat(self) -> None:
        values = {"host": socket.gethostname(), "pid": os.getpid(), "beat_at": self._center.clock.now()}
        with self._center.store.begin() as tx:
            order_queries.beat(tx, self.worker, values)

    def _leave(self) -> None:
        """What is not done by now others take over at once."""
        values = {"host": socket.gethostname(), "pid": os.getpid(), "beat_at": LONG_AGO}
        with self._center.store.begin() as tx:
            if self._is_shared:
                order_queries.beat(tx, self.worker, values)
            else:
                order_queries.remove_worker(tx, self.worker)

    async def _take_over(self) -> None:
        """Give what dead workers had to the living."""
        for worker in await asyncio.to_thread(self._silent, self._center.clock.now() - DEAD_AFTER):
            found = await DBOS.list_workflows_async(
                executor_id=worker["id"], status="PENDING", load_input=False, load_output=False
            )
            for workflow in found:
                await DBOS.resume_workflow_async(workflow.workflow_id, queue_name=QUEUE)
            _log.warning("Worker %s is gone; %d of its runs go on elsewhere.", worker["id"], len(found))
            await asyncio.to_thread(self._strike_off, worker["id"], worker["beat_at"])

    def _silent(self, since: datetime) -> list[Any]:
        with self._center.store.read() as tx:
            return list(order_queries.silent_workers(tx, since))

    def _strike_off(self, worker: str, beat_at: Any) -> None:
        with self._center.store.begin() as tx:
            order_queries.remove_worker(tx, worker, beat_at)

    async def _find_lost(self) -> None:
        """Orders whose workflow has come to grief are tried again; those it never heard of, given again."""
        for order in await asyncio.to_thread(orders.given, self._center, LOST_AFTER_SECONDS):
            status = await DBOS.get_workflow_status_async(order.workflow_id)
            if status is None:
                await self._give(order)
            elif status.status not in LIVING_STATES:
                # One that went well has noted so in the order first: here another did the work and is gone.
                went_well = status.status == "SUCCESS"
                wait = OCCUPIED_SECONDS if went_well else UNFORESEEN_SECONDS
                await asyncio.to_thread(orders.put_off, self._center, order, wait)
        await asyncio.to_thread(self._close_forsaken)

    async def _forget(self) -> None:
        """Take away the library's notes of attempts that ended long ago."""
        before = (self._center.clock.now() - orders.KEPT).isoformat()
        while True:
            old = await DBOS.list_workflows_async(
                completed_before=before, limit=MOST_FORGOTTEN, load_input=False, load_output=False
            )
            if not old:
                return
            await DBOS.delete_workflows_async([workflow.workflow_id for workflow in old])

    def _close_forsaken(self) -> None:
        with self._center.store.read() as tx:
            unended = order_queries.datasets_with_unended_runs(tx)
        for dataset_id in unended:
            occupancy.close_forsaken(self._center, dataset_id)

    # -- one attempt -----------------------------------------------------------------------------

    def _workflow(self) -> Callable[[str, int], Awaitable[str]]:
        async def carry_out(order_id: str, attempt: int) -> str:
            task = asyncio.current_task()
            assert task is not None
            self._attempts.add(task)
            try:
                return await DBOS.run_step_async({"name": "attempt"}, self._attempt, order_id, attempt)
            finally:
                self._attempts.discard(task)

        return carry_out

    async def _attempt(self, order_id: str, attempt: int) -> str:
        """Run the dataset, and note what follows. May be begun again where a process died in it."""
        center = self._center
        if self._is_stopping:
            await asyncio.Event().wait()  # another worker, or the next start, begins it
        try:
            order = await asyncio.to_thread(orders.get, center, order_id)
        except SettingsError:
            return "gone"  # the dataset was removed
        if order.attempt != attempt or order.state == order_queries.ENDED:
            return "overtaken"
        done = await self._done_before(order)
        if done is None:
            try:
                done = await self._run(order)
            except RetryLater:
                await asyncio.to_thread(orders.put_off, center, order, OCCUPIED_SECONDS)
                return "occupied"
        if done.status == runs.SUCCEEDED:  # before the order ends: whoever takes over exports again
            await standing_exports.export_after(center, self._writer, order.dataset, done)
        return await asyncio.to_thread(self._conclude, order, done)

    async def _done_before(self, order: Order) -> Run | None:
        """The run of this attempt, where a process died between its end and the order's."""
        if order.run_id is None or order.run_id == order.retry_of:
            return None
        found = await asyncio.to_thread(runs.by_id, self._center, order.run_id)
        return found if found is not None and found.status == runs.SUCCEEDED else None

    async def _run(self, order: Order) -> Run:
        def begun(run: Run) -> None:
            if order.run_id != run.id:
                orders.note_run(self._center, order, run.id)

        attempt = await asyncio.to_thread(self._attempt_number, order)
        origin = Origin(order.trigger, order.started_by, attempt, order.retry_of, order.begins_at)
        return await run_dataset(
            self._center, self._writer, order.dataset, wish=order.wish, origin=origin, begun=begun
        )

    def _attempt_number(self, order: Order) -> int:
        """As the history counts: one more than the run that it tries again."""
        before = runs.by_id(self._center, order.retry_of) if order.retry_of else None
        return before.attempt + 1 if before else order.failures + 1

    def _conclude(self, order: Order, run: Run) -> str:
        """What follows from a run: nothing more, or another attempt."""
        noted = orders.get(self._center, order.id)
        if noted.run_id != run.id or run.error_kind == TAKEN_OVER:
            return "taken over"  # whoever did so says what follows
        wait = None if noted.cancel_requested else self._wait_before_next(order, run)
        if wait is None:
            orders.end(self._center, noted, run.status)
        else:
            orders.try_again(self._center, noted, wait)
        dataset = dataset_named(self._center, order.dataset)
        run_ended(self._center, dataset, run, will_retry=wait is not None)
        return run.status

    def _wait_before_next(self, order: Order, run: Run) -> float | None:
        if run.status != runs.FAILED or not retries.is_tried_again(run.error_kind):
            return None
        policy = timetables.of(self._center, dataset_named(self._center, order.dataset)).retries
        return retries.retry_delay(policy, order.failures + 1)
