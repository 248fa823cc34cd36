"""Datasets taken from one account to another of the same connector."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from trunkline.center import accounts, datasets
from trunkline.center.room import Center
from trunkline.errors import SettingsError, TrunklineError


@dataclass(frozen=True)
class Moved:
    """What became of each dataset: those that read the other account now, and why others do not."""

    names: list[str] = field(default_factory=list)
    refused: dict[str, TrunklineError] = field(default_factory=dict)


async def move(center: Center, name: str, to: str, chosen: Sequence[str]) -> Moved:
    """Let the chosen datasets of an account read another one; each moves by itself, or stays as it is.

    What they choose from the provider's menus has to be there for the other account too.
    """
    source, target = accounts.get(center, name), accounts.get(center, to)
    if source.id == target.id or source.connector != target.connector:
        raise SettingsError(
            f"Datasets of {name!r} cannot be moved to {to!r}.",
            todo="Choose another account of the same connector.",
        )
    moved = Moved()
    for dataset in datasets.all_of(center, name):
        if dataset.name not in chosen:
            continue
        try:
            await datasets.edit(center, dataset.name, {}, account=to)
        except TrunklineError as error:
            moved.refused[dataset.name] = error
        else:
            moved.names.append(dataset.name)
    return moved
