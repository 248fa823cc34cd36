"""What `trunkline doctor` finds, and that it makes nothing."""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert

from tests.center.alerts.receivers import receiver
from tests.center.conftest import ACCOUNT_ID, NOON
from tests.store.databases import KINDS, fresh_database
from trunkline.center import accounts, datasets, order_queries, tables, timetables
from trunkline.center.alerts import channels
from trunkline.center.alerts.sending import send_test
from trunkline.center.room import Center, open_center
from trunkline.clock import SteppedClock
from trunkline.keeping import machine_checks, rotation, run_checks
from trunkline.keeping.checkup import examine
from trunkline.keeping.findings import Finding
from trunkline.settings import Settings, load_settings
from trunkline.store.connection import open_store
from trunkline.store.migrations import downgrade
from trunkline.store.secrets import KEY_FILE


def found(settings: Settings) -> dict[str, Finding]:
    return {one.name: one for one in examine(settings, ask_providers=False)}


def test_where_there_is_no_home_none_is_spoken_of_and_none_is_made(tmp_path: Path) -> None:
    findings = found(load_settings(tmp_path / "none", {}))
    assert (findings["home folder"].state, "store" in findings) == ("warning", False)
    assert "There is no Trunkline home" in findings["home folder"].text
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_each_database_tells_its_version_and_its_clock(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as settings:
        open_store(settings).close()
        findings = found(settings)
        assert findings["store"].state == "ok"
        assert kind in findings["store"].text
        if kind != "sqlite":
            assert findings["clock of the store"].state == "ok"


def test_tables_of_an_older_version_are_told_and_left(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    store = open_store(settings)
    downgrade(store, "0005")
    store.close()
    for _ in range(2):
        findings = found(settings)
        assert findings["store"].state == "warning"
        assert "0005" in findings["store"].text


def test_a_missing_key_and_a_wrong_one_are_errors(center: Center) -> None:
    file = center.settings.home / KEY_FILE
    assert found(center.settings)["key file"].text.startswith("Not made yet")
    accounts.add(center, "callrail", "main", {"api_key": "k"}, accounts.Verdict(accounts.UNTESTED))
    former = file.read_bytes()
    file.unlink()
    assert (found(center.settings)["key file"].state, file.exists()) == ("error", False)
    file.write_bytes(Fernet.generate_key())
    file.chmod(0o600)
    assert "opens 1 of the stored secrets" in found(center.settings)["key file"].text
    file.write_bytes(former)
    assert found(center.settings)["key file"].state == "ok"
    rotation._put_new_key(center.settings, center.clock.now())
    assert found(center.settings)["key file"].todo == "Finish the rotation: `trunkline key rotate`."


def test_a_clock_that_goes_wrong_is_told() -> None:
    now = datetime.now(UTC)
    assert machine_checks.clock_against("store", now).state == "ok"
    late = machine_checks.clock_against("store", now - timedelta(minutes=2))
    assert (late.state, "behind" in late.text) == ("warning", True)


@contextmanager
def answering(body: bytes) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_port_is_free_ours_or_somebody_elses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    assert machine_checks.port(number).text.startswith("Free")
    with answering(b'{"status":"ok"}') as ours:
        assert machine_checks.port(ours).text == "Trunkline's server answers there."
    with answering(b"<html>") as others:
        assert machine_checks.port(others).state == "warning"


def test_an_account_stands_as_it_was_left(tmp_path: Path) -> None:
    with open_center(load_settings(tmp_path, {})) as center:
        verdict = accounts.Verdict(accounts.INVALID, "The key is wrong.")
        accounts.add(center, "callrail", "main", {"api_key": "k"}, verdict)
        finding = found(center.settings)["account main"]
        assert (finding.state, finding.text) == ("error", "The key is wrong.")


async def test_a_channel_that_takes_nothing_is_told(tmp_path: Path) -> None:
    with open_center(load_settings(tmp_path, {})) as center:
        async with receiver() as taking:
            channels.add(center, "webhook", "ours", {"url": taking.url}, channels.Choice())
            assert found(center.settings)["alert channel ours"].text == "Nothing was ever sent there."
            await send_test(center, "ours")
            assert found(center.settings)["alert channel ours"].state == "ok"
            taking.status = 500
            await send_test(center, "ours")
        finding = found(center.settings)["alert channel ours"]
        assert (finding.state, "answered 500" in finding.text) == ("warning", True)
        assert finding.todo == "Mend it, then: `trunkline alert channel test ours`"


def test_what_is_due_while_nobody_runs_it_is_told(center: Center, clock: SteppedClock) -> None:
    assert planned(center) == Finding("schedules", "ok", "None.")
    accounts.add(
        center,
        "callrail",
        "main",
        {"api_key": "k"},
        accounts.Verdict(accounts.UNTESTED),
    )
    row = {"name": "calls", "report": "calls", "method": "merge", "options": {"account_id": ACCOUNT_ID}}
    with center.store.begin() as tx:
        account = {"account_id": accounts.get(center, "main").id}
        tx.execute(insert(tables.datasets).values(**row, **account, created_at=NOON, updated_at=NOON))
    timetables.set_schedule(center, datasets.get(center, "calls"), "every", "1h")
    assert planned(center).text == "1 planned; no process runs what is due just now."
    clock.advance(7_200)
    told = planned(center)
    assert (told.state, told.text) == ("warning", "Due, and no process runs it: calls.")
    with center.store.begin() as tx:
        order_queries.beat(tx, "elsewhere-1", {"host": "elsewhere", "pid": 1, "beat_at": clock.now()})
    assert planned(center) == Finding("schedules", "ok", "1 planned; processes that run what is due: 1.")
    clock.advance(7_200)  # that one has said nothing since
    assert planned(center).state == "warning"
    timetables.pause(center, datasets.get(center, "calls"))
    assert planned(center).state == "ok"


def planned(center: Center) -> Finding:
    """By the center's clock."""
    findings = {one.name: one for one in run_checks.findings(center)}
    assert findings["runs"] == Finding("runs", "ok", "None is under way.")
    return findings["schedules"]
