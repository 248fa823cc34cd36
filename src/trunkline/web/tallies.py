"""How often each endpoint was asked, with which outcome, and how long it took.

Counted in plain lists, since the classic paths answer in some tens of microseconds and a counter with a lock
and labels of its own would be felt there. Where several processes serve, each writes what it has counted
into a file beside those of the others, and whoever is asked adds them up.
"""

import json
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds; what takes longer is counted behind the last."""
MOST_ENDPOINTS = 200
OTHER = "other"
FOLDER = "metrics"

Key = tuple[str, int]


class Tally:
    """The requests of one endpoint with one status: by bucket, and their seconds together."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0

    def add(self, counts: Iterable[int], seconds: float) -> None:
        self.counts = [one + other for one, other in zip(self.counts, counts, strict=True)]
        self.seconds += seconds


class Tallies:
    """Those of this process."""

    def __init__(self) -> None:
        self._by_key: dict[Key, Tally] = {}

    def note(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one request. `endpoint` is one of few names, never what a caller has sent."""
        tally = self._by_key.get((endpoint, status)) or self._new(endpoint, status)
        tally.counts[bisect_left(BUCKETS, seconds)] += 1
        tally.seconds += seconds

    def _new(self, endpoint: str, status: int) -> Tally:
        if len(self._by_key) >= MOST_ENDPOINTS:
            endpoint = OTHER
        return self._by_key.setdefault((endpoint, status), Tally())

    def all(self) -> dict[Key, Tally]:
        return dict(self._by_key)

    def text(self) -> str:
        rows = [[*key, tally.counts, tally.seconds] for key, tally in self._by_key.items()]
        return json.dumps(rows)


class SharedTallies:
    """Those of all processes that one server has started. A process that ended still counts."""

    def __init__(self, home: Path, own: Tallies, parent: int) -> None:
        self._folder, self._own, self._parent = home / FOLDER, own, parent
        self._file = self._folder / f"{parent}-{os.getpid()}.json"

    def write(self) -> None:
        """Nobody reads a half: the file gets its name when it is whole."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        draft = self._file.with_suffix(".draft")
        draft.write_text(self._own.text(), encoding="utf-8")
        draft.replace(self._file)

    def all(self) -> dict[Key, Tally]:
        found = {key: _copy(tally) for key, tally in self._own.all().items()}
        for file in self._folder.glob(f"{self._parent}-*.json"):
            if file != self._file:
                for endpoint, status, counts, seconds in _rows(file):
                    found.setdefault((endpoint, status), Tally()).add(counts, seconds)
        return found


def clear(home: Path) -> None:
    """Take away what servers have left that are gone, or had the number of this process."""
    for file in (home / FOLDER).glob("*-*.*"):
        parent = file.name.partition("-")[0]
        if not parent.isdecimal() or int(parent) == os.getpid() or not _lives(int(parent)):
            with suppress(OSError):
                file.unlink()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _copy(tally: Tally) -> Tally:
    copied = Tally()
    copied.add(tally.counts, tally.seconds)
    return copied


def _rows(file: Path) -> Iterator[tuple[str, int, list[int], float]]:
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    for endpoint, status, counts, seconds in rows:
        if len(counts) == len(BUCKETS) + 1:
            yield endpoint, status, counts, seconds


def endpoint_of(path: str, status: int) -> str:
    """The name under which a path is counted: few names, whatever callers ask for."""
    if status == 404:
        return OTHER
    parts = path.split("/")
    return "/".join(parts[:4]) if parts[1:3] == ["api", "v1"] else "/".join(parts[:2])
