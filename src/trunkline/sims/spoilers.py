"""What can be wrong inside an answer that is JSON and has the right status."""

from collections.abc import Callable

from trunkline.sims.answer import Row
from trunkline.sims.faults import Fault


def list_key(content: Row) -> str:
    """The name of the first list in an answer."""
    return next((key for key, value in content.items() if isinstance(value, list)), "")


def rows(content: Row) -> list[Row]:
    """The rows of the first list in an answer."""
    found: list[Row] = content.get(list_key(content), [])
    return found


def no_list(content: Row, _fault: Fault, _before: Row) -> None:
    key = list_key(content)
    content[key] = {"items": content[key]}


def null_key(content: Row, _fault: Fault, _before: Row) -> None:
    for row in rows(content)[:1]:
        row[next(name for name in ("id", "call_id", "date", "key", *row) if name in row)] = None


def text_number(content: Row, _fault: Fault, _before: Row) -> None:
    for row in rows(content)[:1]:
        numbers = [name for name, value in row.items() if type(value) is int and name != "id"]
        row[numbers[0] if numbers else "duration"] = "n/a"


def repeat(content: Row, fault: Fault, before: Row) -> None:
    repeated = rows(before)[-fault.count :] if before else []
    content[list_key(content)] = repeated + rows(content)


def unknown_field(content: Row, _fault: Fault, _before: Row) -> None:
    for row in rows(content):
        if isinstance(row, dict):
            row["brand_new_field"] = {"since": "today"}


def pad(content: Row, fault: Fault, _before: Row) -> None:
    content["padding"] = "x" * fault.size


SPOILERS: dict[str, Callable[[Row, Fault, Row], None]] = {
    "not_a_list": no_list,
    "null_key": null_key,
    "text_number": text_number,
    "duplicate_ids": repeat,
    "unknown_field": unknown_field,
    "huge": pad,
}
