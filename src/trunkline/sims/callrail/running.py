"""The pretend CallRail for people: served until interrupted."""

from collections.abc import Callable, Iterator

from trunkline.sims.callrail.options import CallrailSimOptions
from trunkline.sims.callrail.server import CallrailSim
from trunkline.sims.running import say, serve_until_interrupted


def run(options: CallrailSimOptions, port: int, announce: Callable[[str], None] = say) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM; says where it listens and how to use it."""
    serve_until_interrupted(CallrailSim(options), port, introduction, announce)


def introduction(sim: CallrailSim) -> Iterator[str]:
    """The lines that tell where it listens and how it is used."""
    data, *empty = [str(row["id"]) for row in sim.world.lists["accounts"]]
    yield f"trunkline sim callrail: listening on {sim.url}"
    others = f" ({', '.join(empty)}: without data)" if empty else ""
    yield f"API Key {sim.options.api_key}, Account ID {data}{others}"
    yield (
        f"trunkline account add callrail pretend-callrail "
        f"--api-key {sim.options.api_key} --account-id {data} --base-url {sim.url}"
    )
