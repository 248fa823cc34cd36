"""Styles, scripts and pictures of the pages, each under a name that changes with its content.

So browsers keep them for good and still get every new one. What others wrote lies in `vendored/`, with a
manifest of versions, licences and hashes; nothing is ever asked of another machine.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

ROOT = "/assets/"
FOLDERS = tuple(Path(__file__).parent / name for name in ("static", "vendored"))
KINDS = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)
FOR_GOOD = "public, max-age=31536000, immutable"
HASH_CHARACTERS = 12
LEAST_PACKED = 500


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    url: str
    kind: str
    body: bytes
    packed: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """All of them by the names of their files."""
    files = sorted(file for folder in FOLDERS for file in folder.iterdir() if file.suffix in KINDS)
    return {file.name: _asset(file) for file in files}


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    mark = hashlib.sha256(body).hexdigest()[:HASH_CHARACTERS]
    packed = gzip.compress(body, 9, mtime=0) if len(body) >= LEAST_PACKED else b""
    return Asset(f"{ROOT}{file.stem}.{mark}{file.suffix}", KINDS[file.suffix], body, packed)


@cache
def _by_url() -> Mapping[str, Asset]:
    return {asset.url: asset for asset in assets().values()}


def url_of(name: str) -> str:
    """The address of a file. Raises KeyError for one that is not there."""
    return assets()[name].url


async def send_asset(request: Request) -> Response:
    """The file of an address; 404 for one of former content."""
    asset = _by_url().get(request.url.path)
    if asset is None:
        return Response("There is no such file.", 404, media_type="text/plain")
    headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.kind)
    return Response(asset.body, headers=headers, media_type=asset.kind)
