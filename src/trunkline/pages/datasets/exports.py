"""A dataset as a file: taken once, or written anew after each run."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.responses import Response, StreamingResponse

from trunkline.access.roles import Right
from trunkline.center import datasets, standing_exports, targets
from trunkline.center.tables_of import warehouse_of
from trunkline.errors import SettingsError
from trunkline.pages.datasets.one import dataset_of
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit
from trunkline.warehouse.export import DOWNLOAD_FORMATS, EXPORT_FORMATS, export, export_spreadsheet

KINDS = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PIECE = 1 << 18


def show(visit: Visit) -> Response:
    center, dataset = visit.rooms.center, dataset_of(visit)
    known: dict[str, Any] = {
        "formats": EXPORT_FORMATS,
        "downloads": DOWNLOAD_FORMATS,
        "targets": targets.all_of(center),
        "standing": standing_exports.of(center, datasets.get(center, dataset.name)),
    }
    return visit.page("datasets/exports.html", tab="exports", dataset=dataset, **known)


def download(visit: Visit) -> Response:
    """The whole dataset as a file, made beside before it is sent: one that fails is no half file."""
    dataset, chosen = dataset_of(visit), visit.query.get("format", "csv")
    if chosen not in DOWNLOAD_FORMATS:
        raise SettingsError(f"{chosen!r} is no format.", todo=f"Choose {', '.join(DOWNLOAD_FORMATS)}.")
    folder = tempfile.TemporaryDirectory(prefix="trunkline-export-")
    try:
        path = Path(folder.name) / f"{dataset.name}.{chosen}"
        with warehouse_of(visit.rooms.center, read_only=True) as warehouse:
            if chosen == "xlsx":
                export_spreadsheet(warehouse, dataset.name, path)
            else:
                export(warehouse, dataset.name, chosen, str(path))
    except BaseException:
        folder.cleanup()
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="{dataset.name}.{chosen}"',
        "Content-Length": str(path.stat().st_size),
    }
    return StreamingResponse(_pieces(path, folder), media_type=KINDS[chosen], headers=headers)


def _pieces(path: Path, folder: "tempfile.TemporaryDirectory[str]") -> Iterator[bytes]:
    with folder, path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def keep(visit: Visit) -> Response:
    """Export to a saved target after each successful run."""
    center, dataset = visit.rooms.center, dataset_of(visit)
    kept = standing_exports.add(center, dataset, visit.text("target"), visit.text("format") or None)
    said = f"After each successful run {kept.file_name} is written to {kept.target}."
    return visit.go(f"/datasets/{dataset.name}/exports", said)


def stop(visit: Visit) -> Response:
    center, dataset = visit.rooms.center, dataset_of(visit)
    standing_exports.stop(center, dataset, visit.text("target"), visit.text("format") or None)
    return visit.go(f"/datasets/{dataset.name}/exports", "It is no longer written; what is there stays.")


PAGES = (
    get("/datasets/{name}/exports", show, Right.DATA_READ),
    get("/datasets/{name}/download", download, Right.DATA_READ),
    post("/datasets/{name}/exports", keep, Right.DATASETS_WRITE, "export.added"),
    post("/datasets/{name}/exports/stop", stop, Right.DATASETS_WRITE, "export.removed"),
)
