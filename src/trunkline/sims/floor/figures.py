"""The floor in one line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """How many agents do what, how many calls wait or ring, and what the day has brought so far."""

    agents: int
    in_call: int
    ready: int
    paused: int
    dispo: int
    waiting: int
    ringing: int
    hopper: int
    calls_today: int
    dropped_today: int
