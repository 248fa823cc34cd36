"""Fields of a list's own of leads that exist: those given are written, the others keep their values."""

from collections.abc import AsyncIterator

from trunkline.dialer import audit, custom_fields
from trunkline.dialer.command import Answer, Call, Param, Said, notice
from trunkline.dialer.custom import Custom, custom_of_lead
from trunkline.dialer.database import Row
from trunkline.dialer.filters import BLANK
from trunkline.dialer.lead_search import phone_told
from trunkline.dialer.new_lead import list_number
from trunkline.dialer.offsets import short

LEAST_ENTRY_LIST = 100

UPDATED = notice(
    "custom_fields_updated",
    "CUSTOM FIELDS VALUES UPDATED",
    " - {phone_number}|{lead_id}|{custom_list}",
    " - {phone_number}|{lead_id}|{list_id}|{entry_list}|{custom_list}|{rows}",
    log="{phone_number}|{lead_id}|{list_id}|{rows}",
)
DISABLED = notice(
    "custom_fields_not_updated_disabled",
    "CUSTOM FIELDS NOT UPDATED, CUSTOM FIELDS DISABLED",
    " - {phone_number}|{custom_fields}|0",
)
NO_TABLE = notice(
    "custom_fields_not_updated_no_table",
    "CUSTOM FIELDS NOT UPDATED, NO CUSTOM FIELDS DEFINED FOR THIS LIST",
    " - {phone_number}|{lead_id}|{list_id}",
    original_text="CUSTOM FIELDS NOT ADDED, NO CUSTOM FIELDS DEFINED FOR THIS LIST",
)
NO_FIELDS = notice(
    "custom_fields_not_updated_no_fields",
    "CUSTOM FIELDS NOT UPDATED, NO FIELDS DEFINED",
    " - {phone_number}|{lead_id}|{list_id}",
)
DELETED = notice(
    "custom_fields_deleted",
    "CUSTOM FIELDS ENTRY DELETED {rows}",
    " - {phone_number}|{u}|{list_id}|{lead_id}|{gmt}",
    " - {phone_number}|{lead_id}|{list_id}|{entry_list}|{custom_list}|",
    original_text="CUSTOM FIELDS ENTRY DELETED",
    log="{phone_number}|{lead_id}|{list_id}|{rows}",
)
LINES = (UPDATED, DISABLED, NO_TABLE, NO_FIELDS, DELETED)
PARAMS = (
    custom_fields.PARAM,
    Param(
        "force_entry_list_id",
        "The list whose own fields are written, whatever list the lead came with.",
        least=3,
        most=12,
    ),
)


def forced_list(call: Call) -> int:
    """The list asked for; 0 for none."""
    return list_number(call.arg("force_entry_list_id"))


def custom_list_of(call: Call, lead: Row) -> int:
    """The list whose own fields a lead has."""
    entry_list = int(lead["entry_list_id"] or 0)
    own = entry_list if entry_list >= LEAST_ENTRY_LIST else int(lead["list_id"] or 0)
    return forced_list(call) or own


async def update_custom_fields(call: Call, lead: Row) -> AsyncIterator[Answer]:
    """Write the own fields that the call gives, and tell what came of it.

    The original knows nothing of the setting, and says nothing of lists without fields.
    """
    lead_id, custom_list = int(lead["lead_id"]), custom_list_of(call, lead)
    told = {"phone_number": phone_told(call, lead), "lead_id": lead_id, "list_id": lead["list_id"]}
    if call.is_documented and not custom_fields.is_enabled(call):
        yield DISABLED(**told)
        return
    custom = await call.work.custom(custom_list)
    if custom is None:
        yield NO_TABLE(**told)
        return
    fields = await custom_fields.fields_of(call, custom, custom_list)
    if fields:
        rows = await _write(call, custom, lead_id, fields)
        await call.work.update("list", {"lead_id": lead_id}, entry_list_id=custom_list)
        audit.changed(call, "list", lead_id, before=lead, after={"entry_list_id": custom_list})
        yield UPDATED(**told, entry_list=lead["entry_list_id"], custom_list=custom_list, rows=rows)
    elif call.is_documented:
        yield NO_FIELDS(**told)


async def delete_custom_fields(call: Call, lead: Row) -> Said | None:
    """Delete the lead's row of own fields, and say so where there was one."""
    custom_list = custom_list_of(call, lead)
    custom = await call.work.custom(custom_list)
    rows = await _delete(call, custom, int(lead["lead_id"])) if custom else 0
    if not rows:
        return None
    return DELETED(
        phone_number=phone_told(call, lead),
        lead_id=lead["lead_id"],
        list_id=lead["list_id"],
        entry_list=lead["entry_list_id"],
        custom_list=custom_list,
        gmt=short(lead["gmt_offset_now"]),
        rows=rows,
    )


async def _delete(call: Call, custom: Custom, lead_id: int) -> int:
    found = await call.work.one(custom_of_lead(custom.name), lead_id=lead_id)
    audit.changed(call, custom.name, lead_id, before=found)
    return await call.work.delete(custom.name, lead_id=lead_id) if found else 0


async def _write(call: Call, custom: Custom, lead_id: int, fields: dict[str, str]) -> int:
    """A new row has every field; of one that is there only the fields given change."""
    is_new = await call.work.one(custom_of_lead(custom.name), lead_id=lead_id) is None
    labels = list(fields) if is_new else [label for label in fields if label in call.params]
    values = custom_fields.values_given(call, fields, labels)
    for label in labels:
        if call.arg(label) == BLANK:
            values[fields[label]] = ""
    return await custom_fields.put(call, custom, lead_id, values)
