"""The limit that servers are measured by: a Starlette application with one route that returns a small text.

    python -m bench.bare_server

It runs under uvicorn with the settings of `trunkline serve`, on a free port, which it prints.
"""

import socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def _answer(_: Request) -> Response:
    return PlainTextResponse("SUCCESS: nothing was asked for\n")


def main() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        print(f"bare: listening on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        config = uvicorn.Config(
            Starlette(routes=[Route("/", _answer)]),
            loop="auto",
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,
            server_header=False,
            log_level="warning",
        )
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
