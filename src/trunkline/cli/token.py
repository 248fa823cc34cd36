"""`trunkline token`: who may use the APIs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from trunkline.cli.flags import home_option, json_option, settings_for, to_paste
from trunkline.cli.output import print_json, print_table

if TYPE_CHECKING:
    from trunkline.access.tokens import Token, Tokens
    from trunkline.center.room import Center


@click.group()
def token() -> None:
    """Tokens of the APIs: each stands for a user of the dialer, for a person, or has rights of its own."""


@dataclass(frozen=True)
class _Opened:
    center: "Center"
    tokens: "Tokens"

    def note(self, action: str, token_name: str, **detail: object) -> None:
        from trunkline.access.audit import Audit

        Audit(self.center.store, self.center.clock).note(None, "", action, token_name, **detail)


@contextmanager
def _opened(home: str | None) -> Iterator[_Opened]:
    from trunkline.access.tokens import Tokens
    from trunkline.cli.rooms import center_at

    with center_at(home, make=True) as center:
        yield _Opened(center, Tokens(center.store, center.clock))


@token.command(no_args_is_help=True)
@click.argument("name")
@click.option("--user", default="", help="The dialer's user whose rights it has.")
@click.option(
    "--functions",
    metavar="A,B,…",
    help="The only functions it may call; clickto.read, .write and .call for click-to, which need no user.",
)
@click.option(
    "--for", "person", metavar="EMAIL", help="The person in whose name it works, in place of --user."
)
@click.option(
    "--scopes", metavar="A,B,…", help="With --for: the only rights it has. [default: all of theirs]"
)
@click.option("--days", type=click.IntRange(1), help="How long it is good. [default: until removed]")
@json_option
@home_option
def add(
    name: str,
    user: str,
    functions: str | None,
    person: str | None,
    scopes: str | None,
    days: int | None,
    as_json: bool,
    home: str | None,
) -> None:
    """Make a token named NAME and print it: it is shown this once and kept only as a hash."""
    _check_whose(user, functions, person, scopes)
    if person is not None:
        made, text = _added_for(person, name, scopes, days, home)
    else:
        made, text = _added(name, user, functions, days, home)
    if as_json:
        print_json({**made.to_json(), "token": text})
        return
    click.echo(text)
    click.echo("Send it as the header `Authorization: Bearer …`. It is not shown again.", err=True)


def _check_whose(user: str, functions: str | None, person: str | None, scopes: str | None) -> None:
    from trunkline.errors import SettingsError

    if person is not None and (user or functions is not None):
        raise SettingsError(
            "A token is a person's (--for) or one of the dialer's (--user, --functions), and not both.",
            todo="Make two tokens.",
        )
    if person is None and scopes is not None:
        raise SettingsError("--scopes goes with --for EMAIL.", todo="Name the person whose rights they are.")


def _added_for(
    person: str, name: str, scopes: str | None, days: int | None, home: str | None
) -> tuple["Token", str]:
    from trunkline.access.users import Users

    words = None if scopes is None else [word.strip() for word in scopes.split(",") if word.strip()]
    with _opened(home) as opened:
        whose = Users(opened.center.store, opened.center.clock).named(person)
        made, text = opened.tokens.add_for(whose, name, words, days)
        opened.note("token.added", made.name, scopes=words, until=made.expires_at)
    return made, text


def _added(
    name: str, user: str, functions: str | None, days: int | None, home: str | None
) -> tuple["Token", str]:
    named = [word.strip() for word in (functions or "").split(",") if word.strip()]
    _check_functions(functions, named, user)
    with _opened(home) as opened:
        made, text = opened.tokens.add(name, user, named, days)
        opened.note("token.added", name, dialer_user=user, functions=named, until=made.expires_at)
    if user.strip():
        _warn_of_unknown(user, home)
    return made, text


def _warn_of_unknown(user: str, home: str | None) -> None:
    """The user may come later, so the token is made all the same."""
    from trunkline.dialer.opening import has_user
    from trunkline.errors import TrunklineError

    try:
        if asyncio.run(has_user(settings_for(home), user)):
            return
        text = f"the dialer has no user {user} yet; until it has one, the token is refused."
    except TrunklineError as error:
        text = f"whether the dialer has a user {user} could not be seen: {error}"
    click.echo(f"Note: {text}", err=True)


def _check_functions(given: str | None, named: list[str], user: str) -> None:
    from trunkline.clickto.rights import RIGHTS
    from trunkline.dialer.commands import COMMANDS
    from trunkline.errors import SettingsError

    if given is not None and not named:
        raise SettingsError(
            "--functions names no function.",
            todo="Name some, with commas between them; without --functions the token may call all.",
        )
    unknown = [name for name in named if name not in COMMANDS and name not in RIGHTS]
    if unknown:
        raise SettingsError(
            f"There is no function {unknown[0]}.",
            todo=f"`trunkline dialer functions` lists them; {', '.join(RIGHTS)} are those of click-to.",
        )
    if not user.strip() and (not named or not set(named) <= set(RIGHTS)):
        raise SettingsError(
            "The token needs a user: it may call functions of the dialer.",
            todo=f"Name one with --user, or only some of {', '.join(RIGHTS)} with --functions.",
        )


@token.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All tokens: whose, what they may, when made and last used. The tokens themselves are kept nowhere."""
    with _opened(home) as opened:
        found = opened.tokens.all()
    if as_json:
        print_json([t.to_json() for t in found])
        return
    print_table(
        ("Name", "User", "Functions or scopes", "Made", "Good until", "Last used"),
        [
            (
                t.name,
                t.user,
                ", ".join(t.scopes or t.functions) or "all",
                *(t.created_at, t.expires_at, t.used_at),
            )
            for t in found
        ],
        empty=f"No token yet. Make one: {to_paste('token add NAME --user USER', home)}",
    )


@token.command(no_args_is_help=True)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def remove(name: str, yes: bool, as_json: bool, home: str | None) -> None:
    """Remove the token NAME: it is refused from then on."""
    from trunkline.cli.removal import confirm_removal

    with _opened(home) as opened:
        if not yes:
            confirm_removal(f"Remove the token {name}?")
        opened.tokens.remove(name)
        opened.note("token.removed", name)
    print_json({"name": name, "removed": True}) if as_json else click.echo(f"Token {name} removed.")
