"""`trunkline clickto call`, `calls` and `snippet`: a call tried by hand, what became of calls, the button."""

import asyncio
from typing import TYPE_CHECKING

import click

from trunkline.cli.clickto_blocks import ID
from trunkline.cli.clickto_store import Opened, clickto_at
from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import print_json, print_table
from trunkline.errors import SettingsError

if TYPE_CHECKING:
    from trunkline.clickto.blocks import Block
    from trunkline.clickto.calls import Call
    from trunkline.telephony.asterisk import Asterisk

LOOKED_SECONDS = 0.3
WORDS = {
    "calling": "The business is called.",
    "connecting": "The business has answered; the visitor is called.",
    "talking": "Both talk.",
    "ended": "The call has ended.",
    "failed": "They were not brought together.",
    "unknown": "What became of the call is not known.",
}


@click.command(no_args_is_help=True)
@click.argument("block_id", metavar="ID", type=ID)
@click.option("--to", "number", required=True, metavar="NUMBER", help="The number to call as a visitor's.")
@json_option
@home_option
def call(block_id: int, number: str, as_json: bool, home: str | None) -> None:
    """Call the numbers of the block ID, and NUMBER once one has answered: to try a block.

    Rules of numbers and hours hold, limits do not. It waits until the call is over; the exit code is 0 when
    both have talked. Ctrl-C stops waiting, and not the call.
    """
    from trunkline.clickto.blocks import Blocks

    with clickto_at(home) as opened:
        block = Blocks(opened.store, opened.clock).get(block_id)
        done = asyncio.run(_called(opened, block, number, quiet=as_json))
    print_json(done.to_json()) if as_json else _show(done)
    if done.state != "ended":
        raise click.exceptions.Exit(1)


async def _called(opened: Opened, block: "Block", number: str, *, quiet: bool) -> "Call":
    from dataclasses import replace

    from trunkline.clickto.calling import Calling
    from trunkline.clickto.limits import Limits
    from trunkline.clickto.plans import Asked, CannotCall, rules_of
    from trunkline.dialer.asterisk.servers import Managers
    from trunkline.store.secrets import Vault
    from trunkline.telephony.exchange import Exchange

    managers = Managers(opened.store, Vault(opened.settings), opened.clock).all()
    exchange = Exchange({one.server_ip: one.access for one in managers}.get, opened.clock)

    async def line(server: str) -> "Asterisk | None":
        return await exchange.at(server)

    rules = replace(rules_of(opened.settings), limits=Limits(0, 0, 0))
    calling = Calling(opened.store, opened.clock, opened.account, rules, line)
    await calling.start()
    try:
        placed = await calling.place(block, Asked(number))
        ending = asyncio.create_task(calling.ended(placed))
        said = ""
        while not ending.done():
            said = said if quiet else _say(calling.calls.one(placed.call_id), said)
            await asyncio.wait([ending], timeout=LOOKED_SECONDS)
        return await ending
    except CannotCall as refused:
        todo = f"`trunkline clickto block edit {block.id}`" if refused.is_ours else ""
        raise SettingsError(str(refused), todo=todo) from None
    finally:
        await calling.close()
        await exchange.close()


def _say(now: "Call", said: str) -> str:
    if now.state != said and now.state in ("calling", "connecting", "talking"):
        click.echo(WORDS[now.state], err=True)
    return now.state


def _show(done: "Call") -> None:
    click.echo(WORDS[done.state] + (f" {done.reason}" if done.reason and done.state != "ended" else ""))
    _print_calls([done], "")


@click.command()
@click.option("--block", "block_id", type=ID, help="Only calls of this block.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@json_option
@home_option
def calls(block_id: int | None, limit: int, as_json: bool, home: str | None) -> None:
    """The newest calls with all their legs: whom they reached, and what came of each number."""
    from trunkline.clickto.calls import Calls

    with clickto_at(home) as opened:
        found = Calls(opened.store, opened.clock, opened.account).some(limit, block_id)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    _print_calls(found, f"No call yet. Try one: {to_paste('clickto call ID --to NUMBER', home)}")


def _print_calls(found: "list[Call]", empty: str) -> None:
    rows = [
        (
            *(one.clicked_at, one.block_id, one.state),
            *(leg.party, leg.number, leg.result or leg.state),
            *("" if leg.seconds is None else f"{leg.seconds:.1f}", leg.reason),
        )
        for one in found
        for leg in one.legs
    ]
    headings = ("Clicked", "Block", "Call", "Leg", "Number", "Result", "Seconds", "Reason")
    print_table(headings, rows, empty=empty, plain_numbers=True)


@click.command(no_args_is_help=True)
@click.argument("block_id", metavar="ID", type=ID)
@click.option("--ref", default="", help="A reference that the report shows.")
@home_option
def snippet(block_id: int, ref: str, home: str | None) -> None:
    """Print the line that puts the button of the block ID into a web page."""
    from trunkline.clickto.blocks import Blocks
    from trunkline.clickto.snippet import snippet_of

    with clickto_at(home) as opened:
        block = Blocks(opened.store, opened.clock).get(block_id)
        server = opened.settings.text("public_url").rstrip("/")
    if not server:
        raise SettingsError(
            "The address at which browsers reach this server is not known.",
            todo="Set public_url, such as https://phone.example.com.",
        )
    click.echo(snippet_of(server, block.id, ref))
    if not block.origins:
        todo = to_paste(f"clickto block edit {block_id} --origins https://www.example.com", home)
        click.echo(f"No page may use it yet. Name its origin: {todo}", err=True)
