"""The callers: a few thousand made-up people with fictional numbers."""

from functools import cached_property

from trunkline.sims.chance import hex_of
from trunkline.sims.names import FIRST_NAMES, LAST_NAMES, PLACES, phone


class Customer:
    """The caller in row `row` of the city directory; numbers are unique up to 4,800 rows."""

    country = "US"

    def __init__(self, seed: int, row: int) -> None:
        self._seed, self.row = seed, row
        self.place = PLACES[row % len(PLACES)]
        self.number = phone(self.place.area, row // len(PLACES))

    @cached_property
    def name(self) -> str | None:
        """First and last name; one caller in ten is not known by name."""
        if self.row % 10 == 3:
            return None
        first = FIRST_NAMES[self.row * 7 % len(FIRST_NAMES)]
        return f"{first} {LAST_NAMES[self.row * 3 % len(LAST_NAMES)]}"

    @cached_property
    def listed_name(self) -> str | None:
        """The name as the phone network delivers it: capitals, or the town."""
        if self.name is None:
            return None
        if self.row % 6 == 1:
            return f"{self.place.city}, {self.place.state}".upper()
        first, last = self.name.upper().split(" ")
        return f"{last} {first}"

    @cached_property
    def email(self) -> str:
        return f"{(self.name or 'someone').lower().replace(' ', '.')}{self.row}@example.com"

    @cached_property
    def id(self) -> str:
        return "PER" + hex_of(self._seed, "person", self.row)
