"""The pretend manager for people: served until interrupted."""

from collections.abc import Callable, Iterator

from trunkline.sims.ami.options import AmiSimOptions
from trunkline.sims.ami.server import HOST, AmiSim
from trunkline.sims.running import say, serve_until_interrupted


def run(
    options: AmiSimOptions, port: int, control_port: int = 0, announce: Callable[[str], None] = say
) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM; says where it listens and how to use it."""
    sim = AmiSim(options, control_port=control_port)
    serve_until_interrupted(sim, port, introduction, announce)


def introduction(sim: AmiSim) -> Iterator[str]:
    """The lines that tell where it listens and how it is used."""
    options = sim.options
    yield f"trunkline sim ami: listening on {HOST}:{sim.port}"
    yield f"Its mood and what it was asked: {sim.url}/_sim"
    yield (
        f"trunkline dialer manager add SERVER_IP --host {HOST} --port {sim.port} "
        f"--user {options.user} --secret {options.secret}"
    )
