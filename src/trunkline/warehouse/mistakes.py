"""What is wrong with a person's SQL, in the database's words, with advice that fits."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from trunkline.errors import SettingsError, some_of

ONE_STATEMENT = "Write one statement that reads, such as SELECT … FROM a dataset."
TABLES_ALONE = "Queries read tables alone: no files, no settings, nothing else of the machine."
COLUMNS = "`trunkline dataset show NAME --json` lists the columns of a dataset."

_PLACE = re.compile(r"^LINE (\d+): (.*)\n( *)\^", re.MULTILINE)
_SHOWN = 60
_LONGEST_HINT = 300


class Kind(Enum):
    """Which advice a mistake asks for."""

    TABLE = auto()
    COLUMN = auto()
    WRITES = auto()
    CLOSED = auto()
    OTHER = auto()


@dataclass(frozen=True)
class Mistake:
    """One mistake: what the database said, its own hint, and the piece of the statement it points at."""

    text: str
    kind: Kind = Kind.OTHER
    name: str = ""
    hint: str = ""
    place: str = ""

    def error(self, datasets: Sequence[str] = ()) -> SettingsError:
        """The error for a person; `datasets` are the tables there are."""
        return SettingsError(f"The query cannot be run: {self.text}", todo=self._todo(datasets))

    def _todo(self, datasets: Sequence[str]) -> str:
        if self.kind is Kind.TABLE:
            return _nearest_dataset(self.name, datasets)
        if self.kind is Kind.WRITES:
            return ONE_STATEMENT
        if self.kind is Kind.CLOSED:
            return TABLES_ALONE
        pieces = [_bounded(self.hint), f"Look at {self.place}" if self.place else ""]
        advice = " ".join(piece for piece in pieces if piece)
        return advice or (COLUMNS if self.kind is Kind.COLUMN else "")


def _nearest_dataset(name: str, datasets: Sequence[str]) -> str:
    if not datasets:
        return "No dataset is loaded yet; `trunkline run NAME` loads one."
    bare = name.rpartition(".")[2].strip('"').lower()
    close = difflib.get_close_matches(bare, datasets, n=1)
    guess = f"Did you mean {close[0]}? " if close else ""
    return f"{guess}Datasets: {some_of(datasets)}."


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST_HINT else text[:_LONGEST_HINT].rstrip() + " …"


def place_in(text: str) -> str:
    """Where an engine's message points: the line's number, and the line with a mark before the place."""
    found = _PLACE.search(text)
    if not found:
        return ""
    number, line = found[1], found[2]
    at = len(found[3]) - len(f"LINE {number}: ")
    start = max(0, at - _SHOWN)
    before, after = line[start:at].lstrip(), line[at : at + _SHOWN].rstrip()
    return f"line {number}, after the mark: {'…' if start else ''}{before}▸{after}"


def without_place(text: str) -> str:
    """The message without the lines that repeat the statement."""
    return text.split("\nLINE ", 1)[0].strip()


def wrong_beginning(word: str, known: Sequence[str]) -> SettingsError:
    """The error for a statement that does not begin like one that reads."""
    if not word:
        return SettingsError("The query is empty.", todo=ONE_STATEMENT)
    close = difflib.get_close_matches(word, known, n=1)
    todo = f"Did you mean {close[0]}?" if close else ONE_STATEMENT
    return SettingsError(f"This is no statement that reads: it begins with {word!r}.", todo=todo)
