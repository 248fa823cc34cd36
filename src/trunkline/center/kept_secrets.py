"""Kept secrets go to the address that they were given for; to another only when they are given again.

Whoever may replace a key need not know it: changing where it is sent would be a way to learn it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from trunkline.center import accounts
from trunkline.center.accounts import Account
from trunkline.center.room import Center
from trunkline.connectors import connector as connector_named
from trunkline.errors import Problem, SettingsError


def check_given_again(center: Center, account: Account, changes: Mapping[str, Any]) -> None:
    """Raises SettingsError where changes would send a secret that is not among them to another host."""
    connector = connector_named(account.connector)
    merged = accounts.changed_values(center, account.name, changes)
    values = accounts.checked_values(connector, merged)
    if _host(connector.address(account.values)) == _host(connector.address(values)):
        return
    if account.connected_at is not None:  # its tokens would go there too, to be renewed or ended
        text = f"It is signed in at {_host(connector.address(account.values))}."
        raise SettingsError(
            text, todo="Its address cannot be changed: add another account for the other address."
        )
    labels = {o.name: o.label for o in connector.account}
    problems = [
        Problem(name, f"The address has changed: type the {labels[name]} again, it was given for another.")
        for name in account.secret_names
        if not changes.get(name) and name in values
    ]
    if problems:
        raise SettingsError(problems=problems)


def _host(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
