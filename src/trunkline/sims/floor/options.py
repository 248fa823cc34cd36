"""What the pretend floor can be told."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

LEAST_AGENTS, MOST_AGENTS = 3, 200
"""With fewer than three nobody would be at work for hours of the night."""
SLOWEST, FASTEST = 0.1, 100.0


@dataclass(frozen=True)
class FloorOptions:
    """The size of the floor, its zone, and the seed that all its chances follow from."""

    agents: int = 12
    seed: int = 1
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
