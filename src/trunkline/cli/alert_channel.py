"""`trunkline alert channel`: where incidents are told."""

import asyncio
from typing import Any

import click

from trunkline.center.alerts.kinds import KINDS
from trunkline.cli.flags import (
    Known,
    Peeked,
    check_something_given,
    declared_command,
    given_values,
    home_option,
    json_option,
    to_paste,
)
from trunkline.cli.output import print_json, print_table, warn_of_plain_http

ALL = "all"
CHOICES = ("kinds", "datasets", "accounts")


@click.group()
def channel() -> None:
    """Channels by e-mail, webhook or Slack: add, list, edit, remove, test."""


def _of_kind(peeked: Peeked) -> Known:
    from trunkline.center.alerts.channels import sender_named

    return Known(sender_named(peeked.words[0]).options) if peeked.words else Known()


def _of_saved(peeked: Peeked) -> Known:
    from trunkline.center.alerts import channels
    from trunkline.cli.rooms import center_at

    if not peeked.words:
        return Known()
    with center_at(peeked.values.get("--home")) as center:
        return Known(channels.get(center, peeked.words[0]).sender.options)


def _choice_options(command: Any) -> Any:
    """What a channel hears of: three flags that take names, or `all`."""
    helps = {
        "kinds": f"Only these kinds: {', '.join(KINDS)}.",
        "datasets": "Only these datasets, and what --accounts names.",
        "accounts": "Only these accounts, the datasets that read them, and what --datasets names.",
    }
    for name in reversed(CHOICES):
        text = f"{helps[name]} {ALL}: all of them, which is the default."
        command = click.option(f"--{name}", metavar="A,B,…", help=text)(command)
    return command


def _chosen(params: dict[str, Any]) -> dict[str, tuple[str, ...] | None]:
    """The choices that were given. Raises UsageError for one that names nothing."""
    chosen: dict[str, tuple[str, ...] | None] = {}
    for name in CHOICES:
        text = params.pop(name)
        if text is None:
            continue
        names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        if not names:
            raise click.UsageError(f"--{name} names nothing. Name some, with commas between them, or {ALL}.")
        chosen[name] = None if names == (ALL,) else names
    return chosen


@channel.command(cls=declared_command(_of_kind), no_args_is_help=True)
@click.argument("kind")
@click.argument("name")
@_choice_options
@json_option
@home_option
def add(kind: str, name: str, as_json: bool, home: str | None, **params: Any) -> None:
    """Save a channel of KIND (email, webhook, slack) under NAME; it hears of what begins from now on.

    `trunkline alert channel add email --help` lists what that kind needs.
    """
    from trunkline.center.alerts import channels
    from trunkline.center.alerts.webhook import new_secret
    from trunkline.cli.rooms import center_at

    chosen = _chosen(params)
    sender = channels.sender_named(kind)
    given = given_values(sender.options, params)
    made = new_secret() if any(o.name == "secret" for o in sender.options) and "secret" not in given else ""
    if made:
        given["secret"] = made
    with center_at(home, make=True) as center:
        saved = channels.add(center, kind, name, given, channels.Choice(**chosen))
    if as_json:
        print_json({**saved.to_json(), **({"secret": made} if made else {})})
        return
    click.echo(f"Channel {saved.name} saved: {saved.sender.label} to {saved.target}.")
    warn_of_plain_http(saved.target, "messages travel")
    if made:
        click.echo(f"Its signing secret, shown this once: {made}")
    click.echo(f"Next: {to_paste(f'alert channel test {saved.name}', home)}")


@channel.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All channels: where they lead, what they hear of, and how the last message went."""
    from trunkline.center.alerts import channels
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        found = channels.all_of(center)
    if as_json:
        print_json([c.to_json() for c in found])
        return
    print_table(
        ("Name", "Kind", "To", "Kinds", "Datasets", "Accounts", "Last message", "Answer"),
        [
            (c.name, c.sender.name, c.target, *map(_names, vars(c.choice).values()), *_last(c.last))
            for c in found
        ],
        empty=f"No channel yet. Make one: {to_paste('alert channel add email NAME …', home)}",
    )


def _names(chosen: tuple[str, ...] | None) -> str:
    return ALL if chosen is None else ", ".join(chosen) or "none that are left"


def _last(delivery: Any) -> tuple[str, str]:
    return (f"{delivery.event}: {delivery.state}", delivery.answer) if delivery else ("none", "")


@channel.command(cls=declared_command(_of_saved), no_args_is_help=True)
@click.argument("name")
@click.option("--rename", metavar="NAME", help="Give the channel another name.")
@_choice_options
@json_option
@home_option
def edit(name: str, rename: str | None, as_json: bool, home: str | None, **params: Any) -> None:
    """Change the channel NAME; what is not given stays, and what waits for it is tried again at once."""
    from trunkline.center.alerts import channels
    from trunkline.cli.rooms import center_at

    chosen = _chosen(params)
    with center_at(home) as center:
        options = channels.get(center, name).sender.options
        changes = given_values(options, params)
        flags = ("--rename", *(f"--{choice}" for choice in CHOICES))
        check_something_given(bool(changes or chosen or rename), options, *flags)
        saved = channels.edit(center, name, changes, chosen, rename)
    if as_json:
        print_json(saved.to_json())
        return
    click.echo(f"Channel {saved.name} changed.")
    warn_of_plain_http(saved.target, "messages travel")


@channel.command(no_args_is_help=True)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def remove(name: str, yes: bool, as_json: bool, home: str | None) -> None:
    """Forget the channel NAME; what still waits for it is not sent."""
    from trunkline.center.alerts import channels
    from trunkline.cli.removal import confirm_removal
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        channels.get(center, name)
        if not yes:
            confirm_removal(f"Forget the channel {name}?")
        channels.remove(center, name)
    print_json({"name": name, "removed": True}) if as_json else click.echo(f"Channel {name} removed.")


@channel.command(no_args_is_help=True)
@click.argument("name")
@json_option
@home_option
def test(name: str, as_json: bool, home: str | None) -> None:
    """Send a test through the channel NAME, by the way of all messages, and tell what came back."""
    from trunkline.center.alerts.sending import send_test
    from trunkline.cli.rooms import center_at
    from trunkline.errors import ProviderError

    with center_at(home) as center:
        outcome = asyncio.run(send_test(center, name))
    if as_json:
        shown = {"sent": outcome.is_sent, "answer": outcome.answer, "todo": outcome.todo}
        print_json({"name": name, **shown})
        raise click.exceptions.Exit(0 if outcome.is_sent else 1)
    if not outcome.is_sent:
        raise ProviderError(f"The test was not taken: {outcome.answer}", todo=outcome.todo)
    click.echo(f"The test was sent. The answer: {outcome.answer or 'none'}")
