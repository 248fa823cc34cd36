"""What every request asks first: the settings, the user and the user's group, in one statement."""

from typing import Any

from sqlalchemy import ClauseElement, Select, bindparam, literal, select, true

from trunkline.dialer.database import Ahead, Known, Row
from trunkline.dialer.keeping import seldom_changed
from trunkline.dialer.login import OF_GROUP, OF_USER, group_named, user_signing_in
from trunkline.dialer.tables import Tables

OF_SETTINGS = (
    *("use_non_latin", "custom_fields_enabled", "auto_dial_limit", "auto_user_add_value"),
    *("pass_hash_enabled", "pass_key", "pass_cost", "allow_ip_lists", "system_ip_blacklist"),
    *("agent_whisper_enabled", "sounds_central_control_active", "sounds_web_server", "sounds_web_directory"),
)
"""The settings that are read; the dialer has ten times as many."""


@seldom_changed("system_settings")
def system_settings(t: Tables) -> ClauseElement:
    return _settings(t).limit(1)


def _settings(t: Tables) -> Select[Any]:
    return select(*(t["system_settings"].c[name] for name in OF_SETTINGS))


def entrance(t: Tables) -> ClauseElement:
    """One row in any case. What is not there is empty, the column that tells of it too."""
    one = select(literal(1).label("one")).subquery("one")
    settings = _settings(t).add_columns(literal(1).label("is_there")).limit(1).subquery("settings")
    users, groups = t["users"], t["user_groups"]
    return (
        select(
            *(settings.c[name].label(f"settings_{name}") for name in (*OF_SETTINGS, "is_there")),
            *(users.c[name].label(f"user_{name}") for name in OF_USER),
            *(groups.c[name].label(f"group_{name}") for name in OF_GROUP),
        )
        .select_from(
            one.outerjoin(settings, true())
            .outerjoin(users, users.c.user == bindparam("value"))
            .outerjoin(groups, groups.c.user_group == users.c.user_group)
        )
        .limit(1)
    )


def _known(row: Row | None, user: Any) -> Known:
    values = list((row or {}).values())
    ends = len(OF_SETTINGS), len(OF_SETTINGS) + 1 + len(OF_USER)
    settings = dict(zip(OF_SETTINGS, values, strict=False)) if values[ends[0]] else None
    found = dict(zip(OF_USER, values[ends[0] + 1 :], strict=False))
    group = dict(zip(OF_GROUP, values[ends[1] :], strict=True))
    known: dict[tuple[Any, ...], Row | None] = {(system_settings,): settings}
    known[user_signing_in, user] = found if found["user_id"] is not None else None
    known[group_named, found["user_group"]] = group if group["user_group"] is not None else None
    return known


ENTRANCE = Ahead(entrance, _known)
"""For the user of a request."""
