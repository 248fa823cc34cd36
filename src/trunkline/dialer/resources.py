"""Functions by what they are about, for those who look for one."""

from collections.abc import Mapping

from trunkline.dialer.command import Command
from trunkline.dialer.commands import COMMANDS

RESOURCES: Mapping[str, tuple[str, ...]] = {
    "Leads": ("add_lead", "update_lead", "lead_field_info", "check_phone_number"),
    "Lists": ("add_list", "update_list"),
    "Campaigns": ("update_campaign",),
    "Agents": ("agent_status", "agent_ingroup_info", "agent_stats_export", "blind_monitor"),
    "Floor": ("logged_in_agents", "user_group_status", "in_group_status"),
    "Calls": (
        *("callid_info", "phone_number_log", "did_log_export", "recording_lookup"),
        "update_log_entry",
    ),
    "Users": ("add_user", "update_user"),
    "Phones": (
        *("add_phone", "update_phone", "add_phone_alias", "update_phone_alias"),
        "add_group_alias",
    ),
    "Servers and sounds": ("server_refresh", "sounds_list", "moh_list", "vm_list", "version"),
}
"""Every function stands in one of them; a test says so."""


def resources(wanted: str = "") -> list[tuple[str, list[Command]]]:
    """The functions by resource; only those in whose name, sentence or parameters all words stand."""
    words = wanted.casefold().split()
    found = []
    for resource, names in RESOURCES.items():
        commands = [COMMANDS[name] for name in names if _has(COMMANDS[name], resource, words)]
        if commands:
            found.append((resource, commands))
    return found


def resource_of(command: Command) -> str:
    return next(resource for resource, names in RESOURCES.items() if command.name in names)


def _has(command: Command, resource: str, words: list[str]) -> bool:
    parts = [command.name, command.sentence, resource, *(param.name for param in command.params)]
    text = " ".join(parts).casefold()
    return all(word in text for word in words)
