"""`trunkline serve`: the web server."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trunkline.cli.flags import home_option, settings_for

if TYPE_CHECKING:
    from trunkline.settings import Settings

PORT = 8360


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 picks a free one."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that serve."
)
@click.option(
    "--tls-cert", type=click.Path(path_type=Path), help="A certificate with its chain (PEM): answer https."
)
@click.option("--tls-key", type=click.Path(path_type=Path), help="The certificate's key (PEM).")
@home_option
def serve(
    host: str, port: int, workers: int, tls_cert: Path | None, tls_key: Path | None, home: str | None
) -> None:
    """Serve the Dialer360 API and the click-to report, and run what is due, until interrupted.

    /adminpanel/api.php answers in the documented dialect, /vicidial/non_agent_api.php in the original
    one, /api/v1/dialer/FUNCTION as JSON with a token (`trunkline token add`). /ibp_api.php answers the
    click-to report (`trunkline clickto key add`), /api/v1/clickto the same and more as JSON. Click-to calls
    are placed through the managers of servers; /clickto.js is their button for web pages.

    Meanwhile it runs datasets when they are due, has the warehouse file open, and commands of the same home
    folder go through it.
    """
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    settings = settings_for(home)  # first: importing the server takes longer than telling a wrong setting
    from trunkline.daemon.listening import listening
    from trunkline.web.serving import Tls, check_tls
    from trunkline.web.serving import serve as serve_until_stopped

    tls = Tls(tls_cert, tls_key) if tls_cert and tls_key else None
    if tls is not None:
        check_tls(tls)
    with _ended_after_closing(), listening(settings):
        serve_until_stopped(settings, host, port, workers, partial(_tell, settings), tls)


@contextmanager
def _ended_after_closing() -> Iterator[None]:
    """SIGTERM ends the process by that signal, but only once everything within is closed."""

    def end(*_: object) -> None:
        raise _Terminated

    former = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except _Terminated:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, former)


class _Terminated(BaseException):
    """SIGTERM has come, and the server that heard it first has stopped."""


def _tell(settings: "Settings", url: str) -> None:
    click.echo(f"trunkline: listening on {url}")
    if link := _set_up_link(settings):
        click.echo(f"trunkline: set up at {url}/set-up?link={link} (once, within a day)")


def _set_up_link(settings: "Settings") -> str:
    """What makes the first user; empty where there is one."""
    from trunkline.access.links import Links, Purpose
    from trunkline.access.users import Users
    from trunkline.clock import process_clock
    from trunkline.store.connection import open_store

    store, clock = open_store(settings), process_clock()
    try:
        return Links(store, clock).make(Purpose.SETUP) if Users(store, clock).is_empty() else ""
    finally:
        store.close()
