"""`/metrics`: what Prometheus asks for, to this machine alone or with a token."""

import asyncio
import hmac
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from trunkline import __version__
from trunkline.asking import caller
from trunkline.clock import Clock
from trunkline.errors import TrunklineError
from trunkline.settings import Settings
from trunkline.store.budget import StoreSpendLog
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault
from trunkline.web.tallies import BUCKETS, SharedTallies, Tallies, Tally

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from trunkline.center.figures import Figure

PATH = "/metrics"
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
SECONDS_BETWEEN_WRITES = 5.0
KEPT_SECONDS = 5.0
"""Figures of the store are asked for at most this often, however many ask."""
_log = logging.getLogger("trunkline.metrics")


class Metrics:
    """The figures of this server. `together`: several processes serve, and all of them count."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, tallies: Tallies, *, together: bool = False
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._token = settings.text("metrics_token")
        self._tallies: Tallies | SharedTallies = tallies
        self._shared = SharedTallies(settings.home, tallies, os.getppid()) if together else None
        self._writing: asyncio.Task[None] | None = None
        self._figures: tuple[float, list[Figure]] | None = None

    async def start(self) -> None:
        if self._shared is not None:
            self._tallies = self._shared
            self._writing = asyncio.create_task(self._write_again_and_again(self._shared))

    async def stop(self) -> None:
        if self._writing is not None and self._shared is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
            self._shared.write()

    async def answer(self, request: Request) -> Response:
        """Status 401 or 403 for whoever may not see them."""
        refused = self._refused(request)
        if refused is not None:
            return refused
        body = await asyncio.to_thread(self._text)
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    def _refused(self, request: Request) -> Response | None:
        if self._token:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            right = hmac.compare_digest(given.strip().encode(), self._token.encode())
            if scheme.lower() == "bearer" and right:
                return None
            words = "The token of the setting metrics_token is needed.\n"
            return Response(words, 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
        # A proxy on this machine asks from here too, and says so.
        is_passed_on = any(name in request.headers for name in FORWARDED)
        if is_local(caller(request.scope)) and not is_passed_on:
            return None
        return Response(
            "For this machine alone; the setting metrics_token opens it.\n", 403, {}, "text/plain"
        )

    async def _write_again_and_again(self, shared: SharedTallies) -> None:
        while True:
            try:
                await asyncio.to_thread(shared.write)
            except OSError as error:
                _log.warning("What was counted cannot be written: %s", error.strerror)
            await asyncio.sleep(SECONDS_BETWEEN_WRITES)

    def _text(self) -> bytes:
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> "Iterator[Metric]":
        """What the registry asks for."""
        from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

        info = GaugeMetricFamily("trunkline_info", "The version that serves.", labels=("version",))
        info.add_metric((__version__,), 1)
        yield info
        requests = HistogramMetricFamily(
            "trunkline_http_request_seconds",
            "How long requests took, by endpoint and status.",
            labels=("endpoint", "status"),
        )
        for (endpoint, status), tally in sorted(self._tallies.all().items()):
            requests.add_metric((endpoint, str(status)), _cumulative(tally), tally.seconds)
        yield requests
        for figure in self._of_the_center():
            family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
            for labels, value in figure.samples:
                family.add_metric(labels, value)
            yield family

    def _of_the_center(self) -> "list[Figure]":
        """Those of the store; while it does not answer, requests are told all the same."""
        from trunkline.center import figures
        from trunkline.center.room import Center

        now = self._clock.monotonic()
        if self._figures is not None and now - self._figures[0] < KEPT_SECONDS:
            return self._figures[1]
        spend_log = StoreSpendLog(self._store)
        center = Center(self._settings, self._clock, self._store, Vault(self._settings), spend_log)
        try:
            found = list(figures.all_of(center))
        except TrunklineError as error:
            _log.warning("Figures of the store are missing: %s", error)
            return []
        self._figures = (now, found)
        return found


def is_local(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def _cumulative(tally: Tally) -> list[tuple[str, float]]:
    total, found = 0, []
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), tally.counts, strict=True):
        total += count
        found.append((bound, float(total)))
    return found
