"""The state of the installation: what the doctor finds, where things are kept, the settings in force."""

import platform
import shutil
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import workers
from trunkline.keeping.checkup import examine
from trunkline.keeping.findings import ERROR, OK, WARNING, Finding
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit
from trunkline.settings import SETTINGS, Settings
from trunkline.store.places import DatabaseKind, place_of, server_place
from trunkline.warehouse.open import DUCKDB_FILE

MARKS = {OK: ("good", "ok"), WARNING: ("warn", "look"), ERROR: ("bad", "error")}


def show(visit: Visit) -> Response:
    """The doctor's findings take a while, so the page asks for them once it is there."""
    return _page(visit, None)


def findings(visit: Visit) -> Response:
    found = _found(visit, ask_providers=False)
    if visit.is_fragment:
        return visit.fragment("system/findings.html", findings=found, marks=MARKS)
    return _page(visit, found)


def check(visit: Visit) -> Response:
    """As `doctor --online`: each account's credentials are tried now, and how they stand is kept."""
    return _page(visit, _found(visit, ask_providers=True), is_online=True)


def _found(visit: Visit, *, ask_providers: bool) -> Sequence[Finding]:
    """What is wrong comes first."""
    center = visit.rooms.center
    found = examine(center.settings, ask_providers=ask_providers, open_tables=center.open_tables)
    return sorted(found, key=lambda finding: (ERROR, WARNING, OK).index(finding.state))


def _page(visit: Visit, found: Sequence[Finding] | None, *, is_online: bool = False) -> Response:
    settings = visit.rooms.settings
    return visit.page(
        "system/show.html",
        findings=found,
        marks=MARKS,
        is_online=is_online,
        python=platform.python_version(),
        workers=workers.alive(visit.rooms.center),
        settings=[(setting, settings.shown(setting), settings.sources[setting.name]) for setting in SETTINGS],
        home=settings.home,
        **_places(settings),
    )


def _places(settings: Settings) -> dict[str, Any]:
    """Where the databases are, in words that hold no password, with their sizes where they are files."""
    store, disk = place_of(settings), shutil.disk_usage(settings.home)
    files = [settings.home / DUCKDB_FILE] if not settings.text("warehouse_url").strip() else []
    files += [store.file] if store.kind is DatabaseKind.SQLITE and store.file else []
    sizes = {file.name: file.stat().st_size for file in files if file.exists()}
    url = settings.text("warehouse_url").strip()
    warehouse = server_place(url, "warehouse_url").words if url else str(settings.home / DUCKDB_FILE)
    return {"store": store.words, "warehouse": warehouse, "sizes": sizes, "disk": disk}


PAGES = (
    get("/system", show, Right.SYSTEM_READ),
    get("/system/findings", findings, Right.SYSTEM_READ),
    post("/system/check", check, Right.SYSTEM_READ),
)
