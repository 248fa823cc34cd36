"""An office that reads two reports of one account: runs that end as a test says, minutes that pass."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update

from tests.store.rows import add_account, add_dataset, add_run
from trunkline.center import accounts, datasets, queries
from trunkline.center.alerts import channels
from trunkline.center.alerts.channels import Channel, Choice
from trunkline.center.alerts.deciding import run_ended
from trunkline.center.alerts.incidents import Delivery, Incident, newest
from trunkline.center.alerts.looking import look
from trunkline.center.alerts.sending import send_waiting
from trunkline.center.room import Center
from trunkline.center.runs import Run, from_record, new_run_id
from trunkline.center.tables import datasets as dataset_table
from trunkline.clock import SteppedClock


@dataclass
class Office:
    """`calls` and `texts` of the account `main`, and the clock of it all."""

    center: Center
    due: dict[str, datetime | None] = field(default_factory=dict)

    def furnish(self) -> None:
        with self.center.store.begin() as tx:
            account_id = add_account(tx, state="valid")
            for name in ("calls", "texts"):
                add_dataset(tx, account_id, name)
            tx.execute(update(dataset_table).values(options={"account_id": "ACC1"}))

    @property
    def clock(self) -> SteppedClock:
        clock = self.center.clock
        assert isinstance(clock, SteppedClock)
        return clock

    @property
    def main(self) -> accounts.Account:
        return accounts.get(self.center, "main")

    def dataset(self, name: str = "calls") -> datasets.Dataset:
        return datasets.get(self.center, name)

    def run(
        self,
        name: str = "calls",
        state: str = "succeeded",
        rows: int = 10,
        *,
        will_retry: bool = False,
        **more: Any,
    ) -> Run:
        """A run that has ended so, a minute after the one before."""
        self.clock.advance(60)
        dataset, run_id = self.dataset(name), new_run_id(self.clock.now())
        ended = {"state": state, "rows_read": rows, "ended_at": self.clock.now()}
        with self.center.store.begin() as tx:
            add_run(tx, dataset.id, run_id, **{"trigger": "scheduled", **ended, **more})
            if state == "succeeded":
                queries.update_dataset(tx, dataset.id, {"last_success_run_id": run_id})
            row = queries.run_by_id(tx, run_id)
        assert row is not None
        run = from_record(row)
        run_ended(self.center, dataset, run, will_retry=will_retry)
        return run

    def look(self, minutes: float = 0) -> None:
        self.clock.advance(minutes * 60)
        look(self.center, self.clock.now(), lambda dataset: self.due.get(dataset.name))

    def incidents(self, kind: str | None = None) -> list[Incident]:
        """The oldest first."""
        return [i for i in reversed(newest(self.center)) if kind in (None, i.kind)]

    @property
    def open(self) -> list[tuple[str, str]]:
        return [(i.kind, i.subject.name) for i in self.incidents() if i.closed_at is None]

    def channel(self, name: str, kind: str, choice: Choice | None = None, **given: Any) -> Channel:
        return channels.add(self.center, kind, name, given, choice or Choice())

    async def send(self) -> int:
        return await send_waiting(self.center, self.clock)

    def deliveries(self) -> list[Delivery]:
        return [d for incident in self.incidents() for d in incident.deliveries]

    def refuse_account(self) -> None:
        refused = accounts.Verdict(accounts.INVALID, "CallRail does not accept the API key.")
        accounts.set_verdict(self.center, "main", refused)
