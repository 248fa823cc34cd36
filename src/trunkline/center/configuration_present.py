"""What is there, in the words of a configuration file."""

from collections.abc import Mapping
from typing import Any

from trunkline.center import accounts, datasets
from trunkline.center.configuration_parts import PARTS
from trunkline.center.room import Center


def present(center: Center) -> dict[str, Any]:
    """What is there, as a file would say it; secrets are left out."""
    return {
        "accounts": {
            a.name: {"connector": a.connector, "options": _plain(a.values)} for a in accounts.all_of(center)
        },
        "datasets": {
            d.name: {k: v for k, v in described(center, d).items() if v not in (None, "", {})}
            for d in datasets.all_of(center)
        },
    }


def described(center: Center, dataset: datasets.Dataset) -> dict[str, Any]:
    """A dataset as the file says it; all keys there are."""
    parts: dict[str, Any] = {}
    if PARTS:
        with center.store.read() as tx:
            parts = {part.name: part.present(tx, dataset.id) for part in PARTS}
    return {
        "account": dataset.account,
        "report": dataset.report.name,
        "update": dataset.method.value,
        "description": dataset.description,
        "options": _plain(datasets.shown_options(dataset)),
        **parts,
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: list(v) if isinstance(v, tuple) else v for n, v in values.items() if v is not None}
