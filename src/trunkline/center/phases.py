"""The phases of a run: when each began and ended, in the order in which they began."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trunkline.clock import Clock

WAITING = "waiting for its turn"
SIGNING_IN = "signing in"
PLANNING = "planning"
READING = "reading"
LOADING = "loading"
SWAPPING = "swapping"


@dataclass
class Phase:
    """A phase between two instants (UTC); without an end it is going on."""

    name: str
    began_at: datetime
    ended_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "began_at": self.began_at, "ended_at": self.ended_at}

    def to_record(self) -> list[str | None]:
        """As it is kept: name and instants as texts."""
        return [self.name, self.began_at.isoformat(), self.ended_at.isoformat() if self.ended_at else None]

    @classmethod
    def from_record(cls, kept: Sequence[str]) -> "Phase":
        name, began, ended = kept
        return cls(name, datetime.fromisoformat(began), datetime.fromisoformat(ended) if ended else None)


class Phases:
    """Writes phases down in a list; reading and loading overlap, and loading comes and goes."""

    def __init__(self, clock: Clock, kept: list[Phase]) -> None:
        self._clock = clock
        self._kept = kept
        self._by_name: dict[str, Phase] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """A phase lasts as long as the context; one that comes again goes on from its first beginning.

        What ends by an error is left open: `end` closes it with the run, as the last that was going on.
        """
        phase = self._by_name.get(name)
        if phase is None:
            phase = self._by_name[name] = Phase(name, self._clock.now())
            self._kept.append(phase)
        phase.ended_at = None
        yield
        phase.ended_at = self._clock.now()

    def end(self, at: datetime) -> None:
        """The run is over: so is every phase."""
        for phase in self._kept:
            phase.ended_at = phase.ended_at or at


def phases_of(detail: Mapping[str, Any]) -> list[Phase]:
    """The phases in the kept detail of a run."""
    return [Phase.from_record(kept) for kept in detail.get("phases") or ()]
