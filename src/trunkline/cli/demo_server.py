"""The demo's last part: the pages, with somebody signed in, until Ctrl-C; or asked by the demo itself."""

import re
import select
import subprocess
import sys
from collections.abc import Iterator

import click

from trunkline.cli.demo_systems import address_of, beside
from trunkline.errors import RetryLater
from trunkline.settings import Settings

EMAIL, NAME = "you@demo.example", "You"
SECONDS = 30.0
AGENTS, FLOOR_DAYS = 24, 1
TOUR = (
    ("/datasets", "six datasets of a pretend CallRail and a pretend Dialpad"),
    ("/datasets/calls/rows", "every call: filter, sort, and see what a column holds"),
    ("/datasets/calls/history", "what was read when, with its log"),
    ("/connectors", "add an account of your own, step by step"),
    ("/sql", "questions in SQL"),
    ("/dashboard", "figures and charts of your own"),
    ("/dialer/floor", "a pretend call center at work, second by second"),
    ("/clickto", "buttons that call, and what became of the calls"),
    ("/help", "the guides"),
)


def check_free(settings: Settings) -> None:
    """Raises RetryLater where a server has the folder: its accounts are not to be changed under it."""
    from trunkline.daemon.reaching import running_server

    if running_server(settings) is not None:
        raise RetryLater(
            f"A server of {settings.home} is running already.",
            todo="Stop it first, or name another folder with --home.",
        )


def served(settings: Settings, port: int, *, until_ended: bool) -> None:
    """Serve the pages until Ctrl-C, else until they were asked. Raises Exit(1) where one does not answer."""
    home = str(settings.home)
    words = ("serve", "--port", str(port), "--home", home)
    floor = ("sim", "floor", "--agents", str(AGENTS), "--days", str(FLOOR_DAYS), "--home", home)
    with beside(*words) as server:
        address = address_of(server)
        with beside(*floor, is_heard=False):
            if until_ended:
                _until_ended(settings, address, server)
            else:
                _check(settings, address)


def _until_ended(settings: Settings, address: str, server: "subprocess.Popen[str]") -> None:
    """Tell the way in and the tour; Enter prints a new way in."""
    click.echo(f"\nThe pages are ready. This address signs you in, once:\n\n  {_way_in(settings, address)}\n")
    click.echo("What to look at:\n")
    for path, words in _tour():
        click.echo(f"  {address + path:<52}{words}")
    click.echo("\nEnter prints a new address to sign in with. Ctrl-C ends the demo.")
    hears = [sys.stdin]
    try:
        while server.poll() is None:
            ready, _, _ = select.select(hears, [], [], 1.0)
            if ready and not sys.stdin.readline():
                hears = []
            elif ready:
                click.echo(f"  {_way_in(settings, address)}")
    except KeyboardInterrupt:
        click.echo(f"\nEnding. What was read stays in {settings.home}; run the demo again to go on.")
        return
    raise click.ClickException("the server has ended by itself.")


def _way_in(settings: Settings, address: str) -> str:
    """A new address that signs in the demo's owner, who has no password."""
    from trunkline.access.links import Links, Purpose
    from trunkline.access.roles import Role
    from trunkline.access.users import Users
    from trunkline.clock import process_clock
    from trunkline.store.connection import open_store

    store, clock = open_store(settings), process_clock()
    try:
        users = Users(store, clock)
        known = next((user for user in users.all() if user.email == EMAIL), None)
        user = known or users.add(EMAIL, NAME, Role.OWNER)
        return f"{address}/sign-in/once?link={Links(store, clock).make(Purpose.DEMO, user)}"
    finally:
        store.close()


def _tour() -> Iterator[tuple[str, str]]:
    yield from ((path, words) for path, words in TOUR if _is_page(path))


def _is_page(path: str) -> bool:
    from trunkline.pages.every import PAGES

    shapes = (re.sub(r"{\w+(:\w+)?}", "[^/]+", page.path) for page in PAGES if page.method == "GET")
    return any(re.fullmatch(shape, path) for shape in shapes)


def _check(settings: Settings, address: str) -> None:
    """Sign in as a browser would, and look at the tour and at everything the bar leads to."""
    import requests

    from trunkline.pages.navigation import AREAS

    places = [place.path for area in AREAS for place in area.places if _is_page(place.path)]
    failed = 0
    with requests.Session() as browser:
        browser.get(_way_in(settings, address), timeout=SECONDS).raise_for_status()
        click.echo(f"\nThe pages at {address}:\n")
        for path in dict.fromkeys(["/", *(path for path, _ in _tour()), *places, "/profile"]):
            answer = browser.get(address + path, timeout=SECONDS)
            is_well = answer.status_code == 200 and "/sign-in" not in answer.url
            failed += not is_well
            click.echo(f"  {'ok' if is_well else f'FAILED ({answer.status_code})':<14}{path}")
    if failed:
        raise click.ClickException(f"{failed} of the demo's pages did not answer.")
    click.echo("\nEvery page answered. In a terminal the demo goes on until Ctrl-C.")
