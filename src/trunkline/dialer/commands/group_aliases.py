"""add_group_alias: caller ids that agents may choose by name."""

from collections.abc import AsyncIterator

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import adminlog
from trunkline.dialer.command import Answer, Call, Command, Param, error, success
from trunkline.dialer.field_checks import YES_NO, Form, Required, are_complete, digits, params_of
from trunkline.dialer.sight import EVERYBODYS
from trunkline.dialer.tables import Tables

SHORTEST, SHORTEST_DOCUMENTED, LONGEST_ID, LONGEST_NAME = 2, 3, 30, 50
ADDED = adminlog.Event("GROUPALIASES", "ADD", "ADMIN API ADD GROUP ALIAS")
REQUIRED = (
    Required("caller_id_number", "The number that is shown to the called.", digits(6, 20)),
    # Too long an id is refused: cut, it could be another alias's.
    Required("group_alias_id", "The alias's id; the number if not given.", Form(0, LONGEST_ID)),
    Required("group_alias_name", "The alias's name; the number if not given.", Form(0, LONGEST_NAME)),
)

MISSING = error(
    "missing_fields",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|{group_alias_id}|{group_alias_name}|{caller_id_number}",
    ": |{u}|{group_alias_id}|{group_alias_name}|{caller_id_number}",
    status=400,
)
ALIAS_EXISTS = error(
    "group_alias_exists",
    "GROUP ALIAS ALREADY EXISTS",
    " - {u}|{id}",
    ": |{u}|{id}|{caller_id_number}",
    status=409,
)
ALIAS_ADDED = success(
    "group_alias_added",
    "GROUP ALIAS HAS BEEN ADDED",
    " - {u}|{caller_id_number}|{id}|{name}",
    " - {u}|{id}|{name}|{caller_id_number}",
)


def group_alias(t: Tables) -> ClauseElement:
    aliases = t["groups_alias"]
    return select(aliases.c.group_alias_id).where(aliases.c.group_alias_id == bindparam("id"))


async def add_group_alias(call: Call) -> AsyncIterator[Answer]:
    if not are_complete(call, REQUIRED):
        yield MISSING()
        return
    alias, name = _or_number(call, "group_alias_id"), _or_number(call, "group_alias_name")
    await call.work.lock("groups_alias")
    if await call.work.one(group_alias, id=alias) is not None:
        yield ALIAS_EXISTS(id=alias)
        return
    values = {
        "group_alias_id": alias,
        "group_alias_name": name,
        "caller_id_number": call.arg("caller_id_number"),
        "caller_id_name": call.arg("caller_id_name"),
        "active": "N" if call.arg("active") == "N" else "Y",
        "user_group": call.arg("admin_user_group") or EVERYBODYS,
    }
    await call.work.insert("groups_alias", **values)
    await adminlog.record(call, ADDED, alias, after=values)
    yield ALIAS_ADDED(id=alias, name=name)


def _or_number(call: Call, name: str) -> str:
    value = call.arg(name)
    shortest = SHORTEST_DOCUMENTED if call.is_documented else SHORTEST
    return value if len(value) >= shortest else call.arg("caller_id_number")


COMMANDS = (
    Command(
        "add_group_alias",
        "Adds a group alias: a caller id with a name.",
        add_group_alias,
        "USER DOES NOT HAVE PERMISSION TO ADD GROUP ALIASES",
        flags=("vdc_agent_api_access", "ast_admin_access"),
        params=(
            *params_of(REQUIRED[:1]),
            Param(
                "group_alias_id",
                "The alias's id; the number if not given.",
                least=SHORTEST_DOCUMENTED,
                most=LONGEST_ID,
            ),
            Param(
                "group_alias_name",
                "The alias's name; the number if not given.",
                least=SHORTEST_DOCUMENTED,
                most=LONGEST_NAME,
            ),
            Param("caller_id_name", "The name that is shown to the called; empty if not given.", most=20),
            Param("active", "N adds it switched off; Y if not given.", choices=YES_NO),
            Param("admin_user_group", "The user group that may see it; every group if not given.", most=20),
        ),
        lines=(MISSING, ALIAS_EXISTS, ALIAS_ADDED),
        denied_original=": |{u}|0",
        writes=True,
        tables=("admin_log", "groups_alias"),
    ),
)
