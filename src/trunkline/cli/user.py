"""`trunkline user`: who signs in to the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import print_json, print_table

if TYPE_CHECKING:
    from trunkline.access.people import Link, People
    from trunkline.access.users import User, Users
    from trunkline.center.room import Center

ROLES = ("owner", "admin", "analyst", "manager", "employee")
PORT = 8360


@click.group()
def user() -> None:
    """People who sign in to the pages: who is there, their roles, and ways in for who is locked out."""


@dataclass(frozen=True)
class _Opened:
    center: "Center"
    users: "Users"
    people: "People"

    def address_of(self, path: str) -> str:
        """Where people reach a path of the pages."""
        public = self.center.settings.text("public_url").rstrip("/")
        return f"{public or f'http://127.0.0.1:{PORT}'}{path}"


@contextmanager
def _opened(home: str | None) -> Iterator[_Opened]:
    from trunkline.access.people import People
    from trunkline.access.users import Users
    from trunkline.cli.rooms import center_at

    with center_at(home, make=True) as center:
        store, clock = center.store, center.clock
        yield _Opened(center, Users(store, clock), People(store, clock))


@user.command(no_args_is_help=True)
@click.argument("email")
@click.option("--name", help="How pages call them. [default: what stands before @]")
@click.option(
    "--role", type=click.Choice(ROLES), default="analyst", show_default=True, help="What they may do."
)
@json_option
@home_option
def add(email: str, name: str | None, role: str, as_json: bool, home: str | None) -> None:
    """Add the user EMAIL and print a link with which they set a password, once and within 7 days."""
    with _opened(home) as opened:
        added, link = opened.people.invite(email, name or email.partition("@")[0], role)
        _tell_link(opened, added, link, as_json)


def _tell_link(opened: _Opened, whom: "User", link: "Link", as_json: bool) -> None:
    address = opened.address_of(link.path)
    if as_json:
        print_json({**whom.to_json(), "purpose": str(link.purpose), "link": address})
        return
    click.echo(address)
    span = "7 days" if link.purpose == "invitation" else "an hour"
    click.echo(f"For {whom.email} alone: it sets a password, once and within {span}.", err=True)


@user.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All users: role, whether they may sign in, second factor, last sign-in."""
    with _opened(home) as opened:
        found = opened.users.all()
    if as_json:
        print_json([one.to_json() for one in found])
        return
    print_table(
        ("E-mail", "Name", "Role", "May sign in", "Second factor", "Last sign-in"),
        [(u.email, u.name, u.role, u.is_active, u.has_second_factor, u.signed_in_at) for u in found],
        empty=f"No user yet. Make the first: {to_paste('user setup', home)}",
    )


@user.command(no_args_is_help=True)
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@json_option
@home_option
def role(email: str, role: str, as_json: bool, home: str | None) -> None:
    """Give the user EMAIL another ROLE, from the next click on."""
    with _opened(home) as opened:
        changed = opened.people.give_role(opened.users.named(email), role)
    print_json(changed.to_json()) if as_json else click.echo(f"{changed.email} is {changed.role} now.")


@user.command()
@json_option
@home_option
def setup(as_json: bool, home: str | None) -> None:
    """Print a link that makes the first user, an owner; former ones are no longer good."""
    from trunkline.access.links import Links, Purpose
    from trunkline.errors import SettingsError

    with _opened(home) as opened:
        if not opened.users.is_empty():
            raise SettingsError(
                "There is a user already.", todo="`trunkline user list`; `trunkline user reset EMAIL`"
            )
        text = Links(opened.center.store, opened.center.clock).make(Purpose.SETUP)
        address = opened.address_of(f"/set-up?link={text}")
    if as_json:
        print_json({"link": address})
        return
    click.echo(address)
    click.echo(
        "It makes the first user, once and within a day. The server must run: `trunkline serve`", err=True
    )


@user.command(no_args_is_help=True)
@click.argument("email")
@json_option
@home_option
def reset(email: str, as_json: bool, home: str | None) -> None:
    """Print a link with which EMAIL sets another password, once and within an hour."""
    with _opened(home) as opened:
        whom = opened.users.named(email)
        _tell_link(opened, whom, opened.people.new_link(whom), as_json)


@user.command(no_args_is_help=True)
@click.argument("email")
@json_option
@home_option
def disable(email: str, as_json: bool, home: str | None) -> None:
    """Shut EMAIL out: signed out at once, tokens refused, nothing lost."""
    _let_in(email, home, as_json, is_active=False)


@user.command(no_args_is_help=True)
@click.argument("email")
@json_option
@home_option
def enable(email: str, as_json: bool, home: str | None) -> None:
    """Let EMAIL sign in again."""
    _let_in(email, home, as_json, is_active=True)


def _let_in(email: str, home: str | None, as_json: bool, *, is_active: bool) -> None:
    with _opened(home) as opened:
        changed = opened.people.let_in(opened.users.named(email), is_active)
    may = "may sign in." if is_active else "is signed out, and may not sign in."
    print_json(changed.to_json()) if as_json else click.echo(f"{changed.email} {may}")


@user.command(no_args_is_help=True)
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def remove(email: str, yes: bool, as_json: bool, home: str | None) -> None:
    """Remove EMAIL with their tokens. Accounts, datasets and queries they made stay, and are nobody's."""
    from trunkline.center.owners import forget_owner
    from trunkline.cli.removal import confirm_removal

    with _opened(home) as opened:
        whom = opened.users.named(email)
        if not yes:
            confirm_removal(f"Remove {whom.name} ({whom.email})?")
        opened.people.remove(whom)
        forget_owner(opened.center.store, whom.id)
    print_json({"email": whom.email, "removed": True}) if as_json else click.echo(f"{whom.email} removed.")


@user.command(name="second-factor-off", no_args_is_help=True)
@click.argument("email")
@json_option
@home_option
def second_factor_off(email: str, as_json: bool, home: str | None) -> None:
    """Let EMAIL sign in by the password alone: for who has lost phone and recovery codes."""
    from trunkline.access.second_factor import SecondFactors

    with _opened(home) as opened:
        whom, center = opened.users.named(email), opened.center
        factors = SecondFactors(center.store, center.clock, center.vault)
        opened.people.forget_second_factor(whom, factors)
        whom = opened.users.get(whom.id)
    print_json(whom.to_json()) if as_json else click.echo(f"{whom.email} signs in by the password alone.")
