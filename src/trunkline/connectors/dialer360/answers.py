"""What a dialer answers, told apart by its content: a table under its header, a message, a web page."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice
from zoneinfo import ZoneInfo

import pyarrow as pa

from trunkline.connectors.dialer360.columns import CLOCK_CHANGE, TIME_ZONE
from trunkline.connectors.dialer360.lines import Line, lines_of, unreadable
from trunkline.connectors.dialer360.options import DIRECTION
from trunkline.connectors.dialer360.records import SEPARATOR, Records
from trunkline.connectors.dialer360.refusals import message_in, refusal, says_no_rows
from trunkline.connectors.dialer360.shapes import (
    AGENT_STATS,
    LOGGED_IN,
    PHONE_CALLS,
    TIME,
    Names,
    Shape,
)
from trunkline.dates import zone_named
from trunkline.errors import ProviderError
from trunkline.fetch.answer_files import Received
from trunkline.fetch.clock_changes import CLOCK_NOTES, clock_change
from trunkline.fetch.csv_pages import column_name, distinct
from trunkline.fetch.day_columns import DAY

ROWS_OF_A_BATCH = 2_000
AGENT_NAMES = range(3, 21)
"""So long are the names of agents by which recordings can be looked up."""

_WEB_PAGE = re.compile(r"\s*<(!doctype\s+html|html|head|body|br|b|center)\b", re.IGNORECASE)
_TIMES_KEPT = 10_000
_MADE_HERE = (DAY, TIME_ZONE, CLOCK_CHANGE, DIRECTION.name, "row_id", "occurrence", "_extra", "_run_id")


def batches(received: Received, shape: Shape) -> Iterator[pa.RecordBatch]:
    """The rows of an answer as batches of texts, with the day, the zone and the direction added to them.

    Raises KeyRefused, NotAllowed, SettingsError, ProviderError or RetryLater for what is said in place of
    a table, ProviderError for one that may lack rows, DataError for what is none.
    """
    with lines_of(received) as lines:
        table = _table(received, shape, lines)
        if table is None:
            return
        names, rest = table
        records = Records(received, shape, names)
        added = _Added(received, shape)
        columns = (*distinct((column_name(n, at) for at, n in enumerate(names, 1)), _MADE_HERE),)
        rows = records.rows(rest)
        while part := list(islice(rows, ROWS_OF_A_BATCH)):
            yield added.batch(columns, part)
        added.tell()
        _refuse_what_lacks_rows(received, shape, records.count)


def agents_named(received: Received) -> Sequence[str]:
    """The agents of an answer of agent statistics; a note tells of those who cannot be asked about."""
    found = [str(row["user"]) for batch in batches(received, AGENT_STATS) for row in batch.to_pylist()]
    left_out = [name for name in found if len(name) not in AGENT_NAMES]
    if left_out:
        received.notes.append(
            f"{received.about}: recordings of {', '.join(left_out)} were not asked for, since a dialer looks "
            "up names of 3 to 20 characters."
        )
    return [name for name in found if name not in left_out]


def groups_named(received: Received) -> Sequence[str]:
    """The user groups of the agents who are logged in."""
    rows = (row for batch in batches(received, LOGGED_IN) for row in batch.to_pylist())
    return sorted({str(row["user_group"]) for row in rows if row["user_group"]})


def _table(received: Received, shape: Shape, lines: Iterator[Line]) -> tuple[Names, Iterator[Line]] | None:
    """The names of the values and the lines below the header; None where it says that there are no rows."""
    first = next(lines, None)
    if first is None:
        raise unreadable(received, 1, "is missing: the answer is empty", "")
    if _is_no_rows(received, shape, first):
        return None
    if _WEB_PAGE.match(first.text):
        raise unreadable(received, first.number, "begins a web page", first.text)
    if not first.is_ended:
        raise unreadable(received, first.number, "breaks off", first.text)
    names = shape.names_below(tuple(first.text.split(SEPARATOR)))
    if names is None:
        raise unreadable(received, first.number, f"is no header of {shape.function}", first.text)
    second = next(lines, None)
    if second is None or _is_no_rows(received, shape, second):
        return names, iter(())
    return names, chain((second,), lines)


def _is_no_rows(received: Received, shape: Shape, line: Line) -> bool:
    """Whether a line says that there are no rows. Raises what any other message means."""
    sentence = message_in(line.text)
    if not sentence:
        return False
    if not says_no_rows(sentence):
        raise refusal(received, shape, sentence)
    if shape.tells_absence:
        received.notes.append(f'{received.subject.provider} says "{sentence}" of {received.about}.')
    return True


def _refuse_what_lacks_rows(received: Received, shape: Shape, count: int) -> None:
    if shape.most and count >= shape.most:
        raise ProviderError(
            f"{received.subject.provider} sends at most {shape.most:,} rows of {received.about}, and so many "
            "came: there may be more that nobody can ask for.",
            todo="Nothing was changed. Such an answer cannot be asked for in smaller parts; leave it out.",
        )


class _Added:
    """What is made of the rows of one answer, and counted in them."""

    def __init__(self, received: Received, shape: Shape) -> None:
        self._received = received
        self._shape = shape
        self._zone = zone_named(str(received.values["time_zone"]))
        self._changes: Counter[str] = Counter()

    def batch(self, names: Names, rows: Sequence[Sequence[str]]) -> pa.RecordBatch:
        shape = self._shape
        columns: dict[str, Sequence[str | None]] = {}
        for name, values in zip(names, zip(*rows, strict=True), strict=True):
            texts = [value.removesuffix("%") for value in values] if name in shape.percents else values
            columns[name] = texts if name in shape.key else [text or None for text in texts]
        if shape.time:
            columns |= self._times(columns[shape.time])
        elif shape is AGENT_STATS:
            columns[DAY] = [str(self._received.span.first)] * len(rows)
        if shape is PHONE_CALLS:
            columns[DIRECTION.name] = [str(self._received.values[DIRECTION.name])] * len(rows)
        return pa.RecordBatch.from_pydict({name: pa.array(v, pa.string()) for name, v in columns.items()})

    def _times(self, texts: Sequence[str | None]) -> dict[str, Sequence[str | None]]:
        times = [_day_and_change(text or "", self._zone) for text in texts]
        changes = [change for _, change in times]
        self._changes.update(change for change in changes if change)
        zones: list[str | None] = [self._zone.key] * len(texts)
        return {DAY: [day for day, _ in times], TIME_ZONE: zones, CLOCK_CHANGE: changes}

    def tell(self) -> None:
        for change, count in sorted(self._changes.items()):
            rows = "1 row" if count == 1 else f"{count:,} rows"
            self._received.notes.append(f"{rows} of {self._received.about} {CLOCK_NOTES[change]}.")


@lru_cache(_TIMES_KEPT)
def _day_and_change(text: str, zone: ZoneInfo) -> tuple[str | None, str | None]:
    """The local day of a time, and what a clock change did to it; neither for what is no time."""
    if not TIME.fullmatch(text):
        return None, None
    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        return None, None
    return f"{naive:%Y-%m-%d}", clock_change(naive, zone)
