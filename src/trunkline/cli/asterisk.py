"""`trunkline dialer manager` and `trunkline dialer actions`: calls made real through Asterisk's manager."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trunkline.cli.flags import home_option, json_option, secret_value, settings_for, to_paste
from trunkline.cli.output import print_json, print_table
from trunkline.options import Kind, Option

if TYPE_CHECKING:
    from trunkline.dialer.asterisk.servers import Managers
    from trunkline.telephony.access import ManagerAccess
    from trunkline.telephony.asterisk import Pong

SECRET = Option("secret", "Secret", kind=Kind.SECRET, help="Of the user in manager.conf.")
PORT = 5038


@click.group()
def manager() -> None:
    """Asterisk's managers (AMI) of the dialer's servers: with one, calls are really made."""


@contextmanager
def _managers(home: str | None, *, make: bool = False) -> Iterator["Managers"]:
    from trunkline.cli.rooms import center_at
    from trunkline.dialer.asterisk.servers import Managers

    with center_at(home, make=make) as center:
        yield Managers(center.store, center.vault, center.clock)


@manager.command(no_args_is_help=True)
@click.argument("server_ip")
@click.option("--host", help="Where the manager listens. [default: SERVER_IP]")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--user", required=True, help="The user, a section of manager.conf.")
@click.option(
    "--secret", default="-", help="Its secret: itself, @FILE, env:NAME, or - to be asked. [default: -]"
)
@click.option("--tls", is_flag=True, help="Speak TLS; the certificate must be good for the host.")
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Certificates to trust (PEM), where the machine's own do not do.",
)
@click.option("--no-test", is_flag=True, help="Save without asking the manager whether it takes them.")
@json_option
@home_option
def add(
    server_ip: str,
    host: str | None,
    port: int,
    user: str,
    secret: str,
    tls: bool,
    ca_file: Path | None,
    no_test: bool,
    as_json: bool,
    home: str | None,
) -> None:
    """Save how the manager of the server SERVER_IP is reached; it is tested first.

    SERVER_IP is the server's address in the dialer's own table of servers. From then on `trunkline serve`
    makes the calls of its queue itself.
    """
    from trunkline.dialer.asterisk.servers import check
    from trunkline.telephony.access import ManagerAccess

    access = ManagerAccess(
        host or server_ip, user, secret_value(SECRET, secret), port, tls, _text_of(ca_file)
    )
    check(server_ip, access)
    if not no_test:
        _ping(access)
    with _managers(home, make=True) as managers:
        made = managers.add(server_ip, access)
    if access.is_unprotected:
        click.echo(f"Warning: what is said to {access.words} can be read on the way. Use --tls.", err=True)
    _warn_of_no_server(server_ip, home)
    if as_json:
        print_json({**made.to_json(), "tested": not no_test})
    else:
        tested = "not tested" if no_test else "it answers"
        click.echo(f"Manager of {server_ip} saved ({tested}).\nNext: {to_paste('serve', home)}")


def _text_of(ca_file: Path | None) -> str:
    from trunkline.errors import SettingsError

    if ca_file is None:
        return ""
    try:
        return ca_file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise SettingsError(f"--ca-file: {ca_file} cannot be read ({why}).") from None


def _ping(access: "ManagerAccess") -> "Pong":
    from trunkline.clock import process_clock
    from trunkline.dialer.asterisk.servers import pinged

    return asyncio.run(pinged(access, process_clock()))


def _warn_of_no_server(server_ip: str, home: str | None) -> None:
    """What is saved stays saved: the dialer may get the server later, or not answer just now."""
    from trunkline.dialer.opening import has_server
    from trunkline.errors import TrunklineError

    try:
        if asyncio.run(has_server(settings_for(home), server_ip)):
            return
        told = f"no server of the dialer has the address {server_ip}. See that it is the right one."
    except TrunklineError as error:
        told = f"whether a server of the dialer has the address {server_ip} is not known: {error}"
    click.echo(f"Warning: {told}", err=True)


@manager.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All managers: server, address, user. Secrets are never shown."""
    with _managers(home, make=True) as managers:
        found = [one.to_json() for one in managers.all()]
    if as_json:
        print_json(found)
        return
    print_table(
        ("Server", "Manager", "User", "TLS", "Saved"),
        [(m["server_ip"], f"{m['host']}:{m['port']}", m["user"], m["tls"], m["created_at"]) for m in found],
        empty=f"No manager yet. Add one: {to_paste('dialer manager add SERVER_IP --user USER', home)}",
    )


@manager.command(no_args_is_help=True)
@click.argument("server_ip")
@json_option
@home_option
def test(server_ip: str, as_json: bool, home: str | None) -> None:
    """Sign in at the manager of SERVER_IP and ping it."""
    with _managers(home) as managers:
        found = managers.of(server_ip)
    pong = _ping(found.access)
    if as_json:
        print_json({"server_ip": server_ip, "version": pong.version, "seconds": round(pong.seconds, 6)})
        return
    click.echo(f"{server_ip} answers in {pong.seconds * 1000:.1f} ms (AMI {pong.version}).")


@manager.command(no_args_is_help=True)
@click.argument("server_ip")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def remove(server_ip: str, yes: bool, as_json: bool, home: str | None) -> None:
    """Forget the manager of SERVER_IP: its calls are left to the dialer's own programs again."""
    from trunkline.cli.removal import confirm_removal

    with _managers(home) as managers:
        managers.of(server_ip)
        if not yes:
            confirm_removal(f"Remove the manager of {server_ip}?")
        managers.remove(server_ip)
    told = {"server_ip": server_ip, "removed": True}
    print_json(told) if as_json else click.echo(f"Manager of {server_ip} removed.")


@click.command()
@click.argument("action_id", required=False)
@click.option(
    "--last", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many, newest first."
)
@json_option
@home_option
def actions(action_id: str | None, last: int, as_json: bool, home: str | None) -> None:
    """What was asked of Asterisk and what came of it: the newest, or all about ACTION_ID."""
    from trunkline.cli.rooms import center_at
    from trunkline.dialer.asterisk.actions import Actions

    with center_at(home, make=True) as center:
        kept = Actions(center.store, center.clock)
        found = [kept.one(action_id)] if action_id else kept.some(last)
    if as_json:
        print_json(found[0].to_json() if action_id else [one.to_json() for one in found])
    elif action_id:
        print_table(("Of it", "Is known"), [*found[0].to_json().items()], empty="", plain_numbers=True)
    else:
        print_table(
            ("Asked", "Function", "Server", "Call", "State", "Result", "Seconds", "Reason"),
            [
                (
                    a.asked_at,
                    a.function,
                    a.server_ip,
                    a.man_id,
                    a.state,
                    a.result,
                    _rounded(a.seconds),
                    a.reason,
                )
                for a in found
            ],
            empty="Nothing was asked of Asterisk yet.",
            plain_numbers=True,
        )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
