"""The server's process or processes: listening, ready, stopped."""

import asyncio
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import uvicorn
from uvicorn.supervisors import Multiprocess

from trunkline.dialer.opening import open_dialer
from trunkline.errors import SettingsError
from trunkline.logs import JSON, ROOT, log_config
from trunkline.settings import Settings
from trunkline.web import tallies
from trunkline.web.app import Application
from trunkline.web.proxies import proxy_options

FACTORY = "trunkline.web.app:application"
READY_SECONDS = 60.0
GRACE_SECONDS = 10
LEVELS = {"debug": "info", "info": "info", "warning": "warning", "error": "error"}


@dataclass(frozen=True)
class Tls:
    """Files of a certificate, with those that lead to its root behind it, and of its key."""

    certificate: Path
    key: Path


Ready = Callable[[str], None]
"""Hears the address once requests are answered."""


def serve(
    settings: Settings, host: str, port: int, workers: int, ready: Ready, tls: Tls | None = None
) -> None:
    """Serve until a signal. Raises SettingsError or RetryLater for what stands in the way.

    `tls` was held against `check_tls`.
    """
    asyncio.run(_checked(settings))
    listening = _bound(host, port)
    url = _url(listening, tls)
    if workers == 1:
        server = _Server(_config(Application(settings), settings, tls=tls), lambda: ready(url))
        server.run(sockets=[listening])
    else:
        _serve_together(settings, listening, workers, lambda: ready(url), tls)


def check_tls(tls: Tls) -> None:
    """Raises SettingsError for files that cannot be read, are none of their kind, or do not go together."""
    for file in (tls.certificate, tls.key):
        try:
            file.read_bytes()
        except OSError as error:
            text = f"{file} cannot be read: {error.strerror or error}."
            raise SettingsError(text, todo="Name PEM files that this user may read.") from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            tls.certificate, tls.key, password=_refuse_password
        )
    except ssl.SSLError as error:
        together = error.reason == "KEY_VALUES_MISMATCH"
        text = (
            f"The key {tls.key} does not belong to the certificate {tls.certificate}."
            if together
            else f"{tls.certificate} and {tls.key} are no certificate and key as PEM ({error.reason})."
        )
        raise SettingsError(text, todo="Name a certificate, with its chain behind it, and its key.") from None


def _refuse_password() -> str:
    raise SettingsError(
        "The key of the certificate is locked by a password, which nobody could type when the server starts.",
        todo="Write one without: `openssl pkey -in LOCKED.pem -out KEY.pem`, for the server's user alone.",
    )


async def _checked(settings: Settings) -> None:
    """Open once before anything is served: tables are made, and faults told in words."""
    dialer = await open_dialer(settings)
    await dialer.database.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"Port {port} of {host} cannot be used: {error.strerror or error}.",
            todo="Choose another --port, or 0 for a free one.",
        ) from None
    listening.set_inheritable(True)
    return listening


def _url(listening: socket.socket, tls: Tls | None = None) -> str:
    host, port = listening.getsockname()[:2]
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class _Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _config(
    app: Application | str, settings: Settings, workers: int = 1, tls: Tls | None = None
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        loop="auto",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        **proxy_options(settings),
        server_header=False,
        log_level=LEVELS[settings.text("log_level")],
        log_config=_log_config(settings),
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )


def _log_config(settings: Settings) -> dict[str, Any]:
    """The server's own lines and ours, in every process that serves."""
    config: dict[str, Any] = deepcopy(uvicorn.config.LOGGING_CONFIG)
    form = settings.text("log_format")
    for part, ours in log_config(settings.text("log_level"), form).items():
        config[part] |= ours
    if form == JSON:  # its own lines too, for whoever reads them is a program
        config["formatters"] = dict.fromkeys(config["formatters"], config["formatters"][ROOT])
    return config


def _serve_together(
    settings: Settings, listening: socket.socket, workers: int, ready: Callable[[], None], tls: Tls | None
) -> None:
    """Several processes on one port; each opens the installation that the environment names."""
    os.environ["TRUNKLINE_HOME"] = str(settings.home)
    tallies.clear(settings.home)
    config = _config(FACTORY, settings, workers, tls)
    telling = threading.Thread(target=_tell_when_well, args=(_url(listening, tls), ready), daemon=True)
    telling.start()
    Multiprocess(config, sockets=[listening]).run()


def _tell_when_well(url: str, ready: Callable[[], None]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    own = ssl._create_unverified_context()  # noqa: S323 - this machine's own port; the name may be another
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{url}/healthz", timeout=5, context=own):  # noqa: S310 - our own address
                ready()
                return
        except (URLError, OSError):
            time.sleep(0.05)
