"""Checks of the machine: disk, home folder, clock, ports."""

import json
import os
import shutil
import socket
import time
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.request import urlopen

from trunkline.keeping.findings import ERROR, OK, WARNING, Finding
from trunkline.settings import Settings

LOW_DISK_BYTES = 1_000_000_000
EARLIEST_BELIEVABLE = datetime(2026, 1, 1, tzinfo=UTC)
MOST_SKEW_SECONDS = 5.0
SERVE_HOST, SERVE_PORT = "127.0.0.1", 8360
ANSWER_SECONDS = 2.0


def disk(settings: Settings) -> Finding:
    place = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free at {place}."
    if free < LOW_DISK_BYTES:
        return Finding("disk", WARNING, text, "Make room: loads fail when the disk is full.")
    return Finding("disk", OK, text)


def home_folder(settings: Settings) -> Finding:
    home = settings.home
    if not os.access(home, os.W_OK):
        return Finding(
            "home folder", ERROR, f"{home} cannot be written.", "Give this user the right to write it."
        )
    if home.stat().st_mode & 0o077:
        return Finding("home folder", WARNING, f"Others can look into {home}.", f"chmod 700 {home}")
    return Finding("home folder", OK, f"{home} belongs to this user alone.")


def clock() -> Finding:
    now = datetime.fromtimestamp(time.time(), UTC)
    if now < EARLIEST_BELIEVABLE:
        return Finding(
            "clock", ERROR, f"The clock says {now:%Y-%m-%d %H:%M} UTC.", "Set the machine's clock."
        )
    return Finding("clock", OK, f"{now:%Y-%m-%d %H:%M:%S} UTC.")


def clock_against(name: str, theirs: datetime) -> Finding:
    """This machine's clock beside that of a database, whose instant was read just now."""
    seconds = (datetime.fromtimestamp(time.time(), UTC) - theirs).total_seconds()
    if abs(seconds) <= MOST_SKEW_SECONDS:
        return Finding(f"clock of the {name}", OK, f"Within {MOST_SKEW_SECONDS:.0f} seconds of this one.")
    behind = "behind" if seconds > 0 else "ahead of"
    return Finding(
        f"clock of the {name}",
        WARNING,
        f"It is {abs(seconds):,.0f} seconds {behind} this machine's.",
        "Let both machines follow a time server (NTP).",
    )


def port(number: int = SERVE_PORT) -> Finding:
    """The port of `trunkline serve`: free, answered by Trunkline, or taken by somebody else."""
    name = f"port {number}"
    try:
        socket.create_connection((SERVE_HOST, number), ANSWER_SECONDS).close()
    except ConnectionRefusedError:
        return Finding(name, OK, "Free; no server answers there.")
    except OSError as error:
        return Finding(name, WARNING, f"It cannot be looked at: {error.strerror or error}.")
    if _is_ours(number):
        return Finding(name, OK, "Trunkline's server answers there.")
    return Finding(
        name,
        WARNING,
        "Another program answers there.",
        "Give `trunkline serve` another --port, or stop that program.",
    )


def _is_ours(number: int) -> bool:
    try:
        with urlopen(f"http://{SERVE_HOST}:{number}/healthz", timeout=ANSWER_SECONDS) as found:
            body = found.read(1_000)
    except HTTPError as error:
        body = error.read(1_000)
    except OSError:
        return False
    try:
        return set(json.loads(body)) == {"status"}
    except (ValueError, TypeError):
        return False
