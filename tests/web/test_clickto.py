"""The click-to report over real HTTP, as clients of DialogTech ask for it."""

import asyncio
import gzip
import io
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import aiohttp
import pytest

from tests.clickto.conftest import DATA, SAMPLE_CSV, SAMPLE_XML
from tests.clickto.reports import bring_in, csv_file, row
from tests.web.serving import served, served_for_many
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.keys import Keys
from trunkline.clock import SystemClock
from trunkline.settings import load_settings
from trunkline.store.connection import Store, open_store

PATH = "/ibp_api.php"
FORM = "application/x-www-form-urlencoded"
Params = dict[str, str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the sample's history."""
    folder = tmp_path_factory.mktemp("clickto") / "home"
    import_(folder, SAMPLE_CSV.read_bytes())
    return folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[str]:
    with served_for_many(home) as url:
        yield url


@pytest.fixture
async def http(server: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server) as session:
        yield session


@contextmanager
def store_at(home: Path) -> Iterator[Store]:
    store = open_store(load_settings(home, {}))
    try:
        yield store
    finally:
        store.close()


def new_key(home: Path, name: str, blocks: list[int] | None = None, **more: Any) -> Params:
    with store_at(home) as store:
        made, secret = Keys(store, SystemClock()).add(name, blocks, **more)
    return {"access_key": made.access_key, "secret_access_key": secret}


def new_block(home: Path) -> int:
    with store_at(home) as store:
        return Blocks(store, SystemClock()).add({"kind": "call", "description": "On Call Number"}).id


def import_(home: Path, content: bytes, block_id: int | None = None) -> None:
    with store_at(home) as store:
        bring_in(store, content, block_id)


def asking(key: Params, **more: str) -> Params:
    return {"action": "report.clickto", **key, "start_date": "20170101", "end_date": "20170228", **more}


async def got(http: aiohttp.ClientSession, params: Params) -> bytes:
    """As documented: an empty pair before the first parameter."""
    async with http.get(f"{PATH}?&{urlencode(params)}") as answer:
        assert answer.status == 200
        return await answer.read()


def why_not(body: bytes) -> str:
    """The description of an envelope that says `failed`."""
    text = body.decode()
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE response [")
    assert "<result>failed</result>" in text
    found = re.search("<result_description>(.*)</result_description>", text)
    assert found
    return found[1]


async def test_the_sample_is_answered_byte_for_byte_to_every_way_of_asking(
    http: aiohttp.ClientSession, home: Path
) -> None:
    key = new_key(home, "ways")
    for form, wanted in (("csv", SAMPLE_CSV.read_bytes()), ("xml", SAMPLE_XML.read_bytes())):
        params = asking(key, format=form)
        multipart = aiohttp.FormData(default_to_multipart=True)
        for name, value in params.items():
            multipart.add_field(name, value)
        multipart.add_field("file", b"\x00", filename="x.bin")
        assert await got(http, params) == wanted
        for body in (multipart, params):
            async with http.post(PATH, data=body) as answer:
                assert (answer.status, await answer.read()) == (200, wanted)
        mixed = await http.post(f"{PATH}?format={form}", data={**params, "format": "text"})
        assert await mixed.read() == wanted  # the query string counts
    assert await got(http, asking(key)) == SAMPLE_XML.read_bytes()
    assert await got(http, asking(key, format="CSV", further="x")) == SAMPLE_CSV.read_bytes()
    secret_alone = asking({"api_key": key["secret_access_key"]}, format="csv")
    assert await got(http, secret_alone) == SAMPLE_CSV.read_bytes()


async def test_answers_say_what_they_are(http: aiohttp.ClientSession, home: Path) -> None:
    key = new_key(home, "kinds")
    for form, kind in (("csv", "text/csv; charset=utf-8"), ("xml", "text/xml; charset=iso-8859-1")):
        async with http.get(PATH, params=asking(key, format=form)) as answer:
            assert answer.headers["content-type"] == kind
            assert answer.headers["cache-control"] == "no-store"
    async with http.get(PATH) as answer:
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
async def test_head_says_what_get_says_and_no_false_length(server: str, home: Path, accepted: str) -> None:
    params = asking(new_key(home, f"head {accepted}"), format="csv")
    async with aiohttp.ClientSession(server, headers={"Accept-Encoding": accepted}) as http:
        async with http.get(PATH, params=params) as answer:
            await answer.read()
            of_get = {name.lower(): value for name, value in answer.headers.items()}
        async with http.head(PATH, params=params) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
            of_head = {name.lower(): value for name, value in answer.headers.items()}
        async with http.get(PATH, params=params) as answer:  # on the same connection
            assert (answer.status, (await answer.read())[:1]) == (200, b'"')
    assert "content-length" not in of_head
    beside = ("date", "transfer-encoding")
    assert {n: v for n, v in of_head.items() if n not in beside} == {
        n: v for n, v in of_get.items() if n not in beside
    }


async def test_gzip_comes_when_it_is_asked_for(server: str, home: Path) -> None:
    key = new_key(home, "gzip")
    async with aiohttp.ClientSession(server, auto_decompress=False) as http:
        for accepted, is_packed in (("gzip, br", True), ("gzip;q=0", False), ("br", False), ("*", False)):
            headers = {"Accept-Encoding": accepted}
            async with http.get(PATH, params=asking(key, format="csv"), headers=headers) as answer:
                body = await answer.read()
                assert (answer.headers.get("content-encoding") == "gzip") is is_packed
                assert answer.headers["vary"] == "accept-encoding"
            assert (gzip.decompress(body) if is_packed else body) == SAMPLE_CSV.read_bytes()


async def test_empty_reports_are_no_errors(http: aiohttp.ClientSession, home: Path) -> None:
    key = new_key(home, "empty")
    head = SAMPLE_CSV.read_bytes().splitlines()[0]
    frame = SAMPLE_XML.read_bytes().partition(b"<data>")[0] + b"<data></data>"
    for more in ({"start_date": "20160101", "end_date": "20161231"}, {"ref": "x"}, {"click_id": "4711"}):
        assert await got(http, asking(key, format="csv", **more)) == head
        assert await got(http, asking(key, format="xml", **more)) == frame


@pytest.mark.parametrize("form", ["csv", "xml"])
async def test_every_error_is_told_in_the_envelope(
    http: aiohttp.ClientSession, home: Path, form: str
) -> None:
    key = new_key(home, f"errors {form}")
    right = asking(key, format=form)
    wrong_key = "INVALID ACCOUNT: access_key and secret_access_key do not belong to a key in force."
    for changes, told in (
        ({"action": ""}, "action is missing: only report.clickto is answered here."),
        ({"action": "report.survo"}, "action is 'report.survo': only report.clickto is answered here."),
        ({"access_key": ""}, "access_key is missing."),
        ({"access_key": "", "secret_access_key": ""}, "access_key and secret_access_key are missing."),
        ({"secret_access_key": "x"}, wrong_key),
        ({"access_key": "x"}, wrong_key),
        ({"start_date": ""}, "start_date is missing: write 8 digits, YYYYMMDD."),
        ({"start_date": "2017-01-01"}, "start_date is '2017-01-01': write 8 digits, YYYYMMDD."),
        (
            {"end_date": "20170230"},
            "end_date is '20170230': that day does not exist; write 8 digits, YYYYMMDD.",
        ),
        ({"start_date": "20170301"}, "start_date 20170301 is after end_date 20170228."),
        ({"click_id": "x1"}, "click_id is 'x1': write the number of a click-to building block."),
        ({"click-id": "-1"}, "click-id is '-1': write the number of a click-to building block."),
    ):
        assert why_not(await got(http, {**right, **changes})) == told
    assert why_not(await got(http, {**right, "format": "text"})) == "format is 'text': write xml or csv."
    async with http.put(PATH, params=right) as answer:
        assert (answer.status, why_not(await answer.read())) == (200, "Ask with GET or POST.")
        assert answer.headers["allow"] == "GET, HEAD, POST"
    async with http.post(PATH, data=io.BytesIO(b"x" * 2_100_000)) as answer:
        assert why_not(await answer.read()) == "The request is too large."
    async with http.post(PATH, data={f"p{n}": "1" for n in range(600)}) as answer:
        assert why_not(await answer.read()) == "There are too many parameters."
    headers = {"Content-Type": "multipart/form-data"}
    async with http.post(PATH, data=b"no boundary", headers=headers) as answer:
        assert why_not(await answer.read()) == "The body is no multipart form that can be read."


async def test_statuses_can_be_told_apart_where_that_is_wanted(tmp_path: Path) -> None:
    home = tmp_path / "home"
    key = new_key(home, "statuses", [new_block(home)])
    async with (
        served(home, TRUNKLINE_CLICKTO_ERROR_STATUS="yes") as url,
        aiohttp.ClientSession(url) as http,
    ):
        for params, status in (
            (asking(key), 200),
            (asking(key, start_date=""), 400),
            (asking({**key, "access_key": "x"}), 401),
            (asking({}), 401),
            (asking(key, click_id="4711"), 403),
        ):
            async with http.get(PATH, params=params) as answer:
                assert answer.status == status
        async with http.delete(PATH) as answer:
            assert answer.status == 405


async def test_a_limited_key_sees_its_blocks_and_learns_nothing_of_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    mine, other = new_block(home), new_block(home)
    import_(home, csv_file([row(ref="mine")]), mine)
    import_(home, csv_file([row(ref="other")]), other)
    import_(home, SAMPLE_CSV.read_bytes())
    limited, free = new_key(home, "limited", [mine]), new_key(home, "free")
    async with served(home) as url, aiohttp.ClientSession(url) as http:
        seen = await got(http, asking(limited, format="csv"))
        assert seen == await got(http, asking(limited, format="csv", click_id=str(mine)))
        assert (seen.count(b"\n"), b'"mine"' in seen) == (1, True)
        theirs = why_not(await got(http, asking(limited, click_id=str(other))))
        nobodys = why_not(await got(http, asking(limited, click_id="4711")))
        assert theirs.replace(str(other), "N") == nobodys.replace("4711", "N")
        assert (await got(http, asking(free, format="csv"))).count(b"\n") == 4
        assert b'"other"' in await got(http, asking(free, format="csv", click_id=str(other)))


async def test_a_revoked_key_is_refused_and_use_is_remembered(
    http: aiohttp.ClientSession, home: Path
) -> None:
    key = new_key(home, "revoked")
    assert await got(http, asking(key)) == SAMPLE_XML.read_bytes()
    with store_at(home) as store:
        keys = Keys(store, SystemClock())
        assert {one.name: one.used_at for one in keys.all()}["revoked"] is not None
        assert keys.revoke("revoked")
    assert why_not(await got(http, asking(key))).startswith("INVALID ACCOUNT")


async def test_who_guesses_keys_has_to_wait(tmp_path: Path) -> None:
    home = tmp_path / "home"
    key = new_key(home, "guessed")
    async with served(home) as url, aiohttp.ClientSession(url) as http:
        wrong = [asking({**key, "secret_access_key": f"guess {n}"}) for n in range(20)]
        told = {why_not(await got(http, params)) for params in wrong}
        assert len(told) == 1
        assert why_not(await got(http, asking(key))).startswith("Too many wrong keys from this address")


async def test_references_may_come_in_either_charset(
    http: aiohttp.ClientSession, home: Path, tmp_path: Path
) -> None:
    import_(home, csv_file([row("Mar 01 2015 1:00 PM", ref="café")]))
    key = new_key(home, "charsets")
    params = asking(key, start_date="20150101", end_date="20151231", format="csv")
    for charset in ("utf-8", "iso-8859-1"):
        ref = quote_from_bytes("café".encode(charset))
        body = f"{urlencode(params)}&ref={ref}".encode()
        async with http.post(PATH, data=body, headers={"Content-Type": FORM}) as answer:
            assert (await answer.read()).count(b"\n") == 1


async def test_csv_can_be_latin_1(tmp_path: Path) -> None:
    home = tmp_path / "home"
    import_(home, csv_file([row("Mar 01 2014 1:00 PM", name="é漢")]))
    key = new_key(home, "latin")
    params = asking(key, start_date="20140101", end_date="20141231", format="csv")
    env = {"TRUNKLINE_CLICKTO_CSV_CHARSET": "iso-8859-1"}
    async with (
        served(home, **env) as url,
        aiohttp.ClientSession(url) as http,
        http.get(PATH, params=params) as answer,
    ):
        assert answer.headers["content-type"] == "text/csv; charset=iso-8859-1"
        assert b'"\xe9?"' in await answer.read()


async def test_no_secret_reaches_the_log(tmp_path: Path) -> None:
    home = tmp_path / "home"
    key = new_key(home, "logged")
    log = tmp_path / "log"
    with served_for_many(home, log, TRUNKLINE_LOG_LEVEL="debug") as url:
        async with aiohttp.ClientSession(url) as http:
            for params in (asking(key), asking({**key, "access_key": "wrong"}), asking(key, start_date="x")):
                await got(http, params)
    assert key["secret_access_key"].encode() not in log.read_bytes()


@pytest.mark.skipif(shutil.which("php") is None, reason="php is not installed (php-cli)")
async def test_the_pages_own_client_prints_its_table_from_another_host(
    server: str, home: Path, tmp_path: Path
) -> None:
    """The published example in PHP, with nothing but its host changed: its keys were taken over."""
    if b"curl" not in subprocess.run(["php", "-m"], capture_output=True, check=True).stdout:
        pytest.skip("php has no curl (php-curl)")
    new_key(home, "taken over", pair=("foo", "bar"))
    example = (DATA / "example.php").read_text(encoding="utf-8")
    moved = re.sub(r"https://[a-z.]+(?=/ibp_api\.php)", server, example)
    assert moved != example
    (tmp_path / "example.php").write_text(moved, encoding="utf-8")
    php = await asyncio.create_subprocess_exec(
        "php", str(tmp_path / "example.php"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await php.communicate()
    lines = [line.replace('"', "").split(",") for line in SAMPLE_CSV.read_text("utf-8").splitlines()[:2]]
    rows = ["".join(f"   <td>{cell}</td>\n" for cell in line) for line in lines]
    table = "<table>\n" + "".join(f" <tr>\n{cells} </tr>\n" for cells in rows) + "</table>"
    assert (php.returncode, out.decode().partition("</style>\n\n")[2]) == (0, table)
