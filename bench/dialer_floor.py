"""A large floor for measurements of the Dialer360 API, on SQLite, PostgreSQL or MariaDB.

The small floor of the tests, and in it 110,000 leads and 100,000 calls with ONE phone number.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert, make_url

from trunkline.dialer.loading import read_state
from trunkline.dialer.setting_up import load_into
from trunkline.dialer.tables import Tables
from trunkline.settings import Settings, load_settings
from trunkline.store.places import place_of

STATE = Path(__file__).parents[1] / "tests" / "data" / "dialer360" / "state.json"
LEADS, CALLS = 110_000, 100_000
FIRST_LEAD = 2_000_000
NUMBER = "8005550100"
SERVERS = {
    "postgresql": ("postgresql+psycopg", "postgresql://root@127.0.0.1:5432/test"),
    "mariadb": ("mysql+pymysql", "mysql://root@127.0.0.1:3306/test"),
}
_ROWS_AT_ONCE = 1_000
_FIRST_CALL = datetime(2025, 1, 1)


@contextmanager
def database(kind: str, home: Path) -> Iterator[Settings]:
    """Settings that name a filled database, dropped at the end."""
    if kind == "sqlite":
        settings = load_settings(home, {})
        _fill(settings)
        yield settings
        return
    driver, url = SERVERS[kind]
    name = f"trunkline_bench_{secrets.token_hex(4)}"
    _on_server(driver, url, f"CREATE DATABASE {name}")
    try:
        address = make_url(url).set(database=name).render_as_string(hide_password=False)
        settings = load_settings(home, {"TRUNKLINE_STORE_URL": address})
        _fill(settings)
        yield settings
    finally:
        force = " WITH (FORCE)" if kind == "postgresql" else ""
        _on_server(driver, url, f"DROP DATABASE {name}{force}")


def _fill(settings: Settings) -> None:
    asyncio.run(load_into(settings, read_state(STATE)))
    tables = Tables()
    engine = create_engine(place_of(settings).url)
    with engine.begin() as connection:
        for name, rows in (("list", _leads()), ("log", _calls())):
            for some in _lists(rows):
                connection.execute(insert(tables[name]), some)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in ("list", "log"):
            # A server looks at new rows by itself after a while; a measurement does not wait for that.
            what = "ANALYZE" if engine.dialect.name != "mysql" else "ANALYZE TABLE"
            connection.exec_driver_sql(f"{what} {tables[name].name}")
    engine.dispose()


def _leads() -> Iterator[dict[str, Any]]:
    for n in range(LEADS):
        yield {
            "lead_id": FIRST_LEAD + n,
            "entry_date": "2025-01-01 00:00:00",
            "status": "NEW",
            "list_id": 101 if n % 2 else 999,
            "phone_code": "1",
            "phone_number": f"3{n:09}",
            "first_name": f"Ann{n}",
            "last_name": "Lead",
            "source_id": f"S{n % 97}",
            "gmt_offset_now": "-5.00",
            "called_since_last_reset": "N",
        }


def _calls() -> Iterator[dict[str, Any]]:
    for n in range(CALLS):
        at = _FIRST_CALL + timedelta(seconds=61 * n)
        yield {
            "uniqueid": f"{int(at.timestamp())}.{n % 1000}",
            "lead_id": FIRST_LEAD + n,
            "list_id": 101,
            "campaign_id": "TESTCAMP",
            "call_date": at.strftime("%Y-%m-%d %H:%M:%S"),
            "length_in_sec": n % 600,
            "status": "SALE" if n % 7 == 0 else "NI",
            "phone_code": "1",
            "phone_number": NUMBER,
            "user": f"{1000 + n % 30}",
            "term_reason": "AGENT" if n % 3 else "CALLER",
        }


def _lists(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        yield some


def _on_server(driver: str, url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(drivername=driver), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def environment(settings: Settings) -> dict[str, str]:
    """What a server process needs to find the database."""
    return {"TRUNKLINE_STORE_URL": settings.text("store_url")} if settings.text("store_url") else {}


def is_there(kind: str) -> bool:
    """Whether the database server answers."""
    if kind == "sqlite":
        return True
    driver, url = SERVERS[kind]
    try:
        _on_server(driver, url, "SELECT 1")
    except Exception:
        return False
    return "TRUNKLINE_BENCH_ONLY" not in os.environ or kind in os.environ["TRUNKLINE_BENCH_ONLY"]
