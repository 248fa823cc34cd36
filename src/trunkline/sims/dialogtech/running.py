"""The pretend DialogTech for people: served until interrupted."""

from collections.abc import Callable, Iterator

from trunkline.sims.dialogtech.options import DialogtechSimOptions
from trunkline.sims.dialogtech.server import DialogtechSim
from trunkline.sims.running import say, serve_until_interrupted


def run(options: DialogtechSimOptions, port: int, announce: Callable[[str], None] = say) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM; says where it listens and how to use it."""
    serve_until_interrupted(DialogtechSim(options), port, introduction, announce)


def introduction(sim: DialogtechSim) -> Iterator[str]:
    """The lines that tell where it listens and how it is used."""
    options = sim.options
    yield f"trunkline sim dialogtech: listening on {sim.url}"
    yield (
        f"Access Key {options.access_key}, Secret Access Key {options.secret_access_key}; "
        f"older API Key {options.api_key}; days and times of {options.zone}"
    )
    yield (
        f"trunkline account add dialogtech pretend-dialogtech --access-key {options.access_key} "
        f"--secret-access-key {options.secret_access_key} --time-zone {options.zone} --base-url {sim.url}"
    )
