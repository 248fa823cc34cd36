"""The CSV files of stats requests, made once and kept as bytes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from trunkline.sims.dialpad import day_records, records, totals
from trunkline.sims.dialpad.cast import Target
from trunkline.sims.dialpad.legs import Leg
from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.dialpad.records import LocalTimes
from trunkline.sims.dialpad.selection import legs_of, people_of
from trunkline.sims.dialpad.windows import StatsWindow
from trunkline.sims.dialpad.world import World

_BOM = b"\xef\xbb\xbf"
_ROWS_AT_ONCE = 5_000

LegRows = Callable[[Iterable[Leg], LocalTimes], Iterator[list[object]]]

LEG_RECORDS: dict[str, tuple[tuple[str, ...], LegRows]] = {
    "recordings": (records.RECORDING_COLUMNS, records.recording_rows),
    "voicemails": (records.VOICEMAIL_COLUMNS, records.voicemail_rows),
    "dispositions": (records.DISPOSITION_COLUMNS, records.disposition_rows),
    "csat": (records.CSAT_COLUMNS, records.csat_rows),
}
DAY_RECORDS = {
    "texts": (day_records.TEXT_COLUMNS, day_records.text_rows, 4),
    "onduty": (day_records.DUTY_COLUMNS, day_records.duty_rows, 5),
    "screenshare": (day_records.SCREEN_COLUMNS, day_records.screen_rows, 1),
}


@dataclass(frozen=True)
class StatsAsk:
    """A valid stats request: what, whose, which days."""

    stat_type: str
    export_type: str
    window: StatsWindow
    target_type: str = ""
    target_id: int | None = None
    office_id: int | None = None
    group_by: str = ""

    def file_of(self, world: World, options: DialpadSimOptions, now: int) -> Callable[[], list[bytes]]:
        """What makes the file, without touching anything that changes: it may run in a thread."""
        window, cast = self.window, world.cast
        starts = world.timeline.copied(window.low, window.high - 1)
        chosen = legs_of(cast, self.target_type, self.target_id, self.office_id)
        people = people_of(cast, self.target_type, self.target_id, self.office_id)
        span = (window.low, min(window.high, now))

        def legs() -> Iterator[Leg]:
            for ref, start in starts:
                leg = world.leg(ref, start)
                if leg.end <= now and chosen(leg):
                    yield leg

        times = LocalTimes(window.zone)
        sheet = Sheet(options.bom, options.quoted, options.extra_columns)
        if (self.stat_type, self.export_type) == ("calls", "records"):
            return lambda: sheet.calls(legs(), times, cast.company_id)
        return lambda: sheet.rows(*self._rows(legs(), people, span, times, world, options.seed))

    def _rows(
        self,
        legs: Iterator[Leg],
        people: list[Target],
        span: tuple[int, int],
        times: LocalTimes,
        world: World,
        seed: int,
    ) -> tuple[Sequence[str], Iterable[Sequence[object]]]:
        if self.stat_type == "calls":
            return self._call_totals(legs, times)
        if self.stat_type in LEG_RECORDS:
            columns, make = LEG_RECORDS[self.stat_type]
            rows = make(legs, times)
        else:
            columns, make_days, most = DAY_RECORDS[self.stat_type]
            found = day_records.events(seed, self.stat_type, people, span, most)
            rows = make_days(found, times, world.cast)
        if self.export_type == "records":
            return columns, rows
        return totals.COUNTED_COLUMNS, totals.counted(rows, columns, times)

    def _call_totals(
        self, legs: Iterator[Leg], times: LocalTimes
    ) -> tuple[Sequence[str], Iterable[Sequence[object]]]:
        if self.group_by == "date":
            days = day_records.days_between(self.window.low, self.window.high, times)
            return totals.DATE_COLUMNS, totals.by_date(legs, times, days)
        if self.group_by == "group":
            return totals.GROUP_COLUMNS, totals.by_group(legs, times)
        return totals.USER_COLUMNS, totals.by_user(legs, times)


class Sheet:
    """How a file is written: with a byte-order mark, with every field quoted, with columns nobody knows."""

    def __init__(self, has_bom: bool, is_quoted: bool, extra_columns: int) -> None:
        self._bom, self._is_quoted, self._extra = has_bom, is_quoted, extra_columns
        self._joint = '","' if is_quoted else ","
        self._end = '"' if is_quoted else ""
        self._escape = _doubled if is_quoted else _escaped

    def calls(self, legs: Iterable[Leg], times: LocalTimes, company_id: int) -> list[bytes]:
        """The file of calls / records; whole rows are written at once, since there may be a million."""
        fields, escape = records.call_fields, self._escape
        lines = (self._line(fields(leg, times, company_id, escape)) for leg in legs)
        return self._chunks(records.CALL_COLUMNS, lines)

    def rows(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[bytes]:
        """Any other file."""
        return self._chunks(columns, (self._line([self._escape(field) for field in row]) for row in rows))

    def _line(self, fields: Sequence[str]) -> str:
        more = self._joint.join(("", *("x" for _ in range(self._extra)))) if self._extra else ""
        return f"{self._end}{self._joint.join(fields)}{more}{self._end}\r\n"

    def _chunks(self, columns: Sequence[str], lines: Iterator[str]) -> list[bytes]:
        names = [*columns, *(f"future_column_{n + 1}" for n in range(self._extra))]
        header = f"{self._end}{self._joint.join(names)}{self._end}\r\n".encode()
        chunks = [_BOM + header if self._bom else header]
        while True:
            some = [line for _, line in zip(range(_ROWS_AT_ONCE), lines, strict=False)]
            if not some:
                return chunks
            chunks.append("".join(some).encode())


def _escaped(value: object) -> str:
    text = "" if value is None else str(value)
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _doubled(value: object) -> str:
    return "" if value is None else str(value).replace('"', '""')
