"""How many windows a span of days takes, where that follows from the declaration alone."""

from datetime import date

from trunkline.dates import DaySpan
from trunkline.declare import ByDays, ByTotal, EachDay, ExportJob, FileAnswer, Report
from trunkline.fetch.days_ago import pieces
from trunkline.fetch.windows import fixed_pieces
from trunkline.options import Values


def window_count(report: Report, values: Values, span: DaySpan | None, today: date) -> int | None:
    """None where windows are cut by the rows that are found in them."""
    paging, windows = report.paging(values), report.windows
    if span is None:
        return 1
    size = int(str(values[windows.option])) if isinstance(windows, ByDays) else span.days
    if isinstance(paging, ExportJob):
        return sum(1 for _ in pieces(span, size, today))
    if isinstance(paging, FileAnswer):
        return span.days if isinstance(windows, EachDay) else -(-span.days // size)
    return None if isinstance(windows, ByTotal) else len(fixed_pieces(report, values, span))


def requests_of_a_window(report: Report, values: Values) -> int:
    """The fewest requests that a window takes: an export is asked for, looked after and fetched."""
    paging = report.paging(values)
    if isinstance(paging, ExportJob):
        return 3
    if isinstance(paging, FileAnswer) and paging.each is not None:
        return max(1, len(paging.each(values)))
    return 1
