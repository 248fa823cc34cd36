"""The values of one declared column as Arrow, from decoded JSON or from the texts of a CSV file."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from trunkline.declare import Column, ColumnType, Stamp
from trunkline.warehouse.stamps import fit_stamp, stamped
from trunkline.warehouse.types import ARROW
from trunkline.warehouse.values import MISFIT, Array, fitted, in_the_calendar, quick

FACTOR_DECIMALS = 6

_DECIMAL_ZEROS = r"^([+-]?[0-9]+)\.0+$"
_WHOLE = r"^-?[0-9]{1,18}$"
_EXACT_BELOW = 2.0**53
_TRUE = pa.array(["true", "1", "yes", "t"])
_FALSE = pa.array(["false", "0", "no", "f"])
_TRUTHS = pa.array(["true", "false", None])

Fitted = tuple[Array, list[int]]
"""The column, and the positions of the values that did not fit it and are null there."""


def from_json(column: Column, values: Sequence[Any], zones: Sequence[Any] | None = None) -> Fitted:
    """The column from decoded JSON values; `zones` are those of the column's `zone_field`."""
    if column.stamp is not Stamp.OFFSET:
        return _stamped(column, values, zones)
    array = quick(column.type, values)
    found = (array, []) if array is not None else fitted(column.type, values)
    return _multiplied(column, found)


def from_texts(column: Column, texts: Any, zones: Any = None) -> Fitted:
    """The column from an Arrow array of texts, null where a field was empty."""
    try:
        array = _quick_texts(column, texts, zones)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, ValueError, OverflowError):
        array = None
    if array is not None:
        return _multiplied(column, (array, []))
    return from_json(
        column, _plainer(column.type, texts).to_pylist(), None if zones is None else zones.to_pylist()
    )


def _multiplied(column: Column, found: Fitted) -> Fitted:
    if column.factor == 1.0:
        return found
    array, misfits = found
    product: Any = pc.round(pc.multiply(array, pa.scalar(column.factor)), FACTOR_DECIMALS)
    return product, misfits


def _stamped(column: Column, values: Sequence[Any], zones: Sequence[Any] | None) -> Fitted:
    try:
        array = pa.array(values)
        array = array.cast(pa.string()) if pa.types.is_null(array.type) else array
        found = stamped(column.stamp, array, None if zones is None else pa.array(zones, pa.string()))
        if found is not None:
            return found, []
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError, OverflowError):
        pass
    kept = [
        None if value is None else fit_stamp(column.stamp, value, zones[at] if zones else None)
        for at, value in enumerate(values)
    ]
    misfits = [at for at, value in enumerate(kept) if value is MISFIT]
    for at in misfits:
        kept[at] = None
    return pa.array(kept, ARROW[ColumnType.INSTANT]), misfits


def _quick_texts(column: Column, texts: Any, zones: Any) -> Any:
    """The column at Arrow's speed; None, or an Arrow error, where texts need a look one by one."""
    if column.stamp is not Stamp.OFFSET:
        return stamped(column.stamp, texts, zones)
    match column.type:
        case ColumnType.TEXT:
            return texts
        case ColumnType.INTEGER:
            if _all(pc.ascii_is_decimal(texts)):
                return pc.cast(texts, pa.int64())
            whole = _plainer(column.type, texts)
            return pc.cast(whole, pa.int64()) if _all(pc.match_substring_regex(whole, _WHOLE)) else None
        case ColumnType.NUMBER:
            numbers: Any = pc.cast(texts, pa.float64())
            # Also sorts out NaN and infinity, which the cast takes.
            return numbers if _all(pc.less(pc.abs(numbers), pa.scalar(_EXACT_BELOW))) else None
        case ColumnType.BOOLEAN:
            truths = _plainer(column.type, texts)
            return pc.equal(truths, pa.scalar("true")) if _all(pc.is_in(truths, value_set=_TRUTHS)) else None
        case ColumnType.DAY:
            return in_the_calendar(pc.cast(texts, pa.date32()))
    return None


def _plainer(type_: ColumnType, texts: Any) -> Any:
    """The texts with numbers and truths as CSV files write them turned into those that JSON has."""
    if type_ is ColumnType.INTEGER:
        return pc.replace_substring_regex(texts, _DECIMAL_ZEROS, r"\1")
    if type_ is not ColumnType.BOOLEAN:
        return texts
    small: Any = pc.utf8_lower(texts)
    told = pc.if_else(pc.is_in(small, value_set=_FALSE), "false", texts)
    return pc.if_else(pc.is_in(small, value_set=_TRUE), "true", told)


def _all(flags: Any) -> bool:
    return bool(flags.true_count + flags.null_count == len(flags))


_WHOLE_FIGURE = r"^(0|-?[1-9][0-9]{0,17})$"
_FIGURE = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?$"
_NAMES_OF_MARKS = ("id", "number", "phone", "extension", "code", "zip")


def figures(name: str, texts: Any) -> Any:
    """The numbers of a column that holds nothing else and is not named like a mark; else the texts."""
    if texts.null_count == len(texts) or name.rpartition("_")[2] in _NAMES_OF_MARKS:
        return texts
    if _all(pc.match_substring_regex(texts, _WHOLE_FIGURE)):
        return pc.cast(texts, pa.int64())
    return pc.cast(texts, pa.float64()) if _all(pc.match_substring_regex(texts, _FIGURE)) else texts
