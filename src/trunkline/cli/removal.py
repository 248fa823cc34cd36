"""Asking before something is removed for good, or made in a database of somebody else."""

import click

from trunkline.errors import Cancelled, SettingsError


def confirm_removal(question: str) -> None:
    """Return when a person says yes; the question goes to standard error, so that JSON stays clean.

    Raises Cancelled for a no, SettingsError where nobody answers.
    """
    _confirm(question, "removed", "remove")


def confirm_making(question: str) -> None:
    """As `confirm_removal`, before something is made."""
    _confirm(question, "made", "make it")


def confirm_change(question: str) -> None:
    """As `confirm_removal`, before something is changed."""
    _confirm(question, "changed", "change it")


def _confirm(question: str, done: str, to_do: str) -> None:
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort as abort:
        # click makes one thing of two: Ctrl-C stays what it is everywhere else
        if not isinstance(abort.__context__, EOFError):
            raise
        click.echo("", err=True)
        raise SettingsError(
            f"Nothing was {done}: the question was not answered.",
            todo=f"Pass --yes to {to_do} without being asked.",
        ) from None
    if not agreed:
        raise Cancelled(f"Nothing was {done}.")
