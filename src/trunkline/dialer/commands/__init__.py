"""The functions of the API, one module per resource, in the order of the published page."""

from collections.abc import Mapping

from trunkline.dialer.command import Command
from trunkline.dialer.commands import lead_info, system

ALL: tuple[Command, ...] = (*system.COMMANDS, *lead_info.COMMANDS)
COMMANDS: Mapping[str, Command] = {command.name: command for command in ALL}
