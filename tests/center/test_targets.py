"""Exports into folders and buckets: whole or not at all, and keys are never shown."""

import http.server
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow.parquet as pq
import pytest

from trunkline.center import tables_of, targets
from trunkline.center.room import Center
from trunkline.center.targets import FOLDER, S3, Target
from trunkline.errors import RetryLater, SettingsError

KEYS = {"access_key": "AKIAHUSH", "secret_key": "verysecret"}


class Storage(http.server.ThreadingHTTPServer):
    """As much of an S3-compatible storage as uploads need: objects by path; 403 while it `refuses`.

    While `gate` is shut whatever is sent is heard and not kept: its sender is to be killed.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.refuses = False
        self.signed: list[str] = []
        self.gate, self.heard = threading.Event(), threading.Event()
        self.gate.set()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Storage

    def log_message(self, *_: object) -> None:
        return

    def _answer(self, status: int, body: str = "", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            raw = b""
            while size := int(self.rfile.readline(), 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return raw
        found, rest = b"", raw
        while rest:
            head, _, rest = rest.partition(b"\r\n")
            size = int(head.partition(b";")[0], 16)
            if not size:
                break
            found, rest = found + rest[:size], rest[size + 2 :]
        return found

    def _handle(self) -> None:
        body = self._body()
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query, keep_blank_values=True)
        self.server.signed.append(self.headers.get("Authorization", ""))
        if not self.server.gate.is_set() and self.command == "PUT":
            self.server.heard.set()
            self.server.gate.wait(60)
            return
        if self.server.refuses:
            error = "<Error><Code>AccessDenied</Code><Message>No AKIAHUSH</Message></Error>"
            self._answer(403, error, **{"Content-Type": "application/xml"})
        elif self.command == "POST" and "uploads" in asked:
            self.server.parts[parts.path] = {}
            told = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
            self._answer(200, told, **{"Content-Type": "application/xml"})
        elif self.command == "PUT" and "partNumber" in asked:
            self.server.parts[parts.path][int(asked["partNumber"][0])] = body
            self._answer(200, ETag='"e"')
        elif self.command == "POST":
            whole = self.server.parts.pop(parts.path)
            self.server.objects[parts.path] = b"".join(whole[n] for n in sorted(whole))
            told = "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
            self._answer(200, told, **{"Content-Type": "application/xml"})
        elif self.command == "PUT":
            self.server.objects[parts.path] = body
            self._answer(200, ETag='"e"')
        elif self.command == "DELETE":
            self.server.objects.pop(parts.path, None)
            self._answer(204)
        else:
            self._answer(200 if parts.path in self.server.objects else 404)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815 - names of http.server


@contextmanager
def storage() -> Iterator[tuple[Storage, str]]:
    with Storage() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def bucket(center: Center, url: str, name: str = "lake") -> Target:
    return targets.add(center, Target(name, S3, "calls/raw", {"endpoint": url}), KEYS)


async def test_a_dataset_goes_into_a_folder_and_into_a_bucket(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    async with office_with(calls=300, days=60) as office:
        await office.dataset(start_date="2026-01-01")
        await office.run()
        targets.add(office.center, Target("files", FOLDER, str(tmp_path / "out")), {})
        rows, place = tables_of.export_to_target(office.center, "calls", None, "files")
        assert (rows, place) == (300, str(tmp_path / "out" / "calls.parquet"))
        assert pq.read_table(place).num_rows == 300
        with storage() as (server, url):
            bucket(office.center, url)
            rows, place = tables_of.export_to_target(office.center, "calls", None, "lake")
            assert (rows, place) == (300, "s3://calls/raw/calls.parquet")
            assert server.objects["/calls/raw/calls.parquet"] == (tmp_path / "out/calls.parquet").read_bytes()
            rows, _ = tables_of.export_to_target(office.center, "calls", "csv", "lake")
            assert server.objects["/calls/raw/calls.csv"].startswith(b'"id","start_time"')
            assert all(re.search(r"Credential=AKIAHUSH/\d{8}/us-east-1/s3/", text) for text in server.signed)


def test_a_target_is_tried_and_leaves_nothing(center: Center, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    targets.add(center, Target("files", FOLDER, str(tmp_path / "out")), {})
    assert targets.test(center, "files") == str(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    with storage() as (server, url):
        bucket(center, url)
        targets.test(center, "lake")
        assert not any("trunkline-test" in path for path in server.objects)


def test_a_storage_that_refuses_or_is_away_is_told_without_the_keys(center: Center) -> None:
    with storage() as (server, url):
        server.refuses = True
        bucket(center, url)
        with pytest.raises(SettingsError) as refused:
            targets.test(center, "lake")
        assert "refuses calls/raw" in str(refused.value)
        assert "HUSH" not in str(refused.value)
    bucket(center, "http://127.0.0.1:9", "away")
    with pytest.raises(RetryLater, match=r"The storage of calls/raw cannot be reached at 127\.0\.0\.1:9\."):
        targets.test(center, "away")


def test_keys_are_kept_encrypted(center: Center) -> None:
    bucket(center, "https://s3.example.com")
    content = (center.settings.home / "store.sqlite3").read_bytes()
    content += (center.settings.home / "store.sqlite3-wal").read_bytes()
    assert b"verysecret" not in content
    assert b"AKIAHUSH" not in content
    assert "AKIAHUSH" not in repr(targets.all_of(center)) + repr(
        targets._bucket(center, targets.get(center, "lake"))
    )


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (Target("x", FOLDER, "relative"), "is no folder"),
        (Target("x", FOLDER, "/nowhere/at/all"), "is no folder"),
        (Target("x", S3, "/b"), "names no bucket"),
        (Target("x", S3, "b", {"endpoint": "http://s3.example.com"}), "plain http"),
        (Target("x y", S3, "b"), "will not do"),
    ],
)
def test_places_that_cannot_be_one_are_refused(center: Center, target: Target, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        targets.add(center, target, KEYS)
    assert targets.all_of(center) == []
