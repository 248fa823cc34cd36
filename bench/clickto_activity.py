"""A year of click-to activity for measurements, brought in through the product's own import."""

import io
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url

from bench.dialer_floor import SERVERS, _on_server
from trunkline.clickto.account import account_of
from trunkline.clickto.columns import HEADERS
from trunkline.clickto.importing import Importer
from trunkline.clickto.times import time_text
from trunkline.settings import Settings, load_settings
from trunkline.store.connection import Store, open_store

_FIRST = datetime(2025, 1, 1)
_YEAR_SECONDS = 365 * 86_400


@contextmanager
def database(kind: str, home: Path) -> Iterator[Settings]:
    """Settings that name an empty database, dropped at the end."""
    if kind == "sqlite":
        yield load_settings(home, {})
        return
    driver, url = SERVERS[kind]
    name = f"trunkline_bench_{secrets.token_hex(4)}"
    _on_server(driver, url, f"CREATE DATABASE {name}")
    try:
        address = make_url(url).set(database=name).render_as_string(hide_password=False)
        yield load_settings(home, {"TRUNKLINE_STORE_URL": address})
    finally:
        force = " WITH (FORCE)" if kind == "postgresql" else ""
        _on_server(driver, url, f"DROP DATABASE {name}{force}")


def filled(settings: Settings, rows: int) -> float:
    """Bring a year of rows in; how long that took in seconds."""
    with tempfile.TemporaryFile() as file:
        _write(file, rows)
        store = open_store(settings)
        started = time.perf_counter()
        done = Importer(store, account_of(settings)).bring_in(file, "bench.csv")
        seconds = time.perf_counter() - started
        assert done.added == rows, done
        _analyze(store)
        store.close()
    return seconds


def _analyze(store: Store) -> None:
    """A server looks at new rows by itself after a while; a measurement does not wait for that."""
    what = "ANALYZE TABLE" if store.dialect == "mariadb" else "ANALYZE"
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"{what} clickto_activity")


def _write(file: io.BufferedIOBase | object, rows: int) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="")  # type: ignore[type-var]
    text.write(",".join(f'"{header}"' for header in HEADERS) + "\n")
    for number in range(rows):
        text.write(",".join(f'"{value}"' for value in _values(number, rows)) + "\n")
    text.flush()
    text.detach()
    file.seek(0)  # type: ignore[union-attr]


def _values(number: int, rows: int) -> tuple[str, ...]:
    at = _FIRST + timedelta(seconds=number * _YEAR_SECONDS // rows)
    return (
        f"{2_025_550_000 + number % 9_973:010}",
        "" if number % 3 else f"Ann Caller {number % 997}",
        f"https://shop.example/offers?page={number % 499}&from=list",
        f"ref-{number % 1_009}",
        "On Call Number" if number % 2 else "URL based",
        time_text(at),
        f"{5_556_660_000 + number % 89}",
        str(number % 60),
        "" if number % 5 else "desk phones <sale>",
        "search.example",
        f"192.0.2.{number % 255}",
        "ANSWER",
        "ANSWER" if number % 4 else "NOANSWER",
    )
