"""Asking before something is removed for good."""

import click

from trunkline.errors import Cancelled, SettingsError


def confirm_removal(question: str) -> None:
    """Return when a person says yes; the question goes to standard error, so that JSON stays clean.

    Raises Cancelled for a no, SettingsError where nobody answers.
    """
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort as abort:
        # click makes one thing of two: Ctrl-C stays what it is everywhere else
        if not isinstance(abort.__context__, EOFError):
            raise
        click.echo("", err=True)
        raise SettingsError(
            "Nothing was removed: the question was not answered.",
            todo="Pass --yes to remove without being asked.",
        ) from None
    if not agreed:
        raise Cancelled("Nothing was removed.")
