"""Whatever goes wrong at Dialpad, no key, token, client secret, code or signed address is left anywhere."""

import json
import logging
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from aiohttp import web

from tests.center.conftest import NOON
from tests.center.house import House
from tests.center.machine import Machine
from trunkline.center import accounts, connecting, datasets, runs
from trunkline.center.room import open_center
from trunkline.center.running import run
from trunkline.center.writer import Writer
from trunkline.clock import SteppedClock
from trunkline.errors import TrunklineError
from trunkline.settings import load_settings
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions, Fault, OAuthOptions
from trunkline.warehouse.open import open_warehouse

KEY = "k3y-0f-the-company-98431"
CLIENT_SECRET = "cl1ent-s3cret-55012"
SIGNATURE = "X-Signature=51gned-by-the-storage-7734"
CODE = "c0de-that-nobody-gave-2219"
DEBUG = {"TRUNKLINE_LOG_LEVEL": "debug", "TRUNKLINE_HTTP_RETRIES": "1"}
COMPANY = DialpadSimOptions(
    users=6,
    calls=60,
    days=9,
    until=NOON,
    api_key=KEY,
    company_per_second=None,
    processing_polls=0,
    oauth=OAuthOptions(client_secret=CLIENT_SECRET),
)
# Everything of the program's own; what the pretend service's sign-in library logs is not the program's.
OF_THE_SERVICE = ("authlib.oauth2.rfc6749", "aiohttp.server", "aiohttp.web")

Breaking = Callable[[DialpadSim, str, str], None]


def says(status: int, path: str, **more: int | None) -> Breaking:
    """A refusal that repeats to the caller what the caller sent."""

    def spoil(sim: DialpadSim, secret: str, _elsewhere: str) -> None:
        text = f"Not for {secret}: Bearer {secret}"
        sim.faults.add(Fault("status", path, 1, more.get("times"), status=status, text=text))

    return spoil


def goes(kind: str, path: str) -> Breaking:
    return lambda sim, _secret, _elsewhere: sim.faults.add(Fault(kind, path, 1, None))


def downloads_from(address: str) -> Breaking:
    """Every file is said to lie at this address; {} is a host that answers as its paths say."""

    def spoil(sim: DialpadSim, _secret: str, elsewhere: str) -> None:
        sim.downloads.path_of = lambda request_id: address.format(elsewhere)  # type: ignore[method-assign]
        sim.downloads_url = ""

    return spoil


OF_A_LIST: dict[str, Breaking] = {
    **{str(status): says(status, "/users") for status in (400, 401, 403, 404, 422, 500, 503)},
    "429 for a while": says(429, "/users", times=2),
    **{kind: goes(kind, "/users") for kind in ("html", "truncated", "not_a_list", "null_key", "disconnect")},
    "revoked": goes("revoked", "/users"),
}
OF_AN_EXPORT: dict[str, Breaking] = {
    **{f"post {status}": says(status, "/stats") for status in (400, 401, 403, 404, 500)},
    **{f"file {status}": says(status, "/stats-export/") for status in (400, 401, 403, 404, 500)},
    **{kind: goes(kind, "/stats/") for kind in ("stats_failed", "stats_expired", "html", "truncated")},
    **{f"file {kind}": goes(kind, "/stats-export/") for kind in ("html", "truncated", "disconnect")},
    "no such host": downloads_from(f"http://127.0.0.1:1/file.csv?{SIGNATURE}"),
    "no web address": downloads_from(f"ftp://127.0.0.1/file.csv?{SIGNATURE}"),
    "no address": downloads_from(f"http://[?{SIGNATURE}"),
    "round in a circle": downloads_from(f"{{}}/circle?{SIGNATURE}"),
    "led to a dead host": downloads_from(f"{{}}/away?{SIGNATURE}"),
    "led to no address": downloads_from(f"{{}}/nowhere?{SIGNATURE}"),
    "a page that repeats the address": downloads_from(f"{{}}/page?{SIGNATURE}"),
    "a refusal that repeats the address": downloads_from(f"{{}}/refused?{SIGNATURE}"),
}
WITHOUT_FAILURE = {"429 for a while"}


@asynccontextmanager
async def storage() -> AsyncIterator[str]:
    """A host of files that sends elsewhere, and repeats its own signed addresses in what it says."""

    async def handle(request: web.Request) -> web.Response:
        moved = {
            "/circle": f"/circle?{SIGNATURE}",
            "/away": f"http://127.0.0.1:1/?{SIGNATURE}",
            "/nowhere": f"http://[?{SIGNATURE}",
        }
        page = f"<html>{request.url} {SIGNATURE}</html>"
        if request.path in moved:
            return web.Response(status=302, headers={"Location": moved[request.path]}, text=page)
        return web.Response(status=400 if request.path == "/refused" else 200, text=page)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


class Trial:
    """Runs two accounts, one with a key and one signed in, through one failure after the other."""

    def __init__(self, house: House, sim: DialpadSim, elsewhere: str) -> None:
        self.house, self.sim, self.elsewhere = house, sim, elsewhere
        self.told: list[str] = []
        self._plain = (sim.downloads.path_of, sim.downloads_url)

    def secrets(self) -> list[str]:
        """All that has been a secret so far, as the pretend Dialpad knows it."""
        signs = self.sim.oauth._sign_ins
        tokens = [text for pair in signs._pairs for text in (pair.access_token, pair.refresh_token) if text]
        files = list(self.sim.downloads._requests)
        assert tokens
        assert files
        assert signs._codes
        return [KEY, CLIENT_SECRET, SIGNATURE, CODE, *tokens, *signs._codes, *files]

    async def run_with(self, account: str, report: str, breaking: Breaking | None) -> runs.Run:
        token = self.sim.oauth._sign_ins._pairs[-1].access_token
        if breaking:
            breaking(self.sim, KEY if account == "keyed" else token, self.elsewhere)
        # Else an export asked for before would be answered from memory.
        self.sim.desk._requests.clear()
        try:
            with Writer(self.house.center.settings) as writer:
                done = await run(self.house.center, writer, f"{account}_{report}")
        finally:
            self.sim.faults.clear()
            self.sim.downloads.path_of, self.sim.downloads_url = self._plain  # type: ignore[method-assign]
        self.told.append(json.dumps(done.to_json(), default=str))
        return done

    async def all_failures(self, account: str, of_an_export: dict[str, Breaking]) -> None:
        for report, failures in (("users", OF_A_LIST), ("stats", of_an_export)):
            assert (await self.run_with(account, report, None)).status == runs.SUCCEEDED
            for name, breaking in failures.items():
                done = await self.run_with(account, report, breaking)
                wanted = runs.SUCCEEDED if name in WITHOUT_FAILURE else runs.FAILED
                assert done.status == wanted, (account, report, name, done.error)
            assert (await self.run_with(account, report, None)).status == runs.SUCCEEDED

    async def failing_sign_ins(self) -> None:
        """Wrong codes, a refused renewal, a wrong client, an ended sign-in."""
        house = self.house
        client = {**house.client, "client_secret": CLIENT_SECRET}
        for query in (f"code={CODE}&state=x", f"error=odd&error_description={CODE}&state=x", ""):
            pending = connecting.begin(house.center, "dialpad", "signed", client, "http://127.0.0.1:1/x")
            brought = query.replace("state=x", f"state={pending.beginning.state}")
            with pytest.raises(TrunklineError) as caught:
                await connecting.finish(house.center, pending, brought)
            if "error" not in query:
                self.told.append(f"{caught.value} {caught.value.todo}")
        house.clock.advance(7_200)
        assert (await self.run_with("signed", "users", None)).status == runs.SUCCEEDED
        self.sim.oauth.revoke_all()
        assert (await self.run_with("signed", "users", None)).status == runs.FAILED


def files_of(home: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(home.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(home)), path.read_bytes()


def rows_of(home: Path) -> Iterator[tuple[str, bytes]]:
    """All rows of both databases: what a file may hold packed."""
    with sqlite3.connect(home / "store.sqlite3") as store:
        yield "rows of the store", "\n".join(store.iterdump()).encode()
    warehouse = open_warehouse(load_settings(home, {}), read_only=True)
    try:
        names = "select table_schema s, table_name t from information_schema.tables"
        for row in warehouse.reader(names).read_all().to_pylist():
            rows = warehouse.reader(f'select * from "{row["s"]}"."{row["t"]}"').read_all().to_pylist()
            yield f"rows of {row['t']}", json.dumps(rows, default=str).encode()
    finally:
        warehouse.close()


async def typed(machine: Machine, *words: str) -> AsyncIterator[tuple[str, bytes]]:
    """What a command prints on either stream, and how the list of processes shows it."""
    process = await machine.start(*words)
    title = " ".join(psutil.Process(process.pid).cmdline())
    out, err = await process.communicate()
    assert b"Traceback" not in err
    yield f"{words}, title", title.encode()
    yield f"{words}, streams", out + err


COMMANDS = (
    ("run", "keyed_stats", "keyed_users", "signed_users", "--json"),
    ("dataset", "show", "keyed_stats", "--json"),
    ("dataset", "history", "keyed_stats", "--limit", "1000", "--json"),
    ("dataset", "history", "signed_users", "--limit", "1000", "--json"),
    ("doctor", "--online", "--json"),
)


def leaks(sources: dict[str, bytes], secrets: Iterable[str]) -> set[tuple[str, str]]:
    """Where a secret stands, as it is or as addresses and headers write it."""
    forms = {
        secret: {secret.encode(), quote(secret, safe="").encode(), b64encode(secret.encode()).rstrip(b"=")}
        for secret in secrets
    }
    return {
        (where, secret)
        for where, content in sources.items()
        for secret, written in forms.items()
        if any(form in content for form in written)
    }


async def test_no_secret_is_left_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy.engine")
    home, clock = tmp_path / "home", SteppedClock(NOON)
    async with DialpadSim(COMPANY, clock) as sim, storage() as elsewhere:
        with open_center(load_settings(home, DEBUG), clock) as center:
            house = House(center, sim, clock)
            client = {"client_secret": CLIENT_SECRET}
            values = {"api_key": KEY, "base_url": sim.url}
            accounts.add(center, "dialpad", "keyed", values, accounts.Verdict(accounts.VALID))
            await house.connect("signed", **client)
            for account in ("keyed", "signed"):
                await datasets.add(center, f"{account}_users", account, "users", {})
                await datasets.add(center, f"{account}_stats", account, "stats", {"days_back_start": "5"})
            trial = Trial(house, sim, elsewhere)
            await trial.all_failures("keyed", OF_AN_EXPORT)
            # What a download does is the same whoever asks for it: no credentials go there.
            asked = {name: breaking for name, breaking in OF_AN_EXPORT.items() if name.startswith("post")}
            await trial.all_failures("signed", asked)
            await trial.failing_sign_ins()
            says(403, "/users")(sim, KEY, "")
            says(403, "/stats")(sim, KEY, "")
            machine = Machine(home, 10_000, begins_at=clock.now(), env=DEBUG)
            sources = {
                source: content for words in COMMANDS async for source, content in typed(machine, *words)
            }
        own = [r for r in caplog.records if not r.name.startswith(OF_THE_SERVICE)]
        sources |= {"logs": "\n".join(f"{r.name} {r.getMessage()} {r.exc_text}" for r in own).encode()}
        sources |= {"told": "\n".join(trial.told).encode()}
        sources |= dict(files_of(home)) | dict(rows_of(home))
        assert leaks(sources, trial.secrets()) == set()
        check_that_the_search_finds(sources)


def check_that_the_search_finds(sources: dict[str, bytes]) -> None:
    """What is surely there is found, in every kind of place."""
    there = {
        "told": "Dialpad",
        "logs": "INSERT INTO",
        "store.sqlite3": "no longer accepts the sign-in",
        "rows of the store": "no longer accepts the sign-in",
        "rows of keyed_users": "display_name",
        f"{COMMANDS[0]}, streams": "403",
        f"{COMMANDS[0]}, title": "keyed_users",
        "('doctor', '--online', '--json'), streams": "account signed",
    }
    for where, text in there.items():
        assert leaks({where: sources[where]}, [text]) == {(where, text)}
