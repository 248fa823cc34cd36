"""Values of any query as JSON and as text: what Arrow holds in the words of ISO 8601, JSON and SQL.

JSON has no word for NaN and the infinities, Python none for days beyond its calendar or mixed intervals.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeAlias

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from trunkline.warehouse.opaque import duration_text, opaque_text

Array: TypeAlias = "pa.Array[Any]"

_OUT_OF_RANGE = "<value out of range"
# DuckDB's own numbers; PostgreSQL's become these when the driver moves them from 2000 to 1970.
_INFINITE = {
    2**63 - 1: "infinity",
    -(2**63) + 1: "-infinity",
    -9222425352054775809: "infinity",
    -9222425352054775808: "-infinity",
    2**31 - 1: "infinity",
    -(2**31) + 1: "-infinity",
    -2147472692: "infinity",
    -2147472691: "-infinity",
}


def json_values(array: Array, *, is_json: bool = False) -> list[Any]:
    """What orjson can write for each value; text that holds JSON (`is_json`) becomes a JSON value."""
    array = _plain(array)
    kind = array.type
    if is_json or isinstance(kind, pa.JsonType):
        return [None if text is None else _fragment(text) for text in _storage(array).to_pylist()]
    if pa.types.is_nested(kind):
        return _nested(array)
    if pa.types.is_floating(kind):
        return _floats(array)
    if _is_decimal(kind):
        return [None if text is None else _number(text) for text in texts(array)]
    if any(is_it(kind) for is_it in (pa.types.is_integer, pa.types.is_boolean)):
        return array.to_pylist()
    return texts(array)


def texts(array: Array) -> list[str | None]:
    """Each value as one text; lists, structs and maps as JSON."""
    found: list[str | None] = text_array(array).to_pylist()
    return found


def shown(array: Array) -> list[Any]:
    """Values for a table for people: numbers, truth and instants as themselves, the rest as text."""
    array = _plain(array)
    kind = array.type
    if _is_decimal(kind):
        return [None if text is None else Decimal(text) for text in texts(array)]
    if pa.types.is_floating(kind):
        return _doubles(array).to_pylist()
    kept = (pa.types.is_integer, pa.types.is_boolean)
    if any(is_it(kind) for is_it in kept) or (pa.types.is_timestamp(kind) and kind.tz):
        with suppress(OverflowError, ValueError):
            return array.to_pylist()
    return list(texts(array))


def text_array(array: Array) -> Array:
    """The texts of `texts`, as an Arrow array."""
    array = _plain(array)
    kind = array.type
    for is_it, made in _TEXTS:
        if is_it(kind):
            return made(array)
    return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())


def instants_as_text(array: Any) -> Array:
    """ISO 8601, with Z where the instants are aware and a fraction only where there is one."""
    plain = array.cast(pa.timestamp(array.type.unit))
    text: Any = pc.replace_substring_regex(plain.cast(pa.string()), r"\.0+$", "")
    text = pc.replace_substring(text, " ", "T", max_replacements=1)
    if array.type.tz:
        text = pc.binary_join_element_wise(text, "Z", "")
    return _with_infinite(text, array, pa.int64())


def _days_as_text(array: Any) -> Array:
    return _with_infinite(array.cast(pa.string()), array, pa.int32())


def _with_infinite(text: Any, array: Any, counted: Any) -> Array:
    beyond = pc.match_substring(pc.replace_substring(text, "T", " "), _OUT_OF_RANGE)
    if not beyond.true_count:
        result: Array = text
        return result
    pairs = zip(text.to_pylist(), array.cast(counted).to_pylist(), strict=True)
    return pa.array([_INFINITE.get(count, word) for word, count in pairs], pa.string())


def _times_as_text(array: Array) -> Array:
    text: Array = pc.replace_substring_regex(array.cast(pa.string()), r"\.0+$", "")
    return text


def _each(made: Callable[[Any], str]) -> Callable[[Array], Array]:
    def all_of(array: Array) -> Array:
        return pa.array([None if v is None else made(v) for v in array.to_pylist()], pa.string())

    return all_of


def _json_texts(array: Array) -> Array:
    values = json_values(array)
    return pa.array([None if v is None else orjson.dumps(v).decode() for v in values], pa.string())


def _opaque_texts(array: Any) -> Array:
    made = _each(lambda value: opaque_text(array.type.vendor_name, array.type.type_name, value))
    return made(array.storage)


def _plain(array: Array) -> Array:
    if isinstance(array, pa.DictionaryArray):
        return array.dictionary_decode()
    return array


def _storage(array: Any) -> Any:
    return array.storage if isinstance(array, pa.ExtensionArray) else array


def _is_decimal(kind: Any) -> bool:
    return pa.types.is_decimal(kind) or (isinstance(kind, pa.OpaqueType) and kind.type_name == "numeric")


def _number(text: str) -> Any:
    """All digits, as no float has them; words for what is no number."""
    return orjson.Fragment(text) if math.isfinite(Decimal(text)) else _word(float(text))


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _floats(array: Array) -> list[Any]:
    array = _doubles(array)
    values = array.to_pylist()
    if pc.all(pc.is_finite(array)).as_py() in (True, None):
        return values
    return [v if v is None or math.isfinite(v) else _word(v) for v in values]


def _doubles(array: Array) -> Array:
    """By its text, the single precision 0.1 stays 0.1 and does not become 0.10000000149011612."""
    return array.cast(pa.string()).cast(pa.float64()) if pa.types.is_float32(array.type) else array


def _nested(array: Any) -> list[Any]:
    kind = array.type
    if pa.types.is_union(kind):
        fields = [json_values(array.field(index)) for index in range(kind.num_fields)]
        return [fields[code][row] for row, code in enumerate(array.type_codes.to_pylist())]
    if pa.types.is_struct(kind):
        columns = [json_values(column) for column in array.flatten()]
        names = [field.name for field in kind]
        rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        return [row if valid else None for row, valid in zip(rows, array.is_valid().to_pylist(), strict=True)]
    found = [json_values(scalar.values) if scalar.is_valid else None for scalar in array]
    return [_pairs(value) for value in found] if pa.types.is_map(kind) else found


def _pairs(entries: Sequence[Any] | None) -> dict[str, Any] | None:
    """A map; JSON's names are text, so keys of other types become theirs."""
    if entries is None:
        return None
    return {_name(entry["key"]): entry["value"] for entry in entries}


def _name(key: Any) -> str:
    return key if isinstance(key, str) else orjson.dumps(key).decode()


def _fragment(text: str) -> object:
    """The JSON value of a text; the text itself where it is none."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return orjson.Fragment(text)


def _is_opaque(kind: Any) -> bool:
    return isinstance(kind, pa.OpaqueType)


def _is_bytes(kind: Any) -> bool:
    return any(
        is_it(kind) for is_it in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    )


def _is_texts(kind: Any) -> bool:
    return any(is_it(kind) for is_it in (pa.types.is_string, pa.types.is_large_string))


_TEXTS: Sequence[tuple[Callable[[Any], bool], Callable[[Any], Array]]] = (
    (pa.types.is_timestamp, instants_as_text),
    (pa.types.is_date, _days_as_text),
    (pa.types.is_time, _times_as_text),
    (pa.types.is_interval, _each(duration_text)),
    (pa.types.is_nested, _json_texts),
    (_is_bytes, _each(bytes.hex)),
    (_is_opaque, _opaque_texts),
    (lambda kind: isinstance(kind, pa.JsonType), _storage),
    (lambda kind: isinstance(kind, pa.UuidType), _each(str)),
    (pa.types.is_decimal, _each(lambda number: format(number, "f"))),
    (_is_texts, lambda array: array.cast(pa.string())),
    (pa.types.is_primitive, lambda array: array.cast(pa.string())),
)
