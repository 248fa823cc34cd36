"""Logs of runs as they are kept: in the store, so that every machine of an installation can read them."""

from dataclasses import asdict, dataclass
from typing import Any

from trunkline.center import history_queries
from trunkline.center.room import Center
from trunkline.center.run_log import LogLine


@dataclass(frozen=True)
class KeptLog:
    """The lines that were kept of a run, in their order, and how many of its middle were left out."""

    lines: tuple[LogLine, ...]
    left_out: int

    def to_json(self) -> dict[str, Any]:
        return {"lines": [asdict(line) for line in self.lines], "left_out": self.left_out}


def of_run(center: Center, run_id: str) -> KeptLog:
    """The log of a run; without lines for one that has none."""
    with center.store.read() as tx:
        rows = history_queries.lines_of(tx, run_id)
    names = ("number", "at", "level", "event", "text", "fields")
    lines = tuple(LogLine(**{name: row[name] for name in names}) for row in rows)
    return KeptLog(lines, (lines[-1].number - len(lines)) if lines else 0)
