"""The pretend Dialpad for people: served until interrupted."""

from collections.abc import Callable, Iterator

from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.dialpad.server import DialpadSim
from trunkline.sims.running import say, serve_until_interrupted


def run(options: DialpadSimOptions, port: int, announce: Callable[[str], None] = say) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM; says where it listens and how to use it."""
    serve_until_interrupted(DialpadSim(options), port, introduction, announce)


def introduction(sim: DialpadSim) -> Iterator[str]:
    """The lines that tell where it listens and how it is used."""
    yield f"trunkline sim dialpad: listening on {sim.url}"
    client = sim.options.oauth
    yield (
        f"API Key {sim.options.api_key} (company) or {sim.options.user_key} (one user's data only); "
        f"to sign in, Client ID {client.client_id} and Client Secret {client.client_secret}"
    )
    yield (
        f"trunkline account add dialpad pretend-dialpad --api-key {sim.options.api_key} --base-url {sim.url}"
    )
