"""Instants that a provider writes without an offset: in UTC, in a zone named beside them, or as a number.

Each rule is written twice, like those of the plain values: for a whole Arrow column, giving up with None
or an Arrow error at the first value it is not sure of, and for one value. A local time that a clock
change makes happen twice is its first occurrence; one that it skips is the instant the gap begins at.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from trunkline.declare import ColumnType, Stamp
from trunkline.warehouse.types import ARROW
from trunkline.warehouse.values import MISFIT, Array, fit_instant, fit_integer

_INSTANT = ARROW[ColumnType.INSTANT]
_NAIVE = pa.timestamp("us")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_ZONES = 50
_DAY_ALONE = len("2026-01-31")


def stamped(stamp: Stamp, values: Array, zones: Array | None) -> Array | None:
    """The instants of a column of texts (or whole numbers); None where they need a look one by one."""
    if stamp is Stamp.EPOCH_MS:
        return _in_the_calendar(pc.cast(_numbers(values), pa.timestamp("ms")).cast(_NAIVE), "UTC")
    if _has_a_day_alone(values):
        return None
    naive: Any = pc.cast(values, _NAIVE)
    if stamp is Stamp.UTC:
        return _in_the_calendar(naive, "UTC")
    return None if zones is None else _local(naive, zones)


def _has_a_day_alone(texts: Any) -> bool:
    # Arrow takes a day for its midnight.
    shortest: int | None = pc.min(pc.binary_length(texts)).as_py()
    return shortest is not None and shortest <= _DAY_ALONE


def _numbers(values: Any) -> Any:
    if pa.types.is_string(values.type):
        if not _all_true(pc.ascii_is_decimal(values)):
            raise pa.ArrowInvalid("not all are whole numbers")
        return pc.cast(values, pa.int64())
    return values


def _local(naive: Any, zones: Any) -> Array | None:
    """Zone by zone; a row without a zone has no instant, which the look one by one tells."""
    names = [name for name in pc.unique(zones).to_pylist() if name]
    if zones.null_count and pc.any(pc.and_(pc.is_valid(naive), pc.is_null(zones))).as_py():
        return None
    if len(names) > _MOST_ZONES:
        return None
    if len(names) == 1:
        return _in_the_calendar(naive, names[0])
    found: Any = pa.array([None] * len(naive), _INSTANT)
    for name in names:
        own = pc.if_else(pc.equal(zones, name), naive, pa.scalar(None, _NAIVE))
        found = pc.coalesce(found, _in_the_calendar(own, name))
    return found  # type: ignore[no-any-return]


def _in_the_calendar(naive: Any, zone: str) -> Array:
    # Arrow knows years before 1 and after 9999, Python does not: converting the ends raises.
    pc.min_max(naive).as_py()
    instants: Any = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="latest")
    return instants.cast(_INSTANT)  # type: ignore[no-any-return]


def _all_true(flags: Any) -> bool:
    return bool(flags.true_count + flags.null_count == len(flags))


def fit_stamp(stamp: Stamp, value: Any, zone: Any) -> Any:
    """One instant, or MISFIT for a value that tells none."""
    if stamp is Stamp.EPOCH_MS:
        return _fit_epoch_ms(value)
    if type(value) is not str or not value:
        return None if value == "" else MISFIT
    with_offset = fit_instant(value)
    if with_offset is not MISFIT:
        return with_offset
    if fit_instant(value + "Z") is MISFIT:
        return MISFIT
    naive = datetime.fromisoformat(value)
    return naive.replace(tzinfo=UTC) if stamp is Stamp.UTC else _of_zone(naive, zone)


def _fit_epoch_ms(value: Any) -> Any:
    number = fit_integer(value)
    if number is None or number is MISFIT:
        return number
    try:
        return _EPOCH + timedelta(milliseconds=number)
    except OverflowError:
        return MISFIT


def _of_zone(naive: datetime, name: Any) -> Any:
    try:
        return _in_the_calendar(pa.array([naive], _NAIVE), str(name or ""))[0].as_py().astimezone(UTC)
    except (pa.ArrowInvalid, pa.ArrowKeyError, ValueError, OverflowError):
        return MISFIT
