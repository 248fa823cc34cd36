"""Fields of a list's own: which there are, what a request gives for them, and how they are stored.

Names of columns come from the dialer's definitions of fields and the database's catalogue alone, so a
request can name none that is not there.
"""

import re
from collections.abc import AsyncIterator, Iterable
from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import audit
from trunkline.dialer.command import Answer, Call, Param, notice
from trunkline.dialer.custom import Custom, custom_of_lead
from trunkline.dialer.tables import Tables, declared

WITHOUT_VALUE = ("DISPLAY", "SCRIPT")
_REMOVED = re.compile('[;"]')

ADDED = notice(
    "custom_fields_added",
    "CUSTOM FIELDS VALUES ADDED",
    " - {phone_number}|{lead_id}|{list_id}",
    " - {phone_number}|{lead_id}|{list_id}|{rows}",
    log="{phone_number}|{lead_id}|{list_id}",
)
NO_FIELDS = notice(
    "no_custom_fields",
    "CUSTOM FIELDS NOT ADDED, NO FIELDS DEFINED",
    " - {phone_number}|{lead_id}|{list_id}",
)
NO_TABLE = notice(
    "no_custom_table",
    "CUSTOM FIELDS NOT ADDED, NO CUSTOM FIELDS DEFINED FOR THIS LIST",
    " - {phone_number}|{lead_id}|{list_id}",
)
DISABLED = notice(
    "custom_fields_disabled",
    "CUSTOM FIELDS NOT ADDED, CUSTOM FIELDS DISABLED",
    " - {phone_number}|{custom_fields}|0",
    " - {phone_number}|{lead_id}|{custom_fields}|0",
)
LINES = (ADDED, NO_FIELDS, NO_TABLE, DISABLED)
PARAM = Param(
    "custom_fields",
    "Y takes parameters named as the list's own fields, such as favorite_color.",
    choices=("Y", "N"),
)


def fields_of_list(t: Tables) -> ClauseElement:
    fields = t["lists_fields"]
    return (
        select(fields.c.field_label, fields.c.field_type)
        .where(fields.c.list_id == bindparam("list_id"))
        .order_by(fields.c.field_rank, fields.c.field_order, fields.c.field_label)
    )


def is_enabled(call: Call) -> bool:
    return call.settings.get("custom_fields_enabled") == "1"


async def fields_of(call: Call, custom: Custom, list_id: int) -> dict[str, str]:
    """The fields of a list that hold values: parameter name to column name."""
    columns = {name.casefold(): name for name in custom.fields}
    rows = await call.work.all(fields_of_list, list_id=list_id)
    labels = [str(row["field_label"] or "") for row in rows if row["field_type"] not in WITHOUT_VALUE]
    own = [label for label in labels if label.casefold() not in _standard()]
    return {label: columns[label.casefold()] for label in own if label.casefold() in columns}


def value_given(call: Call, label: str) -> str:
    """What the request gives for a field, as it is stored."""
    return _REMOVED.sub("", call.arg(label)).replace("+", " ")


def values_given(call: Call, fields: dict[str, str], labels: Iterable[str] | None = None) -> dict[str, Any]:
    """Values by column: of all fields, missing ones empty, or of these alone."""
    return {fields[label]: value_given(call, label) for label in (fields if labels is None else labels)}


async def put(call: Call, custom: Custom, lead_id: int, values: dict[str, Any]) -> int:
    """Set columns of a lead's row, which is inserted where it is missing; the rows changed."""
    found = await call.work.one(custom_of_lead(custom.name), lead_id=lead_id)
    kept = {name: custom.kinds[name].kept(value) for name, value in values.items()}
    new = {"lead_id": lead_id} if found is None else {}
    audit.changed(call, custom.name, lead_id, before=found, after=new | kept)
    if found is None:
        await call.work.insert(custom.name, lead_id=lead_id, **values)
        return 1
    return await call.work.update(custom.name, {"lead_id": lead_id}, **values) if values else 0


async def add_custom_fields(
    call: Call, lead_id: int, list_text: str, list_id: int, table_list: int = 0
) -> AsyncIterator[Answer]:
    """Store the own fields of a new lead, and tell what came of it.

    `table_list`: the list in whose table they are stored, where that is another one.
    """
    table_list = table_list or list_id
    values = {"lead_id": lead_id, "list_id": list_text}
    if not is_enabled(call):
        yield DISABLED(**values)
        return
    custom = await call.work.custom(table_list)
    if custom is None:
        yield NO_TABLE(**values)
        return
    fields = await fields_of(call, custom, list_id)
    if not fields:
        yield NO_FIELDS(**values)
        return
    await put(call, custom, lead_id, values_given(call, fields))
    await call.work.update("list", {"lead_id": lead_id}, entry_list_id=table_list)
    audit.changed(call, "list", lead_id, before={}, after={"entry_list_id": table_list})
    yield ADDED(**values, rows=1)


def _standard() -> frozenset[str]:
    """Columns of every lead: no field of a list's own takes their place."""
    return frozenset(column.name.casefold() for column in declared()["list"][1])
