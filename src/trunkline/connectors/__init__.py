"""Connectors: one module each in this folder, found by its name."""

import difflib
import importlib
import pkgutil
from functools import cache

from trunkline.declare import Connector, Report
from trunkline.errors import SettingsError


@cache
def connector_names() -> tuple[str, ...]:
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__)))


@cache
def connector(name: str) -> Connector:
    """The connector of that name. Raises SettingsError with the nearest name for an unknown one."""
    if name not in connector_names():
        raise SettingsError(
            f"There is no connector {name!r}.", todo=_suggestion(name, connector_names(), "connectors")
        )
    found = importlib.import_module(f"{__name__}.{name}").CONNECTOR
    if not isinstance(found, Connector) or found.name != name:
        raise TypeError(f"connectors/{name}.py must export a Connector named {name!r}")
    return found


def report(of: Connector, name: str) -> Report:
    """The report of that name. Raises SettingsError with the nearest name for an unknown one."""
    found = of.report(name)
    if found is None or not found.listed:
        names = tuple(r.name for r in of.listed_reports)
        raise SettingsError(f"{of.label} has no report {name!r}.", todo=_suggestion(name, names, "reports"))
    return found


def _suggestion(name: str, known: tuple[str, ...], what: str) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"The {what}: {', '.join(known)}."
