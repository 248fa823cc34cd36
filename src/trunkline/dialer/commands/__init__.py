"""The functions of the API, one module per resource, in the order of the published page."""

from collections.abc import Mapping

from trunkline.dialer.command import Command
from trunkline.dialer.commands import (
    add_lead,
    agent_in_groups,
    agent_stats,
    agent_status,
    call_info,
    call_log,
    campaigns,
    check_phone_number,
    choosers,
    did_log,
    floor_status,
    group_aliases,
    lead_info,
    lists,
    log_entry,
    logged_in,
    monitoring,
    phone_aliases,
    phones,
    recordings,
    servers,
    system,
    update_lead,
    users,
)

ALL: tuple[Command, ...] = (
    *system.COMMANDS,
    *choosers.COMMANDS,
    *monitoring.COMMANDS,
    *agent_in_groups.COMMANDS,
    *recordings.COMMANDS,
    *did_log.COMMANDS,
    *call_log.COMMANDS,
    *agent_stats.COMMANDS,
    *floor_status.COMMANDS,
    *agent_status.COMMANDS,
    *call_info.COMMANDS,
    *lead_info.COMMANDS,
    *log_entry.COMMANDS,
    *add_lead.COMMANDS,
    *update_lead.COMMANDS,
    *users.COMMANDS,
    *group_aliases.COMMANDS,
    *phones.COMMANDS,
    *phone_aliases.COMMANDS,
    *servers.COMMANDS,
    *lists.COMMANDS,
    *campaigns.COMMANDS,
    *check_phone_number.COMMANDS,
    *logged_in.COMMANDS,
)
COMMANDS: Mapping[str, Command] = {command.name: command for command in ALL}
