"""Fetches what others wrote for the pages, and notes version, licence and hash of each file.

    python -m scripts.vendored            # fetch again what the manifest names
    python -m scripts.vendored --check    # whether the files are those of the manifest

Each package comes from the npm registry by `npm pack`. A new version is a changed line in PACKAGES.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src" / "trunkline" / "pages" / "vendored"
MANIFEST = FOLDER / "manifest.json"


@dataclass(frozen=True)
class Package:
    """A package, its version, and which of its files are kept under which names."""

    name: str
    version: str
    files: dict[str, str]


PACKAGES = (
    Package("htmx.org", "4.0.1", {"dist/htmx.min.js": "htmx.js"}),
    Package("modern-normalize", "3.0.1", {"modern-normalize.css": "modern-normalize.css"}),
    Package("uplot", "1.6.32", {"dist/uPlot.iife.min.js": "uplot.js", "dist/uPlot.min.css": "uplot.css"}),
    Package("d3", "7.9.2", {"dist/d3.min.js": "d3.js"}),
    Package("@observablehq/plot", "0.6.17", {"dist/plot.umd.min.js": "plot.js"}),
)


def fetch() -> None:
    entries = []
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            entries += _fetched(package, Path(folder))
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def _fetched(package: Package, folder: Path) -> list[dict[str, str]]:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to fetch packages.")
    wanted = f"{package.name}@{package.version}"
    subprocess.run([npm, "pack", "--silent", wanted], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    told = json.loads((folder / "package" / "package.json").read_text("utf-8"))
    for file, name in package.files.items():
        text = (folder / "package" / file).read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("//# sourceMappingURL=")]
        (FOLDER / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [
        {
            "file": name,
            "package": package.name,
            "version": package.version,
            "licence": told["license"],
            "sha256": _hash(FOLDER / name),
        }
        for name in package.files.values()
    ]


def differences() -> list[str]:
    """What of the folder and its manifest does not fit together, in sentences."""
    entries = {entry["file"]: entry for entry in json.loads(MANIFEST.read_text("utf-8"))}
    there = {file.name for file in FOLDER.iterdir()} - {MANIFEST.name}
    wanted = {(package.name, package.version) for package in PACKAGES}
    found = [f"{name} is not in the manifest." for name in sorted(there - entries.keys())]
    found += [f"{name} is missing." for name in sorted(entries.keys() - there)]
    found += [f"{name} was changed." for name in sorted(there & entries.keys()) if _differs(entries[name])]
    of_entries = {(entry["package"], entry["version"]) for entry in entries.values()}
    return found + [f"{name} {version} is not the version fetched." for name, version in wanted ^ of_entries]


def _differs(entry: dict[str, str]) -> bool:
    return _hash(FOLDER / entry["file"]) != entry["sha256"]


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        sys.exit("\n".join(differences()) or 0)
    fetch()
